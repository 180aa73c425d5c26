"""The filters of the list of projects, named as in its address."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.filters import FacetedFilterSet, FacetFilter, unknown_value
from partners.models import Organization
from partners.territories import WHOLE_ISLAND
from plans.models import Plan
from projects.models import FoodChainLink, Project, ProjectPartner
from projects.registrations.vocabulary import Vocabulary


class ObjectiveFilter(FacetFilter):
    """By code: « 3.2 »."""

    def condition(self, value: str) -> Q:
        orientation, number = value.split(".")
        ties = "objective_ties__objective__"
        return Q(**{f"{ties}orientation__number": orientation, f"{ties}number": number})


class TerritoryFilter(FacetFilter):
    def condition(self, value: str) -> Q:
        return Q(covers_whole_island=True) if value == WHOLE_ISLAND else Q(territories__slug=value)


class LeadSectorFilter(FacetFilter):
    def condition(self, value: str) -> Q:
        lead = ProjectPartner.Role.LEAD
        return Q(project_partners__role=lead, project_partners__organization__sector=value)


class ProjectFilter(FacetedFilterSet):
    orientation = FacetFilter("objectives__orientation__number", label=gettext_lazy("Orientation"))
    objectif = ObjectiveFilter("objectives", label=gettext_lazy("Objectif général"))
    enjeu = FacetFilter("issues__number", label=gettext_lazy("Enjeu transversal"))
    territoire = TerritoryFilter("territories", label=gettext_lazy("Territoire"))
    maillon = FacetFilter(
        "food_chain_links__link",
        label=gettext_lazy("Maillon de la chaîne alimentaire"),
        choices=FoodChainLink.choices,
    )
    secteur = LeadSectorFilter(
        "organizations", label=gettext_lazy("Secteur du porteur"), choices=Organization.Sector.choices
    )
    etape = FacetFilter("stage", label=gettext_lazy("Étape"), choices=Project.Stage.choices)
    partenaire = FacetFilter("organizations__slug", label=gettext_lazy("Partenaire"))

    class Meta:
        model = Project
        fields: list[str] = []

    ORDERS: dict[str, tuple[Any, ...]] = {
        "recent": ("-updated_at", "-pk"),
        "debut": (F("starts_on").asc(nulls_last=True), "pk"),
        "fin": (F("ends_on").asc(nulls_last=True), "pk"),
    }

    def __init__(self, data: QueryDict, *, plan: Plan) -> None:
        self.plan = plan
        slugs = [slug for slug in data.getlist("partenaire") if slug.isprintable()]
        self.partners = list(Organization.objects.filter(slug__in=slugs[:50]))
        super().__init__(data, Project.objects.published().filter(plan=plan), self._choices())
        self.order = self._order(data.get("tri", ""))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.plan)

    def _choices(self) -> dict[str, list[tuple[str, str]]]:
        """The values of this plan, by filter."""
        words = self.vocabulary
        return {
            "orientation": [(str(o.number), o.name) for o in words.orientations],
            "objectif": [(o.code, o.title) for o in words.objectives],
            "enjeu": [(str(issue.number), issue.title) for issue in words.issues],
            "territoire": [(WHOLE_ISLAND, _("Toute l'île")), *((t.slug, t.name) for t in words.territories)],
            "partenaire": [(o.slug, o.name) for o in self.partners],
        }

    @property
    def order_choices(self) -> list[tuple[str, str]]:
        """The orders of the list; the first is the one that nobody asked for."""
        orders = [
            ("recent", _("Mis à jour récemment")),
            ("titre", _("Titre")),
            ("debut", _("Date de début")),
            ("fin", _("Date de fin")),
        ]
        return [("pertinence", _("Pertinence")), *orders] if self.question else orders

    def _order(self, asked: str) -> str:
        known = [name for name, _label in self.order_choices]
        if asked and asked not in [*known, "pertinence"]:
            self.problems.append(unknown_value(_("Tri"), asked))
        return asked if asked in known else known[0]

    def ordered(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.order in self.ORDERS:
            return queryset.order_by(*self.ORDERS[self.order])
        if self.order == "pertinence":
            return super().ordered(queryset)
        alphabetical: QuerySet[Any] = queryset.alphabetical()  # type: ignore[attr-defined]
        return alphabetical
