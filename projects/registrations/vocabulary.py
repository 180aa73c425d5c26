"""The words of a plan that its projects can be filtered by."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch

from partners.models import Territory
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan


@dataclass(frozen=True)
class Vocabulary:
    orientations: list[Orientation]
    objectives: list[Objective]
    issues: list[CrossCuttingIssue]
    territories: list[Territory]

    @classmethod
    def of(cls, plan: Plan) -> Vocabulary:
        objectives = Objective.objects.select_related("orientation").order_by("number")
        orientations = list(
            plan.orientations.order_by("number").prefetch_related(Prefetch("objectives", objectives))
        )
        return cls(
            orientations=orientations,
            objectives=[objective for o in orientations for objective in o.objectives.all()],
            issues=list(plan.issues.order_by("number")),
            territories=list(Territory.objects.all()),
        )
