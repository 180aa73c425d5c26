"""The plan unfolded on one page: orientations, objectives, and the projects of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import get_language

from core.freshness import kept
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan

#: A plan of thousands of projects stays readable: beyond this, an objective says how many more there are.
PROJECTS_PER_OBJECTIVE = 15


@dataclass(frozen=True)
class ObjectiveOutline:
    objective: Objective
    projects: list[Any]
    project_count: int

    @property
    def more_count(self) -> int:
        return self.project_count - len(self.projects)


@dataclass(frozen=True)
class OrientationOutline:
    """``project_count`` counts each project once, although it may stand under two of the objectives."""

    orientation: Orientation
    objectives: list[ObjectiveOutline]
    project_count: int


def outline(plan: Plan) -> list[OrientationOutline]:
    """The whole plan, in a fixed number of queries; the projects come in alphabetical order."""
    projects = _projects_by_objective(plan)
    per_objective = plan_counts(plan, "objectives")
    per_orientation = plan_counts(plan, "objectives__orientation")
    return [
        OrientationOutline(
            orientation,
            [
                ObjectiveOutline(objective, projects[objective.pk], per_objective.get(objective.pk, 0))
                for objective in orientation.objectives.all()
            ],
            per_orientation.get(orientation.pk, 0),
        )
        for orientation in orientations_of(plan)
    ]


@dataclass(frozen=True)
class Share:
    """How many projects of an orientation carry an issue; ``percent`` is for a bar, of the largest count."""

    orientation: Orientation
    count: int
    percent: int


def shares_of(issue: CrossCuttingIssue, projects: QuerySet[Any]) -> list[Share]:
    counts = kept(
        ("projects of the issue by orientation", issue.pk),
        lambda: project_counts(projects, "objectives__orientation"),
    )
    largest = max(counts.values(), default=1)
    return [
        Share(orientation, counts.get(orientation.pk, 0), 100 * counts.get(orientation.pk, 0) // largest)
        for orientation in orientations_of(issue.plan)
    ]


def orientations_of(plan: Plan) -> list[Orientation]:
    """The orientations with their objectives, knowing their plan: their addresses cost no query."""
    orientations = list(plan.orientations.prefetch_related("objectives"))
    for orientation in orientations:
        orientation.plan = plan
        for objective in orientation.objectives.all():
            objective.orientation = orientation
    return orientations


def plan_counts(plan: Plan, path: str) -> dict[Any, int]:
    """:func:`project_counts` of all published projects of the plan, which several pages ask for."""
    return kept(("projects counted", plan.pk, path), lambda: project_counts(plan.projects.published(), path))


def project_counts(projects: QuerySet[Any], path: str) -> dict[Any, int]:
    """How many of these projects stand at each value of a relation: ``project_counts(p, "issues")``."""
    counted = projects.order_by().values_list(path).annotate(Count("pk", distinct=True))
    return {value: count for value, count in counted if value is not None}


def _projects_by_objective(plan: Plan) -> dict[int, list[Any]]:
    """Ranked by key first: a database that ranks whole rows sorts their texts along."""
    language = (get_language() or "fr")[:2]
    rank = Window(RowNumber(), partition_by=F("objectives"), order_by=(f"sort_key_{language}", "pk"))
    ranked = (
        plan.projects.published()
        .filter(objectives__orientation__plan=plan)
        .annotate(listed_under=F("objectives"), rank=rank)
        .filter(rank__lte=PROJECTS_PER_OBJECTIVE)
        .order_by("listed_under", "rank")
        .values_list("listed_under", "pk")
    )
    listed = kept(("projects of the outline", plan.pk, language), lambda: list(ranked))
    shown = plan.projects.defer(*_LONG_TEXTS).prefetch_related("project_partners__organization")
    rows = shown.in_bulk({project for _objective, project in listed})
    projects = defaultdict(list)
    for objective, project in listed:
        if project in rows:
            projects[objective].append(rows[project])
    return projects


_LONG_TEXTS = [
    f"{name}_{language}"
    for name in ("description", "search_title", "search_text")
    for language in ("fr", "en")
]
