import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from indicators import defining
from indicators.models import IndicatorDefinition
from tests.factories import IndicatorFactory, MeasurementFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def alice():
    return UserFactory(name="Alice", is_staff=True, is_superuser=True)


def proposal(indicator, by, **changes):
    old = indicator.definition
    content = {"title_fr": old.title_fr, "unit_fr": old.unit_fr, "baseline": old.baseline}
    content |= {
        "baseline_on": old.baseline_on,
        "target": 150,
        "target_on": old.target_on,
        "reason": "Plus ambitieux.",
    }
    return defining.propose(
        definition=IndicatorDefinition(**content | changes), indicator=indicator, by=by, at=NOW
    )


def test_a_proposal_changes_nothing_public(alice):
    indicator = IndicatorFactory(target=100)

    proposal(indicator, alice)

    indicator.refresh_from_db()
    assert indicator.definition.target == 100


def test_approval_puts_the_definition_in_force_and_keeps_the_old(alice):
    indicator = IndicatorFactory(target=100)
    measurement = MeasurementFactory(indicator=indicator)

    defining.approve(definition=proposal(indicator, alice), by=alice, at=NOW)

    indicator.refresh_from_db()
    measurement.refresh_from_db()
    assert (indicator.definition.number, indicator.definition.target) == (2, 150)
    assert (measurement.definition.number, measurement.definition.target) == (1, 100)
    assert indicator.definition.decided_by == alice


@pytest.mark.parametrize(
    ("changes", "values"),
    [({}, [60]), ({"unit_fr": "kg"}, []), ({"kind": "running_total"}, []), ({"breaks_series": True}, [])],
)
def test_values_of_another_unit_or_kind_are_not_mixed_with_the_new(alice, changes, values):
    indicator = IndicatorFactory()
    MeasurementFactory(indicator=indicator, value=60)

    defining.approve(definition=proposal(indicator, alice, **changes), by=alice, at=NOW)

    indicator.refresh_from_db()
    assert [reading.value for reading in indicator.readings()] == values


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": ""}, "Une définition change avec un motif."),
        ({"target": 20}, "La cible est égale à la valeur de départ"),
        ({"target": 10}, "La cible est du mauvais côté"),
        ({"direction": "maintain"}, "Pour maintenir, indiquez au moins une limite."),
        ({"baseline": None}, "Une valeur de départ connue porte une valeur et une date"),
        ({"target_on": None}, "Une cible porte une date."),
    ],
)
def test_a_definition_that_allows_no_answer_is_refused(alice, changes, message):
    indicator = IndicatorFactory()

    with pytest.raises(ValidationError, match=message):
        proposal(indicator, alice, **changes)


def test_one_proposal_waits_at_a_time(alice):
    indicator = IndicatorFactory()
    proposal(indicator, alice)

    with pytest.raises(ValidationError, match="attend déjà une décision"):
        proposal(indicator, alice)


def test_a_decision_is_made_once_by_who_may(alice):
    indicator = IndicatorFactory()
    definition = proposal(indicator, alice)

    with pytest.raises(PermissionDenied):
        defining.approve(definition=definition, by=UserFactory(name="Charlie"), at=NOW)
    defining.decline(definition=definition, by=alice, at=NOW)
    with pytest.raises(defining.AlreadyDecidedError):
        defining.approve(definition=definition, by=alice, at=NOW)

    indicator.refresh_from_db()
    assert indicator.definition.number == 1
