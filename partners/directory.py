"""The directory as its page prints it: organisations under their letter, choices with counts, addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.facets import Facets, keys_by_value
from core.folding import sort_key
from core.freshness import kept
from core.listing import Address, Chip, Choice, ChoiceGroup, capital, page_number
from partners.filters import DIGITS, LETTERS, OrganizationFilter
from partners.models import Organization
from partners.portfolio import PartCount, part_counts
from partners.territories import WHOLE_ISLAND

PER_PAGE = 60


@dataclass(frozen=True)
class Entry:
    organization: Organization
    parts: PartCount


@dataclass
class Directory:
    data: QueryDict
    path: str
    problems: list[str] = field(default_factory=list)

    @cached_property
    def filters(self) -> OrganizationFilter:
        filters = OrganizationFilter(self.data)
        self.problems += filters.problems
        return filters

    @cached_property
    def facets(self) -> Facets:
        if self.filters.question:
            rows, members = self._read()
        else:
            rows, members = kept(("directory", get_language()), self._read)
        return Facets(rows=rows, members=members, chosen=self.filters.chosen)

    def _read(self) -> tuple[list[int], dict[str, dict[str, frozenset[int]]]]:
        """The organisations that answer the question, in order, and those that have each value of each filter."""
        rows = list(self.filters.candidates.values_list("pk", "sector", "covers_whole_island", "sort_key_fr"))
        places = keys_by_value(Organization.territories.through.objects.all(), "territory", "organization")
        sectors: dict[str, list[int]] = {}
        letters: dict[str, list[int]] = {}
        for key, sector, _whole, name in rows:
            sectors.setdefault(sector, []).append(key)
            letters.setdefault(letter_of(name), []).append(key)
        return [row[0] for row in rows], {
            "secteur": {sector: frozenset(keys) for sector, keys in sectors.items()},
            "territoire": {
                WHOLE_ISLAND: frozenset(key for key, _sector, whole, _name in rows if whole),
                **{t.slug: places.get(t.pk, frozenset()) for t in self.filters.territories},
            },
            "lettre": {letter: frozenset(keys) for letter, keys in letters.items()},
        }

    @property
    def count(self) -> int:
        return len(self.facets.found)

    @cached_property
    def page(self) -> Page[Entry]:
        pages = Paginator(self.facets.found, PER_PAGE)
        number, problem = page_number(self.data.get("page", ""), pages.num_pages)
        self.problems += [problem] if problem else []
        keys = list(pages.page(number).object_list)
        rows = Organization.objects.without_search_columns().prefetch_related("territories").in_bulk(keys)
        parts = part_counts(keys)
        entries = [Entry(rows[key], parts.get(key, PartCount())) for key in keys if key in rows]
        return Page(entries, number, cast(Any, pages))

    @cached_property
    def letters(self) -> list[tuple[str, list[Entry]]]:
        """The entries of the page under the first letter of their names; in one group when ordered
        otherwise.
        """
        entries = list(self.page.object_list)
        if self.filters.question:
            return [("", entries)] if entries else []
        groups = groupby(entries, key=lambda entry: letter_of(sort_key(entry.organization.name)))
        return [(letter, list(members)) for letter, members in groups]

    @property
    def has_filters(self) -> bool:
        return bool(self.filters.question or any(self.filters.chosen.values()))

    @cached_property
    def address(self) -> Address:
        return Address(self.path, self.data, {"q", "page", *self.filters.facet_names})

    @property
    def clear_address(self) -> str:
        return self.path

    @property
    def kept_parameters(self) -> list[tuple[str, str]]:
        return [("lettre", letter) for letter in self.filters.chosen["lettre"]]

    @cached_property
    def groups(self) -> dict[str, ChoiceGroup]:
        territories = [(t.slug, t.name) for t in self.filters.territories]
        return {
            "secteur": self._group(
                "secteur", [(v, capital(label)) for v, label in Organization.Sector.choices], is_open=True
            ),
            "territoire": self._group("territoire", [(WHOLE_ISLAND, _("Toute l'île")), *territories]),
        }

    def _group(self, name: str, values: list[tuple[str, str]], *, is_open: bool = False) -> ChoiceGroup:
        counts, chosen = self.facets.counts(name), self.filters.chosen[name]
        choices = [Choice(value, label, counts.get(value, 0), value in chosen) for value, label in values]
        return ChoiceGroup(name, str(self.filters.filters[name].label), choices, is_open or bool(chosen))

    @cached_property
    def index(self) -> list[tuple[Choice, str]]:
        """The letters, with how many names begin with each and the address of these names alone."""
        counts, chosen = self.facets.counts("lettre"), self.filters.chosen["lettre"]
        letters = [*LETTERS, *([DIGITS] if counts.get(DIGITS) else [])]
        return [
            (
                Choice(x, x, counts.get(x, 0), x in chosen),
                self.address.to({"lettre": "" if x in chosen else x}),
            )
            for x in letters
        ]

    @cached_property
    def chips(self) -> list[Chip]:
        chips = []
        if self.filters.question:
            chips.append(Chip(_("Recherche"), f"« {self.filters.question} »", self.address.to({"q": ""})))
        for name, values in self.filters.chosen.items():
            legend = str(self.filters.filters[name].label)
            labels = dict(self.filters.form.fields[name].choices)
            for value in values:
                url = self.address.to({name: [v for v in values if v != value]})
                chips.append(Chip(legend, capital(labels[value]), url))
        return chips


def letter_of(sort_key: str) -> str:
    letter = sort_key[:1].upper()
    return letter if letter in LETTERS and letter else DIGITS
