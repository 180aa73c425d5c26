"""How many projects reported of a period: silence, delays and waivers are told, and nothing is told too early."""

import datetime as dt

import pytest

from indicators.models import ProgressReport
from indicators.reports import coverage, workflow
from tests.factories import ObjectiveFactory, OrientationFactory, ProjectObjectiveFactory
from tests.indicators.reports import NOW, Followed

pytestmark = pytest.mark.django_db

BEFORE, AFTER = dt.date(2027, 2, 26), dt.date(2027, 2, 27)


@pytest.fixture
def people():
    return Followed()


def counted(found):
    return [(c.period.title_fr, c.reported, c.expected, c.late, c.waived) for c in found]


def test_a_report_counts_once_it_is_accepted(people):
    for number in range(2):
        people.published(f"Muet {number}")
    row = people.submitted()
    assert counted(coverage.of_plan(people.plan, on=BEFORE)) == [("Bilan 2026", 0, 3, 0, 0)]

    workflow.accept(report=row, number=1, by=people.approver, at=NOW)

    assert counted(coverage.of_plan(people.plan, on=BEFORE)) == [("Bilan 2026", 1, 3, 0, 0)]


def test_late_ones_are_those_that_the_rows_say_are_late(people):
    people.published("Muet")
    extended = people.published("Prolongé")
    people.accepted()
    row = ProgressReport.objects.get(project=extended)
    workflow.extend(report=row, until=dt.date(2027, 3, 31), by=people.reviewer, at=NOW)

    for day in (BEFORE, AFTER, dt.date(2027, 4, 1)):
        late = [row for row in ProgressReport.objects.all() if row.is_late(on=day)]
        assert coverage.of_plan(people.plan, on=day)[0].late == len(late)
    assert len(late) == 2


def test_who_is_waived_is_not_expected(people):
    people.published("Autre")

    people.waived()

    assert counted(coverage.of_plan(people.plan, on=AFTER)) == [("Bilan 2026", 0, 1, 1, 1)]


def test_a_correction_does_not_take_a_report_away(people):
    people.correction(learned_fr="Autre chose.")

    assert counted(coverage.of_plan(people.plan, on=AFTER)) == [("Bilan 2026", 1, 1, 0, 0)]


def test_archived_projects_and_periods_not_open_are_left_out(people):
    row = people.accepted()
    row.project.archived_at, row.project.archive_reason_fr = NOW, "Terminé."
    row.project.save()

    assert coverage.of_plan(people.plan, on=AFTER) == []


@pytest.mark.parametrize(
    ("prefix", "told"),
    [
        ("", "<strong>Bilan 2026</strong> – 1 projet sur 2 a rapporté; 1 bilan en retard."),
        ("/en", "<strong>Report for 2026</strong> – 1 of 2 projects reported; 1 late report."),
    ],
)
def test_the_pages_tell_it(client, people, prefix, told, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args: AFTER)
    people.plan.is_current = True
    people.plan.save()
    people.published("Muet")
    people.accepted()
    objective = people.objective

    for address in (
        "/indicateurs/",
        objective.get_absolute_url(),
        objective.orientation.get_absolute_url(),
    ):
        page = client.get(prefix + address).content.decode().replace("\u00a0", " ").replace("’", "'")
        assert told in page, address


def test_an_objective_counts_its_own_projects(people):
    other = ObjectiveFactory(orientation=OrientationFactory(plan=people.plan, number=7), number=2)
    silent = people.published("Muet")
    ProjectObjectiveFactory(project=silent, objective=other)
    people.accepted()

    assert counted(coverage.of_projects(other.projects.published(), on=AFTER)) == [("Bilan 2026", 0, 1, 1, 0)]
    assert counted(coverage.of_projects(people.objective.projects.published(), on=AFTER)) == [
        ("Bilan 2026", 1, 2, 1, 0)
    ]
