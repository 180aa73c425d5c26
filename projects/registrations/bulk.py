"""Several registrations approved at once: one by one, by the same function, with a result for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.mailing import rehearsal
from core.models import Mail
from core.workflow import Refused
from projects.models import Registration
from projects.registrations import history, workflow

#: As many as somebody can have read.
MOST = 50


@dataclass(frozen=True)
class Result:
    """What happened, or would happen, to one registration: the reasons are why not."""

    registration: Registration
    number: int
    reasons: list[str] = field(default_factory=list)
    letters: list[Mail] = field(default_factory=list)

    @property
    def is_approved(self) -> bool:
        return not self.reasons


def rehearse(*, registrations: Sequence[Registration], by: Any, at: dt.datetime) -> list[Result]:
    """What approving each would do, without doing it."""
    results = []
    for row in registrations[:MOST]:
        number = row.versions.order_by("-number").values_list("number", flat=True).first() or 0
        with rehearsal() as letters:
            reasons = _approve(row, number, by, at)
        results.append(Result(row, number, reasons, letters))
    return results


def approve(
    *, registrations: Sequence[Registration], numbers: Mapping[int, int], by: Any, at: dt.datetime
) -> list[Result]:
    """Approve of each the version that was announced; one refusal does not keep the others back."""
    return [
        Result(row, numbers[row.pk], _approve(row, numbers[row.pk], by, at))
        for row in registrations[:MOST]
        if row.pk in numbers
    ]


def numbers_in(words: Iterable[str]) -> dict[int, int]:
    """``["12:3"]`` → ``{12: 3}``: of each registration the version that was shown. Other words are left out."""
    pairs = [word.split(":") for word in words]
    return {int(p[0]): int(p[1]) for p in pairs if len(p) == 2 and all(part.isdecimal() for part in p)}


def _approve(row: Registration, number: int, by: Any, at: dt.datetime) -> list[str]:
    try:
        workflow.approve(registration=row, number=number, by=by, at=at)
    except Refused as error:
        return history.why_not(error)
    return []
