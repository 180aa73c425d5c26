"""What the pages of filtered lists print: choices with their counts, chips, addresses, page numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Choice:
    """A value of a filter, with how many rows it would give. ``language`` is that of its label, if not
    the page's.
    """

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


@dataclass(frozen=True)
class Address:
    """The address of a list. Parameters that the list does not know are left out of every link."""

    path: str
    data: QueryDict
    known: Collection[str]

    def to(
        self,
        changes: Mapping[str, str | list[str]] | None = None,
        *,
        path: str = "",
        drop: Collection[str] = ("page",),
    ) -> str:
        """The same address with changes; empty parameters and those of ``drop`` are left out."""
        changes = changes or {}
        pairs = [
            (name, value)
            for name, values in self.data.lists()
            for value in values
            if value and name in self.known and name not in drop and name not in changes
        ]
        for name, values in changes.items():
            pairs += [(name, v) for v in ([values] if isinstance(values, str) else values) if v]
        return f"{path or self.path}?{urlencode(pairs)}" if pairs else path or self.path

    @property
    def of_page(self) -> str:
        """The address up to the number of a page."""
        address = self.to()
        return f"{address}{'&' if '?' in address else '?'}page="


def page_number(asked: str, last: int) -> tuple[int, str]:
    """The number of the page to show, and what to say when it is not the one asked for."""
    if not asked:
        return 1, ""
    if asked.isascii() and asked.isdigit() and len(asked) < 7 and 1 <= int(asked) <= last:
        return int(asked), ""
    problem = _("La page « %(page)s » n'existe pas : voici la première de %(last)s.")
    return 1, problem % {"page": asked[:20], "last": last}


def capital(text: object) -> str:
    return str(text)[:1].upper() + str(text)[1:]
