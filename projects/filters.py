"""The filters of the list of projects, named as in its address."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import Organization
from plans.models import Plan
from projects.models import FoodChainLink, Project, ProjectPartner
from projects.vocabulary import WHOLE_ISLAND, Vocabulary

#: Longer questions are cut: nobody types them, and each word is one more pass over the texts.
LONGEST_QUESTION = 120


class KnownValuesField(forms.MultipleChoiceField):
    """Keeps the values that exist and remembers the others, so that one bad value does not spoil a whole address."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unknown: list[str] = []

    def clean(self, value: Any) -> list[str]:
        given = list(dict.fromkeys(v for v in value or [] if v))
        self.unknown = [v for v in given if not self.valid_value(v)]
        return [v for v in given if v not in self.unknown]


class FacetFilter(django_filters.MultipleChoiceFilter):
    """Several values widen the list; the rows are asked for by key, so that no row comes twice."""

    field_class = KnownValuesField

    def filter(self, qs: QuerySet[Any], value: Sequence[str]) -> QuerySet[Any]:
        if not value:
            return qs
        wanted = Q()
        for one in value:
            wanted |= self.condition(one)
        return qs.filter(pk__in=Project.objects.order_by().filter(wanted).values("pk"))

    def condition(self, value: str) -> Q:
        return Q(**{self.field_name: value})


class ObjectiveFilter(FacetFilter):
    """By code: « 3.2 »."""

    def condition(self, value: str) -> Q:
        orientation, number = value.split(".")
        return Q(
            objective_ties__objective__orientation__number=orientation, objective_ties__objective__number=number
        )


class TerritoryFilter(FacetFilter):
    def condition(self, value: str) -> Q:
        return Q(covers_whole_island=True) if value == WHOLE_ISLAND else Q(territories__slug=value)


class LeadSectorFilter(FacetFilter):
    def condition(self, value: str) -> Q:
        return Q(
            project_partners__role=ProjectPartner.Role.LEAD, project_partners__organization__sector=value
        )


class ProjectFilter(django_filters.FilterSet):
    """``qs`` is the list as filtered; ``candidates`` the list before its facets, in order: what they are counted on."""

    q = django_filters.CharFilter(method="search", label=gettext_lazy("Recherche"))
    orientation = FacetFilter(
        field_name="objectives__orientation__number", label=gettext_lazy("Orientation")
    )
    objectif = ObjectiveFilter(field_name="objectives", label=gettext_lazy("Objectif général"))
    enjeu = FacetFilter(field_name="issues__number", label=gettext_lazy("Enjeu transversal"))
    territoire = TerritoryFilter(field_name="territories", label=gettext_lazy("Territoire"))
    maillon = FacetFilter(
        field_name="food_chain_links__link",
        label=gettext_lazy("Maillon de la chaîne alimentaire"),
        choices=FoodChainLink.choices,
    )
    secteur = LeadSectorFilter(
        field_name="organizations", label=gettext_lazy("Secteur du porteur"), choices=Organization.Sector.choices
    )
    etape = FacetFilter(field_name="stage", label=gettext_lazy("Étape"), choices=Project.Stage.choices)
    partenaire = FacetFilter(field_name="organizations__slug", label=gettext_lazy("Partenaire"))

    class Meta:
        model = Project
        fields: list[str] = []

    ORDERS = {
        "recent": ("-updated_at", "-pk"),
        "debut": (F("starts_on").asc(nulls_last=True), "pk"),
        "fin": (F("ends_on").asc(nulls_last=True), "pk"),
    }

    def __init__(self, data: QueryDict, *, plan: Plan) -> None:
        self.plan = plan
        self.problems: list[str] = []
        self.question = data.get("q", "").strip()[:LONGEST_QUESTION]
        super().__init__(data, Project.objects.published().filter(plan=plan))
        self.partners = _named_partners(data.getlist("partenaire"))
        vocabulary = self.vocabulary
        self.form.fields["orientation"].choices = [(str(o.number), o.name) for o in vocabulary.orientations]
        self.form.fields["objectif"].choices = [(o.code, o.title) for o in vocabulary.objectives]
        self.form.fields["enjeu"].choices = [(str(i.number), i.title) for i in vocabulary.issues]
        self.form.fields["territoire"].choices = [
            (WHOLE_ISLAND, _("Toute l'île")),
            *((t.slug, t.name) for t in vocabulary.territories),
        ]
        self.form.fields["partenaire"].choices = [(o.slug, o.name) for o in self.partners]
        self.form.is_valid()
        for name in self.facet_names:
            field = self.form.fields[name]
            self.problems += [_unknown_value(field.label, value) for value in field.unknown]
        self.order = self._order(data.get("tri", ""))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.plan)

    @property
    def facet_names(self) -> list[str]:
        return [name for name, kind in self.filters.items() if isinstance(kind, FacetFilter)]

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        return {name: self.form.cleaned_data.get(name, []) for name in self.facet_names}

    @property
    def candidates(self) -> QuerySet[Any]:
        return self._ordered(self.search(self.queryset, "q", self.question))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = self.search(queryset, "q", self.question)
        for name, values in self.chosen.items():
            found = self.filters[name].filter(found, values)
        return self._ordered(found)

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.search(value) if value else queryset  # type: ignore[attr-defined]

    def _order(self, asked: str) -> str:
        known = [name for name, _label in self.order_choices]
        if asked and asked not in known:
            self.problems.append(_unknown_value(_("Tri"), asked))
        return asked if asked in known else known[0]

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

    def _ordered(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.order in self.ORDERS:
            return queryset.order_by(*self.ORDERS[self.order])
        alphabetical: QuerySet[Any] = queryset.alphabetical()  # type: ignore[attr-defined]
        if self.order == "pertinence":
            return alphabetical.order_by("title_hit", *alphabetical.query.order_by)
        return alphabetical


def _named_partners(slugs: list[str]) -> list[Organization]:
    return list(Organization.objects.filter(slug__in=[s for s in slugs if s.isprintable()][:50]))


def _unknown_value(label: Any, value: str) -> str:
    return _("%(filter)s : « %(value)s » n'existe pas et n'a pas été pris en compte.") % {
        "filter": label,
        "value": value[:60],
    }
