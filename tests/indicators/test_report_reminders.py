"""Reminders of reports over a simulated year, each person told once, whatever happens to the worker."""

import datetime as dt
import re
import uuid

import pytest
from django.core import mail as outbox
from django.core import signing
from django.test import Client
from django.utils import timezone

from core import sending
from core.models import Mail
from indicators.models import ProgressReport, ReportingPeriod, ReportReminder, Unsubscription
from indicators.reports import digest, notices, recipients, reminders, unsubscribing, workflow
from indicators.reports.periods import open_period
from partners.models import Membership
from projects.models import Project, ProjectPartner, Registration
from tests.factories import IndicatorFactory, MeasurementFactory, OrganizationFactory, RegistrationFactory
from tests.indicators.reports import Followed

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
#: The first morning of the year at eight, in Montréal.
FIRST = dt.datetime(2027, 1, 1, 13, 0, tzinfo=dt.UTC)
DUE = dt.date(2027, 2, 26)

EDITOR, LEAD = "editor@example.org", "lead@example.org"


@pytest.fixture
def people():
    """The project that the editor registered, and one that nobody wrote of yet."""
    found = Followed()
    RegistrationFactory(
        plan=found.plan,
        organization=found.organization,
        project=found.project,
        created_by=found.editor,
        state="approved",
    )
    found.second = found.published("Projet sans écriture")
    return found


def opened(people, at=FIRST):
    open_period(period=people.period, by=people.administrator, at=at)
    return {row.project: row for row in ProgressReport.objects.with_names()}


def take_off_the_site(project):
    Project.objects.filter(pk=project.pk).update(archived_at=FIRST, archive_reason_fr="Retiré.")


def morning(day):
    return FIRST + (day - FIRST.date()) * 1


def year(*, days=365, killed=(), missed=(), then=None):
    """Live the year day by day; returns per day what reached whom: {day: [(address, subject)]}.

    On ``killed`` days the worker dies in the middle and is started again an hour later; on ``missed`` days none runs.
    ``then`` are things that happen on a day: {day: function}.
    """
    told = {}
    for number in range(days):
        now = FIRST + number * DAY
        today = now.date()
        if happening := (then or {}).get(today):
            happening(now)
        if today in missed:
            continue
        before = len(outbox.outbox)
        if today in killed:
            with pytest.raises(SystemExit):
                work(now, dies=True)
            now += HOUR
            sending.requeue_interrupted(now=timezone.now() + HOUR)
        work(now)
        work(now + HOUR)
        if new := outbox.outbox[before:]:
            told[today] = sorted((m.to[0], kind(m.subject)) for m in new)
    return told


def kind(subject):
    """The word of a subject that tells what the letter is."""
    plain = subject.replace("\xa0", " ").replace("’", "'").removeprefix("[Conseil SAM] ")
    found = next(word for word in ("En retard", "À vous", "Rappel", "bilans", "Suivi", "") if word in plain)
    return found or plain


def work(now, dies=False):
    """What beat makes a worker do. One that dies does it before the second letter is written, then when the
    first one is sent.
    """
    written = 0
    post, message_of = notices.post, sending.message_of

    def dying(*args, **kwargs):
        nonlocal written
        written += 1
        if written == 2:
            raise SystemExit
        return post(*args, **kwargs)

    def dying_at_the_door(mail):
        raise SystemExit

    if dies:
        reminders.post, sending.message_of = dying, dying_at_the_door
    try:
        reminders.remind(now=now)
        digest.send(now=now)
        sending.send_due(now=timezone.now() + 400 * DAY)
    finally:
        reminders.post, sending.message_of = post, message_of
    if dies:
        raise SystemExit  # nothing to write on that day: it dies all the same


def days_of(told):
    return {f"{day:%m-%d}": letters for day, letters in told.items()}


#: Nobody hands anything in. The editor's report and the lead's: one letter each, the lead's for both when late.
WHOLE_YEAR = {
    "01-11": [(EDITOR, "À vous"), (LEAD, "À vous")],
    "02-12": [(EDITOR, "Rappel"), (LEAD, "Rappel")],
    "02-23": [(EDITOR, "Rappel"), (LEAD, "Rappel")],
    "03-05": [(EDITOR, "En retard"), (LEAD, "bilans")],
    "03-19": [(EDITOR, "En retard"), (LEAD, "bilans")],
}


@pytest.fixture
def without_digest(people):
    """The staff read no digest, so that only what partners get is counted."""
    for person in (people.reviewer, people.approver, people.administrator):
        Unsubscription.objects.create(user=person, kind=Unsubscription.Kind.DIGEST)


