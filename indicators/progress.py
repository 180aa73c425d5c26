"""The one function that computes progress: pages, documents, exports and the API all call it.

The rules and the golden table that tests hold it to are section 6 of the design. Formula, for increase and
for decrease alike, with baseline B, target T and current value V::

    P = 100 · (V − B) / (T − B)

which is the share of the way that is done (OECD, « Glossary of Key Terms in Evaluation »: progress is read
against baseline and target, never as a share of the target alone: 100 → 60, now 90, is 25 % and not 150 %).
No value is never zero; a reported zero is a value.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from django.utils.translation import gettext as _

from indicators.vocabulary import COUNTED, BaselineStatus, Direction, Frequency, Kind, Status

#: Shares of what is expected from which an indicator is on track, and at risk.
ON_TRACK_FROM, AT_RISK_FROM = Decimal("0.85"), Decimal("0.60")
#: Percent of the way expected under which being late says nothing yet.
TOO_EARLY_UNDER = Decimal(10)
#: Days between two values, by frequency; a value is stale when the next one is this late.
INTERVALS = {
    Frequency.MONTHLY: 31,
    Frequency.QUARTERLY: 92,
    Frequency.HALF_YEARLY: 184,
    Frequency.YEARLY: 366,
}
GRACE = 45

_EXACT = Context(prec=60)
_LARGEST = Decimal("1E+25")
_ZERO, _HUNDRED = Decimal(0), Decimal(100)


@dataclass(frozen=True)
class Aim:
    """What an indicator is and aims at. ``interim`` holds (date, value); a band may lack one end."""

    kind: str = Kind.LEVEL
    direction: str = Direction.INCREASE
    baseline: Decimal | None = None
    baseline_on: dt.date | None = None
    baseline_status: str = BaselineStatus.KNOWN
    target: Decimal | None = None
    target_on: dt.date | None = None
    interim: tuple[tuple[dt.date, Decimal], ...] = ()
    band_low: Decimal | None = None
    band_high: Decimal | None = None
    tolerance: Decimal = _ZERO
    frequency: str = Frequency.YEARLY


@dataclass(frozen=True)
class Reading:
    """A measurement: a value, or numerator and denominator for a ratio, or neither (a reason was given)."""

    on: dt.date
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    is_accepted: bool = True


@dataclass(frozen=True)
class Point:
    on: dt.date
    value: Decimal


@dataclass(frozen=True)
class Progress:
    """``percent`` is P; ``expected`` the P of the expected path at the date of the value; ``ratio`` is P / expected.

    ``series`` holds the current value after each reading, ``path`` the expected path from baseline to target.
    ``kept`` of ``reported`` readings were inside the band, where the aim is to maintain.
    """

    status: Status
    value: Decimal | None = None
    value_on: dt.date | None = None
    percent: Decimal | None = None
    expected: Decimal | None = None
    expected_value: Decimal | None = None
    ratio: Decimal | None = None
    kept: int | None = None
    reported: int = 0
    is_stale: bool = False
    series: tuple[Point, ...] = ()
    path: tuple[Point, ...] = ()

    @property
    def label(self) -> str:
        """« 55 % », « −20 % », « respecté 3 fois sur 4 »; the status where there is no percentage."""
        if self.kept is not None:
            return _("respecté %(kept)d fois sur %(reported)d") % {
                "kept": self.kept,
                "reported": self.reported,
            }
        if self.percent is None:
            return str(self.status.label)
        return _("%(number)s %%") % {"number": str(rounded(self.percent)).replace("-", "−")}

    @property
    def bar(self) -> Decimal | None:
        """Where the bar ends: the percentage held within 0 and 100."""
        return None if self.percent is None else min(max(self.percent, _ZERO), _HUNDRED)


def progress(aim: Aim, readings: Iterable[Reading], *, on: dt.date) -> Progress:
    """Progress as it stood on that day, from the accepted readings dated up to it.

    Never raises: a definition that allows no answer gives a status that says so.
    """
    with localcontext(_EXACT):
        usable = sorted((r for r in readings if r.is_accepted and r.on <= on), key=lambda r: r.on)
        if aim.kind == Kind.QUALITATIVE:
            return _qualitative(aim, usable, on)
        found = _with_values(aim, usable, on)
        if found.value is None or found.value_on is None:
            return found
        if aim.direction == Direction.OBSERVE:
            return replace(found, status=Status.OBSERVED)
        if aim.direction == Direction.MAINTAIN:
            return _maintained(aim, usable, found)
        return _towards_target(aim, found, on)


def rounded(percent: Decimal) -> int:
    """The whole percentage, which is 0 or 100 only when the exact one is."""
    whole = int(percent.quantize(Decimal(1), ROUND_HALF_UP, _EXACT))
    if whole in (0, 100) and percent != whole:
        return whole + (1 if percent > whole else -1)
    return whole


def _qualitative(aim: Aim, usable: Sequence[Reading], on: dt.date) -> Progress:
    if not usable:
        return Progress(Status.NO_DATA)
    latest = usable[-1].on
    return Progress(
        Status.OBSERVED, value_on=latest, reported=len(usable), is_stale=_is_stale(aim, latest, on)
    )


def _with_values(aim: Aim, usable: Sequence[Reading], on: dt.date) -> Progress:
    series = _series(aim, usable)
    if not series:
        return Progress(Status.NO_DATA)
    last = series[-1]
    return Progress(
        Status.NO_DATA,
        value=last.value,
        value_on=last.on,
        reported=len(series),
        is_stale=_is_stale(aim, last.on, on),
        series=series,
    )


def _series(aim: Aim, usable: Sequence[Reading]) -> tuple[Point, ...]:
    """The current value after each reading: the latest, the sum so far, or the proportion so far."""
    points: list[Point] = []
    total = _baseline(aim) or _ZERO
    numerator = denominator = _ZERO
    for reading in usable:
        if aim.kind == Kind.RATIO:
            part, whole = _number(reading.numerator), _number(reading.denominator)
            if part is None or whole is None or whole <= 0:
                continue
            numerator, denominator = numerator + part, denominator + whole
            points.append(Point(reading.on, _HUNDRED * numerator / denominator))
        elif (value := _number(reading.value)) is not None:
            total = total + value if aim.kind == Kind.INCREMENT else value
            points.append(Point(reading.on, total))
    return tuple(points)


def _maintained(aim: Aim, usable: Sequence[Reading], found: Progress) -> Progress:
    """Each reading against the band, on its own: a sum over periods would hide the one that failed."""
    low, high = _number(aim.band_low), _number(aim.band_high)
    if low is None and high is None:
        return replace(found, status=Status.NO_TARGET)
    if low is not None and high is not None and low > high:
        return replace(found, status=Status.REFUSED)
    alone = replace(aim, kind=Kind.LEVEL if aim.kind == Kind.INCREMENT else aim.kind)
    gaps = [
        max(low - p.value if low is not None else _ZERO, p.value - high if high is not None else _ZERO, _ZERO)
        for reading in usable
        for p in _series(alone, [reading])
    ]
    kept = sum(gap == 0 for gap in gaps)
    tolerance = _number(aim.tolerance) or _ZERO
    status = Status.ON_TRACK if gaps[-1] == 0 else Status.AT_RISK if gaps[-1] <= tolerance else Status.BEHIND
    return replace(
        found, status=status, kept=kept, reported=len(gaps), percent=_HUNDRED * kept / Decimal(len(gaps))
    )


def _towards_target(aim: Aim, found: Progress, on: dt.date) -> Progress:
    base, target, value, value_on = _baseline(aim), _target(aim), found.value, found.value_on
    if base is None:
        return replace(found, status=Status.NO_BASELINE)
    if target is None or value is None or value_on is None:
        return replace(found, status=Status.NO_TARGET)
    if target == base or (target > base) != (aim.direction == Direction.INCREASE):
        return replace(found, status=Status.REFUSED)
    percent = _HUNDRED * (value - base) / (target - base)
    found = replace(found, percent=percent)
    if aim.baseline_on is None or aim.target_on is None:
        return replace(found, status=_undated(percent))
    if aim.baseline_on >= aim.target_on:
        return replace(found, status=Status.REFUSED)
    path = _path(aim, base, target)
    expected_value = _read(path, value_on, by_steps=aim.kind == Kind.MILESTONE)
    expected = _HUNDRED * (expected_value - base) / (target - base)
    ratio = percent / expected if expected > 0 else None
    return replace(
        found,
        status=_status(percent, expected, ratio, is_over=on > aim.target_on),
        expected=expected,
        expected_value=expected_value,
        ratio=ratio,
        path=path,
    )


def _undated(percent: Decimal) -> Status:
    """A target without a date can be reached or turned away from, but not be late."""
    if percent >= _HUNDRED:
        return Status.ACHIEVED
    return Status.REGRESSING if percent < 0 else Status.NO_TARGET


def _status(percent: Decimal, expected: Decimal, ratio: Decimal | None, *, is_over: bool) -> Status:
    if percent >= _HUNDRED:
        return Status.ACHIEVED
    if percent < 0:
        return Status.REGRESSING
    if is_over:
        return Status.NOT_ACHIEVED
    if expected < TOO_EARLY_UNDER and percent < expected:
        return Status.TOO_EARLY
    if ratio is None or ratio >= ON_TRACK_FROM:
        return Status.ON_TRACK
    return Status.AT_RISK if ratio >= AT_RISK_FROM else Status.BEHIND


def _path(aim: Aim, base: Decimal, target: Decimal) -> tuple[Point, ...]:
    """Baseline, interim targets between the two dates, target: in order, one value per date."""
    start, end = aim.baseline_on, aim.target_on
    if start is None or end is None:
        return ()
    between = {
        on: value for on, raw in aim.interim if start < on < end and (value := _number(raw)) is not None
    }
    return (Point(start, base), *(Point(on, between[on]) for on in sorted(between)), Point(end, target))


def _read(path: Sequence[Point], on: dt.date, *, by_steps: bool) -> Decimal:
    """The value of the path at that date: along the line, or the last step reached for milestones."""
    index = bisect_left([p.on for p in path], on)
    if index == len(path):
        return path[-1].value
    if path[index].on == on or index == 0:
        return path[index].value
    before, after = path[index - 1], path[index]
    if by_steps:
        return before.value
    share = Decimal((on - before.on).days) / Decimal((after.on - before.on).days)
    return before.value + (after.value - before.value) * share


def _baseline(aim: Aim) -> Decimal | None:
    """None while it is pending; nothing where it does not apply to what is counted from zero."""
    if aim.baseline_status == BaselineStatus.NOT_APPLICABLE:
        return _ZERO if aim.kind in COUNTED else None
    if aim.baseline_status == BaselineStatus.PENDING:
        return None
    return _number(aim.baseline)


def _target(aim: Aim) -> Decimal | None:
    target = _number(aim.target)
    return Decimal(1) if target is None and aim.kind == Kind.MILESTONE else target


def _is_stale(aim: Aim, latest: dt.date, on: dt.date) -> bool:
    interval = INTERVALS.get(Frequency(aim.frequency)) if aim.frequency in Frequency.values else None
    if interval is None or (aim.target_on and latest >= aim.target_on):
        return False
    return (on - latest).days > interval + GRACE


def _number(value: Decimal | None) -> Decimal | None:
    """The value if it is a number of a possible size: what no column holds is no value."""
    if value is None or not value.is_finite() or abs(value) > _LARGEST:
        return None
    return value
