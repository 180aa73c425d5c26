"""Cutting a document into the pieces that are laid out each by itself.

Each piece begins a page. The full plan is cut so that a change to one project touches one or two pieces: each
project's sheet is its own, the first one together with the heading of its objective.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.typography import typeset, typeset_html
from csam.documents import figures
from csam.documents.content import SHEET, Objective, Orientation, PlanContent, Project
from csam.documents.errors import DocumentError
from csam.documents.outline import outline
from csam.documents.sections import Section, section_context
from csam.documents.templatetags.document_parts import kind_name

#: What print asks of « 1er », never inside tags, titles or drawings.
_SKIPPED = re.compile(r"(<(title|svg|style)\b.*?</\2>|<[^>]*>)", re.DOTALL)
_ORDINAL = re.compile(r"\b(1)(er)\b(?=[\s\u00a0])")
_LOCAL_LINK = re.compile(r'(<a\b[^>]*?)(\s?href="#([\w.-]+)")')


_WIDE = 888

#: A template of a section, the class of its frame (none when empty) and what the template prints.
Part = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Fragment:
    """A piece of a document as HTML."""

    #: Unique in the document.
    name: str
    #: What people call it, in messages.
    label: str
    html: str
    #: What stands at the head of its pages, at the right.
    running: str
    #: Whether it prints the page numbers of its links: it is laid out when the others are.
    cites_pages: bool = False

    def citing(self, pages: Mapping[str, int]) -> str:
        """Its HTML with the page number of each link to another place of the document in ``data-page``; a wide
        one stands for those that are not known."""
        return _LOCAL_LINK.sub(lambda m: f'{m[1]} data-page="{pages.get(m[3], _WIDE)}"{m[2]}', self.html)


def fragments_of(content: PlanContent) -> list[Fragment]:
    """The pieces in reading order. Raises :class:`DocumentError` naming the piece that cannot be made."""
    return list(_Cutter(content).cut())


def sheet_of(content: PlanContent, *, is_dense: bool = False) -> Fragment:
    """The one piece of a project's sheet."""
    return _Cutter(content).lone_sheet(is_dense=is_dense)


def document_title(content: PlanContent) -> str:
    with translation.override(content.language):
        if content.kind == SHEET:
            return _("%(title)s – Fiche de projet") % {"title": content.projects[0].title}
        kind = kind_name(content.kind)
        of_period = f" – {content.period.title}" if content.period else ""
        return f"{content.title} – {kind}{of_period}"


def raise_ordinals(html: str) -> str:
    """« 1er octobre » with its letters raised, as print asks."""
    if not _ORDINAL.search(html):
        return html
    parts: list[str] = []
    position = 0
    for token in _SKIPPED.finditer(html):
        parts += [_ORDINAL.sub(r"\1<sup>\2</sup>", html[position : token.start()]), token[0]]
        position = token.end()
    return "".join([*parts, _ORDINAL.sub(r"\1<sup>\2</sup>", html[position:])])


