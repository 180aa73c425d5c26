"""The planning process told in order: its phases, each with its figures, and its milestones."""

from __future__ import annotations

from dataclasses import dataclass

from plans.models import Milestone, Plan, PlanningPhase, ProcessFigure


@dataclass(frozen=True)
class PhaseStory:
    phase: PlanningPhase
    figures: list[ProcessFigure]


@dataclass(frozen=True)
class Chronology:
    """``figures`` are those of the whole process, the others stand in their phase."""

    milestones: list[Milestone]
    phases: list[PhaseStory]
    figures: list[ProcessFigure]

    @property
    def is_empty(self) -> bool:
        return not (self.milestones or self.phases or self.figures)


def chronology(plan: Plan) -> Chronology:
    phases = list(plan.phases.prefetch_related("figures"))
    return Chronology(
        milestones=list(plan.milestones.all()),
        phases=[PhaseStory(phase, list(phase.figures.all())) for phase in phases],
        figures=list(plan.figures.filter(phase=None)),
    )
