"""Whom the letters about reports go to: those who write them, and those who answer for the project."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from indicators.models import ProgressReport, ReportVersion
from indicators.models.report import CARRIERS
from partners.models import Membership, User
from projects.models import ProjectPartner, Registration


@dataclass(frozen=True)
class Circle:
    """The active people of the organisations that carry the project of a report, each once.

    ``leads`` answer for one of these organisations. ``writers`` wrote this report, or the project's registration;
    where nobody did yet, the leads.
    """

    leads: list[User]
    writers: list[User]

    @property
    def people(self) -> list[User]:
        return sorted({*self.leads, *self.writers}, key=lambda user: user.pk)


def people(report: ProgressReport) -> list[User]:
    """Those who write it and those who answer for it."""
    return circles([report])[report.pk].people


def circles(reports: Collection[ProgressReport]) -> dict[int, Circle]:
    """Of each report, by its key: four queries, however many there are."""
    if not reports:
        return {}
    members = _members({report.project_id for report in reports})
    known = _known_writers(reports)
    return {
        report.pk: _circle(members.get(report.project_id, []), known[report.pk] | {report.begun_by_id})
        for report in reports
    }


def _circle(members: list[Membership], known: set[int | None]) -> Circle:
    by_key = sorted(members, key=lambda member: member.user_id)
    leads = {member.user_id: member.user for member in by_key if member.role == Membership.Role.LEAD}
    writers = {member.user_id: member.user for member in by_key if member.user_id in known}
    return Circle(list(leads.values()), list((writers or leads).values()))


def _members(projects: set[int]) -> dict[int, list[Membership]]:
    """The memberships of the organisations that carry each project."""
    parts = list(
        ProjectPartner.objects.filter(project__in=projects, role__in=CARRIERS, declined_on=None).values_list(
            "project", "organization"
        )
    )
    organizations = {organization for _project, organization in parts}
    of: dict[int, list[Membership]] = {}
    for member in Membership.objects.filter(
        organization__in=organizations, user__is_active=True
    ).select_related("user"):
        of.setdefault(member.organization_id, []).append(member)
    found: dict[int, list[Membership]] = {}
    for project, organization in parts:
        found.setdefault(project, []).extend(of.get(organization, []))
    return found


def _known_writers(reports: Collection[ProgressReport]) -> dict[int, set[int | None]]:
    """Who handed in a version of each report, began the registration of its project or handed that in."""
    keys = {report.pk for report in reports}
    submitted = ReportVersion.objects.filter(report__in=keys).values_list("report", "submitted_by")
    registered = Registration.objects.filter(
        project__in={report.project_id for report in reports}
    ).values_list("project", "created_by", "versions__submitted_by")
    of_project: dict[int | None, set[int | None]] = {}
    for project, *writers in registered:
        of_project.setdefault(project, set()).update(writers)
    found = {report.pk: set(of_project.get(report.project_id, ())) for report in reports}
    for report, writer in submitted:
        found[report].add(writer)
    return found
