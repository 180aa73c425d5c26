"""An approved content becomes the public project: the one place where partners' words turn public."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.text import slugify

from core.folding import fold
from core.partial_dates import PartialDate, Precision
from partners.merging import successors
from partners.models import Organization
from projects.models import (
    Deliverable,
    Project,
    ProjectFoodChainLink,
    ProjectObjective,
    ProjectPartner,
    Registration,
)
from projects.registrations.content import TEXTS, Content, canonical, followed, named_organizations

#: What other apps write of a content, in the same transaction: ``function(project=…, content=…, by=…, at=…)``.
also_apply: list[Callable[..., None]] = []


def apply(*, registration: Registration, content: Content, by: Any, at: dt.datetime) -> Project:
    """Write the content on the registration's project, a new one where it has none; returns it.

    Called by the approval alone, inside its transaction, with the project locked.
    """
    moved = successors(named_organizations(content))
    content = canonical(followed(content, moved, own=registration.organization_id))
    project = registration.project or Project(plan=registration.plan, published_at=at)
    _write_columns(project, registration, content, at)
    project.save()
    project.issues.set(content["issues"])
    project.territories.set([] if content["covers_whole_island"] else content["territories"])
    _write_objectives(project, content)
    _write_links(project, content["links"])
    _write_partners(project, registration, content, at.date())
    _write_deliverables(project, content["deliverables"])
    for write in also_apply:
        write(project=project, content=content, by=by, at=at)
    Project.objects.filter(pk=project.pk).reindex()
    project.refresh_from_db()
    return project


def _write_columns(project: Project, registration: Registration, content: Content, at: dt.datetime) -> None:
    for name in TEXTS:
        setattr(project, name, content[name])
    project.slug = project.slug or free_slug(content["title_fr"])
    project.stage = content["stage"]
    project.covers_whole_island = content["covers_whole_island"]
    for name in ("starts", "ends"):
        date = PartialDate.parse(content[name]) if content[name] else None
        setattr(project, f"{name}_on", date.first_day if date else None)
        setattr(project, f"{name}_precision", date.precision if date else Precision.DAY)
    if not content["contact_consent"]:
        project.contact_consented_on = None
    elif project.contact_consented_on is None:
        project.contact_consented_on = at.date()
    project.updated_at = at
    if project._state.adding:
        project.is_demonstration = (
            registration.organization.is_demonstration or registration.plan.is_demonstration
        )


def free_slug(title: str) -> str:
    """An address that no project has: the words of the title, numbered where they are taken."""
    stem = slugify(title)[:72].strip("-") or "projet"
    taken = set(Project.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    candidates = (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3)))
    return next(slug for slug in candidates if slug not in taken)


def _write_objectives(project: Project, content: Content) -> None:
    wanted = dict.fromkeys(content["objectives"], False) | {content["primary_objective"]: True}
    project.objective_ties.exclude(objective_id__in=wanted).delete()
    project.objective_ties.exclude(objective=content["primary_objective"]).update(is_primary=False)
    for objective_id, is_primary in wanted.items():
        ProjectObjective.objects.update_or_create(
            project=project, objective_id=objective_id, defaults={"is_primary": is_primary}
        )


def _write_links(project: Project, links: list[str]) -> None:
    project.food_chain_links.exclude(link__in=links).delete()
    for link in links:
        ProjectFoodChainLink.objects.get_or_create(project=project, link=link)


def _write_partners(project: Project, registration: Registration, content: Content, on: dt.date) -> None:
    """Keeps what an organisation confirmed or declined as long as its role stays the same."""
    own = (registration.organization_id, content["own_role"])
    wanted = dict.fromkeys(
        [
            own,
            *((row["organization"] or proposed(row["name"]).pk, row["role"]) for row in content["partners"]),
        ]
    )
    before = {(part.organization_id, part.role): part for part in project.project_partners.all()}
    project.project_partners.exclude(pk__in=[before[key].pk for key in wanted if key in before]).delete()
    for position, (organization_id, role) in enumerate(wanted):
        part = before.get((organization_id, role)) or ProjectPartner(
            project=project, organization_id=organization_id, role=role
        )
        part.position = position
        if organization_id == registration.organization_id and part.confirmed_on is None:
            part.confirmed_on, part.declined_on = on, None
        part.save()


def proposed(name: str) -> Organization:
    """The organisation that bears this name, else a new one that staff verify before it is public."""
    folded = fold(name)
    for organization in Organization.objects.exclude(stage=Organization.Stage.ARCHIVED).only(
        "name", "acronym"
    ):
        if folded in (fold(organization.name), fold(organization.acronym) if organization.acronym else None):
            return organization
    stem = slugify(name)[:72].strip("-") or "organisation"
    taken = set(Organization.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug = next(s for s in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)
    organization = Organization.objects.create(
        name=name[:200], slug=slug, sector=Organization.Sector.OTHER, stage=Organization.Stage.PENDING
    )
    Organization.objects.filter(pk=organization.pk).reindex()
    return organization


def _write_deliverables(project: Project, rows: list[dict[str, Any]]) -> None:
    """Rows keep their identity by id; an id of another project counts as new."""
    before = {item.pk: item for item in project.deliverables.all()}
    kept = [row["id"] for row in rows if row["id"] in before]
    project.deliverables.exclude(pk__in=kept).delete()
    # Numbers are unique: moved out of the way first, so that two rows may trade places.
    for offset, item in enumerate(project.deliverables.all(), start=1):
        Deliverable.objects.filter(pk=item.pk).update(number=10_000 + offset)
    for number, row in enumerate(rows, start=1):
        item = before.get(row["id"]) or Deliverable(project=project)
        date = PartialDate.parse(row["due"]) if row["due"] else None
        item.number = number
        for name in ("title_fr", "title_en"):
            setattr(item, name, row[name][:250])
        item.due_on = date.first_day if date else None
        item.due_precision = date.precision if date else Precision.DAY
        if item.state != row["state"]:
            item.state = row["state"]
            item.delivered_on = None
        item.save()