class _Cutter:
    def __init__(self, content: PlanContent) -> None:
        self.content = content
        self.is_full = content.kind == "full"
        with translation.override(content.language):
            self.sections = [] if content.kind == SHEET else outline(content)
        self.context = {
            **section_context(content),
            "for_print": True,
            "site_address": settings.SITE_ADDRESS,
            "title": document_title(content),
            "as_of": content.as_of,
            "sections": self.sections,
        }

    def cut(self) -> Iterator[Fragment]:
        yield self.fragment("couverture", _("Couverture"), [("front", "", {"is_front": True})])
        with translation.override(self.content.language):
            running = typeset(_("Table des matières"), self.content.language)
        parts: list[Part] = [("contents", "", {})]
        yield self.fragment("sommaire", _("Table des matières"), parts, running=running, cites_pages=True)
        waiting: list[Section] = []
        for section in self.sections:
            waiting.append(section)
            # A short last word follows on the same page.
            if section.template != "implementation":
                yield from self.section_fragments(waiting)
                waiting = []

    def section_fragments(self, sections: list[Section]) -> Iterator[Fragment]:
        section = sections[0]
        if section.orientation and not self.content.period:
            yield from self.orientation(section, section.orientation)
        elif self.is_full and section.template == "unplaced":
            yield from self.unplaced(section)
        else:
            parts = [(s.template, _style(s), self.prepared(s)) for s in sections]
            yield self.fragment(
                section.anchor,
                section.title,
                parts,
                running=self.running(section),
                cites_pages=section.cites_pages,
            )

    def orientation(self, section: Section, orientation: Orientation) -> Iterator[Fragment]:
        style, context = f"chapter chapter-orientation hue-{section.hue}", self.prepared(section)
        running = _running(orientation)
        label = _("Orientation %(name)s") % {"name": f"{orientation.number}. {orientation.name}"}
        yield self.fragment(section.anchor, label, [("opener", style, context)], running=running)
        has_problem = bool(orientation.problem or orientation.tally.total)
        if not self.is_full:
            parts = [("problem", style, context)] if has_problem else []
            parts += [
                ("objective", style, {**context, "objective": o, "projects": o.projects})
                for o in orientation.objectives
            ]
            if parts:
                yield self.fragment(f"{section.anchor}-objectifs", label, parts, running=running)
            return
        if has_problem:
            yield self.fragment(
                f"{section.anchor}-probleme", label, [("problem", style, context)], running=running
            )
        for objective in orientation.objectives:
            yield from self.objective(objective, style, running)

    def objective(self, objective: Objective, style: str, running: str) -> Iterator[Fragment]:
        label = _("Objectif %(code)s") % {"code": objective.code}
        if objective.projects:
            label = f"{label}, {_project_label(objective.projects[0])}"
        context = {"objective": objective, "projects": objective.projects[:1]}
        parts = [("objective", style, context)]
        yield self.fragment(f"objectif-{objective.code}", label, parts, running=running)
        for project in objective.projects[1:]:
            yield self.sheet(project, style, running)

    def unplaced(self, section: Section) -> Iterator[Fragment]:
        style = "chapter chapter-unplaced"
        projects = self.content.unplaced
        context = {"section": section, "projects": projects[:1]}
        label = f"{section.title}, {_project_label(projects[0])}"
        running = self.running(section)
        yield self.fragment(section.anchor, label, [("unplaced", style, context)], running=running)
        for project in projects[1:]:
            yield self.sheet(project, style, running)

    def sheet(self, project: Project, style: str, running: str) -> Fragment:
        parts = [("_sheet", style, {"project": project})]
        return self.fragment(f"projet-{project.slug}", _project_label(project), parts, running=running)

    def lone_sheet(self, *, is_dense: bool) -> Fragment:
        project = self.content.projects[0]
        place = next((o for o in self.content.orientations if o.project_count), None)
        with translation.override(self.content.language), _named(_project_label(project)):
            path = reverse("projects:detail", kwargs={"slug": project.slug})
            context = {
                "is_front": True,
                "project": project,
                "orientation": place,
                "path": path,
                "code": figures.qr_code(f"{settings.SITE_ADDRESS}{path}"),
            }
        hue = f"hue-{place.colour}" if place else ""
        style = f"lone-sheet {hue}{' dense' if is_dense else ''}"
        running = typeset(str(project.title), project.title.language)
        return self.fragment(
            "fiche", _project_label(project), [("lone_sheet", style, context)], running=running
        )

    def running(self, section: Section) -> str:
        """What the head of its pages says."""
        if section.orientation:
            return _running(section.orientation)
        return typeset(section.title, self.content.language)

    def prepared(self, section: Section) -> dict[str, Any]:
        with translation.override(self.content.language), _named(section.title):
            return {"section": section, **section.prepare(self.content)}

    def fragment(
        self,
        name: str,
        label: str,
        parts: list[Part],
        *,
        running: str = "",
        cites_pages: bool = False,
    ) -> Fragment:
        with translation.override(self.content.language), _named(label):
            body = "\n".join(self.framed(*part) for part in parts)
            values = {
                "is_front": False,
                **self.context,
                **parts[0][2],
                "name": name,
                "body": SafeString(body),
            }
            html = render_to_string("documents/piece.html", values)
            return Fragment(name, label, raise_ordinals(typeset_html(html)), running, cites_pages)

    def framed(self, template: str, style: str, context: dict[str, Any]) -> str:
        html = render_to_string(f"documents/sections/{template}.html", {**self.context, **context})
        return f'<section class="{style}">{html}</section>' if style else html


def _style(section: Section) -> str:
    hue = f" hue-{section.hue}" if section.hue else ""
    return f"chapter chapter-{section.template}{hue}"


def _running(orientation: Orientation) -> str:
    return typeset(f"{orientation.number}. {orientation.name}", orientation.name.language)


def _project_label(project: Project) -> str:
    return _("projet « %(title)s »") % {"title": project.title}


@contextmanager
def _named(label: str) -> Iterator[None]:
    """Whatever a template or its data stumbles on is told with the part of the document where it is."""
    try:
        yield
    except Exception as error:
        raise DocumentError(
            _(
                "%(part)s : ce contenu ne peut pas être mis en page (%(problem)s). Corrigez-le, puis "
                "redemandez le document; si le problème revient, transmettez ce message à la "
                "personne qui entretient le portail."
            )
            % {"part": label, "problem": f"{type(error).__name__}: {error}"[:300]}
        ) from error
