"""What the space of partners shows of reports: whose turn it is, and by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from indicators.models import ProgressReport, ReportActivity
from indicators.models.report import CARRIERS
from indicators.reports import history
from projects.models import ProjectPartner
from projects.registrations.history import Turn

#: Those decided on longer ago are found from the projects.
MOST_SHOWN = 60


@dataclass(frozen=True)
class Line:
    """A report of a project that the organisation carries."""

    report: ProgressReport
    turn: Turn
    due: dt.date | None
    days_late: int
    message: str


def add_reports(request: HttpRequest, places: Sequence[Any]) -> None:
    """Give each place its reports, those to write first. In three queries, however many there are."""
    by_project = _projects_of([place.organization.pk for place in places])
    lines = _lines(list(by_project))
    for place in places:
        place.reports = [
            line for line in lines if place.organization.pk in by_project[line.report.project_id]
        ]


def _projects_of(organizations: list[int]) -> dict[int, set[int]]:
    """By project: which of the organisations carry it."""
    parts = ProjectPartner.objects.filter(
        organization__in=organizations, role__in=CARRIERS, declined_on=None, project__archived_at=None
    )
    found: dict[int, set[int]] = {}
    for project, organization in parts.values_list("project", "organization"):
        found.setdefault(project, set()).add(organization)
    return found


def _lines(projects: list[int]) -> list[Line]:
    if not projects:
        return []
    on = timezone.localdate()
    rows = list(
        ProgressReport.objects.filter(project__in=projects)
        .with_names()
        .order_by("-created_at", "-pk")[:MOST_SHOWN]
    )
    waiting = [row.pk for row in rows if row.state == ProgressReport.State.CHANGES_REQUESTED]
    asked = ReportActivity.objects.filter(report__in=waiting, action="request_changes").order_by("at", "pk")
    messages = {line.report_id: line.message for line in asked}
    lines = [
        Line(
            report=row,
            turn=history.turn(row),
            due=row.due if row.is_editable and not row.is_correction else None,
            days_late=(on - row.due).days if row.due and row.is_late(on=on) else 0,
            message=messages.get(row.pk, ""),
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (not line.turn.is_ours, line.due or dt.date.max))
