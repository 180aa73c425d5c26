"""A report in words: what its people, the desk, the public page and the log print of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.partial_dates import PartialDate
from core.translation import text_and_language
from indicators.explaining import figure
from indicators.models import Indicator, IndicatorDefinition, Measurement
from indicators.numbers import read_number
from indicators.reports.content import TEXTS, canonical
from projects.models import Deliverable
from projects.registrations.differences import Piece, compare_items, compare_words

LABELS: dict[str, str | Promise] = {
    "narrative_fr": _("Ce qui a été fait"),
    "narrative_en": _("Ce qui a été fait (anglais)"),
    "learned_fr": _("Ce que vous avez appris"),
    "learned_en": _("Ce que vous avez appris (anglais)"),
    "difficulties": _("Difficultés"),
    "needs": _("Besoins"),
    "deliverables": _("Livrables"),
    "values": _("Indicateurs"),
}


@dataclass(frozen=True)
class Line:
    """A field, a deliverable or an indicator, and what is said of it."""

    label: str | Promise
    items: list[str]
    name: str = ""


@dataclass(frozen=True)
class Section:
    key: str
    label: str | Promise
    lines: list[Line]


@dataclass
class Names:
    """The indicators and deliverables that some contents name, read in two queries."""

    definitions: dict[str, IndicatorDefinition] = field(default_factory=dict)
    deliverables: dict[int, Deliverable] = field(default_factory=dict)

    @classmethod
    def of(cls, contents: Iterable[Mapping[str, Any]]) -> Names:
        contents = list(contents)
        slugs = {row["key"] for content in contents for row in content.get("values", [])}
        ids = {row["id"] for content in contents for row in content.get("deliverables", [])}
        indicators = Indicator.objects.filter(slug__in=slugs).select_related("definition")
        return cls(
            definitions={i.slug: i.definition for i in indicators if i.definition},
            deliverables=Deliverable.objects.in_bulk(ids),
        )

    def deliverable(self, row: Mapping[str, Any]) -> str:
        """Its present title in the reader's language, or the one that it had."""
        found = self.deliverables.get(row["id"])
        return str(found) if found else row["title"]

    def indicator(self, row: Mapping[str, Any]) -> str:
        found = self.definitions.get(row["key"])
        return text_and_language(found, "title")[0] if found else row["key"]


def sections(content: Mapping[str, Any], names: Names | None = None) -> list[Section]:
    """All that was said, for its people and the staff."""
    content = canonical(content)
    names = names or Names.of([content])
    texts = [Line(LABELS[name], [content[name]], name) for name in TEXTS if content[name]]
    found = [
        Section("livrables", LABELS["deliverables"], deliverable_lines(content, names)),
        Section("indicateurs", LABELS["values"], value_lines(content, names)),
        Section("recit", _("Récit"), texts),
    ]
    return [section for section in found if section.lines]


def deliverable_lines(content: Mapping[str, Any], names: Names) -> list[Line]:
    return [
        Line(names.deliverable(row), deliverable_items(row), f"deliverables-{row['id']}")
        for row in content["deliverables"]
    ]


def deliverable_state(row: Mapping[str, str]) -> str:
    return str(dict(Deliverable.State.choices).get(row["state"], row["state"]))


def deliverable_items(row: Mapping[str, str]) -> list[str]:
    items = [deliverable_state(row)] if row["state"] else []
    if row["delivered_on"]:
        items.append(__("Livré le %(date)s") % {"date": _day(row["delivered_on"])})
    items += [row[name] for name in ("note", "url") if row[name]]
    return [*items, __("Un fichier est joint.")] if row["file"] else items


def value_lines(content: Mapping[str, Any], names: Names) -> list[Line]:
    return [
        Line(
            names.indicator(row), value_items(row, names.definitions.get(row["key"])), f"values-{row['key']}"
        )
        for row in content["values"]
    ]


def value_items(row: Mapping[str, str], definition: IndicatorDefinition | None) -> list[str]:
    """The value with its unit, as figures where it can be read, else as it was typed."""
    items = [value_text(row, definition)] if value_text(row, definition) else []
    if row["absence"]:
        absence = dict(Measurement.Absence.choices).get(row["absence"], row["absence"])
        items.append(__("Sans valeur : %(why)s") % {"why": absence})
    if row["quality"]:
        quality = dict(Measurement.Quality.choices).get(row["quality"], row["quality"])
        items.append(__("Qualité : %(quality)s") % {"quality": quality})
    if row["measured_on"]:
        items.append(__("Au %(date)s") % {"date": _day(row["measured_on"])})
    if row["source"]:
        items.append(__("Source : %(source)s") % {"source": row["source"]})
    return [*items, row["note"]] if row["note"] else items


def value_text(row: Mapping[str, str], definition: IndicatorDefinition | None) -> str:
    """What was answered, in one piece; nothing where there is only a reason."""
    if row["assessment"]:
        return row["assessment"]
    if row["numerator"] or row["denominator"]:
        return __("%(numerator)s sur %(denominator)s") % {
            "numerator": _figure(row["numerator"]) or "–",
            "denominator": _figure(row["denominator"]) or "–",
        }
    if definition is None:
        return row["value"]
    return _figure(row["value"], definition.decimals, text_and_language(definition, "unit")[0])


def _figure(typed: str, decimals: int = 0, unit: str = "") -> str:
    """With all the decimals that were typed; as it was typed where it cannot be read."""
    try:
        number = read_number(typed)
    except ValidationError:
        return typed
    if number is None:
        return typed
    written = max(0, -int(number.normalize().as_tuple().exponent))
    return figure(number, max(written, decimals), unit)


def read_date(typed: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        return None


def _day(typed: str) -> str:
    date = read_date(typed)
    return PartialDate(date).format() if date else typed


# Differences ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One field, deliverable or indicator that changed, as :class:`projects.registrations.differences.Difference` tells it."""

    name: str
    label: str | Promise
    is_list: bool
    pieces: list[Piece]

    @property
    def kind(self) -> str:
        kinds = {piece.kind for piece in self.pieces}
        if kinds == {"added"}:
            return "added"
        return "removed" if kinds == {"removed"} else "changed"


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Names | None = None
) -> list[Difference]:
    """All that differs, in the order of the form. ``names`` where those of several reports were read together."""
    names = names or Names.of([before, after])
    old, new = _by_name(before, names), _by_name(after, names)
    order = [*new, *(name for name in old if name not in new)]
    found = []
    for name in order:
        was, now = (side[name].items if name in side else [] for side in (old, new))
        if was != now:
            label = (new.get(name) or old[name]).label
            is_list = name not in TEXTS
            pieces = compare_items(was, now) if is_list else compare_words("".join(was), "".join(now))
            found.append(Difference(name, label, is_list, pieces))
    return found


def _by_name(content: Mapping[str, Any], names: Names) -> dict[str, Line]:
    return {line.name: line for section in sections(content, names) for line in section.lines}
