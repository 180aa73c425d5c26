"""The moves of a progress report: who, from which state, and what they do."""

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.models import Mail
from core.workflow import NotAllowed, NotAMove, Refused, Stale
from indicators.models import Measurement, ProgressReport, ReportActivity, ReportVersion
from indicators.reports import workflow
from indicators.reports.content import digest
from indicators.reports.periods import open_period
from plans.models import Plan
from projects.models import Project, ProjectPartner
from projects.registrations.workflow import OwnVersion
from tests.factories import IndicatorFactory, MeasurementFactory, ProjectFactory
from tests.indicators.reports import NOW, Followed

pytestmark = pytest.mark.django_db

STATES = list(ProgressReport.State.values)
ROLES = ["stranger", "editor", "lead", "contributor", "reviewer", "approver", "administrator"]
ACTIONS = ["save", "submit", "take_back", "request_changes", "accept", "waive", "restore", "extend"]
ACTIONS += ["correct", "drop_correction"]

PARTNERS = "editor lead"
BEHALF = "editor lead administrator"
ALL_STAFF = "reviewer approver administrator"
#: (state, action) → (state afterwards, who may).
TABLE = {
    ("expected", "save"): ("draft", "editor lead reviewer administrator"),
    ("draft", "save"): ("draft", BEHALF),
    ("changes_requested", "save"): ("changes_requested", BEHALF),
    ("draft", "submit"): ("submitted", BEHALF),
    ("changes_requested", "submit"): ("submitted", BEHALF),
    ("submitted", "take_back"): ("draft", PARTNERS),
    ("submitted", "request_changes"): ("changes_requested", ALL_STAFF),
    ("submitted", "accept"): ("accepted", "approver administrator"),
    ("expected", "waive"): ("waived", "approver administrator"),
    ("draft", "waive"): ("waived", "approver administrator"),
    ("changes_requested", "waive"): ("waived", "approver administrator"),
    ("waived", "restore"): ("expected", "approver administrator"),
    ("expected", "extend"): ("expected", ALL_STAFF),
    ("draft", "extend"): ("draft", ALL_STAFF),
    ("changes_requested", "extend"): ("changes_requested", ALL_STAFF),
    ("accepted", "correct"): ("draft", "editor lead reviewer administrator"),
    ("draft", "drop_correction"): ("accepted", BEHALF),
    ("changes_requested", "drop_correction"): ("accepted", BEHALF),
}


#: What `people` are here.
PEOPLE = Followed


def person(people, role):
    return AnonymousUser() if role == "stranger" else getattr(people, role)


def in_state(people, state, action):
    """A row in that state in which the action's guard has nothing against it."""
    if action != "drop_correction":
        return people.in_state(state)
    row = people.correction()
    if state == "draft":
        return row
    row = people.submitted(row)
    return workflow.request_changes(report=row, number=2, message="Non.", by=people.reviewer, at=NOW)


def act(action, row, by):
    """Each move with arguments that suit the row."""
    number = row.versions.count() or 1
    values = {"narrative_fr": "Autre récit."}
    later = dt.date(2027, 4, 1)
    calls = {
        "save": lambda: workflow.save(report=row, values=values, version=row.version, by=by, at=NOW),
        "submit": lambda: workflow.submit(report=row, version=row.version, token=uuid.uuid4(), by=by, at=NOW),
        "take_back": lambda: workflow.take_back(report=row, by=by, at=NOW),
        "request_changes": lambda: workflow.request_changes(
            report=row, number=number, message="Précisez.", by=by, at=NOW
        ),
        "accept": lambda: workflow.accept(report=row, number=number, by=by, at=NOW),
        "waive": lambda: workflow.waive(report=row, reason="Suspendu.", by=by, at=NOW),
        "restore": lambda: workflow.restore(report=row, by=by, at=NOW),
        "extend": lambda: workflow.extend(report=row, until=later, by=by, at=NOW),
        "correct": lambda: workflow.correct(report=row, by=by, at=NOW),
        "drop_correction": lambda: workflow.drop_correction(report=row, by=by, at=NOW),
    }
    return calls[action]()


def test_the_table_of_the_portal_is_the_one_of_this_test():
    assert set(workflow.FLOW.table) == set(TABLE)
    # A first save makes a draft of what was expected; what is restored is a draft where there is text.
    told = {key: move.target or key[0] for key, move in workflow.FLOW.table.items()}
    moved_by_writing = {("expected", "save"): "draft", ("waived", "restore"): "expected"}
    assert told | moved_by_writing == {key: after for key, (after, _who) in TABLE.items()}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("state", "action"), TABLE)
