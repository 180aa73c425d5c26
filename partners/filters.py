"""The filters of the directory, named as in its address."""

from __future__ import annotations

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.filters import FacetedFilterSet, FacetFilter
from partners.models import Organization, Territory
from partners.territories import WHOLE_ISLAND

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: The letter of the names that begin with a digit.
DIGITS = "0-9"


class TerritoryFilter(FacetFilter):
    def condition(self, value: str) -> Q:
        return Q(covers_whole_island=True) if value == WHOLE_ISLAND else Q(territories__slug=value)


class LetterFilter(FacetFilter):
    def condition(self, value: str) -> Q:
        if value == DIGITS:
            return Q(sort_key_fr__lt="a")
        return Q(sort_key_fr__startswith=value.lower())


class OrganizationFilter(FacetedFilterSet):
    secteur = FacetFilter("sector", label=gettext_lazy("Secteur"), choices=Organization.Sector.choices)
    territoire = TerritoryFilter("territories", label=gettext_lazy("Territoire"))
    lettre = LetterFilter(
        "sort_key_fr", label=gettext_lazy("Lettre"), choices=[(x, x) for x in (*LETTERS, DIGITS)]
    )

    class Meta:
        model = Organization
        fields: list[str] = []

    def __init__(self, data: QueryDict) -> None:
        self.territories = list(Territory.objects.all())
        territories = [(WHOLE_ISLAND, _("Toute l'île")), *((t.slug, t.name) for t in self.territories)]
        super().__init__(data, Organization.objects.public(), {"territoire": territories})