def test_a_year_in_which_nobody_hands_anything_in(people, without_digest):
    opened(people)

    assert days_of(year()) == WHOLE_YEAR


def test_a_draft_never_silences_a_reminder(people, without_digest):
    rows = opened(people)
    people.draft(rows[people.project])

    assert days_of(year(days=120)) == WHOLE_YEAR


@pytest.mark.parametrize("offset", [0, 1])
def test_a_worker_killed_on_any_day_loses_and_doubles_nothing(people, without_digest, offset):
    opened(people)
    killed = {FIRST.date() + number * DAY for number in range(offset, 120, 2)}

    assert days_of(year(days=120, killed=killed)) == WHOLE_YEAR


def test_days_without_a_worker_are_made_good(people, without_digest):
    opened(people)
    missed = {dt.date(2027, 1, 11), dt.date(2027, 2, 23), dt.date(2027, 2, 24)}
    missed |= {dt.date(2027, 3, day) for day in range(5, 22)}

    assert days_of(year(days=120, missed=missed)) == {
        "01-12": WHOLE_YEAR["01-11"],
        "02-12": WHOLE_YEAR["02-12"],
        "02-25": WHOLE_YEAR["02-23"],
        "03-22": WHOLE_YEAR["03-19"],
    }


def test_who_hands_in_hears_no_more(people, without_digest):
    rows = opened(people)

    def hand_in(now):
        people.submitted(people.draft(rows[people.project]), at=now)

    told = year(days=120, then={dt.date(2027, 2, 20): hand_in})

    reminders_of_editor = [
        (f"{day:%m-%d}", k) for day, all_ in told.items() for who, k in all_ if who == EDITOR
    ]
    assert [pair for pair in reminders_of_editor if pair[1] in ("À vous", "Rappel", "En retard")] == [
        ("01-11", "À vous"),
        ("02-12", "Rappel"),
    ]


def test_requested_changes_are_reminded_of_by_the_day_asked_for(people, without_digest):
    rows = opened(people)
    take_off_the_site(people.second)
    row = people.submitted(people.draft(rows[people.project]), at=FIRST + 45 * DAY)
    workflow.request_changes(
        report=row,
        number=1,
        message="Précisez.",
        by=people.reviewer,
        at=FIRST + 60 * DAY,
        due_on=dt.date(2027, 4, 15),
    )
    Mail.objects.all().delete()

    told = year(days=140)

    reminded = {day: letters for day, letters in days_of(told).items() if day > "03-01"}
    assert list(reminded) == ["04-01", "04-12", "04-22", "05-06"]
    assert {address for letters in reminded.values() for address, _kind in letters} == {EDITOR, LEAD}


def test_a_moved_due_day_begins_anew(people, without_digest):
    rows = opened(people)
    take_off_the_site(people.second)

    def extend(now):
        row = rows[people.project]
        workflow.extend(report=row, until=dt.date(2027, 4, 15), by=people.reviewer, at=now)

    told = days_of(year(days=140, then={dt.date(2027, 3, 10): extend}))

    assert list(told) == ["01-11", "02-12", "02-23", "03-05", "03-10", "04-01", "04-12", "04-22", "05-06"]


def test_a_project_published_late_hears_of_the_opening_and_not_of_what_is_past(people, without_digest):
    opened(people)
    take_off_the_site(people.project)
    take_off_the_site(people.second)

    def publish(now):
        people.published("Publié tard")
        opened(people, at=now)

    told = days_of(year(days=75, then={dt.date(2027, 2, 18): publish}))

    assert told == {"02-18": [(LEAD, "À vous")], "02-23": [(LEAD, "Rappel")], "03-05": [(LEAD, "En retard")]}


def test_a_report_without_due_day_reminds_nobody(people, without_digest):
    workflow.start(
        project=people.project,
        title="Étape",
        starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2026, 6, 30),
        by=people.editor,
        at=FIRST,
    )

    assert year(days=100) == {}


# The letter -------------------------------------------------------------------------------------------------


def test_the_letter_names_each_report_with_its_day_in_the_persons_language(people):
    people.lead.language = "en"
    people.lead.save()
    opened(people)

    reminders.remind(now=morning(dt.date(2027, 3, 5)))

    letter = Mail.objects.get(address=LEAD)
    text = letter.text.replace("\xa0", " ")
    assert "2 progress reports to hand in" in letter.subject.replace("\xa0", " ")
    assert text.count("expected since February 26, 2027") == 2


