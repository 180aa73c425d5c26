import datetime as dt

import pytest
from django.utils import timezone

from indicators import registrations
from indicators.models import Indicator, IndicatorDefinition
from projects.registrations import applying, completeness, content
from tests.factories import IndicatorFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()
ROW = {
    "name_fr": "Repas servis",
    "unit": "repas",
    "kind": "level",
    "direction": "increase",
    "baseline": "1 200,5",
    "target": "2000",
    "target_on": "2028",
}


def apply(project, *rows):
    registrations.apply_content(project=project, content={"indicators": list(rows)}, by=UserFactory(), at=NOW)


def problems(**changes):
    found = registrations.problems_of({"starts": "2026-01-15", "indicators": [ROW | changes]})
    return [(p.row, p.column, str(p.message)) for p in found]


def test_the_form_of_registrations_knows_of_indicators():
    assert registrations.rows_of in content.read_indicators
    assert registrations.problems_of in completeness.more_rules
    assert registrations.apply_content in applying.also_apply


def test_an_approved_row_becomes_an_indicator_in_force():
    project = ProjectFactory(starts_on=dt.date(2026, 1, 15), is_demonstration=True)

    apply(project, ROW)

    indicator = Indicator.objects.get()
    definition = indicator.definition
    assert (definition.title_fr, definition.unit_fr, str(definition.baseline)) == (
        "Repas servis",
        "repas",
        "1200.5000",
    )
    assert (definition.baseline_on, definition.target_on) == (dt.date(2026, 1, 15), dt.date(2028, 12, 31))
    assert indicator.is_demonstration


def test_what_a_project_has_comes_back_as_rows_that_change_nothing():
    project = ProjectFactory()
    apply(
        project,
        ROW,
        ROW | {"kind": "increment", "baseline": ""},
        ROW | {"direction": "maintain", "target_on": ""},
    )
    count = IndicatorDefinition.objects.count()

    rows = registrations.rows_of(project)
    apply(project, *rows)

    assert IndicatorDefinition.objects.count() == count == 3
    assert [row["baseline"] for row in rows] == ["1200.5", "", "1200.5"]


def test_a_row_that_says_more_than_the_form_keeps_the_rest():
    indicator = IndicatorFactory(source_fr="Registre", frequency="monthly", decimals=2)
    [row] = registrations.rows_of(indicator.project)

    apply(indicator.project, row | {"target": "150", "reason": "Deux cuisines de plus."})

    indicator.refresh_from_db()
    definition = indicator.definition
    assert (definition.number, definition.target, definition.reason) == (2, 150, "Deux cuisines de plus.")
    assert (definition.source_fr, definition.frequency, definition.decimals) == ("Registre", "monthly", 2)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"baseline": "0"}, "known"),
        ({"baseline": ""}, "pending"),
        ({"baseline": "", "kind": "increment"}, "not_applicable"),
        ({"baseline": "", "direction": "observe", "target": "", "target_on": ""}, "not_applicable"),
    ],
)
def test_a_baseline_that_is_not_told_is_not_zero(changes, status):
    apply(ProjectFactory(starts_on=dt.date(2026, 1, 15)), ROW | changes)

    assert IndicatorDefinition.objects.get().baseline_status == status


@pytest.mark.parametrize(
    ("changes", "column", "message"),
    [
        ({"target": "beaucoup"}, "target", "« beaucoup » n'est pas un nombre."),
        ({"baseline": "nan"}, "baseline", "« nan » n'est pas un nombre."),
        ({"target_on": "bientôt"}, "target_on", "n'est pas une date lisible"),
        ({"target_on": ""}, "target_on", "Une cible porte une date."),
        ({"target": "1200.5"}, "name_fr", "La cible est égale à la valeur de départ"),
        ({"target": "3"}, "name_fr", "La cible est du mauvais côté"),
        ({"target_on": "2025"}, "name_fr", "La date de la cible suit celle de départ."),
        ({"unit": "x" * 80}, "unit", "60"),
        ({"kind": "autre"}, "kind", "autre"),
    ],
)
def test_a_row_that_cannot_be_is_told_beside_its_column(changes, column, message):
    found = problems(**changes)

    assert [(row, where) for row, where, _text in found] == [(0, column)]
    assert message in found[0][2]


def test_a_good_row_and_an_empty_one_have_no_problem():
    assert problems() == []
    assert problems(name_fr="", target="beaucoup") == []
