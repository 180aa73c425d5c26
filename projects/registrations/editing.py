"""Writing a step of a registration, without losing what anybody typed.

A form carries two marks of what its writer saw: the ``version`` of the registration, and ``seen``, a digest of the
step's own values. Two people may write two steps at once; who writes on a step that another has changed since is told.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from core.workflow import Stale
from projects.models import Activity, Registration
from projects.registrations import workflow
from projects.registrations.completeness import STEPS, Problem, Step, is_complete
from projects.registrations.content import EMPTY, Content, complete
from projects.registrations.reading import LABELS, Names

#: The steps that ask for something: all but the last, which checks and submits.
ASKING = [step for step in STEPS if step.names]


def seen(content: Mapping[str, Any], step: Step) -> str:
    full = complete(content)
    text = json.dumps([full[name] for name in step.names], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(
    *, registration: Registration, step: Step, values: Content, mark: str, by: Any, at: dt.datetime
) -> Registration:
    """Keep the values of that step. Raises Stale where the step is not as ``mark`` says it was seen; what
    :func:`projects.registrations.workflow.save` raises too.
    """
    present = Registration.objects.get(pk=registration.pk)
    for is_last in (False, True):
        if seen(present.content, step) != mark and not _equal(present.content, values):
            raise Stale(row=present)
        try:
            return workflow.save(registration=present, values=values, version=present.version, by=by, at=at)
        except Stale as stale:
            # Somebody was faster by a hair, perhaps on another step.
            if is_last:
                raise
            present = stale.row
    raise AssertionError


def _equal(content: Mapping[str, Any], values: Content) -> bool:
    full = complete(content)
    return all(full[name] == value for name, value in values.items())


@dataclass(frozen=True)
class Conflict:
    """A field that two people wrote differently: what is stored, and what was just typed."""

    name: str
    label: str | Promise
    stored: list[str]
    typed: list[str]


def conflicts(content: Mapping[str, Any], values: Content) -> list[Conflict]:
    stored, typed = complete(content), {**complete(content), **values}
    names = Names.of([stored, typed])
    return [
        Conflict(name, LABELS[name], names.items(name, stored), names.items(name, typed))
        for name in values
        if stored[name] != typed[name]
    ]


def last_writer(registration: Registration) -> Activity | None:
    saves = registration.activities.filter(is_internal=False).exclude(by=None).select_related("by")
    return saves.order_by("-at", "-pk").first()


@dataclass(frozen=True)
class StepState:
    """A step as the list of steps shows it."""

    step: Step
    number: int
    is_begun: bool
    missing: int

    @property
    def is_complete(self) -> bool:
        return not self.missing


def states(content: Mapping[str, Any], found: list[Problem]) -> list[StepState]:
    return [
        StepState(
            step=step,
            number=number,
            is_begun=is_begun(content, step),
            missing=0 if is_complete(step, found) else sum(problem.step == step for problem in found),
        )
        for number, step in enumerate(ASKING, start=1)
    ]


def is_begun(content: Mapping[str, Any], step: Step) -> bool:
    full = complete(content)
    return any(full[name] != EMPTY[name] for name in step.names)


def worth_telling(content: Mapping[str, Any], found: list[Problem]) -> list[Problem]:
    """The problems of what is there: nobody is scolded for what they have not written yet."""
    full = complete(content)
    return [
        problem for problem in found if problem.row is not None or full[problem.name] not in ("", [], None)
    ]


def neighbours(step: Step) -> tuple[Step | None, Step | None]:
    """The step before and the step after."""
    index = STEPS.index(step)
    return (
        STEPS[index - 1] if index else None,
        STEPS[index + 1] if index + 1 < len(STEPS) else None,
    )
