"""The public page of a registration as it would read once approved: rows in memory, nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils import timezone

from core.partial_dates import PartialDate, Precision, UnreadableDateError
from partners.merging import successors
from partners.models import Organization, Territory
from plans.models import CrossCuttingIssue, Objective
from projects.models import (
    Deliverable,
    Project,
    ProjectFoodChainLink,
    ProjectObjective,
    ProjectPartner,
    Registration,
)
from projects.registrations.content import TEXTS, Content, canonical, followed, named_organizations


def project_of(registration: Registration, content: Content) -> Project:
    """A project that says the content, with its ties at hand; never to be saved."""
    moved = successors(named_organizations(content))
    content = canonical(followed(content, moved, own=registration.organization_id))
    content["title_fr"] = content["title_fr"] or str(registration)
    now = timezone.now()
    # A primary key that no row has: related managers refuse to answer for a row without one.
    project = Project(
        pk=registration.project_id or 0, plan=registration.plan, published_at=now, updated_at=now
    )
    for name in TEXTS:
        setattr(project, name, content[name])
    project.slug = registration.project.slug if registration.project else "apercu"
    project.stage = content["stage"]
    project.covers_whole_island = content["covers_whole_island"]
    project.contact_consented_on = timezone.localdate() if content["contact_consent"] else None
    for name in ("starts", "ends"):
        date = _date(content[name])
        setattr(project, f"{name}_on", date.first_day if date else None)
        setattr(project, f"{name}_precision", date.precision if date else Precision.DAY)
    project.is_demonstration = (
        registration.organization.is_demonstration or registration.plan.is_demonstration
    )
    _hold(project, "objective_ties", _objectives(project, content))
    _hold(
        project, "issues", CrossCuttingIssue.objects.select_related("plan").filter(pk__in=content["issues"])
    )
    territories = [] if project.covers_whole_island else content["territories"]
    _hold(project, "territories", Territory.objects.filter(pk__in=territories))
    _hold(
        project, "food_chain_links", [ProjectFoodChainLink(project=project, link=x) for x in content["links"]]
    )
    _hold(project, "project_partners", _partners(project, registration, content))
    _hold(project, "deliverables", _deliverables(project, content))
    return project


def _hold(project: Project, name: str, rows: Iterable[models.Model]) -> None:
    """Let the related manager of that name answer these rows."""
    related: Any = Project._meta.get_field(name).related_model
    answer = related._default_manager.none()
    answer._result_cache, answer._prefetch_done = list(rows), True
    vars(project).setdefault("_prefetched_objects_cache", {})[name] = answer


def _objectives(project: Project, content: Content) -> list[ProjectObjective]:
    wanted = [content["primary_objective"], *content["objectives"]]
    found = Objective.objects.select_related("orientation__plan").in_bulk([pk for pk in wanted if pk])
    return [
        ProjectObjective(project=project, objective=found[pk], is_primary=pk == content["primary_objective"])
        for pk in wanted
        if pk in found
    ]


def _partners(project: Project, registration: Registration, content: Content) -> list[ProjectPartner]:
    own = ProjectPartner(
        project=project,
        organization=registration.organization,
        role=content["own_role"],
        confirmed_on=timezone.localdate(),
    )
    known = Organization.objects.in_bulk(
        [r["organization"] for r in content["partners"] if r["organization"]]
    )
    answered = {(p.organization_id, p.role): p.confirmed_on for p in _published_parts(registration)}
    return [
        own,
        *(
            ProjectPartner(
                project=project,
                organization=known.get(row["organization"]) or Organization(name=row["name"]),
                role=row["role"],
                confirmed_on=answered.get((row["organization"], row["role"])),
            )
            for row in content["partners"]
        ),
    ]


def _published_parts(registration: Registration) -> list[ProjectPartner]:
    return list(registration.project.project_partners.all()) if registration.project else []


def _deliverables(project: Project, content: Content) -> list[Deliverable]:
    rows = []
    for number, row in enumerate(content["deliverables"], start=1):
        date = _date(row["due"])
        rows.append(
            Deliverable(
                project=project,
                number=number,
                title_fr=row["title_fr"],
                title_en=row["title_en"],
                state=row["state"],
                due_on=date.first_day if date else None,
                due_precision=date.precision if date else Precision.DAY,
            )
        )
    return rows


def _date(text: str) -> PartialDate | None:
    try:
        return PartialDate.parse(text) if text else None
    except UnreadableDateError:
        return None
