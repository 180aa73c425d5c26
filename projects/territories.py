"""How many projects each territory has: the numbers of the map of the island."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet

from partners.models import Territory

if TYPE_CHECKING:
    from projects.listing import Listing
    from projects.models import Project


@dataclass(frozen=True)
class TerritoryCount:
    """How many projects a territory has, and where a click on its tile leads (nowhere when empty)."""

    abbreviation: str
    name: str
    latitude: float
    longitude: float
    count: int
    url: str = ""
    is_selected: bool = False
    kind: str = ""

    @classmethod
    def of(
        cls, territory: Territory, count: int, *, url: str = "", is_selected: bool = False
    ) -> TerritoryCount:
        return cls(
            territory.abbreviation,
            territory.name,
            float(territory.latitude),
            float(territory.longitude),
            count,
            url,
            is_selected,
            territory.get_kind_display(),
        )


def count_by_territory(projects: QuerySet[Project]) -> list[TerritoryCount]:
    """Each of the territories with how many of these projects name it, in alphabetical order; two queries.

    Projects that cover the whole island name no territory: they are counted apart.
    """
    counted = projects.order_by().values_list("territories").annotate(Count("pk", distinct=True))
    counts = dict(counted)
    return [TerritoryCount.of(t, counts.get(t.pk, 0)) for t in Territory.objects.all()]


def territory_counts(listing: Listing) -> list[TerritoryCount]:
    """The territories as the filters of a list leave them; a tile chooses its territory, or leaves it
    when chosen.
    """
    choices = {choice.value: choice for choice in listing.groups["territoire"].choices}
    territories = listing.filters.vocabulary.territories
    return [
        TerritoryCount.of(
            t,
            choices[t.slug].count,
            url=listing.address.to({"territoire": "" if choices[t.slug].is_chosen else t.slug}),
            is_selected=choices[t.slug].is_chosen,
        )
        for t in territories
    ]
