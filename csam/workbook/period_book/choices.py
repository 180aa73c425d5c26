"""Of which periods and organisations a person may download the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from indicators.models import ProgressReport, ReportingPeriod
from indicators.models.report import CARRIERS
from partners.models import Organization
from projects.models import Project, ProjectPartner


@dataclass(frozen=True)
class BookChoice:
    period: ReportingPeriod
    organization: Organization
    reports: int


def fillable(user: Any) -> QuerySet[ProgressReport]:
    """The reports of my organisations' projects in which something may be written now."""
    editable = ProgressReport.objects.carried_by(user).filter(state__in=ProgressReport.EDITABLE_STATES)
    return (
        editable.filter(project__in=Project.objects.published()).with_names().order_by("project__slug", "pk")
    )


def of_organization(
    reports: QuerySet[ProgressReport], organization: Organization
) -> QuerySet[ProgressReport]:
    parts = ProjectPartner.objects.filter(organization=organization, role__in=CARRIERS, declined_on=None)
    return reports.filter(project__in=parts.values("project"))


def offered(user: Any) -> list[BookChoice]:
    """In two queries: the latest period first."""
    reports = [report for report in fillable(user) if report.period]
    parts = ProjectPartner.objects.filter(
        organization__memberships__user=user.pk,
        role__in=CARRIERS,
        declined_on=None,
        project__in={report.project_id for report in reports},
    ).select_related("organization")
    carried: dict[int, dict[int, Organization]] = {}
    for part in parts:
        carried.setdefault(part.project_id, {})[part.organization_id] = part.organization
    counted: dict[tuple[int, int], BookChoice] = {}
    for report in reports:
        for pk, organization in carried.get(report.project_id, {}).items():
            assert report.period is not None  # noqa: S101 (filtered above)
            key = (report.period.pk, pk)
            before = counted[key].reports if key in counted else 0
            counted[key] = BookChoice(report.period, organization, before + 1)
    return sorted(counted.values(), key=lambda c: (-c.period.ends_on.toordinal(), c.organization.name))
