"""The sections of a document, in reading order: the PDF, its contents and the HTML page are all made from this list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.folding import sort_key
from csam.documents import figures
from csam.documents.acronyms import acronyms_in
from csam.documents.content import Orientation, PlanContent, Project
from partners.models import Organization


@dataclass(frozen=True)
class Section:
    """A section: its anchor, its heading and the template that prints it."""

    anchor: str
    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    hue: str = ""
    number: int | None = None
    #: The language that the heading is in, where it is not the document's own.
    title_language: str = ""
    #: What the contents list under it: (anchor, label, title, language).
    children: tuple[tuple[str, str, str, str], ...] = ()


def sections_of(content: PlanContent) -> list[Section]:
    """The sections to print, without those that would be empty."""
    full = content.kind == "full"
    found = [
        Section("contexte", _("Contexte et vision"), "introduction", {"counts": counts_of(content)}),
        Section("approche", _("Une approche systémique"), "approach", {"diagram": figures.diagram(content), "ties": ties_of(content)}),
        Section("demarche", _("La démarche de planification"), "process") if content.phases or content.milestones else None,
        *(_orientation(content, orientation) for orientation in content.orientations),
        Section("autres", _("Autres projets"), "unplaced") if content.unplaced else None,
        Section("territoires", _("Les projets sur l'île"), "map", {"map": figures.island(content), "rows": territory_rows(content), "whole_island": sum(p.covers_whole_island for p in content.projects)}) if content.projects else None,
        Section("suites", _("Mise en œuvre"), "implementation") if content.implementation else None,
        Section("conclusion", _("Conclusion"), "conclusion", {"counts": counts_of(content)}),
        Section("partenaires", _("Répertoire des partenaires") if full else _("Partenaires"), "partners", {"groups": partner_groups(content)}) if content.organizations else None,
        Section("acronymes", _("Sigles et acronymes"), "acronyms", {"acronyms": acronyms_in(content)}) if acronyms_in(content) else None,
        Section("index-territoires", _("Index par territoire"), "index", {"entries": territory_index(content)}) if full and content.projects else None,
        Section("index-organisations", _("Index par organisation"), "index", {"entries": organization_index(content)}) if full and content.organizations else None,
    ]
    return [section for section in found if section is not None]


def render_section(section: Section, content: PlanContent, **context: Any) -> SafeString:
    """The HTML of a section in the active language; ``for_print`` tells paper from screen."""
    html = render_to_string(
        f"documents/sections/{section.template}.html",
        {"content": content, "section": section, "is_full": content.kind == "full", **section.context, **context},
    )
    return mark_safe(html)  # noqa: S308 - rendered by an escaping template


def _orientation(content: PlanContent, orientation: Orientation) -> Section:
    return Section(
        anchor=f"orientation-{orientation.number}",
        title=str(orientation.title),
        template="orientation",
        context={"orientation": orientation},
        hue=orientation.colour,
        number=orientation.number,
        title_language=orientation.title.language if orientation.title.language != content.language else "",
        children=tuple(
            (
                f"objectif-{objective.code}",
                objective.code,
                str(objective.title),
                objective.title.language if objective.title.language != content.language else "",
            )
            for objective in orientation.objectives
        ),
    )


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
    groups = []
    for sector in Organization.Sector.values:
        rows = [
            {"organization": o, "leads": leads.get(o.slug, []), "joins": joins.get(o.slug, [])}
            for o in content.organizations
            if o.sector == sector
        ]
        if rows:
            groups.append({"sector": rows[0]["organization"].sector_label, "rows": rows})  # type: ignore[union-attr]
    return groups


def territory_index(content: PlanContent) -> list[dict[str, Any]]:
    by_code: dict[str, list[Project]] = {}
    for project in content.projects:
        for code in project.territories:
            by_code.setdefault(code, []).append(project)
    entries = [
        {"name": t.name, "projects": alphabetical(by_code[t.code])} for t in content.territories if t.code in by_code
    ]
    whole = [project for project in content.projects if project.covers_whole_island]
    return [{"name": _("Toute l'île"), "projects": alphabetical(whole)}, *entries] if whole else entries


def organization_index(content: PlanContent) -> list[dict[str, Any]]:
    by_slug: dict[str, list[Project]] = {}
    for project in content.projects:
        for slug in dict.fromkeys(part.organization for part in project.partners):
            by_slug.setdefault(slug, []).append(project)
    return [
        {"name": o.name, "projects": alphabetical(by_slug[o.slug])} for o in content.organizations if o.slug in by_slug
    ]


def alphabetical(projects: Iterable[Project]) -> list[Project]:
    return sorted(projects, key=lambda project: (sort_key(str(project.title)), project.slug))

