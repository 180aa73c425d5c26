"""The charts of progress, for templates: ``{% load charts %}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from csam.figures import charts
from indicators.progress import Progress

register = template.Library()


@register.simple_tag
def status_sign(status: str) -> SafeString:
    return charts.sign(status)


@register.filter
def status_family(status: str) -> str:
    """« good », « watch », « bad », « open » or « silent »: how a status is dressed."""
    return charts.FAMILIES[status]


@register.simple_tag
def progress_bar(progress: Progress) -> SafeString:
    return charts.progress_bar(progress, language=_language())


@register.simple_tag
def coverage_squares(reported: int, expected: int) -> SafeString:
    return charts.coverage_squares(reported, expected, language=_language())


@register.simple_tag
def coverage_text(reported: int, expected: int) -> str:
    return charts.coverage_text(reported, expected)


@register.simple_tag
def status_stack(counts: Mapping[str, int]) -> SafeString:
    return charts.status_stack(counts, language=_language())


@register.simple_tag
def line_chart(line: Any, identifier: str) -> SafeString:
    """``line`` has the attributes of :class:`csam.figures.charts.Line`."""
    drawn = charts.Line(line.title, line.unit, line.decimals, line.aim, line.progress, line.before)
    return charts.line_chart(drawn, language=_language(), identifier=identifier)


def _language() -> str:
    return get_language() or "fr"
