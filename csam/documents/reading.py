"""The HTML pages that say what a PDF says. The full plan is long: it is read part by part, or whole when
asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from csam.documents.content import PlanContent
from csam.documents.outline import outline
from csam.documents.sections import Section, numbered, render_section

WHOLE = "tout"

#: Sections that are read together; the others each make a part.
_TOGETHER = {
    "approche": "contexte",
    "demarche": "contexte",
    "statistiques": "contexte",
    "suites": "territoires",
    "conclusion": "territoires",
    "acronymes": "partenaires",
    "index-maillons": "index-territoires",
    "index-organisations": "index-territoires",
}
_LOCAL_LINK = re.compile(r'href="#([\w.-]+)"')


@dataclass(frozen=True)
class Part:
    anchor: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Reading:
    """What a page shows of a document: one part of several, or all of it."""

    content: PlanContent
    sections: list[Section]
    parts: list[Part]
    shown: list[Part]

    @property
    def is_whole(self) -> bool:
        return len(self.shown) == len(self.parts)

    @property
    def previous(self) -> Part | None:
        index = self.parts.index(self.shown[0]) - 1
        return None if self.is_whole or index < 0 else self.parts[index]

    @property
    def next(self) -> Part | None:
        index = self.parts.index(self.shown[-1]) + 1
        return None if self.is_whole or index >= len(self.parts) else self.parts[index]

    def entries(self) -> list[tuple[Section, str, list[tuple[str, str, str, str]]]]:
        """The contents: each section, where it is, and its objectives with where they are."""
        where = self._places()
        return [
            (
                section,
                self._address(section.anchor, where),
                [(self._address(anchor, where), *rest) for anchor, *rest in section.children],  # type: ignore[misc]
            )
            for section in self.sections
        ]

    def bodies(self) -> list[tuple[Section, SafeString]]:
        """The sections to show, rendered, with links that lead to the part where their target is."""
        where = self._places()
        with translation.override(self.content.language):
            return [
                (section, self._rendered(section, where)) for part in self.shown for section in part.sections
            ]

    def _rendered(self, section: Section, where: dict[str, str]) -> SafeString:
        html = render_section(section, self.content, for_print=False, site_address="")
        linked = _LOCAL_LINK.sub(lambda match: f'href="{self._address(match[1], where)}"', html)
        return mark_safe(linked)  # noqa: S308 - rendered by an escaping template

    def _address(self, anchor: str, where: dict[str, str]) -> str:
        here = {part.anchor for part in self.shown}
        part = where.get(anchor)
        return f"#{anchor}" if self.is_whole or part is None or part in here else f"?partie={part}#{anchor}"

    def _places(self) -> dict[str, str]:
        """The part in which each anchor is."""
        part_of = {section.anchor: part.anchor for part in self.parts for section in part.sections}
        places = dict(part_of)
        for orientation in self.content.orientations:
            part = part_of[f"orientation-{orientation.number}"]
            for objective in orientation.objectives:
                places[f"objectif-{objective.code}"] = part
                places |= {f"projet-{project.slug}": part for project in objective.projects}
        if "autres" in part_of:
            places |= {f"projet-{project.slug}": part_of["autres"] for project in self.content.unplaced}
        if "statistiques" in part_of:
            numbers = range(1, len(numbered(self.content)["sources"]) + 1)
            places |= {f"source-{number}": part_of["statistiques"] for number in numbers}
        places |= {f"enjeu-{issue.number}": part_of["approche"] for issue in self.content.issues}
        if "partenaires" in part_of:
            places |= {f"partenaire-{o.slug}": part_of["partenaires"] for o in self.content.organizations}
        return places


def read_content(content: PlanContent, *, part: str = "") -> Reading | None:
    """What to show of that part (the first by default); None where the document has no such part."""
    with translation.override(content.language):
        sections = outline(content)
    parts = _parts(sections, is_split=content.kind == "full")
    shown = parts if part == WHOLE else [p for p in parts if p.anchor == part] if part else parts[:1]
    return Reading(content, sections, parts, shown) if shown else None


def _parts(sections: list[Section], *, is_split: bool) -> list[Part]:
    groups: dict[str, list[Section]] = {}
    anchors = {section.anchor for section in sections}
    for section in sections:
        together = _TOGETHER.get(section.anchor, section.anchor) if is_split else sections[0].anchor
        groups.setdefault(together if together in anchors else section.anchor, []).append(section)
    return [Part(anchor, group[0].title, tuple(group)) for anchor, group in groups.items()]


def context_of(reading: Reading) -> dict[str, Any]:
    """What the template prints of a reading."""
    return {
        "content": reading.content,
        "is_foreign": reading.content.language != (translation.get_language() or "fr")[:2],
        "entries": reading.entries(),
        "bodies": reading.bodies(),
        "is_whole": reading.is_whole,
        "is_split": len(reading.parts) > 1,
        "previous": reading.previous,
        "next": reading.next,
        "whole": WHOLE,
    }
