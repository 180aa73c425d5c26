"""How the projects of a list divide among the values of its filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import get_language

from core.facets import Facets, keys_by_value
from core.freshness import kept
from partners.models import Organization
from partners.territories import WHOLE_ISLAND
from projects.filters import ProjectFilter
from projects.models import Project, ProjectFoodChainLink, ProjectObjective, ProjectPartner

Members = dict[str, Mapping[str, frozenset[int]]]

#: A question that finds no more projects than this has only their ties read.
FEW = 400
#: Partners counted for the filter by partner, beside those that are chosen or typed: those with the most projects.
PARTNERS_COUNTED = 60
NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Rows:
    """The projects before any facet, in the order asked for, and what is read along with them."""

    keys: list[int]
    by_stage: dict[str, frozenset[int]]
    on_whole_island: frozenset[int]

    @classmethod
    def read(cls, candidates: QuerySet[Project]) -> Rows:
        found = list(candidates.values_list("pk", "stage", "covers_whole_island"))
        stages: dict[str, set[int]] = {}
        for key, stage, _whole in found:
            stages.setdefault(stage, set()).add(key)
        return cls(
            keys=[key for key, _stage, _whole in found],
            by_stage={stage: frozenset(keys) for stage, keys in stages.items()},
            on_whole_island=frozenset(key for key, _stage, whole in found if whole),
        )


def facets_of(filters: ProjectFilter, *, partner_name: str = "") -> Facets:
    """Nine queries, whatever is chosen and however many projects there are; fewer when something is kept.

    Values are those of the address, but for partners, who are known by their primary key as text.
    """
    plan, chosen_partners = filters.plan.pk, _chosen_partners(filters)
    chosen = {**filters.chosen, "partenaire": [str(key) for key in chosen_partners]}
    if filters.question:
        rows = Rows.read(filters.candidates)
    else:
        name = ("projects in order", plan, filters.order, get_language())
        rows = kept(name, lambda: Rows.read(filters.candidates))
    if not rows.keys:
        return Facets(rows=[], members={name: {} for name in filters.facet_names}, chosen=chosen)
    if filters.question and len(rows.keys) <= FEW:
        ties = _ties(filters, among=rows.keys)
    else:
        ties = kept(("projects by facet", plan), lambda: _ties(filters))
    return Facets(
        rows=rows.keys,
        members={
            **ties,
            "territoire": {WHOLE_ISLAND: rows.on_whole_island, **ties["territoire"]},
            "etape": rows.by_stage,
            "partenaire": _by_partner(chosen_partners, partner_name),
        },
        chosen=chosen,
    )


def _ties(filters: ProjectFilter, *, among: list[int] | None = None) -> Members:
    """For each filter that stands in a table of ties, the projects that have each of its values."""

    def read(ties: QuerySet[Any], value: str) -> dict[Any, frozenset[int]]:
        return keys_by_value(ties if among is None else ties.filter(project__in=among), value, "project")

    words = filters.vocabulary
    by_objective = read(ProjectObjective.objects.all(), "objective")
    by_issue = read(Project.issues.through.objects.all(), "crosscuttingissue")
    by_territory = read(Project.territories.through.objects.all(), "territory")
    leads = ProjectPartner.objects.filter(role=ProjectPartner.Role.LEAD)
    return {
        "orientation": {
            str(o.number): NOBODY.union(*(by_objective.get(x.pk, NOBODY) for x in o.objectives.all()))
            for o in words.orientations
        },
        "objectif": {o.code: by_objective.get(o.pk, NOBODY) for o in words.objectives},
        "enjeu": {str(issue.number): by_issue.get(issue.pk, NOBODY) for issue in words.issues},
        "territoire": {t.slug: by_territory.get(t.pk, NOBODY) for t in words.territories},
        "maillon": read(ProjectFoodChainLink.objects.all(), "link"),
        "secteur": read(leads, "organization__sector"),
    }


def _by_partner(chosen: list[int], name: str) -> dict[str, frozenset[int]]:
    """The projects of the partners chosen, and of those with the most projects or that the typed name finds."""
    if name:
        offered = Organization.objects.search(name).order_by("title_hit", "pk").values_list("pk", flat=True)
    else:
        parts = ProjectPartner.objects.order_by().values("organization").annotate(number=Count("project"))
        offered = parts.order_by("-number", "organization").values_list("organization", flat=True)
    counted = [*chosen, *offered[:PARTNERS_COUNTED]]
    ties = ProjectPartner.objects.filter(organization__in=counted)
    return {str(key): keys for key, keys in keys_by_value(ties, "organization", "project").items()}


def _chosen_partners(filters: ProjectFilter) -> list[int]:
    chosen = set(filters.chosen["partenaire"])
    return [o.pk for o in filters.partners if o.slug in chosen]
