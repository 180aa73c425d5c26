"""How the projects of a list divide among the values of its filters."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet
from django.utils.translation import get_language

from core.facets import Facets, keys_by_value
from core.freshness import kept
from partners.territories import WHOLE_ISLAND
from plans.models import Plan
from projects.filters import ProjectFilter
from projects.models import Project, ProjectFoodChainLink, ProjectObjective, ProjectPartner
from projects.vocabulary import Vocabulary

Members = dict[str, Mapping[str, frozenset[int]]]


def facets_of(filters: ProjectFilter) -> Facets:
    """Eight queries at most, whatever is chosen and however many projects there are.

    Values are those of the address, but for partners, who are known by their primary key as text.
    """
    plan = filters.plan
    return Facets(
        rows=_rows(filters),
        members=kept(("projects by facet", plan.pk), lambda: members_of(plan, filters.vocabulary)),
        chosen={**filters.chosen, "partenaire": _partner_keys(filters)},
    )


def members_of(plan: Plan, words: Vocabulary) -> Members:
    """For each filter, the published projects of the plan that have each of its values."""
    published = Project.objects.published().filter(plan=plan).order_by()
    stages: dict[str, set[int]] = {}
    whole_island: set[int] = set()
    for key, stage, covers_whole_island in published.values_list("pk", "stage", "covers_whole_island"):
        stages.setdefault(stage, set()).add(key)
        if covers_whole_island:
            whole_island.add(key)
    by_objective = keys_by_value(ProjectObjective.objects.all(), "objective", "project")
    by_issue = keys_by_value(Project.issues.through.objects.all(), "crosscuttingissue", "project")
    by_territory = keys_by_value(Project.territories.through.objects.all(), "territory", "project")
    by_partner = keys_by_value(ProjectPartner.objects.all(), "organization", "project")
    leads = ProjectPartner.objects.filter(role=ProjectPartner.Role.LEAD)
    nobody: frozenset[int] = frozenset()
    return {
        "orientation": {
            str(o.number): nobody.union(*(by_objective.get(x.pk, nobody) for x in o.objectives.all()))
            for o in words.orientations
        },
        "objectif": {o.code: by_objective.get(o.pk, nobody) for o in words.objectives},
        "enjeu": {str(issue.number): by_issue.get(issue.pk, nobody) for issue in words.issues},
        "territoire": {
            WHOLE_ISLAND: frozenset(whole_island),
            **{t.slug: by_territory.get(t.pk, nobody) for t in words.territories},
        },
        "maillon": keys_by_value(ProjectFoodChainLink.objects.all(), "link", "project"),
        "secteur": keys_by_value(leads, "organization__sector", "project"),
        "etape": {stage: frozenset(keys) for stage, keys in stages.items()},
        "partenaire": {str(pk): keys for pk, keys in by_partner.items()},
    }


def _rows(filters: ProjectFilter) -> list[int]:
    """The keys of the projects before any facet, in the order asked for."""

    def read(candidates: QuerySet[Project] = filters.candidates) -> list[int]:
        return list(candidates.values_list("pk", flat=True))

    if filters.question:
        return read()
    return kept(("projects in order", filters.plan.pk, filters.order, get_language()), read)


def _partner_keys(filters: ProjectFilter) -> list[str]:
    chosen = set(filters.chosen["partenaire"])
    return [str(o.pk) for o in filters.partners if o.slug in chosen]
