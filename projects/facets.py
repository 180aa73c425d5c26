"""How the projects of a list divide among the values of its filters."""

from __future__ import annotations

from itertools import chain

from core.facets import Facets, keys_by_value
from partners.territories import WHOLE_ISLAND
from projects.filters import ProjectFilter
from projects.models import Project, ProjectFoodChainLink, ProjectObjective, ProjectPartner


def facets_of(filters: ProjectFilter) -> Facets:
    """Seven queries, whatever is chosen and however many projects there are.

    Values are those of the address, but for partners, who are known by their primary key as text.
    """
    words = filters.vocabulary
    rows = list(filters.candidates.values_list("pk", "stage", "covers_whole_island"))
    by_objective = keys_by_value(ProjectObjective.objects.all(), "objective", "project")
    by_issue = keys_by_value(Project.issues.through.objects.all(), "crosscuttingissue", "project")
    by_territory = keys_by_value(Project.territories.through.objects.all(), "territory", "project")
    by_link = keys_by_value(ProjectFoodChainLink.objects.all(), "link", "project")
    by_partner = keys_by_value(ProjectPartner.objects.all(), "organization", "project")
    leads = ProjectPartner.objects.filter(role=ProjectPartner.Role.LEAD)
    by_sector = keys_by_value(leads, "organization__sector", "project")
    by_stage: dict[str, list[int]] = {}
    for key, stage, _whole in rows:
        by_stage.setdefault(stage, []).append(key)
    return Facets(
        rows=[key for key, _stage, _whole in rows],
        members={
            "orientation": {
                str(o.number): list(
                    chain.from_iterable(by_objective.get(x.pk, ()) for x in o.objectives.all())
                )
                for o in words.orientations
            },
            "objectif": {o.code: by_objective.get(o.pk, []) for o in words.objectives},
            "enjeu": {str(issue.number): by_issue.get(issue.pk, []) for issue in words.issues},
            "territoire": {
                WHOLE_ISLAND: [key for key, _stage, whole in rows if whole],
                **{t.slug: by_territory.get(t.pk, []) for t in words.territories},
            },
            "maillon": by_link,
            "secteur": by_sector,
            "etape": by_stage,
            "partenaire": {str(pk): keys for pk, keys in by_partner.items()},
        },
        chosen={**filters.chosen, "partenaire": _partner_keys(filters)},
    )


def _partner_keys(filters: ProjectFilter) -> list[str]:
    chosen = set(filters.chosen["partenaire"])
    return [str(o.pk) for o in filters.partners if o.slug in chosen]
