"""The list of projects and the map as their pages print them: rows, choices with counts, chips and
addresses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.facets import Facets
from core.listing import Address, Chip, Choice, ChoiceGroup, capital, page_number
from core.translation import text_and_language
from partners.models import Organization
from partners.territories import WHOLE_ISLAND
from plans.models import Orientation, Plan
from projects.facets import facets_of
from projects.filters import ProjectFilter
from projects.models import FoodChainLink, Project

PER_PAGE = 24
#: Partners offered as choices: those with the most projects; the others are found by typing part of a name.
PARTNERS_SHOWN = 8

#: A value of a filter before it is counted: value, label, language of the label, hue.
Value = tuple[str, str, str, str]


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
        return facets_of(self.filters, partner_name=self.partner_name)

    @property
    def count(self) -> int:
        return len(self.facets.found)

    @cached_property
    def page(self) -> Page[Project]:
        """The page asked for, its projects with what their cards print."""
        pages = Paginator(self.facets.found, PER_PAGE)
        number, problem = page_number(self.data.get("page", ""), pages.num_pages)
        self.problems += [problem] if problem else []
        keys = list(pages.page(number).object_list)
        by_key = Project.objects.with_card().without_search_columns().in_bulk(keys)
        return Page([by_key[key] for key in keys if key in by_key], number, cast(Any, pages))

    @cached_property
    def view(self) -> str:
        asked = self.data.get("vue", "")
        if asked not in ("", "cartes", "liste"):
            problem = _("La présentation « %(view)s » n'existe pas : voici les cartes.")
            self.problems.append(problem % {"view": asked[:20]})
        return "liste" if asked == "liste" else "cartes"

    @property
    def has_filters(self) -> bool:
        return bool(self.filters.question or any(self.filters.chosen.values()))

    # Addresses ----------------------------------------------------------------------------------------------

    @cached_property
    def address(self) -> Address:
        known = {"q", "plan", "tri", "vue", "page", "partenaire_nom", *self.filters.facet_names}
        return Address(self.path, self.data, known)

    @property
    def clear_address(self) -> str:
        return self.address.to(drop=("page", "q", "partenaire_nom", *self.filters.facet_names))

    @property
    def kept_parameters(self) -> list[tuple[str, str]]:
        """What the form of the filters carries along without showing it."""
        return [(name, str(self.data[name])) for name in ("plan", "vue") if self.data.get(name)]

    # What can be chosen -------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> dict[str, ChoiceGroup]:
        words = self.filters.vocabulary
        island = (WHOLE_ISLAND, _("Toute l'île"), "", "")
        groups = [
            self._group("orientation", [_orientation(o) for o in words.orientations], is_open=True),
            self._group("objectif", [_worded(o.code, o, f"{o.code} ") for o in words.objectives]),
            self._group("enjeu", [_worded(str(issue.number), issue) for issue in words.issues]),
            self._group("territoire", [island, *((t.slug, t.name, "", "") for t in words.territories)]),
            self._group("maillon", _labelled(FoodChainLink.choices)),
            self._group("secteur", _labelled(Organization.Sector.choices)),
            self._group("etape", _labelled(Project.Stage.choices)),
            self._partners(),
        ]
        return {group.name: group for group in groups}

    def _group(self, name: str, values: list[Value], *, is_open: bool = False) -> ChoiceGroup:
        counts, chosen = self.facets.counts(name), self.filters.chosen[name]
        choices = [
            Choice(value, label, counts.get(value, 0), value in chosen, language, hue)
            for value, label, language, hue in values
        ]
        return ChoiceGroup(name, self._legend(name), choices, is_open or bool(chosen))

    def _partners(self) -> ChoiceGroup:
        """The partners chosen, then those that a typed name finds, or with the most projects in this list."""
        counts, chosen = self.facets.counts("partenaire"), list(self.facets.chosen["partenaire"])
        offered = {key: count for key, count in counts.items() if count and key not in chosen}
        most = sorted(offered, key=lambda key: (-offered[key], int(key)))[:PARTNERS_SHOWN]
        shown = [*chosen, *most]
        rows = Organization.objects.only("slug", "name").in_bulk([int(key) for key in shown])
        choices = [
            Choice(rows[int(key)].slug, rows[int(key)].name, counts.get(key, 0), key in chosen)
            for key in shown
        ]
        return ChoiceGroup(
            "partenaire", self._legend("partenaire"), choices, bool(chosen or self.partner_name)
        )

    @cached_property
    def partner_name(self) -> str:
        return self.data.get("partenaire_nom", "").replace("\x00", "").strip()[:80]

    @cached_property
    def chips(self) -> list[Chip]:
        chips = []
        if self.filters.question:
            chips.append(Chip(_("Recherche"), f"« {self.filters.question} »", self.address.to({"q": ""})))
        for name, group in self.groups.items():
            values = self.filters.chosen[name]
            for choice in group.choices:
                if choice.is_chosen:
                    others = [value for value in values if value != choice.value]
                    url = self.address.to({name: others})
                    chips.append(Chip(group.legend, choice.label, url, choice.language))
        return chips

    def _legend(self, name: str) -> str:
        return str(self.filters.filters[name].label)


def _orientation(orientation: Orientation) -> Value:
    text, language = text_and_language(orientation, "short_title")
    if not text:
        text, language = text_and_language(orientation, "title")
    return str(orientation.number), f"{orientation.number}. {text}", language, orientation.colour


def _worded(value: str, row: Any, prefix: str = "") -> Value:
    text, language = text_and_language(row, "title")
    return value, f"{prefix}{text}", language, ""


def _labelled(choices: list[tuple[str, Any]]) -> list[Value]:
    return [(value, capital(label), "", "") for value, label in choices]
