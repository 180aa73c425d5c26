"""How many of the projects that a period asks have reported; silence is counted, never hidden."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from indicators.models import ProgressReport, ReportingPeriod
from plans.models import Plan
from projects.models import Project

State = ProgressReport.State


@dataclass(frozen=True)
class Coverage:
    """``expected`` leaves out the projects that were ``waived``; ``late`` ones have neither reported nor more time."""

    #: With its plan, and whether its progress edition is published (``has_bilan``).
    period: Any
    reported: int
    expected: int
    late: int
    waived: int


def of_plan(plan: Plan, *, on: dt.date) -> list[Coverage]:
    """Each open period of the plan, the latest first. Two queries, one where nothing was asked yet."""
    return of_projects(plan.projects.published(), on=on)


def of_projects(projects: QuerySet[Project], *, on: dt.date) -> list[Coverage]:
    """The same of some published projects: those that serve an objective, an orientation."""
    asked = ProgressReport.objects.filter(
        period__opened_at__isnull=False, project__in=projects.order_by().values("pk")
    )
    counted = (
        asked.with_due()
        .order_by()
        .values("period")
        .annotate(
            reported=Count("pk", filter=Q(accepted_version__isnull=False)),
            expected=Count("pk", filter=~Q(state=State.WAIVED)),
            late=Count(
                "pk",
                filter=Q(
                    state__in=ProgressReport.EDITABLE_STATES, accepted_version__isnull=True, due_day__lt=on
                ),
            ),
            waived=Count("pk", filter=Q(state=State.WAIVED)),
        )
    )
    by_period = {row["period"]: row for row in counted}
    if not by_period:
        return []
    published = ReportingPeriod.objects.filter(pk=OuterRef("pk"), documents__published_at__isnull=False)
    periods = (
        ReportingPeriod.objects.filter(pk__in=by_period)
        .select_related("plan")
        .annotate(has_bilan=Exists(published))
    )
    return [
        Coverage(
            period=period,
            **{name: by_period[period.pk][name] for name in ("reported", "expected", "late", "waived")},
        )
        for period in periods
    ]
