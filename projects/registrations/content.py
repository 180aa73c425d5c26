"""What a registration says, as plain JSON values: the shape that drafts, frozen versions and projects share.

========================  =====================================================================
key                       value
========================  =====================================================================
title_fr … description_en texts; title 200 characters, summary 400
stage                     a Project.Stage
website                   address
image, image_alt_fr/_en   name of a stored file, and what it shows
primary_objective         id of an Objective of the plan, or None
objectives, issues        lists of ids; the primary objective is not repeated
links                     list of FoodChainLink values
own_role                  the ProjectPartner.Role of the organisation that registers
partners                  [{"organization": id or None, "name": text, "role": Role}], without the own one
covers_whole_island       yes or no; territories: list of ids
populations_fr/_en        text, 300 characters
contact_name/_email       person to write to; published only with contact_consent
starts, ends              dates as core.partial_dates writes them in ISO, else as typed
deliverables              [{"id": id or None, "title_fr", "title_en", "due", "state"}]
indicators                rows that :mod:`indicators` reads; see docs/development/registrations.md
========================  =====================================================================

A draft may hold less, and texts as typed (« automne 20 »); :func:`canonical` is what a complete one becomes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from core.partial_dates import PartialDate, UnreadableDateError
from projects.models import Project, ProjectPartner

Content = dict[str, Any]

TEXTS = (
    "title_fr",
    "title_en",
    "summary_fr",
    "summary_en",
    "description_fr",
    "description_en",
    "website",
    "image",
    "image_alt_fr",
    "image_alt_en",
    "populations_fr",
    "populations_en",
    "contact_name",
    "contact_email",
)
DATES = ("starts", "ends")
LISTS = ("objectives", "issues", "links", "territories")
ROWS = ("partners", "deliverables", "indicators")
FLAGS = ("covers_whole_island", "contact_consent")

EMPTY: Content = {
    **dict.fromkeys(TEXTS, ""),
    **dict.fromkeys(DATES, ""),
    "stage": Project.Stage.PLANNED.value,
    "primary_objective": None,
    "own_role": ProjectPartner.Role.LEAD.value,
    **{name: [] for name in (*LISTS, *ROWS)},
    **dict.fromkeys(FLAGS, False),
}

#: Fills ``indicators`` from what a project has; set by the app of indicators when it is there.
read_indicators: list[Callable[[Project], list[dict[str, Any]]]] = []


def empty() -> Content:
    """A content with nothing in it yet; the lists are the caller's own."""
    return {name: list(value) if isinstance(value, list) else value for name, value in EMPTY.items()}


def complete(content: Mapping[str, Any]) -> Content:
    """The content with every key, for readers."""
    return {**empty(), **content}


def named_organizations(*contents: Mapping[str, Any]) -> set[int]:
    """The ids of the organisations that contents point at."""
    return {row["organization"] for c in contents for row in c.get("partners", []) if row.get("organization")}


def followed(content: Mapping[str, Any], moved: Mapping[int, int], *, own: int | None = None) -> Content:
    """The content with each organisation that was merged (:func:`partners.merging.successors`) as what it is now. A
    row that says nothing new then, of another partner or of the ``own`` organisation, is left out.
    """
    full = complete(content)
    if not any(row.get("organization") in moved for row in full["partners"]):
        return full
    stays = [row for row in full["partners"] if row.get("organization") not in moved]
    seen = {(own, full["own_role"]), *((row.get("organization"), row.get("role")) for row in stays)}
    rows: list[dict[str, Any]] = []
    for row in full["partners"]:
        if row.get("organization") in moved:
            row = {**row, "organization": moved[row["organization"]]}
            if (row["organization"], row.get("role")) in seen:
                continue
            seen.add((row["organization"], row.get("role")))
        rows.append(row)
    return {**full, "partners": rows}


def canonical(content: Mapping[str, Any]) -> Content:
    """Equal texts become equal values: trimmed, dates in ISO where readable, lists in order without doubles."""
    full = complete(content)
    result: Content = {name: full[name] for name in EMPTY}
    for name in TEXTS:
        result[name] = _text(full[name])
    for name in DATES:
        result[name] = canonical_date(full[name])
    for name in LISTS:
        result[name] = sorted(set(full[name]), key=str if name == "links" else int)
    result["objectives"] = [pk for pk in result["objectives"] if pk != full["primary_objective"]]
    result["partners"] = [
        {
            "organization": row.get("organization"),
            "name": "" if row.get("organization") else _text(row.get("name")),
            "role": row.get("role") or ProjectPartner.Role.CONTRIBUTOR.value,
        }
        for row in full["partners"]
        if row.get("organization") or _text(row.get("name"))
    ]
    result["deliverables"] = [
        {
            "id": row.get("id"),
            "title_fr": _text(row.get("title_fr")),
            "title_en": _text(row.get("title_en")),
            "due": canonical_date(row.get("due", "")),
            "state": row.get("state") or "to_do",
        }
        for row in full["deliverables"]
        if _text(row.get("title_fr")) or _text(row.get("title_en"))
    ]
    result["indicators"] = [
        {name: _text(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in full["indicators"]
        if _text(row.get("name_fr"))
    ]
    return result


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical content, in hexadecimal."""
    text = json.dumps(canonical(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def canonical_date(text: str) -> str:
    try:
        return PartialDate.parse(text).isoformat() if text.strip() else ""
    except UnreadableDateError:
        return text.strip()


def of_project(project: Project, organization_id: int | None = None) -> Content:
    """What a published project says, in the words of a registration by that organisation (else its lead)."""
    ties = list(project.objective_ties.all())
    parts = list(project.project_partners.all())
    own = _own_part(parts, organization_id)
    content = empty()
    content |= {name: getattr(project, name) for name in TEXTS if name != "image"}
    content |= {
        "image": project.image.name or "",
        "stage": project.stage,
        "primary_objective": next((t.objective_id for t in ties if t.is_primary), None),
        "objectives": [t.objective_id for t in ties if not t.is_primary],
        "issues": [issue.pk for issue in project.issues.all()],
        "links": [tie.link for tie in project.food_chain_links.all()],
        "territories": [territory.pk for territory in project.territories.all()],
        "covers_whole_island": project.covers_whole_island,
        "own_role": own.role if own else ProjectPartner.Role.LEAD.value,
        "partners": [
            {"organization": part.organization_id, "name": "", "role": part.role}
            for part in parts
            if part is not own
        ],
        "contact_consent": project.contact_consented_on is not None,
        "starts": project.starts.isoformat() if project.starts else "",
        "ends": project.ends.isoformat() if project.ends else "",
        "deliverables": [
            {
                "id": item.pk,
                **{name: getattr(item, name) for name in ("title_fr", "title_en")},
                "due": item.due.isoformat() if item.due else "",
                "state": item.state,
            }
            for item in project.deliverables.all()
        ],
        "indicators": [row for read in read_indicators for row in read(project)],
    }
    return canonical(content)


def _own_part(parts: list[ProjectPartner], organization_id: int | None) -> ProjectPartner | None:
    mine = [part for part in parts if part.organization_id == organization_id]
    leads = [part for part in parts if part.role == ProjectPartner.Role.LEAD]
    return next(iter(mine), None) or (next(iter(leads), None) if organization_id is None else None)


def _text(value: Any) -> str:
    return str(value or "").replace("\r\n", "\n").strip()
