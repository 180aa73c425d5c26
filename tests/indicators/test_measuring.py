import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from indicators import measuring
from indicators.models import Measurement
from tests.factories import IndicatorFactory, MeasurementFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()
END_2026, ON = dt.date(2026, 12, 31), dt.date(2027, 1, 31)
State = Measurement.State


@pytest.fixture
def alice():
    return UserFactory(name="Alice", is_staff=True, is_superuser=True)


def current(indicator):
    return type(indicator).objects.with_progress().get(pk=indicator.pk).progress(on=ON).value


@pytest.mark.parametrize("state", [s for s in State if s != State.ACCEPTED])
def test_only_accepted_values_count(state):
    indicator = IndicatorFactory()
    MeasurementFactory(indicator=indicator, measured_on=dt.date(2025, 12, 31), value=40)
    MeasurementFactory(indicator=indicator, value=90, state=state, refusal="Non.")

    assert current(indicator) == 40


def test_accepting_makes_a_value_public(alice):
    measurement = MeasurementFactory(state=State.SUBMITTED)

    measuring.accept(measurement=measurement, by=alice, at=NOW)

    measurement.refresh_from_db()
    assert (measurement.state, measurement.decided_by, current(measurement.indicator)) == (
        State.ACCEPTED,
        alice,
        60,
    )


def test_a_correction_replaces_once_accepted(alice):
    old = MeasurementFactory(value=60)

    new = measuring.correct(measurement=old, by=alice, at=NOW, value=55)
    before = current(old.indicator)
    measuring.accept(measurement=new, by=alice, at=NOW)

    old.refresh_from_db()
    assert (before, current(old.indicator)) == (60, 55)
    assert (old.state, old.value, new.version) == (State.REPLACED, 60, 2)


def test_after_a_refusal_the_value_can_be_corrected_again(alice):
    old = MeasurementFactory(value=60)
    first = measuring.correct(measurement=old, by=alice, at=NOW, value=600)
    with pytest.raises(measuring.RefusedMoveError, match="attend déjà"):
        measuring.correct(measurement=old, by=alice, at=NOW, value=61)
    measuring.refuse(measurement=first, by=alice, at=NOW, reason="Un zéro de trop.")

    second = measuring.correct(measurement=old, by=alice, at=NOW, value=61)
    measuring.accept(measurement=second, by=alice, at=NOW)

    assert current(old.indicator) == 61


def test_a_date_has_one_accepted_value(alice):
    first = MeasurementFactory()
    second = MeasurementFactory(indicator=first.indicator, state=State.SUBMITTED)

    with pytest.raises(measuring.RefusedMoveError, match="corrigez-la"):
        measuring.accept(measurement=second, by=alice, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.filter(pk=second.pk).update(state=State.ACCEPTED)


def test_refusing_takes_a_reason_and_leaves_what_is_public(alice):
    measurement = MeasurementFactory(state=State.SUBMITTED)

    with pytest.raises(measuring.RefusedMoveError):
        measuring.refuse(measurement=measurement, by=alice, at=NOW, reason=" ")
    measuring.refuse(measurement=measurement, by=alice, at=NOW, reason="Mauvaise unité.")

    measurement.refresh_from_db()
    assert (measurement.state, measurement.refusal) == (State.REFUSED, "Mauvaise unité.")


def test_a_decided_measurement_is_not_decided_again(alice):
    measurement = MeasurementFactory()

    with pytest.raises(measuring.RefusedMoveError):
        measuring.refuse(measurement=measurement, by=alice, at=NOW, reason="Trop tard.")


def test_a_stranger_decides_nothing():
    measurement = MeasurementFactory(state=State.SUBMITTED)

    with pytest.raises(PermissionDenied):
        measuring.accept(measurement=measurement, by=UserFactory(name="Charlie"), at=NOW)


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("level", {"value": None}, "Donnez une valeur"),
        ("level", {"value": None, "numerator": 1, "denominator": 2}, "attend une valeur seule"),
        ("ratio", {"value": 12}, "attend un numérateur et un dénominateur"),
        ("ratio", {"value": None, "numerator": 1, "denominator": 0}, "plus grand que zéro"),
        ("level", {"starts_on": dt.date(2027, 1, 1)}, "finit après son début"),
    ],
)
def test_what_says_nothing_or_goes_against_its_kind_is_refused(alice, kind, content, problem):
    indicator = IndicatorFactory(kind=kind)
    measurement = MeasurementFactory.build(indicator=indicator, definition=indicator.definition, **content)

    with pytest.raises(ValidationError, match=problem):
        measuring.submit(measurement=measurement, by=alice, at=NOW)


@pytest.mark.parametrize("content", [{"value": 0}, {"value": None, "absence": "not_yet"}])
def test_a_zero_is_an_answer_and_so_is_a_reason(alice, content):
    indicator = IndicatorFactory()
    measurement = MeasurementFactory.build(indicator=indicator, definition=indicator.definition, **content)

    measuring.submit(measurement=measurement, by=alice, at=NOW)

    assert Measurement.objects.get().state == State.SUBMITTED


def looks_wrong(name, *values, last, **definition):
    """Whether the last value, after the others, is in that set."""
    indicator = IndicatorFactory(**definition)
    for year, value in enumerate(values, start=2020):
        MeasurementFactory(indicator=indicator, measured_on=dt.date(year, 12, 31), value=value)
    measurement = MeasurementFactory(indicator=indicator, value=last, state=State.SUBMITTED)
    return getattr(Measurement.objects.awaiting(), name)().filter(pk=measurement.pk).exists()


@pytest.mark.parametrize(
    ("name", "values", "last", "definition", "expected"),
    [
        ("jumps", (40, 50), 400, {}, True),
        ("jumps", (40, 50), 90, {}, False),
        ("jumps", (40, 50), 3, {}, True),
        ("jumps", (), 400, {}, False),
        ("doubtful_unit", (4, 5), 5000, {}, True),
        ("doubtful_unit", (4000, 5000), 5, {}, True),
        ("doubtful_unit", (4, 5), 20, {}, False),
        ("doubtful_unit", (), "0.4", {"unit_fr": "%"}, True),
        ("below_zero", (), -3, {}, True),
        ("below_zero", (), 0, {}, False),
        ("regressions", (40, 50), 45, {}, True),
        ("regressions", (40, 50), 55, {}, False),
        ("regressions", (40, 50), 45, {"direction": "decrease", "target": 5}, False),
        ("regressions", (40, 50), 55, {"direction": "decrease", "target": 5}, True),
        ("regressions", (40, 50), 45, {"kind": "running_total"}, True),
        ("regressions", (40, 50), 5, {"kind": "increment"}, False),
    ],
)
def test_values_that_look_wrong_are_found(name, values, last, definition, expected):
    assert looks_wrong(name, *values, last=last, **definition) is expected


def test_a_date_in_the_future_is_found():
    measurement = MeasurementFactory(measured_on=END_2026)

    assert Measurement.objects.future(on=dt.date(2026, 12, 30)).get() == measurement
    assert not Measurement.objects.future(on=END_2026).exists()
