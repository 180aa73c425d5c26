import pytest
from django.utils import timezone

from indicators import proposals
from indicators.models import Indicator, IndicatorDefinition
from indicators.proposals import ProposalError
from tests.factories import IndicatorFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ROW = {
    "title_fr": "Repas servis",
    "title_en": "Meals served",
    "kind": "running_total",
    "unit_fr": "repas",
    "baseline": "0",
    "baseline_on": "2024-12-31",
    "target": "1200.5",
    "target_on": "2028-12-31",
    "interim": [{"on": "2026-12-31", "value": "500"}],
}


def apply(project, *rows):
    return proposals.apply(project=project, rows=list(rows), by=UserFactory(), at=NOW)


def test_a_new_row_makes_an_indicator_in_force():
    project = ProjectFactory()

    [indicator] = apply(project, ROW)

    definition = indicator.definition
    assert (indicator.slug, definition.state, definition.number) == ("repas-servis", "approved", 1)
    assert (str(definition.target), definition.title_en) == ("1200.5", "Meals served")
    assert [str(i.value) for i in Indicator.objects.get().definition.interim_targets.all()] == ["500.0000"]
    assert Indicator.objects.published().search("repas").get() == indicator


def test_an_equal_row_changes_nothing():
    project = ProjectFactory()
    apply(project, ROW)

    apply(project, ROW | {"key": "repas-servis"})

    assert IndicatorDefinition.objects.count() == 1


def test_a_changed_row_makes_a_new_version_with_its_reason():
    project = ProjectFactory()
    apply(project, ROW)

    [indicator] = apply(
        project, {"key": "repas-servis", "target": "2000", "reason": "Deux cuisines de plus."}
    )

    assert (indicator.definition.number, indicator.definition.reason) == (2, "Deux cuisines de plus.")
    assert (indicator.definition.unit_fr, len(indicator.definition.aim.interim)) == ("repas", 1)


def test_an_indicator_that_no_row_names_stays():
    indicator = IndicatorFactory()

    apply(indicator.project, ROW)

    assert indicator.project.indicators.published().count() == 2


def test_two_of_one_name_have_two_addresses():
    one, other = apply(ProjectFactory(), ROW, ROW)

    assert (one.slug, other.slug) == ("repas-servis", "repas-servis-2")


def test_a_wrong_row_is_told_and_nothing_is_half_done():
    stranger = IndicatorFactory()
    project = ProjectFactory()

    with pytest.raises(ProposalError) as refused:
        apply(project, ROW, ROW | {"target": "beaucoup"}, ROW | {"key": stranger.slug}, ROW | {"target": "0"})

    assert [(number, field) for number, field, _message in refused.value.problems] == [
        (2, "target"),
        (3, "key"),
        (4, ""),
    ]
    assert not project.indicators.exists()