def test_each_move_is_made_by_those_who_may_and_by_nobody_else(people, state, action, role):
    row, by = in_state(people, state, action), person(people, role)
    after, who = TABLE[state, action]

    if role in who.split():
        assert act(action, row, by).state == after
    else:
        with pytest.raises(NotAllowed):
            act(action, row, by)
        row.refresh_from_db()
        assert row.state == state


@pytest.mark.parametrize(
    ("state", "action"), [(s, a) for s in STATES for a in ACTIONS if (s, a) not in TABLE]
)
def test_what_is_not_in_the_table_raises_even_for_an_administrator(people, state, action):
    row = people.in_state(state)

    with pytest.raises(NotAMove):
        act(action, row, people.administrator)
    assert ProgressReport.objects.get(pk=row.pk).state == state


@pytest.mark.parametrize("role", ROLES)
def test_who_may_start_a_report_between_the_periods(people, role):
    def start():
        return workflow.start(
            project=people.project,
            title="Étape de mars",
            starts_on=dt.date(2027, 1, 1),
            ends_on=dt.date(2027, 3, 31),
            by=person(people, role),
            at=NOW,
        )

    if role in ("editor", "lead", "reviewer", "administrator"):
        row = start()
        assert (row.state, row.is_on_behalf) == ("draft", role in ("reviewer", "administrator"))
    else:
        with pytest.raises(NotAllowed):
            start()


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_a_period(people, role):
    def opened():
        return open_period(period=people.period, by=person(people, role), at=NOW)

    if role == "administrator":
        assert [row.project for row in opened()] == [people.project]
    else:
        with pytest.raises(NotAllowed):
            opened()
        assert not ProgressReport.objects.exists()


