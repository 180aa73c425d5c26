"""The figures, for templates: ``{% load figures %}``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from csam.figures.diagram import diagram_svg
from csam.figures.island import island_svg, scale
from indicators.plan_figures import plan_figures
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
