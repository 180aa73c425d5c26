"""Projects that look like a registration: the same thing registered twice, or two partners who should meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.folding import stems
from partners.merging import successors
from projects.models import Distinction, Project, Registration, RegistrationVersion
from projects.registrations.content import followed, named_organizations

#: Weights of what two sheets share; the sum is 1.
TITLE, SUMMARY, ORGANIZATION, OBJECTIVE = 0.55, 0.25, 0.12, 0.08
#: From here on a pair is worth a look: half of the words of the titles, or most of those of both summaries.
LIKELY = 0.3
MOST = 5
#: How many rows of each kind are compared at most, the nearest in words first asked for.
CANDIDATES = 400


@dataclass(frozen=True)
class Sheet:
    """What is compared of a project, as stems and ids."""

    title: frozenset[str]
    summary: frozenset[str]
    organizations: frozenset[int] = frozenset()
    objective: int | None = None

    @classmethod
    def of(cls, content: Mapping[str, Any], organization_id: int) -> Sheet:
        return cls(
            title=_stems(content.get("title_fr", "")),
            summary=_stems(content.get("summary_fr", "")),
            organizations=frozenset({organization_id, *named_organizations(content)}),
            objective=content.get("primary_objective"),
        )


@dataclass(frozen=True)
class Likeness:
    """A project or a registration that resembles, and how much (0 to 1)."""

    title: str
    organization: str
    url: str
    score: float
    is_registration: bool
    pk: int
    #: The project that it is or becomes, if there is one.
    project: int | None
    #: That staff said it to be another project; None where nobody did.
    apart: Distinction | None = None

    @property
    def key(self) -> str:
        """How a page names it: ``registration:12`` or ``project:7``."""
        return f"{'registration' if self.is_registration else 'project'}:{self.pk}"

    @property
    def percent(self) -> int:
        return round(self.score * 100)


def likeness(one: Sheet, other: Sheet) -> float:
    """From 0, nothing in common, to 1; the same whichever comes first."""
    same_objective = one.objective is not None and one.objective == other.objective
    return (
        TITLE * _overlap(one.title, other.title)
        + SUMMARY * _overlap(one.summary, other.summary)
        + ORGANIZATION * bool(one.organizations & other.organizations)
        + OBJECTIVE * same_objective
    )


def likely_duplicates(*, registration: Registration, content: Mapping[str, Any]) -> list[Likeness]:
    """Published projects and submitted registrations that resemble this text, the nearest first; after them those
    that staff set apart.
    """
    moved = successors(named_organizations(content))
    sheet = Sheet.of(followed(content, moved), registration.organization_id)
    found = [
        item
        for item in (*_projects(sheet, registration), *_registrations(sheet, registration))
        if item.score >= LIKELY
    ]
    apart = _set_apart(registration) if found else {}
    marked = [
        replace(item, apart=apart.get(item.key) or apart.get(f"project:{item.project}")) for item in found
    ]
    marked.sort(key=lambda item: (-item.score, item.title))
    return [i for i in marked if not i.apart][:MOST] + [i for i in marked if i.apart]


def _set_apart(registration: Registration) -> dict[str, Distinction]:
    """By the key of what was set apart, and of the project that it became, whichever page it was said on."""
    rows = Distinction.objects.in_force().about(registration)
    found: dict[str, Distinction] = {}
    for row in rows.select_related("by", "registration", "other_registration"):
        one, other = row.registration, row.other_registration
        if row.other_project_id is not None:
            found[f"project:{row.other_project_id}"] = row
        for end in (one, other):
            if end is not None:
                found[f"registration:{end.pk}"] = row
                if end.project_id is not None:
                    found[f"project:{end.project_id}"] = row
    return found


def _projects(sheet: Sheet, registration: Registration) -> Iterable[Likeness]:
    wanted = Q(organizations__in=sheet.organizations)
    for stem in sorted(sheet.title, key=len, reverse=True)[:8]:
        wanted |= Q(search_title_fr__has_stem=stem)
    near = Project.objects.published().filter(wanted).exclude(pk=registration.project_id)
    ids = near.order_by("-updated_at").values_list("pk", flat=True).distinct()[:CANDIDATES]
    rows = Project.objects.filter(pk__in=list(ids)).without_search_columns()
    for project in rows.prefetch_related("objective_ties", "project_partners__organization"):
        ties, parts = project.objective_ties.all(), project.project_partners.all()
        other = Sheet(
            title=_stems(project.title_fr),
            summary=_stems(project.summary_fr),
            organizations=frozenset(part.organization_id for part in parts),
            objective=next((tie.objective_id for tie in ties if tie.is_primary), None),
        )
        lead = next((part.organization.name for part in parts if part.role == "lead"), "")
        url, score = project.get_absolute_url(), likeness(sheet, other)
        yield Likeness(project.title, lead, url, score, False, project.pk, project.pk)


def _registrations(sheet: Sheet, registration: Registration) -> Iterable[Likeness]:
    """Those under way, as they were last submitted: a draft is nobody else's to read."""
    states = (Registration.State.SUBMITTED, Registration.State.CHANGES_REQUESTED)
    others = Registration.objects.filter(state__in=states).exclude(pk=registration.pk)
    if registration.project_id is not None:
        others = others.exclude(project=registration.project_id)
    ids = list(others.order_by("-submitted_at").values_list("pk", flat=True)[:CANDIDATES])
    versions = RegistrationVersion.objects.filter(registration__in=ids)
    latest: dict[int, RegistrationVersion] = {}
    for version in versions.select_related("registration__organization").order_by("number"):
        latest[version.registration_id] = version
    for version in latest.values():
        row = version.registration
        url = reverse("admin:projects_registration_change", args=(row.pk,))
        score = likeness(sheet, Sheet.of(version.content, row.organization_id))
        title = str(version.content["title_fr"])
        yield Likeness(title, row.organization.name, url, score, True, row.pk, row.project_id)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of their words that two texts have in common (Dice's coefficient)."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def _stems(text: Any) -> frozenset[str]:
    return frozenset(stems(str(text), "fr"))
