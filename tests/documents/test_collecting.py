import dataclasses
import datetime as dt

import pytest
from django.utils import timezone

from csam.documents.collecting import collect
from csam.documents.content import PlanContent, Text
from projects.models import Project
from tests.factories import (
    CommonTargetFactory,
    ContributionFactory,
    DeliverableFactory,
    IndicatorFactory,
    MeasurementFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    ProjectFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 24)


def full(plan, language="fr", on=TODAY):
    return collect(plan=plan, kind="full", language=language, on=on, full=True)


def synthesis(plan, language="fr"):
    return collect(plan=plan, kind="synthesis", language=language, on=TODAY, full=False)


def project(content, slug):
    return next(p for p in content.projects if p.slug == slug)


def test_project_stands_under_its_primary_objective(plan):
    content = full(plan)

    placed = {o.code: [p.slug for p in o.projects] for o in content.objectives}
    assert placed == {"1.1": ["marche-d-hiver"], "1.2": [], "2.1": ["glanage"]}
    assert [p.slug for p in content.unplaced] == ["sans-objectif"]
    assert project(content, "marche-d-hiver").objectives == ("1.1", "2.1")


def test_archived_project_is_left_out(plan):
    Project.objects.filter(slug="glanage").update(archived_at=timezone.now(), archive_reason_fr="Doublon")

    assert "glanage" not in {p.slug for p in full(plan).projects}


def test_contact_without_consent_is_not_collected(plan):
    assert project(full(plan), "marche-d-hiver").sheet.contact_email == ""

    Project.objects.update(contact_consented_on=TODAY)

    assert project(full(plan), "marche-d-hiver").sheet.contact_email == "alice@example.org"


def test_missing_english_falls_back_to_french_and_says_so(plan):
    content = full(plan, "en")

    assert content.title == Text("Integrated Action Plan 2020-2022", "en")
    assert content.vision == Text("Une alimentation saine.", "fr")


def test_lateness_is_judged_on_the_day_given(plan):
    def late(on):
        return [d.is_late for d in project(full(plan, on=on), "marche-d-hiver").sheet.deliverables]

    assert (late(dt.date(2020, 6, 1)), late(TODAY), late(dt.date(2031, 1, 1))) == (
        [False, False],
        [True, False],
        [True, True],
    )


def test_periods_are_written_in_the_language(plan):
    assert project(full(plan), "marche-d-hiver").period == "1er octobre 2020 à 2022"


def test_demonstration_data_is_told(plan):
    assert full(plan).has_demonstration_data

    Project.objects.update(is_demonstration=False)

    assert not full(plan).has_demonstration_data


def test_synthesis_collects_no_sheets(plan):
    assert {p.sheet for p in synthesis(plan).projects} == {None}


def test_content_survives_its_file(plan):
    content = full(plan)

    assert PlanContent.from_bytes(content.to_bytes()) == content


def test_data_hash_changes_with_the_data_but_not_with_the_day(plan):
    before = full(plan)

    assert dataclasses.replace(before, as_of="2020-01-01").data_hash == before.data_hash

    Project.objects.filter(slug="glanage").update(summary_fr="Autrement dit.")
    assert full(plan).data_hash != before.data_hash


@pytest.mark.parametrize("count", [1, 3, 25])
def test_collecting_takes_a_fixed_number_of_queries(count, django_assert_num_queries):
    plan = PlanFactory()
    objective = ObjectiveFactory(orientation=OrientationFactory(plan=plan))
    for _ in range(count):
        row = ProjectFactory(
            plan=plan, objective=objective, lead=OrganizationFactory(), territories=[TerritoryFactory()]
        )
        DeliverableFactory(project=row)
        indicator = IndicatorFactory(project=row)
        MeasurementFactory(indicator=indicator)
        ContributionFactory(common_target=CommonTargetFactory(plan=plan), indicator=indicator)

    with django_assert_num_queries(29):
        full(plan)
