"""P1: a period opens, and a report is expected of each published project of its plan."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.workflow import NotAllowed, Refused
from indicators.models import ProgressReport, ReportActivity, ReportingPeriod
from indicators.reports import roles
from plans.models import Plan
from projects.models import Project


def without_report(period: ReportingPeriod) -> Any:
    """The published projects of the plan of which no report is expected yet."""
    told = ProgressReport.objects.filter(period=period).values("project")
    return Project.objects.published().filter(plan=period.plan_id).exclude(pk__in=told).order_by("pk")


def open_period(*, period: ReportingPeriod, by: Any, at: dt.datetime) -> list[ProgressReport]:
    """Expect a report of each published project that has none yet; returns the new ones.

    Once open, the same again reaches the projects that were published since.
    """
    if not roles.is_administrator(by):
        raise NotAllowed
    if period.plan.stage == Plan.Stage.PREPARATION:
        raise Refused(_("Ce plan n'est pas encore public : ses projets n'ont rien à rapporter."))
    with transaction.atomic():
        locked = ReportingPeriod.objects.select_for_update(of=("self",)).get(pk=period.pk)
        new = [
            ProgressReport(project=project, period=locked, created_at=at)
            for project in without_report(locked)
        ]
        ProgressReport.objects.bulk_create(new)
        ReportActivity.objects.bulk_create(
            ReportActivity(
                report=report,
                action="open",
                by=by,
                at=at,
                state_after=ProgressReport.State.EXPECTED,
                is_by_staff=True,
            )
            for report in new
        )
        if locked.opened_at is None:
            locked.opened_at, locked.opened_by = at, by
            locked.save(update_fields=["opened_at", "opened_by"])
    return new
