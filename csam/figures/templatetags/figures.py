"""The figures, for templates: ``{% load figures %}``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.freshness import kept
from csam.figures.diagram import diagram_svg
from csam.figures.island import island_svg, scale
from indicators.plan_figures import plan_figures
from partners.models import Territory
from plans.models import Plan
from plans.systemic import Systemic
from projects.territories import TerritoryCount

register = template.Library()


@register.simple_tag
def systemic_diagram(ties: Systemic) -> SafeString:
    """The systemic diagram in the language of the page, arranged for wide and for narrow screens."""
    return diagram_svg(ties, language=get_language() or "fr")


@register.inclusion_tag("plans/_plan_in_figures.html")
def plan_in_figures(plan: Plan, on: dt.date) -> dict[str, Any]:
    """The plan in figures as they stand on that day, counted from its published data."""
    return {"plan": plan, "figures": plan_figures(plan=plan, on=on)}


@register.simple_tag
def island_map(counts: Sequence[TerritoryCount], whole_island: int | None = None) -> SafeString:
    """The map of the island as an SVG, in the language of the page."""
    return island_svg(counts, language=get_language() or "fr", whole_island=whole_island)


@register.simple_tag
def island_scale(counts: Sequence[TerritoryCount]) -> list[tuple[int, int, int]]:
    """The levels of the map for its legend: (level, fewest projects, most projects)."""
    return scale(counts)


@register.simple_tag
def projects_island(projects: QuerySet[Any], plan: Plan, **filters: str) -> SafeString:
    """The map of the projects of a plan that these filters leave; a tile leads to their list, narrowed to its territory."""
    counted = kept(
        ("projects by territory", plan.pk, *sorted(filters.items())),
        lambda: dict(projects.order_by().values_list("territories").annotate(Count("pk", distinct=True))),
    )
    counts = [
        TerritoryCount.of(
            territory,
            counted.get(territory.pk, 0),
            url=_list_url(plan, filters | {"territoire": territory.slug})
            if counted.get(territory.pk)
            else "",
        )
        for territory in Territory.objects.all()
    ]
    return island_svg(counts, language=get_language() or "fr")


def _list_url(plan: Plan, filters: dict[str, str]) -> str:
    query = filters if plan.is_current else filters | {"plan": plan.slug}
    return f"{reverse('projects:list')}?{urlencode(query)}"
