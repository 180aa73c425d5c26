"""Who may do what with progress reports: the roles of registrations, and who carries the project."""

from __future__ import annotations

from typing import Any

from indicators.models import ProgressReport
from indicators.models.report import CARRIERS
from projects.models import Project, ProjectPartner
from projects.registrations import roles
from projects.registrations.roles import is_administrator, is_approver, is_reviewer

__all__ = [
    "carries",
    "is_administrator",
    "is_approver",
    "is_carrier",
    "is_reviewer",
    "may_start",
    "may_write",
]


def is_carrier(user: Any, project_id: int) -> bool:
    """A member of an organisation that leads or co-leads the project, and did not decline that part."""
    if not (user.is_authenticated and user.is_active):
        return False
    parts = ProjectPartner.objects.filter(project=project_id, role__in=CARRIERS, declined_on=None)
    return parts.filter(organization__memberships__user=user.pk).exists()


def carries(user: Any, report: ProgressReport) -> bool:
    """``is_carrier`` of its project, asked once for each copy of the row: a move, or a page, wants it several times."""
    known = report.known_carriers
    if user.pk not in known:
        known[user.pk] = is_carrier(user, report.project_id)
    return known[user.pk]


def may_write(user: Any, report: ProgressReport) -> bool:
    """Its people; on their behalf staff, as long as they do not read what a partner is writing."""
    if carries(user, report):
        return True
    if not roles.may_write_on_behalf(user):
        return False
    is_unwritten = report.state in ProgressReport.UNWRITTEN
    return is_unwritten or report.is_on_behalf or is_administrator(user)


def may_start(user: Any, project: Project) -> bool:
    return is_carrier(user, project.pk) or roles.may_write_on_behalf(user)
