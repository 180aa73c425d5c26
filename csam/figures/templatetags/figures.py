"""The figures, for templates: ``{% load figures %}``."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from csam.figures.island import TerritoryCount, island_svg, scale

register = template.Library()


@register.simple_tag
def island_map(counts: Sequence[TerritoryCount], whole_island: int | None = None) -> SafeString:
    """The map of the island as an SVG, in the language of the page."""
    return island_svg(counts, language=get_language() or "fr", whole_island=whole_island)


@register.simple_tag
def island_scale(counts: Sequence[TerritoryCount]) -> list[tuple[int, int, int]]:
    """The levels of the map for its legend: (level, fewest projects, most projects)."""
    return scale(counts)