SEEN = {
    "expected": "editor lead reviewer administrator",
    "draft": "editor lead administrator",
    "submitted": "editor lead administrator",
    "changes_requested": "editor lead administrator",
    "accepted": "editor lead reviewer administrator",
    "waived": "editor lead administrator",
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
def test_who_reads_a_report_in_the_space_of_partners(people, state, role):
    row = people.in_state(state)

    seen = ProgressReport.objects.visible_to(person(people, role)).filter(pk=row.pk).exists()

    assert seen == (role in SEEN[state].split())


def test_an_organisation_that_declined_its_part_answers_for_nothing(people):
    row = people.expected()
    ProjectPartner.objects.filter(organization=people.organization).update(declined_on=dt.date(2026, 2, 1))

    with pytest.raises(NotAllowed):
        people.draft(row)
    assert not ProgressReport.objects.visible_to(people.lead).exists()


def test_a_co_lead_writes_too(people):
    row = people.expected()
    people.project.project_partners.filter(organization=people.other_organization).update(
        role=ProjectPartner.Role.CO_LEAD
    )

    assert people.draft(row, by=people.contributor).state == "draft"


# Opening ----------------------------------------------------------------------------------------------------


def test_opening_expects_a_report_of_each_published_project_of_the_plan(people):
    second = people.published()
    people.published("Archivé", archived_at=NOW, archive_reason_fr="Fusionné.")
    ProjectFactory()

    new = open_period(period=people.period, by=people.administrator, at=NOW)

    assert {row.project for row in new} == {people.project, second}
    assert {(row.state, row.version, row.content == {}) for row in new} == {("expected", 0, True)}
    people.period.refresh_from_db()
    assert (people.period.opened_at, people.period.opened_by) == (NOW, people.administrator)


def test_opening_again_reaches_only_the_projects_published_since(people):
    people.draft()
    late = people.published("Venu après")

    new = open_period(period=people.period, by=people.administrator, at=NOW + dt.timedelta(days=9))

    assert [row.project for row in new] == [late]
    people.period.refresh_from_db()
    assert people.period.opened_at == NOW
    assert ProgressReport.objects.get(project=people.project).state == "draft"


def test_a_plan_in_preparation_reports_nothing(people):
    Plan.objects.filter(pk=people.plan.pk).update(stage=Plan.Stage.PREPARATION)
    people.period.plan.refresh_from_db()

    with pytest.raises(Refused):
        open_period(period=people.period, by=people.administrator, at=NOW)


def test_a_project_has_one_report_per_period(people):
    row = people.expected()

    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.create(project=row.project, period=row.period)


# Being late -------------------------------------------------------------------------------------------------

DUE = dt.date(2027, 2, 26)


def late(on):
    found = ProgressReport.objects.late(on=on)
    assert {row.pk for row in found} == {
        row.pk for row in ProgressReport.objects.with_names() if row.is_late(on=on)
    }
    return found.exists()


@pytest.mark.parametrize("state", STATES)
def test_late_is_what_nobody_handed_in_after_the_due_day(people, state):
    people.in_state(state)

    assert not late(DUE)
    assert late(DUE + dt.timedelta(days=1)) == (state in ("expected", "draft"))


def test_requested_changes_are_late_after_the_day_that_was_asked_for(people):
    people.changes_requested(due_on=dt.date(2027, 3, 20))

    assert not late(dt.date(2027, 3, 20))
    assert late(dt.date(2027, 3, 21))


def test_a_correction_is_never_late(people):
    people.correction(narrative_fr="Onze marchés.")

    assert not late(dt.date(2030, 1, 1))


def test_the_due_day_moves_even_after_it_has_passed(people):
    row = people.expected()
    at = NOW + dt.timedelta(days=60)
    assert late(at.date())

    row = workflow.extend(report=row, until=dt.date(2027, 4, 15), by=people.reviewer, at=at)

    assert (row.due, late(at.date()), late(dt.date(2027, 4, 16))) == (dt.date(2027, 4, 15), False, True)


def test_the_period_may_move_beyond_an_extension(people):
    row = workflow.extend(report=people.expected(), until=dt.date(2027, 3, 10), by=people.reviewer, at=NOW)

    people.period.due_on = dt.date(2027, 3, 31)
    people.period.save()

    assert ProgressReport.objects.get(pk=row.pk).due == dt.date(2027, 3, 31)
    assert not late(dt.date(2027, 3, 31))


def test_more_time_ends_after_the_present_due_day(people):
    with pytest.raises(Refused):
        workflow.extend(report=people.expected(), until=DUE, by=people.reviewer, at=NOW)


# Writing ----------------------------------------------------------------------------------------------------


def test_a_report_that_was_only_looked_at_is_still_expected(people):
    row = people.expected()

    same = workflow.save(report=row, values={"narrative_fr": ""}, version=0, by=people.editor, at=NOW)

    assert (same.state, same.version, same.saved_at) == ("expected", 0, None)


def test_a_stale_save_is_refused_with_what_is_there(people):
    row = people.draft()
    workflow.save(
        report=row, values={"narrative_fr": "D'une autre"}, version=row.version, by=people.lead, at=NOW
    )

    with pytest.raises(Stale) as refused:
        workflow.save(
            report=row, values={"narrative_fr": "Le mien"}, version=row.version, by=people.editor, at=NOW
        )

    assert refused.value.row.content["narrative_fr"] == "D'une autre"


def test_submitting_freezes_an_immutable_version(people):
    row = people.submitted()

    version = row.versions.get()
    assert (version.number, version.submitted_by, version.digest) == (
        1,
        people.editor,
        digest(version.content),
    )
    assert version.content["deliverables"][0]["title"] == "Dix marchés"
    with pytest.raises(TypeError):
        version.save()


def test_two_clicks_are_one_submission(people):
    row, token = people.draft(), uuid.uuid4()

    for _click in range(2):
        workflow.submit(report=row, version=row.version, token=token, by=people.editor, at=NOW)

    assert ReportVersion.objects.count() == 1
    assert Mail.objects.filter(event="report_to_review").count() == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"narrative_fr": " "}, "narrative_fr"),
        ({"deliverables": []}, "deliverables-{deliverable}-state"),
        ({"values": []}, "values-repas-value"),
        ({"values": [{"key": "repas", "value": "beaucoup"}]}, "values-repas-value"),
        ({"values": [{"key": "repas", "value": "1", "absence": "not_yet"}]}, "values-repas-absence"),
        ({"values": [{"key": "repas", "value": "1,23456"}]}, "values-repas-value"),
        ({"values": [{"key": "repas", "value": "1", "measured_on": "hier"}]}, "values-repas-measured_on"),
    ],
)
def test_what_is_missing_keeps_it_from_being_handed_in(people, values, field):
    row = people.draft(**values)

    with pytest.raises(workflow.Incomplete) as refused:
        people.submitted(row)

    expected = field.format(deliverable=people.deliverable.pk)
    assert [problem.field for problem in refused.value.problems] == [expected]
    assert ProgressReport.objects.get(pk=row.pk).state == "draft"


def test_nothing_is_wrong_with_a_reason_for_having_no_value(people):
    assert people.submitted(values=[{"key": "repas", "absence": "not_collected"}]).state == "submitted"


def test_what_a_report_answers_is_only_what_was_asked(people):
    other = IndicatorFactory(slug="ailleurs")

    row = people.submitted(values=[{"key": "repas", "value": "0"}, {"key": other.slug, "value": "9"}])

    assert [value["key"] for value in row.content["values"]] == ["repas"]