def test_what_was_sent_and_what_was_not_is_written_down(people):
    rows = opened(people)
    Unsubscription.objects.create(user=people.editor, kind=Unsubscription.Kind.DUE)
    Membership.objects.filter(user=people.lead).delete()

    for day in (dt.date(2027, 1, 11), dt.date(2027, 2, 12), dt.date(2027, 3, 5)):
        for _run in range(2):
            reminders.remind(now=morning(day))

    found = ReportReminder.objects.order_by("at", "report", "pk").values_list(
        "report", "user__email", "occasion", "skipped"
    )
    mine, other = rows[people.project].pk, rows[people.second].pk
    assert set(found) == {
        (mine, EDITOR, "opened", ""),
        (other, None, "opened", "nobody"),
        (mine, EDITOR, "due_14", "unsubscribed"),
        (other, None, "due_14", "nobody"),
        (mine, EDITOR, "late_7", ""),
        (other, None, "late_7", "nobody"),
    }
    assert Mail.objects.count() == 2
    assert len(found) == 6


def test_who_leads_another_organization_does_not_answer_for_this_one(people):
    people.other_organization.memberships.create(user=people.editor, role=Membership.Role.LEAD)
    row = opened(people)[people.second]

    circle = recipients.circles([row])[row.pk]

    assert (circle.leads, circle.writers) == ([people.lead], [people.lead])


def test_whoever_wrote_of_a_project_is_a_writer_and_nobody_twice(people):
    row = people.submitted(people.draft(opened(people)[people.project], by=people.lead), by=people.lead)
    gone = people.colleague()
    Registration.objects.filter(project=people.project).update(created_by=gone)
    gone.is_active = False
    gone.save()
    twin = OrganizationFactory()
    people.project.project_partners.create(organization=twin, role=ProjectPartner.Role.CO_LEAD)
    twin.memberships.create(user=people.lead, role=Membership.Role.EDITOR)

    circle = recipients.circles([row])[row.pk]

    assert (circle.leads, circle.writers, circle.people) == ([people.lead],) * 3


@pytest.mark.parametrize("number", [1, 3, 25])
def test_a_run_asks_as_little_of_many_reports_as_of_one(people, number, django_assert_num_queries):
    for extra in range(number - 1):
        people.published(f"Projet {extra}")
    lonely = [people.published(f"Seul {extra}") for extra in range(number)]
    for project in lonely:
        project.project_partners.all().delete()
    opened(people)
    now = morning(dt.date(2027, 1, 11))

    # What is outstanding, whom to tell, and what was told: six. Those who declined, and what concerns nobody: two.
    # A letter is six more: its row and those of its reminders, each within a savepoint.
    with django_assert_num_queries(6 + 2 + 2 * 6):
        assert reminders.remind(now=now) == 2
    with django_assert_num_queries(6):
        assert reminders.remind(now=now + HOUR) == 0
    assert ReportReminder.objects.filter(skipped="nobody").count() == number


# Saying no --------------------------------------------------------------------------------------------------


def letter_of(people, day):
    reminders.remind(now=morning(day))
    return Mail.objects.get(address=EDITOR)


def test_only_what_nobody_is_obliged_to_read_can_be_declined(people):
    opened(people)

    asked = letter_of(people, dt.date(2027, 1, 11))
    Mail.objects.all().delete()
    reminded = letter_of(people, dt.date(2027, 2, 12))
    Mail.objects.all().delete()
    late = letter_of(people, dt.date(2027, 3, 5))

    assert [bool(mail.unsubscribe) for mail in (asked, reminded, late)] == [False, True, False]
    headers = sending.message_of(reminded).message()
    assert headers["List-Unsubscribe"] == f"<{reminded.unsubscribe}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sending.message_of(late).message()["List-Unsubscribe"] is None
    assert reminded.unsubscribe in reminded.text


def path_of(mail):
    return "/" + mail.unsubscribe.split("/", 3)[3]


def test_one_click_in_the_mail_program_is_enough(people):
    opened(people)
    there = path_of(letter_of(people, dt.date(2027, 2, 12)))
    client = Client(enforce_csrf_checks=True)

    looked = client.get(there)
    before = Unsubscription.objects.exists()
    clicked = client.post(there, {"List-Unsubscribe": "One-Click"})

    assert (looked.status_code, before, clicked.status_code) == (200, False, 200)
    assert Unsubscription.objects.get().user == people.editor
    reminders.remind(now=morning(dt.date(2027, 2, 23)))
    assert Mail.objects.filter(address=EDITOR).count() == 1
    client.post(there, {"do": "again"})
    assert not Unsubscription.objects.exists()


