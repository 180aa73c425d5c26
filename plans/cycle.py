"""Where a plan is in its cycle, from the planning process to what was learned."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from plans.models import Plan

DONE, CURRENT, TO_COME = "done", "current", "to-come"


@dataclass(frozen=True)
class CycleStep:
    DONE, CURRENT, TO_COME = "done", "current", "to-come"

    label: str
    detail: str
    state: str

    @property
    def is_current(self) -> bool:
        return self.state == CURRENT

    @property
    def is_done(self) -> bool:
        return self.state == DONE


_POSITIONS = {
    Plan.Stage.PREPARATION: 0,
    Plan.Stage.CALL_OPEN: 1,
    Plan.Stage.UNDER_WAY: 2,
    Plan.Stage.CLOSED: 3,
}


def cycle_of(plan: Plan) -> tuple[CycleStep, ...]:
    """The four steps of a plan's cycle; the step that the plan is at is the current one."""
    steps = (
        (_("Planification"), _("Constats, forum et choix des orientations")),
        (_("Appel à projets"), _("Les partenaires inscrivent leurs projets")),
        (_("Mise en œuvre"), _("Les projets se réalisent, de %(first)s à %(last)s") % _years(plan)),
        (_("Bilan"), _("Ce que le plan a appris nourrit le suivant")),
    )
    here = _POSITIONS[Plan.Stage(plan.stage)]
    return tuple(
        CycleStep(label, detail, _state(position, here)) for position, (label, detail) in enumerate(steps)
    )


def _years(plan: Plan) -> dict[str, int]:
    return {"first": plan.first_year, "last": plan.last_year}


def _state(position: int, here: int) -> str:
    if position < here:
        return DONE
    return CURRENT if position == here else TO_COME