def test_a_project_taken_off_the_site_is_not_written_of(people):
    row = people.draft()
    Project.objects.filter(pk=people.project.pk).update(archived_at=NOW, archive_reason_fr="Fusionné.")

    with pytest.raises(Refused):
        people.submitted(row)
    assert not late(dt.date(2030, 1, 1))


# Deciding ---------------------------------------------------------------------------------------------------


def accepted_values():
    found = Measurement.objects.accepted().order_by("indicator__slug", "measured_on")
    return [(m.indicator.slug, m.measured_on, m.value, m.version) for m in found]


def test_accepting_makes_the_values_and_the_deliverables_public_at_once(people):
    row = people.accepted()

    assert accepted_values() == [("repas", dt.date(2026, 12, 31), Decimal(60), 1)]
    measurement = Measurement.objects.get()
    assert (measurement.report, measurement.source, measurement.decided_by) == (
        row,
        "Registre",
        people.approver,
    )
    people.deliverable.refresh_from_db()
    assert (people.deliverable.state, people.deliverable.delivered_on) == (
        "delivered",
        dt.date(2026, 10, 30),
    )
    assert row.accepted_version.number == 1
    assert ProgressReport.objects.published().get() == row


def test_a_reported_zero_is_a_value_and_an_absence_is_none(people):
    IndicatorFactory(project=people.project, slug="visites", position=2)

    people.accepted(values=[{"key": "repas", "value": "0"}, {"key": "visites", "absence": "not_collected"}])

    assert accepted_values() == [
        ("repas", dt.date(2026, 12, 31), Decimal(0), 1),
        ("visites", dt.date(2026, 12, 31), None, 1),
    ]


@pytest.mark.parametrize("state", ["draft", "submitted", "changes_requested"])
def test_nothing_is_public_before(people, state):
    people.in_state(state)

    assert not Measurement.objects.exists()
    people.deliverable.refresh_from_db()
    assert people.deliverable.state == "to_do"
    assert not ProgressReport.objects.published().exists()


def test_a_value_that_cannot_be_accepted_leaves_everything_as_it_was(people):
    row = people.submitted()
    old = MeasurementFactory(indicator=people.indicator, measured_on=dt.date(2026, 12, 31), value=5)
    waiting = MeasurementFactory(
        indicator=people.indicator, measured_on=old.measured_on, value=6, state="submitted", corrects=old
    )

    with pytest.raises(Refused, match="Repas servis"):
        workflow.accept(report=row, number=1, by=people.approver, at=NOW)

    assert ProgressReport.objects.get(pk=row.pk).state == "submitted"
    people.deliverable.refresh_from_db()
    assert people.deliverable.state == "to_do"
    waiting.refresh_from_db()
    assert waiting.state == "submitted"


def test_a_value_that_stands_at_the_same_day_is_corrected_not_doubled(people):
    MeasurementFactory(indicator=people.indicator, measured_on=dt.date(2026, 12, 31), value=5)

    people.accepted()

    assert accepted_values() == [("repas", dt.date(2026, 12, 31), Decimal(60), 2)]


def test_a_correction_leaves_the_public_as_it_is_until_it_is_accepted(people):
    row = people.correction(
        narrative_fr="Onze marchés.", values=[{"key": "repas", "value": "61", "measured_on": "2026-12-15"}]
    )
    assert row.accepted_version.content["narrative_fr"] == "Dix marchés ont eu lieu."
    assert accepted_values() == [("repas", dt.date(2026, 12, 31), Decimal(60), 1)]

    row = people.submitted(row)
    row = workflow.accept(report=row, number=2, by=people.approver, at=NOW)

    assert row.accepted_version.content["narrative_fr"] == "Onze marchés."
    assert accepted_values() == [("repas", dt.date(2026, 12, 15), Decimal(61), 2)]
    assert Measurement.objects.filter(state="replaced").count() == 1


def test_a_correction_that_changes_no_value_makes_no_new_version_of_it(people):
    row = people.submitted(people.correction(narrative_fr="Onze marchés."))

    workflow.accept(report=row, number=2, by=people.approver, at=NOW)

    assert accepted_values() == [("repas", dt.date(2026, 12, 31), Decimal(60), 1)]


def test_a_correction_can_be_given_up(people):
    row = people.correction(narrative_fr="Onze marchés.")

    row = workflow.drop_correction(report=row, by=people.editor, at=NOW)

    assert (row.state, row.content["narrative_fr"]) == ("accepted", "Dix marchés ont eu lieu.")


