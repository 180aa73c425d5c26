"""What projects learned, on the pages of objectives and orientations: ``{% load learnings %}``."""

from __future__ import annotations

from typing import Any

from django import template

from indicators.reports.learnings import excerpt_of
from plans.models import Objective, Orientation

register = template.Library()


@register.inclusion_tag("indicators/_learnings_of_part.html")
def objective_learnings(objective: Objective) -> dict[str, Any]:
    """The latest passages of its projects. One query where there are none, four else."""
    learnings, count = excerpt_of(objective.projects.published())
    query = f"?objectif={objective.code}"
    return {"learnings": learnings, "count": count, "query": query, "plan": objective.orientation.plan}


@register.inclusion_tag("indicators/_learnings_of_part.html")
def orientation_learnings(orientation: Orientation) -> dict[str, Any]:
    learnings, count = excerpt_of(orientation.published_projects())
    query = f"?orientation={orientation.number}"
    return {"learnings": learnings, "count": count, "query": query, "plan": orientation.plan}
