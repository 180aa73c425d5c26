"""The golden table of the design first; then what must hold for any input."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.progress import Aim, Progress, Reading, progress, rounded
from indicators.vocabulary import BaselineStatus, Direction, Frequency, Kind, Status

START, END = dt.date(2024, 12, 31), dt.date(2028, 12, 31)
HALFWAY, LATER = dt.date(2026, 12, 31), dt.date(2029, 1, 15)


def aim(baseline="0", target="100", direction=Direction.INCREASE, kind=Kind.LEVEL, **others):
    number = lambda text: None if text is None else Decimal(text)  # noqa: E731
    return Aim(
        kind=kind,
        direction=direction,
        baseline=number(baseline),
        baseline_on=START,
        target=number(target),
        target_on=END,
        **others,
    )


def at_halfway(*values):
    """Values a year apart, the last of them halfway."""
    years = range(HALFWAY.year - len(values) + 1, HALFWAY.year + 1)
    return [Reading(dt.date(y, 12, 31), Decimal(v)) for y, v in zip(years, values, strict=True)]


def down(baseline, target):
    return aim(baseline, target, Direction.DECREASE)


def kept(low, high=None, tolerance="0"):
    return Aim(
        direction=Direction.MAINTAIN,
        band_low=Decimal(low),
        band_high=Decimal(high) if high else None,
        tolerance=Decimal(tolerance),
    )


GOLDEN = [
    ("up", aim("40", "80"), at_halfway("62"), "55.00", "1.10", Status.ON_TRACK, "55 %"),
    ("down", down("100", "60"), at_halfway("90"), "25.00", "0.50", Status.BEHIND, "25 %"),
    ("down to zero", down("50", "0"), at_halfway("20"), "60.00", "1.20", Status.ON_TRACK, "60 %"),
    ("the wrong way", down("100", "60"), at_halfway("108"), "-20.00", "-0.40", Status.REGRESSING, "−20 %"),
    (
        "increments",
        aim("0", "1000", kind=Kind.INCREMENT),
        at_halfway("150", "200"),
        "35.00",
        "0.70",
        Status.AT_RISK,
        "35 %",
    ),
    (
        "increment of zero",
        aim("0", "1000", kind=Kind.INCREMENT),
        at_halfway("0"),
        "0.00",
        "0.00",
        Status.BEHIND,
        "0 %",
    ),
    (
        "running total",
        aim("0", "1000", kind=Kind.RUNNING_TOTAL),
        at_halfway("150", "350"),
        "35.00",
        "0.70",
        Status.AT_RISK,
        "35 %",
    ),
    (
        "ratio",
        aim("20", "80", kind=Kind.RATIO),
        [Reading(HALFWAY, numerator=Decimal(30), denominator=Decimal(50))],
        "66.67",
        "1.33",
        Status.ON_TRACK,
        "67 %",
    ),
    ("no value", aim("40", "80"), [], None, None, Status.NO_DATA, "sans donnée"),
    (
        "no baseline",
        aim(None, "80"),
        at_halfway("62"),
        None,
        None,
        Status.NO_BASELINE,
        "sans valeur de départ",
    ),
    (
        "keep at least",
        kept("80", tolerance="2"),
        at_halfway("83", "79"),
        "50.00",
        None,
        Status.AT_RISK,
        "respecté 1 fois sur 2",
    ),
    (
        "keep in a band",
        kept("5", "8"),
        at_halfway("6", "7"),
        "100.00",
        None,
        Status.ON_TRACK,
        "respecté 2 fois sur 2",
    ),
    ("beyond the target", aim("40", "80"), at_halfway("92"), "130.00", "2.60", Status.ACHIEVED, "130 %"),
    (
        "interim target",
        aim("0", "100", interim=((HALFWAY, Decimal(20)),)),
        at_halfway("18"),
        "18.00",
        "0.90",
        Status.ON_TRACK,
        "18 %",
    ),
    (
        "after the end",
        aim("40", "80"),
        [Reading(END, Decimal(79))],
        "97.50",
        "0.98",
        Status.NOT_ACHIEVED,
        "98 %",
    ),
    ("across zero", aim("-10", "10"), at_halfway("-2"), "40.00", "0.80", Status.AT_RISK, "40 %"),
    (
        "target is baseline",
        aim("40", "40"),
        at_halfway("40"),
        None,
        None,
        Status.REFUSED,
        "définition à revoir",
    ),
    ("nearly", aim("0", "1000"), at_halfway("996"), "99.60", "1.99", Status.ON_TRACK, "99 %"),
]


def two_places(value):
    return None if value is None else f"{value:.2f}"


@pytest.mark.parametrize(
    ("aim", "readings", "percent", "ratio", "status", "label"),
    [pytest.param(*case[1:], id=case[0]) for case in GOLDEN],
)
def test_golden_values(aim, readings, percent, ratio, status, label):
    on = LATER if readings and readings[-1].on == END else HALFWAY

    found = progress(aim, readings, on=on)

    assert (two_places(found.percent), two_places(found.ratio), found.status, found.label) == (
        percent,
        ratio,
        status,
        label,
    )


# What the table leaves open --------------------------------------------------------------------------------


def test_a_reported_zero_is_a_value_and_silence_is_not():
    zero = progress(aim("40", "80", Direction.INCREASE), at_halfway("0"), on=HALFWAY)
    silent = progress(aim("40", "80"), [Reading(HALFWAY)], on=HALFWAY)

    assert (zero.value, zero.percent, zero.status) == (0, -100, Status.REGRESSING)
    assert silent == Progress(Status.NO_DATA)


def test_a_value_that_is_not_yet_known_on_that_day_is_left_out():
    readings = at_halfway("150", "350")

    before = progress(aim("0", "1000"), readings, on=dt.date(2026, 1, 1))

    assert (before.value, before.value_on) == (150, dt.date(2025, 12, 31))


def test_little_is_expected_at_the_beginning():
    early = dt.date(2025, 3, 1)

    found = progress(aim("0", "100"), [Reading(early, Decimal(1))], on=early)

    assert found.status == Status.TOO_EARLY


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (BaselineStatus.PENDING, Kind.LEVEL, Status.NO_BASELINE),
        (BaselineStatus.NOT_APPLICABLE, Kind.LEVEL, Status.NO_BASELINE),
        (BaselineStatus.NOT_APPLICABLE, Kind.INCREMENT, Status.ON_TRACK),
        (BaselineStatus.NOT_APPLICABLE, Kind.RUNNING_TOTAL, Status.ON_TRACK),
    ],
)
def test_only_what_is_counted_starts_from_zero_without_a_baseline(status, kind, expected):
    definition = aim(None, "100", kind=kind, baseline_status=status)

    assert progress(definition, at_halfway("60"), on=HALFWAY).status == expected


def test_a_milestone_is_not_late_before_its_date():
    milestone = aim(None, None, kind=Kind.MILESTONE, baseline_status=BaselineStatus.NOT_APPLICABLE)
    before, after = END - dt.timedelta(days=1), END + dt.timedelta(days=1)
    not_yet = [Reading(HALFWAY, Decimal(0))]

    assert progress(milestone, not_yet, on=before).status == Status.ON_TRACK
    assert progress(milestone, not_yet, on=after).status == Status.NOT_ACHIEVED
    assert progress(milestone, [Reading(HALFWAY, Decimal(1))], on=before).status == Status.ACHIEVED


def test_what_is_observed_or_judged_has_no_percentage():
    observed = progress(replace(aim(), direction=Direction.OBSERVE), at_halfway("60"), on=HALFWAY)
    judged = progress(Aim(kind=Kind.QUALITATIVE), [Reading(HALFWAY)], on=HALFWAY)

    assert (observed.status, observed.value, observed.percent) == (Status.OBSERVED, 60, None)
    assert (judged.status, judged.value_on, judged.percent) == (Status.OBSERVED, HALFWAY, None)


def test_a_target_against_its_direction_is_refused():
    assert progress(aim("80", "40"), at_halfway("62"), on=HALFWAY).status == Status.REFUSED


def test_a_target_without_a_date_is_never_late():
    undated = replace(aim("0", "100"), target_on=None)

    found = [progress(undated, at_halfway(v), on=HALFWAY).status for v in ("-1", "1", "100")]

    assert found == [Status.REGRESSING, Status.NO_TARGET, Status.ACHIEVED]


@pytest.mark.parametrize(
    ("frequency", "days", "is_stale"),
    [
        (Frequency.YEARLY, 366 + 45, False),
        (Frequency.YEARLY, 366 + 46, True),
        (Frequency.QUARTERLY, 200, True),
        (Frequency.ONCE, 5000, False),
    ],
)
def test_a_value_grows_stale_with_its_frequency(frequency, days, is_stale):
    definition = replace(aim(frequency=frequency), target_on=dt.date(2050, 1, 1))

    found = progress(definition, at_halfway("10"), on=HALFWAY + dt.timedelta(days=days))

    assert found.is_stale is is_stale


def test_the_last_value_of_an_indicator_does_not_grow_stale():
    found = progress(aim(), [Reading(END, Decimal(100))], on=dt.date(2040, 1, 1))

    assert not found.is_stale


@pytest.mark.parametrize(
    ("percent", "whole"),
    [
        ("0", 0),
        ("0.4", 1),
        ("-0.4", -1),
        ("99.6", 99),
        ("100", 100),
        ("100.2", 101),
        ("97.5", 98),
        ("-20", -20),
    ],
)
def test_the_label_is_zero_or_a_hundred_only_when_exact(percent, whole):
    assert rounded(Decimal(percent)) == whole


def test_the_bar_is_clamped_and_the_label_is_not():
    above, below = (progress(aim("40", "80"), at_halfway(v), on=HALFWAY) for v in ("92", "32"))

    assert (above.bar, above.label, below.bar, below.label) == (100, "130 %", 0, "−20 %")


def test_the_label_follows_the_language():
    found = progress(aim("40", "80"), at_halfway("62"), on=HALFWAY)

    with translation.override("en"):
        assert found.label == "55%"


# For any input ---------------------------------------------------------------------------------------------

#: A busy machine is no failure.
patient = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
plain = st.decimals(-(10**12), 10**12, places=4)
present = st.one_of(st.decimals(), plain)
wild = st.none() | present
dates = st.dates(dt.date(2015, 1, 1), dt.date(2035, 1, 1))
aims = st.builds(
    Aim,
    kind=st.sampled_from(Kind.values),
    direction=st.sampled_from(Direction.values),
    baseline=wild,
    baseline_on=st.none() | dates,
    baseline_status=st.sampled_from(BaselineStatus.values),
    target=wild,
    target_on=st.none() | dates,
    interim=st.lists(st.tuples(dates, present), max_size=3).map(tuple),
    band_low=wild,
    band_high=wild,
    tolerance=present,
    frequency=st.sampled_from([*Frequency.values, ""]),
)
readings = st.lists(
    st.builds(Reading, on=dates, value=wild, numerator=wild, denominator=wild, is_accepted=st.booleans()),
    max_size=6,
)


@patient
@given(aims, readings, dates)
def test_any_input_gives_an_answer_in_numbers(aim, readings, on):
    found = progress(aim, readings, on=on)

    numbers = (found.value, found.percent, found.expected, found.expected_value, found.ratio)
    assert all(n is None or n.is_finite() for n in (*numbers, *(p.value for p in found.series)))
    assert found.status in Status
    assert found.label
    assert found.bar is None or 0 <= found.bar <= 100


@patient
@given(aims, readings, readings, dates)
def test_values_that_are_not_accepted_change_nothing(aim, readings, others, on):
    refused = [replace(reading, is_accepted=False) for reading in others]

    assert progress(aim, [*readings, *refused], on=on) == progress(aim, readings, on=on)


@patient
@given(plain, plain, plain, st.decimals("0.0001", "10000", places=4), st.sampled_from(["level", "increment"]))
def test_a_change_of_unit_changes_nothing(baseline, target, value, factor, kind):
    direction = Direction.INCREASE if target > baseline else Direction.DECREASE
    interim = (HALFWAY, (baseline + target) / 4)
    one = aim(baseline, target, direction, kind, interim=(interim,))
    other = aim(
        baseline * factor, target * factor, direction, kind, interim=((HALFWAY, interim[1] * factor),)
    )

    found = progress(one, [Reading(HALFWAY, value)], on=HALFWAY)
    scaled = progress(other, [Reading(HALFWAY, value * factor)], on=HALFWAY)

    assert (scaled.status, scaled.percent, scaled.label) == (found.status, found.percent, found.label)


@patient
@given(plain, plain, plain, plain)
def test_more_in_the_right_direction_is_never_less_progress(baseline, target, one, other):
    direction = Direction.INCREASE if target > baseline else Direction.DECREASE
    worse, better = sorted((one, other), reverse=direction == Direction.DECREASE)

    found = [
        progress(aim(baseline, target, direction), [Reading(HALFWAY, v)], on=HALFWAY).percent
        for v in (worse, better)
    ]

    assert found == [None, None] if baseline == target else found[0] <= found[1]
