"""Reminders, looked for day after day of a simulated month."""

import datetime as dt

import pytest

from core.models import Mail
from partners.models import Membership
from plans.models import Plan
from projects.models import CallExtension, Registration
from projects.registrations import reminders, workflow
from projects.tasks import remind_task
from tests.factories import MembershipFactory, UserFactory
from tests.projects.registrations import NOW, People

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]
DAY = dt.timedelta(days=1)
#: Five in the afternoon in Montréal, thirty days after the drafts were begun.
CLOSES = dt.datetime(2026, 4, 1, 21, 0, tzinfo=dt.UTC)
#: The first morning, at eight.
MORNING = dt.datetime(2026, 3, 3, 13, 0, tzinfo=dt.UTC)


@pytest.fixture
def people():
    found = People()
    Plan.objects.filter(pk=found.plan.pk).update(call_closes_at=CLOSES)
    found.plan.refresh_from_db()
    return found


def month(*, days=range(31), runs=1):
    """Run each of these mornings; returns day by day who was told what."""
    told = {}
    for day in days:
        now = MORNING + day * DAY
        before = set(Mail.objects.values_list("pk", flat=True))
        for _run in range(runs):
            reminders.remind(now=now)
        new = Mail.objects.exclude(pk__in=before).order_by("address")
        if letters := [(mail.address, mail.event) for mail in new]:
            told[(now.date() - CLOSES.date()).days] = letters
    return told


DRAFT, ANSWER = "registration_draft_reminder", "registration_answer_reminder"
BOTH = [("editor@example.org", DRAFT), ("lead@example.org", DRAFT)]


def test_a_draft_is_recalled_fourteen_and_three_days_before_the_call_closes(people):
    people.draft()

    assert month() == {-14: BOTH, -3: BOTH}


def test_several_runs_of_a_morning_tell_once(people):
    people.draft()

    assert month(runs=3) == {-14: BOTH, -3: BOTH}


@pytest.mark.parametrize(
    ("missed", "told"),
    [
        ({-14}, {-13: BOTH, -3: BOTH}),
        ({-14, -13, -12}, {-11: BOTH, -3: BOTH}),
        ({-3, -2}, {-14: BOTH, -1: BOTH}),
        (set(range(-14, -2)), {-2: BOTH}),
    ],
)
def test_missed_mornings_are_made_good_without_doubles(people, missed, told):
    people.draft()
    first = (MORNING.date() - CLOSES.date()).days

    assert month(days=[day for day in range(31) if first + day not in missed]) == told


def test_a_run_that_was_cut_short_is_finished_by_the_next(people, monkeypatch):
    for _draft in range(3):
        people.draft()
    post, seen = reminders.post, []

    def cut_short(*args, **kwargs):
        seen.append(kwargs["about"])
        if len(seen) == 2:
            raise SystemExit
        return post(*args, **kwargs)

    monkeypatch.setattr(reminders, "post", cut_short)
    now = CLOSES - 14 * DAY
    with pytest.raises(SystemExit):
        reminders.remind(now=now)
    monkeypatch.setattr(reminders, "post", post)
    reminders.remind(now=now + DAY)

    assert Mail.objects.filter(event=DRAFT).count() == 3 * len(BOTH)


def test_the_letter_says_how_long_there_is_and_in_which_language(people):
    people.lead.language = "en"
    people.lead.save()
    people.draft()

    month()

    subjects = dict(Mail.objects.filter(event=DRAFT).order_by("pk").values_list("address", "subject"))
    assert "3 jours" in subjects["editor@example.org"].replace("\xa0", " ")
    assert "3 days" in subjects["lead@example.org"].replace("\xa0", " ")
    assert Mail.objects.filter(event=DRAFT, address="lead@example.org", text__contains="April 1").exists()


def test_an_organisation_with_more_time_is_reminded_by_its_own_end(people):
    people.draft()
    CallExtension.objects.create(
        plan=people.plan,
        organization=people.organization,
        until_at=CLOSES + 10 * DAY,
        granted_by=people.administrator,
    )

    assert month(days=range(41)) == {-4: BOTH, 7: BOTH}


def test_who_begins_late_is_not_recalled_the_next_morning(people):
    Registration.objects.filter(pk=people.draft().pk).update(created_at=CLOSES - 10 * DAY)

    assert month() == {-3: BOTH}


def test_nobody_is_reminded_of_what_is_not_theirs_to_finish(people):
    people.submitted()
    people.withdrawn()
    project = people.approved().project
    people.change(project)
    other = MembershipFactory(
        user=UserFactory(email="autre@example.org"),
        organization=people.organization,
        role=Membership.Role.EDITOR,
    )

    assert month() == {}
    people.draft()
    assert other.user.email not in {address for letters in month().values() for address, _event in letters}


def test_a_call_that_has_closed_or_has_no_end_reminds_nobody(people):
    people.draft()
    Plan.objects.filter(pk=people.plan.pk).update(call_closes_at=None)

    assert month() == {}


def test_requested_changes_are_recalled_after_one_and_three_weeks(people):
    people.changes_requested()

    told = month()

    waited = {day + (CLOSES.date() - NOW.date()).days: letters for day, letters in told.items()}
    both = [("editor@example.org", ANSWER), ("lead@example.org", ANSWER)]
    assert waited == {7: both, 21: both}


def test_a_second_request_begins_its_own_waiting(people):
    row = people.changes_requested()
    month(days=range(10))
    row.refresh_from_db()
    row = people.submitted(row)
    workflow.request_changes(
        registration=row, number=2, message="Encore.", by=people.reviewer, at=MORNING + 12 * DAY
    )

    assert [letters[0][1] for letters in month(days=range(10, 21)).values()] == [ANSWER]


def test_the_task_looks_at_the_present_day(people):
    people.draft()

    remind_task()

    assert not Mail.objects.filter(event=DRAFT).exists()  # that call closed long ago
