"""Progress on the pages of projects, objectives and orientations: ``{% load progress %}``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone

from indicators import dashboard
from indicators.dashboard import Tally
from indicators.explaining import figure
from indicators.reports import coverage, public
from plans.models import Objective, Orientation
from projects.models import Project

register = template.Library()


@register.simple_tag(name="figure")
def figure_tag(value: Decimal | None, decimals: int = 0, unit: str = "") -> str:
    """A value with its unit, in the reader's language; a dash where there is none."""
    return figure(value, decimals, unit)


@register.inclusion_tag("indicators/_of_project.html")
def project_progress(project: Project) -> dict[str, Any]:
    """The indicators of a project, each with its progress. Five queries, one where it has none."""
    rows = dashboard.followed_in(Project.objects.filter(pk=project.pk), on=_today())
    return {"rows": sorted(rows, key=lambda row: (row.indicator.position, row.indicator.pk))}


@register.inclusion_tag("indicators/_reports_of_project.html")
def project_reports(project: Project) -> dict[str, Any]:
    """Its accepted reports, the latest first. Three queries, one where it has none."""
    return {"reports": public.of_project(project)}


@register.inclusion_tag("indicators/_of_part.html")
def objective_progress(objective: Objective) -> dict[str, Any]:
    """Counts by status of the indicators of the projects that serve it, its common targets, and how many of them
    reported of the latest period.
    """
    today = _today()
    projects = objective.projects.published()
    rows = dashboard.followed_in(projects, on=today)
    return {
        "coverages": coverage.of_projects(projects, on=today)[:1],
        "tally": Tally.of(rows),
        "targets": dashboard.objective_targets([objective], on=today),
        "rows": rows[:12],
        "more": max(0, len(rows) - 12),
        "list_query": f"?orientation={objective.orientation.number}",
        "plan": objective.orientation.plan,
    }


@register.inclusion_tag("indicators/_of_part.html")
def orientation_progress(orientation: Orientation) -> dict[str, Any]:
    """The same for an orientation; its indicators are listed on the dashboard."""
    today = _today()
    projects = orientation.published_projects()
    rows = dashboard.followed_in(projects, on=today)
    return {
        "coverages": coverage.of_projects(projects, on=today)[:1],
        "tally": Tally.of(rows),
        "targets": dashboard.objective_targets(orientation.objectives.order_by(), on=today),
        "rows": [],
        "more": len(rows),
        "list_query": f"?orientation={orientation.number}",
        "plan": orientation.plan,
    }


def _today() -> dt.date:
    return timezone.localdate()
