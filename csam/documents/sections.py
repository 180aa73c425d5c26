"""The sections of a document, in reading order: the PDF, its contents and the HTML page are all made from
this list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.folding import sort_key
from csam.documents import figures
from csam.documents.acronyms import acronyms_in
from csam.documents.content import Organization, Orientation, PlanContent, Project, Text
from partners.models import Organization as OrganizationRow
from projects.models import FoodChainLink


def _nothing(_content: PlanContent) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Section:
    """A section: its anchor, its heading, the template that prints it and what prepares the template's
    values."""

    anchor: str
    title: str
    template: str
    prepare: Callable[[PlanContent], dict[str, Any]] = _nothing
    hue: str = ""
    number: int | None = None
    #: The language that the heading is in, where it is not the document's own.
    title_language: str = ""
    #: What the contents list under it: (anchor, label, title, language).
    children: tuple[tuple[str, str, str, str], ...] = ()
    #: The orientation that it is about.
    orientation: Orientation | None = None
    #: Whether its links show the page that they lead to.
    cites_pages: bool = False


def sections_of(content: PlanContent) -> list[Section]:
    """The sections to print, without those that would be empty."""
    return [
        *_opening(content),
        *(_orientation(content, orientation) for orientation in content.orientations),
        *_closing(content),
        *_references(content),
    ]


def _opening(content: PlanContent) -> Iterator[Section]:
    yield Section("contexte", _("Contexte et vision"), "introduction", lambda c: {"counts": counts_of(c)})
    yield Section(
        "approche",
        _("Une approche systémique"),
        "approach",
        lambda c: {"diagram": figures.diagram(c), "ties": ties_of(c)},
    )
    if content.phases or content.milestones:
        yield Section("demarche", _("La démarche de planification"), "process")
    if content.context:
        title = _("Le contexte en chiffres")
        yield Section("statistiques", title, "context", lambda c: {"context": numbered(c)})
    if content.tally.total or content.targets:
        yield Section("avancement", _("Avancement"), "progress")


def _orientation(content: PlanContent, orientation: Orientation) -> Section:
    return Section(
        anchor=f"orientation-{orientation.number}",
        title=str(orientation.title),
        template="orientation",
        prepare=lambda _content: {"orientation": orientation},
        hue=orientation.colour,
        number=orientation.number,
        title_language=foreign(orientation.title, content),
        children=tuple(
            (f"objectif-{o.code}", o.code, str(o.title), foreign(o.title, content))
            for o in orientation.objectives
        ),
        orientation=orientation,
    )


def foreign(text: Text, content: PlanContent) -> str:
    return text.language if text.language != content.language else ""


def _closing(content: PlanContent) -> Iterator[Section]:
    if content.unplaced:
        yield Section("autres", _("Autres projets"), "unplaced", lambda c: {"projects": c.unplaced})
    if content.projects:
        yield Section("territoires", _("Les projets sur l'île"), "map", _map)
    if content.implementation:
        yield Section("suites", _("Mise en œuvre"), "implementation")
    yield Section("conclusion", _("Conclusion"), "conclusion", lambda c: {"counts": counts_of(c)})


def _references(content: PlanContent) -> Iterator[Section]:
    is_full = content.kind == "full"
    if content.organizations:
        title = _("Répertoire des partenaires") if is_full else _("Partenaires")
        yield Section(
            "partenaires", title, "partners", lambda c: {"groups": partner_groups(c)}, cites_pages=is_full
        )
    if acronyms := acronyms_in(content):
        yield Section("acronymes", _("Sigles et acronymes"), "acronyms", lambda _c: {"acronyms": acronyms})
    if is_full and content.projects:
        title = _("Index par territoire")
        yield Section(
            "index-territoires", title, "index", lambda c: {"entries": territory_index(c)}, cites_pages=True
        )
    if is_full and (links := link_index(content)):
        title = _("Index par maillon de la chaîne")
        yield Section("index-maillons", title, "index", lambda _c: {"entries": links}, cites_pages=True)
    if is_full and content.organizations:
        title = _("Index par organisation")
        yield Section(
            "index-organisations",
            title,
            "index",
            lambda c: {"entries": organization_index(c)},
            cites_pages=True,
        )


def _map(content: PlanContent) -> dict[str, Any]:
    return {
        "map": figures.island(content),
        "rows": territory_rows(content),
        "whole_island": sum(project.covers_whole_island for project in content.projects),
    }


def render_section(section: Section, content: PlanContent, **context: Any) -> SafeString:
    """The HTML of a section in the active language; ``for_print`` tells paper from screen."""
    values = {**section_context(content), "section": section, **section.prepare(content), **context}
    html = render_to_string(f"documents/sections/{section.template}.html", values)
    return mark_safe(html)  # noqa: S308 - rendered by an escaping template


def section_context(content: PlanContent) -> dict[str, Any]:
    """What every section's template may print."""
    return {
        "content": content,
        "is_full": content.kind == "full",
        "organizations": {organization.slug for organization in content.organizations},
    }


