"""The list of what projects learned, as its page prints it: rows, choices with counts, chips and addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.facets import Facets, keys_by_value
from core.filters import FacetedFilterSet, FacetFilter
from core.listing import Address, Chip, Choice, ChoiceGroup, page_number
from core.translation import text_and_language
from indicators.models import Learning, ReportingPeriod
from plans.models import Objective, Orientation, Plan
from projects.models import Project, ProjectObjective, ProjectPartner

PER_PAGE = 20
#: On the pages of objectives and orientations.
SHOWN = 3
#: In the place of a period, for reports that were handed in between them.
BETWEEN = "hors-periode"
TIES = "report__project__objective_ties__objective"
NOBODY: frozenset[int] = frozenset()

#: A value of a filter before it is counted: value, label, language of the label, hue.
Value = tuple[str, str, str, str]


class ObjectiveFilter(FacetFilter):
    """By code: « 3.2 »."""

    def condition(self, value: str) -> Q:
        orientation, number = value.split(".")
        return Q(**{f"{TIES}__orientation__number": orientation, f"{TIES}__number": number})


class PeriodFilter(FacetFilter):
    def condition(self, value: str) -> Q:
        return Q(report__period=None) if value == BETWEEN else Q(report__period=value)


class LearningFilter(FacetedFilterSet):
    orientation = FacetFilter(f"{TIES}__orientation__number", label=_("Orientation"))
    objectif = ObjectiveFilter(TIES, label=_("Objectif général"))
    periode = PeriodFilter("report__period", label=_("Période"))

    class Meta:
        model = Learning
        fields: list[str] = []

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the passages, and in all that is found of their projects: titles, partners, territories."""
        if not value:
            return queryset
        own = Learning.objects.search(value).order_by().values("pk")
        projects = Project.objects.search(value).order_by().values("pk")
        return queryset.filter(Q(pk__in=own) | Q(report__project__in=projects))

    def ordered(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        latest: QuerySet[Any] = queryset.latest_first()  # type: ignore[attr-defined]
        return latest


@dataclass
class Listing:
    """What the projects of a plan learned, as the address asks for it."""

    plan: Plan
    data: QueryDict
    path: str
    problems: list[str] = field(default_factory=list)

    @cached_property
    def filters(self) -> LearningFilter:
        choices = {
            "orientation": [(str(o.number), o.name) for o in self.orientations],
            "objectif": [(o.code, o.title) for o in self.objectives],
            "periode": [(value, label) for value, label, _language, _hue in self.periods],
        }
        filters = LearningFilter(self.data, Learning.objects.published().filter(self.in_plan), choices)
        self.problems += filters.problems
        return filters

    @property
    def in_plan(self) -> Q:
        return Q(report__project__plan=self.plan.pk)

    @cached_property
    def orientations(self) -> list[Orientation]:
        objectives = Objective.objects.select_related("orientation").order_by("number")
        found = self.plan.orientations.order_by("number")
        return list(found.prefetch_related(Prefetch("objectives", objectives)))

    @property
    def objectives(self) -> list[Objective]:
        return [objective for o in self.orientations for objective in o.objectives.all()]

    @cached_property
    def periods(self) -> list[Value]:
        """The periods of the plan, the latest first, and what lies between them."""
        found = [_worded(str(p.pk), p) for p in ReportingPeriod.objects.filter(plan=self.plan.pk)]
        return [*found, (BETWEEN, __("Hors période"), "", "")]

    @cached_property
    def facets(self) -> Facets:
        found = list(self.filters.candidates.values_list("pk", "report__period"))
        by_period: dict[str, set[int]] = {}
        for key, period in found:
            by_period.setdefault(str(period or BETWEEN), set()).add(key)
        ties = keys_by_value(Learning.objects.filter(self.in_plan), TIES, "pk") if found else {}
        members: Mapping[str, Mapping[str, Any]] = {
            "orientation": {
                str(o.number): NOBODY.union(*(ties.get(x.pk, NOBODY) for x in o.objectives.all()))
                for o in self.orientations
            },
            "objectif": {o.code: ties.get(o.pk, NOBODY) for o in self.objectives},
            "periode": by_period,
        }
        return Facets([key for key, _period in found], members, self.filters.chosen)

    @property
    def count(self) -> int:
        return len(self.facets.found)

    @cached_property
    def page(self) -> Page[Learning]:
        pages = Paginator(self.facets.found, PER_PAGE)
        number, problem = page_number(self.data.get("page", ""), pages.num_pages)
        self.problems += [problem] if problem else []
        keys = list(pages.page(number).object_list)
        by_key = {row.pk: row for row in with_card(Learning.objects.filter(pk__in=keys))}
        return Page([by_key[key] for key in keys if key in by_key], number, cast(Any, pages))

    @property
    def has_filters(self) -> bool:
        return bool(self.filters.question or any(self.filters.chosen.values()))

    # Addresses ----------------------------------------------------------------------------------------------

    @cached_property
    def address(self) -> Address:
        return Address(self.path, self.data, {"q", "plan", "page", *self.filters.facet_names})

    @property
    def clear_address(self) -> str:
        return self.address.to(drop=("page", "q", *self.filters.facet_names))

    # What can be chosen -------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> dict[str, ChoiceGroup]:
        groups = [
            self._group("orientation", [_of_orientation(o) for o in self.orientations], is_open=True),
            self._group("objectif", [_worded(o.code, o, f"{o.code} ") for o in self.objectives]),
            self._group("periode", self.periods, is_open=True),
        ]
        return {group.name: group for group in groups}

    def _group(self, name: str, values: list[Value], *, is_open: bool = False) -> ChoiceGroup:
        counts, chosen = self.facets.counts(name), self.filters.chosen[name]
        choices = [
            Choice(value, label, counts.get(value, 0), value in chosen, language, hue)
            for value, label, language, hue in values
        ]
        return ChoiceGroup(name, self._legend(name), choices, is_open or bool(chosen))

    @cached_property
    def chips(self) -> list[Chip]:
        chips = []
        if self.filters.question:
            chips.append(Chip(__("Recherche"), f"« {self.filters.question} »", self.address.to({"q": ""})))
        for name, group in self.groups.items():
            for choice in group.choices:
                if choice.is_chosen:
                    others = [value for value in self.filters.chosen[name] if value != choice.value]
                    url = self.address.to({name: others})
                    chips.append(Chip(group.legend, choice.label, url, choice.language))
        return chips

    def _legend(self, name: str) -> str:
        return str(self.filters.filters[name].label)


def with_card(learnings: QuerySet[Learning]) -> QuerySet[Learning]:
    """With what a card prints of each: its project, the objectives of that, who leads it."""
    ties = ProjectObjective.objects.select_related("objective__orientation__plan")
    leads = ProjectPartner.objects.select_related("organization")
    return (
        learnings.select_related("report__project__plan", "report__period")
        .defer(*Learning.search_columns(), *(f"report__project__{n}" for n in Project.search_columns()))
        .prefetch_related(
            Prefetch("report__project__objective_ties", ties),
            Prefetch("report__project__project_partners", leads),
        )
    )


def place_of(learning: Learning) -> str:
    """The address of the page of the list on which it stands today, at its place."""
    plan = learning.report.project.plan
    rows = Learning.objects.published().filter(report__project__plan=plan).latest_first()
    page = list(rows.values_list("pk", flat=True)).index(learning.pk) // PER_PAGE + 1
    query = ({} if plan.is_current else {"plan": plan.slug}) | ({"page": str(page)} if page > 1 else {})
    asked = f"?{urlencode(query)}" if query else ""
    return f"{reverse('indicators:learnings')}{asked}#apprentissage-{learning.report_id}"


def excerpt_of(projects: QuerySet[Project]) -> tuple[list[Learning], int]:
    """The latest passages of these projects, and how many there are in all."""
    found = Learning.objects.published().of_projects(projects)
    count = found.count()
    return (list(with_card(found.latest_first())[:SHOWN]) if count else []), count


def _of_orientation(orientation: Orientation) -> Value:
    text, language = text_and_language(orientation, "short_title")
    if not text:
        text, language = text_and_language(orientation, "title")
    return str(orientation.number), f"{orientation.number}. {text}", language, orientation.colour


def _worded(value: str, row: Any, prefix: str = "") -> Value:
    text, language = text_and_language(row, "title")
    return value, f"{prefix}{text}", language, ""
