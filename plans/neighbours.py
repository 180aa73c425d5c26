"""What stands close to an orientation or an objective: others served by the same projects, and places."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, QuerySet

from core.freshness import kept
from plans.models import Objective, Orientation
from plans.outline import orientations_of, project_counts


@dataclass(frozen=True)
class Place:
    """A territory where projects take place. ``leads`` are (name, slug of a public page or "") pairs."""

    name: str
    slug: str
    abbreviation: str
    project_count: int
    leads: list[tuple[str, str]]
    more_leads: int = 0


LEADS_PER_PLACE = 4
T = TypeVar("T")


def orientations_near(orientation: Orientation) -> list[tuple[Orientation, int]]:
    """The other orientations that its projects serve as well, with the number of these projects."""
    shared = kept(
        ("orientations near", orientation.pk),
        lambda: _shared(orientation, orientation.published_projects(), "objectives__orientation"),
    )
    others = orientation.plan.orientations.exclude(pk=orientation.pk)
    return _closest_first([(other, shared.get(other.pk, 0)) for other in others])


def objectives_near(objective: Objective) -> list[tuple[Objective, int]]:
    """The other objectives of the plan that its projects serve as well, with the number of these projects."""
    shared = kept(
        ("objectives near", objective.pk),
        lambda: _shared(objective.orientation, objective.projects.published(), "objectives"),
    )
    all_objectives = [o for one in orientations_of(objective.orientation.plan) for o in one.objectives.all()]
    return _closest_first([(o, shared.get(o.pk, 0)) for o in all_objectives if o != objective])


def who_works_where(projects: QuerySet[Any]) -> list[Place]:
    """The territories that these projects name, in alphabetical order, each with the leads at work there."""
    columns = ("territories__slug", "territories__name", "territories__abbreviation")
    counted = (
        projects.order_by("territories__sort_key")
        .filter(territories__isnull=False)
        .values_list(*columns)
        .annotate(Count("pk", distinct=True))
    )
    leads = _leads_by_place(projects)
    return [
        Place(name, slug, abbreviation, count, leads[slug][:LEADS_PER_PLACE], _beyond(leads[slug]))
        for slug, name, abbreviation, count in counted
    ]


def _leads_by_place(projects: QuerySet[Any]) -> dict[str, list[tuple[str, str]]]:
    rows = (
        projects.filter(project_partners__role="lead")
        .filter(territories__isnull=False)
        .order_by("project_partners__organization__sort_key_fr")
        .values_list(
            "territories__slug",
            "project_partners__organization__name",
            "project_partners__organization__slug",
            "project_partners__organization__stage",
        )
    )
    leads: dict[str, dict[str, str]] = defaultdict(dict)
    for place, name, slug, stage in rows:
        leads[place][name] = slug if stage == "verified" else ""
    return defaultdict(list, {place: list(names.items()) for place, names in leads.items()})


def _beyond(leads: list[tuple[str, str]]) -> int:
    return max(0, len(leads) - LEADS_PER_PLACE)


def _shared(orientation: Orientation, projects: QuerySet[Any], path: str) -> dict[int, int]:
    # Asked through a subquery: a join on the objective itself would hide the project's other objectives.
    same = orientation.plan.projects.filter(pk__in=projects.order_by().values("pk"))
    return project_counts(same, path)


def _closest_first(pairs: list[tuple[T, int]]) -> list[tuple[T, int]]:
    return sorted((pair for pair in pairs if pair[1]), key=lambda pair: -pair[1])
