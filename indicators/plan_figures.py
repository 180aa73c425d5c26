"""The plan in figures: counted from the published data, never typed in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import get_language

from core.freshness import kept
from partners.models import Territory
from plans.models import Plan
from projects.models import Deliverable, Project, ProjectPartner


@dataclass(frozen=True)
class Share:
    """How many rows there are of one state: ``code`` is the stored value, ``label`` its words."""

    code: str
    label: str
    count: int


@dataclass(frozen=True)
class PlanFigures:
    """``deliverables_late`` are also counted among those to do and under way, in their own state."""

    as_of: dt.date
    orientations: int
    objectives: int
    issues: int
    organizations: int
    projects: int
    projects_by_stage: tuple[Share, ...]
    deliverables: int
    deliverables_by_state: tuple[Share, ...]
    deliverables_late: int
    territories: int
    territories_reached: int
    projects_whole_island: int
    includes_demonstration: bool

    def projects_in(self, stage: str) -> int:
        return next((share.count for share in self.projects_by_stage if share.code == stage), 0)

    def deliverables_in(self, state: str) -> int:
        return next((share.count for share in self.deliverables_by_state if share.code == state), 0)

    @property
    def projects_completed(self) -> int:
        return self.projects_in(Project.Stage.COMPLETED)

    @property
    def deliverables_delivered(self) -> int:
        return self.deliverables_in(Deliverable.State.DELIVERED)

    @property
    def deliverables_wanted(self) -> int:
        """Without those that were dropped, as the page of indicators counts."""
        return self.deliverables - self.deliverables_in(Deliverable.State.DROPPED)


def plan_figures(*, plan: Plan, on: dt.date) -> PlanFigures:
    """Count the published data of the plan as it stands; what is late is late on that day. Six queries at most."""
    return kept(("plan in figures", plan.pk, on, get_language()), lambda: _count(plan, on))


def _count(plan: Plan, on: dt.date) -> PlanFigures:
    published = plan.projects.published().order_by()
    structure = Plan.objects.filter(pk=plan.pk).aggregate(
        orientation_count=Count("orientations", distinct=True),
        objective_count=Count("orientations__objectives", distinct=True),
        issue_count=Count("issues", distinct=True),
        demonstration_count=Count(
            "orientations__objectives",
            filter=Q(is_demonstration=True) | Q(orientations__objectives__is_demonstration=True),
        ),
    )
    stages = published.values("stage").annotate(
        number=Count("pk"),
        whole_island=Count("pk", filter=Q(covers_whole_island=True)),
        demonstration=Count("pk", filter=Q(is_demonstration=True)),
    )
    by_stage = {row["stage"]: row for row in stages}
    parts = ProjectPartner.objects.filter(project__in=published)
    deliverables = Deliverable.objects.filter(project__in=published).order_by()
    by_state = dict(deliverables.values_list("state").annotate(Count("pk")))
    territories = Territory.objects.order_by().aggregate(
        total=Count("pk"),
        reached=Count("pk", filter=Exists(published.filter(territories=OuterRef("pk")))),
    )
    return PlanFigures(
        as_of=on,
        orientations=structure["orientation_count"],
        objectives=structure["objective_count"],
        issues=structure["issue_count"],
        organizations=parts.aggregate(number=Count("organization", distinct=True))["number"],
        projects=sum(row["number"] for row in by_stage.values()),
        projects_by_stage=tuple(
            Share(stage.value, str(stage.label), by_stage.get(stage.value, {"number": 0})["number"])
            for stage in Project.Stage
        ),
        deliverables=sum(by_state.values()),
        deliverables_by_state=tuple(
            Share(state.value, str(state.label), by_state.get(state.value, 0)) for state in Deliverable.State
        ),
        deliverables_late=deliverables.overdue(on=on).count(),
        territories=territories["total"],
        territories_reached=territories["reached"],
        projects_whole_island=sum(row["whole_island"] for row in by_stage.values()),
        includes_demonstration=bool(
            structure["demonstration_count"] or any(row["demonstration"] for row in by_stage.values())
        ),
    )
