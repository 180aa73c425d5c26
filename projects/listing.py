"""The list of projects and the map as pages print them: rows, choices with their counts, chips and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.facets import Facets
from core.translation import text_and_language
from partners.models import Organization
from plans.models import Plan
from projects.facets import facets_of
from projects.filters import ProjectFilter
from projects.models import FoodChainLink, Project
from projects.vocabulary import WHOLE_ISLAND

PER_PAGE = 24
#: Partners offered as choices: those with the most projects; the others are found by typing a part of their name.
PARTNERS_SHOWN = 8
#: What says how the list is shown, not which projects are in it.
PRESENTATION = ("tri", "vue", "page", "partenaire_nom")


@dataclass(frozen=True)
class Choice:
    """A value of a filter, with how many projects it would give. ``language`` is that of its label."""

    value: str
    label: str
    count: int
    is_chosen: bool
    language: str = ""
    hue: str = ""


@dataclass(frozen=True)
class ChoiceGroup:
    name: str
    legend: str
    choices: list[Choice]
    is_open: bool = False

    @property
    def chosen_count(self) -> int:
        return sum(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address of the list without it."""

    legend: str
    label: str
    url: str
    language: str = ""


@dataclass
class Listing:
    """The projects of a plan as the address asks for them."""

    plan: Plan
    data: QueryDict
    path: str
    problems: list[str] = field(default_factory=list)

    @cached_property
    def filters(self) -> ProjectFilter:
        filters = ProjectFilter(self.data, plan=self.plan)
        self.problems += filters.problems
        return filters

    @cached_property
    def facets(self) -> Facets:
        return facets_of(self.filters)

    @property
    def count(self) -> int:
        return len(self.facets.found)

    @cached_property
    def page(self) -> Page[Project]:
        """The page asked for, its projects with what their cards print."""
        pages = Paginator(self.facets.found, PER_PAGE)
        page = pages.page(self._page_number(pages.num_pages))
        by_key = Project.objects.with_card().without_search_columns().in_bulk(list(page.object_list))
        page.object_list = [by_key[key] for key in page.object_list if key in by_key]  # type: ignore[assignment]
        return page  # type: ignore[return-value]

    def _page_number(self, last: int) -> int:
        asked = self.data.get("page", "")
        if not asked:
            return 1
        if asked.isascii() and asked.isdigit() and len(asked) < 7 and 1 <= int(asked) <= last:
            return int(asked)
        self.problems.append(
            _("La page « %(page)s » n'existe pas : voici la première de %(last)s.")
            % {"page": asked[:20], "last": last}
        )
        return 1

    @cached_property
    def view(self) -> str:
        asked = self.data.get("vue", "")
        if asked not in ("", "cartes", "liste"):
            self.problems.append(
                _("La présentation « %(view)s » n'existe pas : voici les cartes.") % {"view": asked[:20]}
            )
        return "liste" if asked == "liste" else "cartes"

    @cached_property
    def has_filters(self) -> bool:
        return bool(self.filters.question or any(self.filters.chosen.values()))

    # Addresses ----------------------------------------------------------------------------------------------

    def address(self, *, path: str = "", drop: Iterable[str] = ("page",), **changes: str | list[str]) -> str:
        """The address of this list with changes; empty parameters and those of ``drop`` are left out."""
        pairs = [
            (name, value)
            for name, values in self.data.lists()
            for value in values
            if value and name in self.known_parameters and name not in drop and name not in changes
        ]
        for name, values in changes.items():
            pairs += [(name, v) for v in ([values] if isinstance(values, str) else values) if v]
        return f"{path or self.path}?{urlencode(pairs)}" if pairs else path or self.path

    @property
    def known_parameters(self) -> set[str]:
        return {"q", "plan", *PRESENTATION, *self.filters.facet_names}

    @property
    def page_address(self) -> str:
        """The address of this list up to the number of a page."""
        address = self.address()
        return f"{address}{'&' if '?' in address else '?'}page="

    @property
    def clear_address(self) -> str:
        return self.address(drop=("page", "q", "partenaire_nom", *self.filters.facet_names))

    @property
    def view_addresses(self) -> dict[str, str]:
        return {"cartes": self.address(vue=""), "liste": self.address(vue="liste")}

    @property
    def kept_parameters(self) -> list[tuple[str, str]]:
        """What the form of the filters carries along without showing it."""
        return [(name, self.data[name]) for name in ("plan", "vue") if self.data.get(name)]

    # What can be chosen -------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> dict[str, ChoiceGroup]:
        words = self.filters.vocabulary
        groups = [
            self._group(
                "orientation",
                [(str(o.number), *_name(o), o.colour) for o in words.orientations],
                is_open=True,
            ),
            self._group(
                "objectif",
                [(o.code, *_numbered(o.code, *text_and_language(o, "title")), "") for o in words.objectives],
            ),
            self._group(
                "enjeu", [(str(i.number), *text_and_language(i, "title"), "") for i in words.issues]
            ),
            self._group(
                "territoire",
                [(WHOLE_ISLAND, _("Toute l'île"), "", ""), *((t.slug, t.name, "", "") for t in words.territories)],
            ),
            self._group("maillon", [(v, _capital(label), "", "") for v, label in FoodChainLink.choices]),
            self._group("secteur", [(v, _capital(label), "", "") for v, label in Organization.Sector.choices]),
            self._group("etape", [(v, _capital(label), "", "") for v, label in Project.Stage.choices]),
            self._partners(),
        ]
        return {group.name: group for group in groups}

    def _group(
        self, name: str, values: list[tuple[str, str, str, str]], *, is_open: bool = False
    ) -> ChoiceGroup:
        counts, chosen = self.facets.counts(name), self.filters.chosen[name]
        choices = [
            Choice(value, label, counts.get(value, 0), value in chosen, language, hue)
            for value, label, language, hue in values
        ]
        return ChoiceGroup(name, self._legend(name), choices, is_open or bool(chosen))

    def _partners(self) -> ChoiceGroup:
        """The partners chosen, then those with the most projects in this list, or that a typed name finds."""
        counts, chosen = self.facets.counts("partenaire"), self.facets.chosen["partenaire"]
        offered = {key: count for key, count in counts.items() if count and key not in chosen}
        if self.partner_name:
            named = Organization.objects.search(self.partner_name).values_list("pk", flat=True)
            offered = {str(pk): offered[str(pk)] for pk in named if str(pk) in offered}
        most = sorted(offered, key=lambda key: (-offered[key], int(key)))[:PARTNERS_SHOWN]
        rows = Organization.objects.only("slug", "name", "sort_key_fr").in_bulk([int(k) for k in [*chosen, *most]])
        choices = [
            Choice(rows[int(key)].slug, rows[int(key)].name, counts.get(key, 0), key in chosen)
            for key in [*chosen, *most]
        ]
        is_open = bool(chosen or self.partner_name)
        return ChoiceGroup("partenaire", self._legend("partenaire"), choices, is_open)

    @cached_property
    def partner_name(self) -> str:
        return self.data.get("partenaire_nom", "").strip()[:80]

    @cached_property
    def chips(self) -> list[Chip]:
        chips = []
        if self.filters.question:
            chips.append(Chip(_("Recherche"), f"« {self.filters.question} »", self.address(q="")))
        for name, group in self.groups.items():
            values = self.filters.chosen[name]
            for choice in group.choices:
                if choice.is_chosen:
                    rest = [v for v in values if v != choice.value]
                    chips.append(Chip(group.legend, choice.label, self.address(**{name: rest}), choice.language))
        return chips

    def _legend(self, name: str) -> str:
        return str(self.filters.filters[name].label)


def _name(orientation: Any) -> tuple[str, str]:
    name = "short_title" if orientation.short_title_fr else "title"
    return _numbered(str(orientation.number), *text_and_language(orientation, name))


def _numbered(number: str, text: str, language: str) -> tuple[str, str]:
    return f"{number} – {text}" if "." not in number else f"{number} {text}", language


def _capital(text: Any) -> str:
    return str(text)[:1].upper() + str(text)[1:]