def test_a_first_draft_is_no_correction_to_give_up(people):
    with pytest.raises(Refused):
        workflow.drop_correction(report=people.draft(), by=people.editor, at=NOW)


def test_what_was_accepted_is_not_waived(people):
    with pytest.raises(Refused):
        workflow.waive(report=people.correction(), reason="Suspendu.", by=people.approver, at=NOW)


def test_a_decision_on_an_older_version_is_refused(people):
    row = people.changes_requested()
    row = people.submitted(people.draft(row, narrative_fr="Onze marchés."))

    with pytest.raises(Stale):
        workflow.accept(report=row, number=1, by=people.approver, at=NOW)


def test_one_does_not_accept_what_one_submitted(people):
    people.organization.memberships.create(user=people.approver)
    people.organization.memberships.create(user=people.administrator)
    row = people.submitted(by=people.approver)

    with pytest.raises(OwnVersion):
        workflow.accept(report=row, number=1, by=people.approver, at=NOW)
    assert workflow.accept(report=row, number=1, by=people.administrator, at=NOW).state == "accepted"


def test_an_administrator_who_overrides_that_is_logged(people):
    people.organization.memberships.create(user=people.administrator)
    row = people.submitted(by=people.administrator)

    workflow.accept(report=row, number=1, by=people.administrator, at=NOW, override=True)

    assert "sa propre version" in ReportActivity.objects.get(action="accept").message


@pytest.mark.parametrize("action", ["waive", "request_changes"])
def test_a_decision_against_needs_words(people, action):
    calls = {
        "waive": lambda: workflow.waive(report=people.draft(), reason="  ", by=people.approver, at=NOW),
        "request_changes": lambda: workflow.request_changes(
            report=people.submitted(), number=1, message=" ", by=people.reviewer, at=NOW
        ),
    }

    with pytest.raises(Refused):
        calls[action]()


def test_what_was_written_before_a_waiver_is_there_when_it_is_expected_again(people):
    row = workflow.waive(report=people.draft(), reason="Suspendu.", by=people.approver, at=NOW)

    row = workflow.restore(report=row, by=people.approver, at=NOW)

    assert (row.state, row.content["narrative_fr"], row.waiver_reason) == (
        "draft",
        "Dix marchés ont eu lieu.",
        "",
    )


def test_the_log_tells_who_did_what_on_which_version(people):
    people.accepted()

    lines = ReportActivity.objects.order_by("pk").values_list("action", "state_after", "version", "by__email")
    assert list(lines) == [
        ("open", "expected", None, "administrator@example.org"),
        ("save", "draft", 1, "editor@example.org"),
        ("submit", "submitted", 1, "editor@example.org"),
        ("accept", "accepted", 1, "approver@example.org"),
    ]


def test_a_note_is_the_staffs(people):
    row = people.submitted()

    workflow.note(report=row, text="À vérifier.", by=people.reviewer, at=NOW)

    assert ReportActivity.objects.get(action="note").is_internal
    with pytest.raises(NotAllowed):
        workflow.note(report=row, text="Moi aussi.", by=people.editor, at=NOW)


# Mail -------------------------------------------------------------------------------------------------------

TOLD = {
    "submitted": {
        "report_receipt": "editor lead",
        "report_to_review": "reviewer approver administrator",
    },
    "changes_requested": {"report_changes_requested": "editor lead"},
    "accepted": {"report_accepted": "editor lead"},
    "waived": {"report_waived": "lead"},
}


@pytest.mark.parametrize("state", TOLD)
def test_each_move_tells_exactly_these_people(people, state):
    people.in_state(state)

    for event, who in TOLD[state].items():
        told = {mail.address.split("@")[0] for mail in Mail.objects.filter(event=event)}
        assert told == set(who.split()), event


def test_a_refused_move_tells_nobody(people):
    row = people.draft(narrative_fr="")

    with pytest.raises(workflow.Incomplete):
        people.submitted(row)

    assert not Mail.objects.exists()


def test_the_organisation_hears_that_staff_wrote_for_it_once_a_day(people):
    row = people.draft(by=people.reviewer)
    people.draft(row, by=people.reviewer, narrative_fr="Encore.")

    assert row.is_on_behalf
    assert Mail.objects.filter(event="report_written_for_you").count() == 1


def test_numbers_are_read_as_people_type_them(people):
    people.accepted(values=[{"key": "repas", "value": "1 250,5"}])

    assert accepted_values() == [("repas", dt.date(2026, 12, 31), Decimal("1250.5"), 1)]


def test_a_period_is_in_order(people):
    people.period.ends_on = people.period.starts_on - dt.timedelta(days=1)

    with pytest.raises(ValidationError):
        people.period.full_clean()