@pytest.mark.parametrize("salt", ["", "autre"])
def test_a_link_that_we_did_not_write_leads_nowhere(client, people, salt):
    token = signing.dumps([people.editor.pk, "due"], salt=salt) if salt else "faux"

    assert client.post(f"/desabonnement/{token}/").status_code == 404
    assert not Unsubscription.objects.exists()


def test_a_link_speaks_the_language_of_its_letter(people):
    people.editor.language = "en"
    people.editor.save()
    opened(people)

    assert path_of(letter_of(people, dt.date(2027, 2, 12))).startswith("/en/desabonnement/")


# The digest -------------------------------------------------------------------------------------------------


def digests(people, days):
    """Who got one on which day of the week, week by week."""
    told = year(days=days)
    return {
        day: sorted(address for address, k in letters if k == "Suivi")
        for day, letters in told.items()
        if any(k == "Suivi" for _address, k in letters)
    }


STAFF = ["administrator@example.org", "approver@example.org", "reviewer@example.org"]


def test_the_staff_read_a_digest_each_week_as_long_as_there_is_something(people):
    rows = opened(people)
    people.submitted(people.draft(rows[people.project]))
    Mail.objects.all().delete()
    ReportingPeriod.objects.update(due_on=dt.date(2028, 1, 1))

    found = digests(people, 32)

    assert [f"{day:%m-%d}" for day in found] == ["01-01", "01-04", "01-11", "01-18", "01-25", "02-01"]
    assert all(who == STAFF for who in found.values())
    workflow.accept(
        report=ProgressReport.objects.get(state="submitted"), number=1, by=people.approver, at=FIRST
    )
    outbox.outbox.clear()
    assert digest.send(now=FIRST + 40 * DAY) == 0


def test_a_digest_says_what_waits_what_is_late_and_how_many_reported(people):
    rows = opened(people)
    people.submitted(people.draft(rows[people.project], values=[{"key": "repas", "value": "-3"}]))

    digest.send(now=morning(DUE + 3 * DAY))

    mail = Mail.objects.get(event="report_digest", address=STAFF[0])
    text = re.sub(r"\s+", " ", mail.text.replace("\xa0", " ").replace("’", "'"))
    assert "1 à examiner, 1 en retard" in mail.subject.replace("\xa0", " ")
    assert "1 bilans remis sur 2" in text
    assert "Projet sans écriture" in text
    assert "Avec une valeur qui semble fausse : 1" in text
    assert mail.unsubscribe


@pytest.mark.parametrize("number", [1, 3, 25])
def test_a_digest_asks_as_little_of_many_reports_as_of_one(people, number, django_assert_num_queries):
    for extra in range(number):
        project = people.published(f"Projet {extra}")
        indicator = IndicatorFactory(project=project)
        MeasurementFactory(indicator=indicator, value=60)
        report = ProgressReport.objects.create(
            project=project, period=people.period, state="submitted", submitted_at=FIRST
        )
        content = people.content(values=[{"key": indicator.slug, "value": "-60"}])
        report.versions.create(
            number=1, content=content, token=uuid.uuid4(), submitted_by=people.editor, submitted_at=FIRST
        )

    # What waits, what is late; the versions, their questions and what was accepted before; the coverage.
    with django_assert_num_queries(2 + 4 + 1):
        found = digest.digest(on=FIRST.date())

    assert (len(found.waiting), found.doubtful) == (number, number)
    assert found.coverage == [(people.period, number, number)]


def test_who_declined_the_digest_gets_none(people):
    rows = opened(people)
    people.submitted(people.draft(rows[people.project]))
    unsubscribing.unsubscribe(person=people.reviewer, kind=Unsubscription.Kind.DIGEST, at=FIRST)

    digest.send(now=FIRST)

    told = Mail.objects.filter(event="report_digest").values_list("address", flat=True)
    assert sorted(told) == STAFF[:2]


def test_the_tasks_ring(people):
    from indicators.tasks import digest_task, remind_task

    today = timezone.localdate()
    ReportingPeriod.objects.update(opens_on=today, due_on=today + 40 * DAY)
    people.period.refresh_from_db()
    open_period(period=people.period, by=people.administrator, at=timezone.now())

    remind_task()
    digest_task()

    assert {mail.event for mail in Mail.objects.all()} == {"report_reminder"}
