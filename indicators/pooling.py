"""What several projects reach together: their changes added up, each project once, with the coverage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.progress import Aim, Progress, Reading, progress
from indicators.vocabulary import COUNTED, BaselineStatus, Kind


@dataclass(frozen=True)
class Part:
    """A project's indicator: its definition and its readings."""

    project: Hashable
    aim: Aim
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class Pooled:
    """``reported`` of ``expected`` projects are counted in ``progress``; ``shares`` says how much each brought.

    A project without a value brings None, which is not zero.
    """

    progress: Progress
    reported: int
    expected: int
    shares: tuple[tuple[Hashable, Decimal | None], ...]


def pool(aim: Aim, parts: Iterable[Part], *, on: dt.date) -> Pooled:
    """Progress towards a common target.

    A project brings its change since its own baseline, so that one that is silent adds nothing, takes nothing
    away, and stands in the coverage; proportions are pooled as 100 · Σ numerators / Σ denominators, never as a
    mean of percentages. A project given twice (through two partners) counts once, as it was given first.
    """
    once: dict[Hashable, Part] = {}
    for part in parts:
        once.setdefault(part.project, part)
    changes = {project: _changes(part, on) for project, part in once.items()}
    pooled = progress(aim, [r for readings in changes.values() for r in readings], on=on)
    shares = tuple((project, _share(aim, readings)) for project, readings in changes.items())
    return Pooled(
        progress=replace(pooled, is_stale=False),
        reported=sum(share is not None for _project, share in shares),
        expected=len(once),
        shares=shares,
    )


def _changes(part: Part, on: dt.date) -> list[Reading]:
    """The readings of a project as changes, one after the other; a ratio's are left as they are."""
    usable = sorted((r for r in part.readings if r.is_accepted and r.on <= on), key=lambda r: r.on)
    if part.aim.kind in (Kind.RATIO, Kind.INCREMENT):
        return usable
    before = _start(part.aim)
    if before is None:
        return []
    changes = []
    for reading in usable:
        if reading.value is not None:
            changes.append(replace(reading, value=reading.value - before))
            before = reading.value
    return changes


def _start(aim: Aim) -> Decimal | None:
    if aim.baseline_status == BaselineStatus.NOT_APPLICABLE and aim.kind in COUNTED:
        return Decimal(0)
    return aim.baseline if aim.baseline_status == BaselineStatus.KNOWN else None


def _share(aim: Aim, readings: list[Reading]) -> Decimal | None:
    alone = Aim(kind=aim.kind, baseline=Decimal(0))
    found = progress(alone, readings, on=max((r.on for r in readings), default=dt.date.min))
    return found.value
