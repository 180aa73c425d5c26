"""What the progress edition of a period says, and what it never says."""

import dataclasses
import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from csam.documents.content import PlanContent, Text
from csam.documents.period_collecting import collect_period
from indicators.models import Measurement, ProgressReport
from indicators.reports import coverage
from projects.models import Deliverable, Project
from tests.documents.periods import accept, open_period, reported
from tests.factories import (
    DeliverableFactory,
    IndicatorFactory,
    MeasurementFactory,
    OrganizationFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 24)
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def period(plan):
    return reported(plan)


def collected(period, language="fr", on=TODAY):
    return collect_period(period=period, language=language, on=on)


def report_of(content, slug="marche-d-hiver"):
    return next(report for report in content.period.reports if report.project == slug)


def states(content):
    return {str(row.title): row.state for row in report_of(content).deliverables}


def test_coverage_is_that_of_the_site(period):
    ProjectFactory(plan=period.plan)

    whole = collected(period).period.whole

    [site] = coverage.of_plan(period.plan, on=TODAY)
    assert (whole.reported, whole.expected, whole.waived) == (1, 2, 1)
    assert (whole.reported, whole.expected, whole.waived) == (site.reported, site.expected, site.waived)


def test_each_orientation_counts_the_projects_that_serve_it(period):
    content = collected(period)

    for number, part in content.period.orientations:
        projects = Project.objects.published().filter(objectives__orientation__number=number).distinct()
        [site] = coverage.of_projects(projects, on=TODAY)
        assert (part.reported, part.expected) == (site.reported, site.expected)


def test_names_who_is_silent_and_who_is_exempted(period):
    ProjectFactory(plan=period.plan)

    found = collected(period).period

    assert (found.silent, found.waived, found.unasked) == (("glanage",), ("sans-objectif",), 1)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_was_written_for_the_council_is_nowhere(period, language):
    """Difficulties and needs of what was accepted, why a project is exempted, and every text not accepted."""
    secret = {"narrative_fr": "Motcanari", "learned_fr": "Motcanari"}
    for state, slug in (("draft", "glanage"), ("submitted", "autre")):
        project = Project.objects.filter(slug=slug).first() or ProjectFactory(plan=period.plan, slug=slug)
        ProgressReport.objects.update_or_create(
            period=period,
            project=project,
            defaults={"state": state, "content": secret, "submitted_at": NOON},
        )
    ProgressReport.objects.filter(project__slug="marche-d-hiver").update(state="draft", content=secret)
    hidden = ProjectFactory(plan=period.plan, slug="archive", archived_at=NOON, archive_reason_fr="Fini")
    accept(period, hidden, narrative_fr="Motcanari")

    said = repr(dataclasses.asdict(collected(period, language)))

    assert "Dix marchés ont eu lieu" in said
    assert "Motcanari" not in said
    assert "archive" not in said


def test_says_what_the_project_reported(period):
    content = collected(period)

    report = report_of(content)
    assert str(report.learned) == "Le jeudi convient mieux."
    meals, presence = report.values
    assert (str(meals.title), meals.figure, str(meals.note)) == (
        "Repas servis", "1 260 repas".replace(" ", "\u00a0", 1), "Sans les goûters.",
    )  # fmt: skip
    assert meals.aimed.measured.value == "1260.0000"
    assert (presence.figure, presence.absence) == ("", "non recueillie")


def test_text_in_one_language_only_is_told_in_it(period):
    accept(period, Project.objects.get(slug="glanage"), narrative_fr="", narrative_en="We gleaned.")

    assert report_of(collected(period), "glanage").narrative == Text("We gleaned.", "en")
    assert report_of(collected(period, "en")).narrative.language == "fr"


class TestDeliverables:
    def test_those_whose_state_changed_since_the_report_before(self, period):
        market = Project.objects.get(slug="marche-d-hiver")
        summary = Deliverable.objects.get(project=market, title_fr="Bilan")
        before = open_period(period.plan, year=2025)

        assert states(collected(period)) == {"Guide": "delivered", "Bilan": "under_way"}

        accept(before, market, deliverables=[{"id": summary.pk, "state": "under_way"}])
        assert states(collected(period)) == {"Guide": "delivered"}

    def test_one_delivered_in_the_period_is_told_although_the_report_is_silent(self, period):
        market = Project.objects.get(slug="marche-d-hiver")
        for day in (dt.date(2026, 3, 1), dt.date(2025, 3, 1), dt.date(2026, 12, 1)):
            DeliverableFactory(
                project=market, title_fr=f"Livré le {day}", state="delivered", delivered_on=day
            )

        assert "Livré le 2026-03-01" in states(collected(period))
        assert "Livré le 2025-03-01" not in states(collected(period))
        assert "Livré le 2026-12-01" not in states(collected(period))

    def test_late_is_judged_at_the_end_of_the_period(self, period):
        """What was delivered after it was still expected then; what is due later is not late yet."""
        project = Project.objects.get(slug="glanage")
        late = {"project": project, "due_on": dt.date(2026, 6, 1)}
        DeliverableFactory(**late, state="delivered", delivered_on=dt.date(2027, 1, 15))
        DeliverableFactory(**late)
        DeliverableFactory(**late, state="dropped")
        DeliverableFactory(project=project, due_on=dt.date(2027, 1, 10))

        part = collected(period, on=dt.date(2027, 3, 1)).period.whole

        assert (part.delivered, part.late) == (1, 2)


def test_common_targets_on_the_eve_and_at_the_end(period):
    meals = Measurement.objects.get(indicator__slug="repas").indicator
    MeasurementFactory(indicator=meals, measured_on=dt.date(2027, 1, 31), value=9000)

    content = collected(period, on=dt.date(2027, 3, 1))

    whole = next(row for row in content.period.targets if not row.now.objective)
    assert (whole.then.reported, whole.then.expected, whole.then.aimed.measured.value) == (0, 1, "")
    assert (whole.now.reported, whole.now.expected) == (1, 1)
    assert whole.now.aimed.measured.progress.value == 1260 - 20
    assert content.period.measured_on == "2026-12-31"


def test_values_kept_read_the_same(period):
    content = collected(period)

    assert PlanContent.from_bytes(content.to_bytes()) == content


def test_only_what_it_prints_makes_another_edition(period):
    before = collected(period).data_hash

    Project.objects.filter(slug="glanage").update(summary_fr="Autre résumé")
    period.plan.introduction_fr = "Autre"
    period.plan.save()
    assert collected(period).data_hash == before

    accept(period, Project.objects.get(slug="glanage"))
    assert collected(period).data_hash != before


def test_takes_a_fixed_number_of_queries(period):
    def queries():
        with CaptureQueriesContext(connection) as found:
            collected(period)
        return len(found)

    before = queries()
    objective = Project.objects.get(slug="glanage").objective_ties.first().objective
    for _ in range(3):
        project = ProjectFactory(plan=period.plan, objective=objective, lead=OrganizationFactory())
        deliverable = DeliverableFactory(project=project)
        indicator = IndicatorFactory(project=project)
        MeasurementFactory(indicator=indicator, measured_on=dt.date(2026, 6, 30))
        accept(
            period,
            project,
            deliverables=[{"id": deliverable.pk, "state": "under_way"}],
            values=[{"key": indicator.slug, "value": "3"}],
        )

    assert queries() == before