def counts_of(content: PlanContent) -> dict[str, int]:
    return {
        "orientations": len(content.orientations),
        "objectives": len(content.objectives),
        "projects": len(content.projects),
        "organizations": len({part.organization for p in content.projects for part in p.partners}),
        "territories": len({code for p in content.projects for code in p.territories}),
    }


def ties_of(content: PlanContent) -> list[dict[str, Any]]:
    """Pairs of orientations with the number of projects that serve both, strongest first."""
    names = {orientation.number: orientation for orientation in content.orientations}
    pairs = [
        {"first": names[tie.first], "second": names[tie.second], "projects": tie.project_count}
        for tie in figures.systemic(content).ties
        if tie.first in names and tie.second in names
    ]
    return sorted(pairs, key=lambda tie: (-tie["projects"], tie["first"].number, tie["second"].number))


def numbered(content: PlanContent) -> dict[str, Any]:
    """The statistics, each value with the number of its source, and the sources in the order of the numbers."""
    sources: dict[tuple[str, str], int] = {}
    rows = []
    for row in content.context:
        values = [
            (value, sources.setdefault((value.source, value.source_url), len(sources) + 1))
            for value in row.values
        ]
        rows.append({"row": row, "values": values})
    return {"rows": rows, "sources": [(number, *source) for source, number in sources.items()]}


def territory_rows(content: PlanContent) -> list[dict[str, Any]]:
    tally = Counter(code for project in content.projects for code in project.territories)
    return [{"territory": t, "projects": tally[t.code]} for t in content.territories]


def partner_groups(content: PlanContent) -> list[dict[str, Any]]:
    """The organisations by sector, each with the projects that it leads and joins."""
    leads: dict[str, list[Project]] = {}
    joins: dict[str, list[Project]] = {}
    for project in content.projects:
        for slug in dict.fromkeys(part.organization for part in project.partners):
            is_lead = any(p.organization == slug and p.role == "lead" for p in project.partners)
            (leads if is_lead else joins).setdefault(slug, []).append(project)
    sectors: dict[str, list[Organization]] = {}
    for organization in content.organizations:
        sectors.setdefault(organization.sector, []).append(organization)
    return [
        {
            "sector": sectors[sector][0].sector_label,
            "rows": [
                {"organization": o, "leads": leads.get(o.slug, []), "joins": joins.get(o.slug, [])}
                for o in sectors[sector]
            ],
        }
        for sector in OrganizationRow.Sector.values
        if sector in sectors
    ]


def territory_index(content: PlanContent) -> list[dict[str, Any]]:
    by_code: dict[str, list[Project]] = {}
    for project in content.projects:
        for code in project.territories:
            by_code.setdefault(code, []).append(project)
    entries = [
        {"name": t.name, "projects": alphabetical(by_code[t.code])}
        for t in content.territories
        if t.code in by_code
    ]
    whole = [project for project in content.projects if project.covers_whole_island]
    return [{"name": _("Toute l'île"), "projects": alphabetical(whole)}, *entries] if whole else entries


def link_index(content: PlanContent) -> list[dict[str, Any]]:
    """The projects of each link of the food chain, from the field to what is left on the plate."""
    by_link: dict[str, list[Project]] = {}
    for project in content.projects:
        for link in project.sheet.links if project.sheet else ():
            by_link.setdefault(link, []).append(project)
    labels = [str(label) for label in FoodChainLink.labels]
    return [
        {"name": capfirst(label), "projects": alphabetical(by_link[label])}
        for label in labels
        if label in by_link
    ]


def organization_index(content: PlanContent) -> list[dict[str, Any]]:
    by_slug: dict[str, list[Project]] = {}
    for project in content.projects:
        for slug in dict.fromkeys(part.organization for part in project.partners):
            by_slug.setdefault(slug, []).append(project)
    return [
        {"name": o.name, "projects": alphabetical(by_slug[o.slug])}
        for o in content.organizations
        if o.slug in by_slug
    ]


def alphabetical(projects: Iterable[Project]) -> list[Project]:
    return sorted(projects, key=lambda project: (sort_key(str(project.title)), project.slug))
