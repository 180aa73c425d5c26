"""Filters of lists that may hold several values in one address, some of which may not exist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

#: Longer questions are cut: nobody types them, and each word is one more pass over the texts.
LONGEST_QUESTION = 120


class KnownValuesField(forms.MultipleChoiceField):
    """Keeps the values that exist and remembers the others, so that one bad value does not spoil an
    address.
    """

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
        return qs.filter(pk__in=qs.model._default_manager.order_by().filter(wanted).values("pk"))

    def condition(self, value: str) -> Q:
        return Q(**{self.field_name: value})


class FacetedFilterSet(django_filters.FilterSet):
    """A list with a question (``q``) and facets.

    ``qs`` is the list as filtered; ``candidates`` the list before its facets, in order: what they are
    counted on.
    """

    q = django_filters.CharFilter(method="search")

    def __init__(self, data: Any, queryset: QuerySet[Any], choices: dict[str, list[tuple[str, str]]]) -> None:
        self.question = data.get("q", "").replace("\x00", "").strip()[:LONGEST_QUESTION]
        super().__init__(data, queryset)
        for name, known in choices.items():
            self.form.fields[name].choices = known
        self.form.is_valid()
        self.chosen: dict[str, list[str]] = {
            name: self.form.cleaned_data.get(name, []) for name in self.facet_names
        }
        self.problems = [
            unknown_value(self.form.fields[name].label, value)
            for name in self.facet_names
            for value in self.form.fields[name].unknown
        ]

    @property
    def facet_names(self) -> list[str]:
        return [name for name, kind in self.filters.items() if isinstance(kind, FacetFilter)]

    @property
    def candidates(self) -> QuerySet[Any]:
        return self.ordered(self.search(self.queryset, "q", self.question))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found = self.search(queryset, "q", self.question)
        for name, values in self.chosen.items():
            found = self.filters[name].filter(found, values)
        return self.ordered(found)

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.search(value) if value else queryset  # type: ignore[attr-defined]

    def ordered(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """In alphabetical order, after those whose title answers the question."""
        alphabetical: QuerySet[Any] = queryset.alphabetical()  # type: ignore[attr-defined]
        if self.question:
            return alphabetical.order_by("title_hit", *alphabetical.query.order_by)
        return alphabetical


def unknown_value(label: Any, value: str) -> str:
    return _("%(filter)s : « %(value)s » n'existe pas et n'a pas été pris en compte.") % {
        "filter": label,
        "value": value[:60],
    }
