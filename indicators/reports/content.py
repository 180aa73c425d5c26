"""What a progress report says, as plain JSON values: the shape that drafts, frozen versions and pages share.

================  ==========================================================================================
key               value
================  ==========================================================================================
narrative_fr/_en  what was done; learned_fr/_en: what was learned. Public once accepted
difficulties      for the council alone, as needs
deliverables      [{"id": of the Deliverable, "title", "state": of a Deliverable or "", "delivered_on": ISO date,
                  "note": evidence in words, "url", "file": name of a stored file}]
values            [{"key": slug of the Indicator, "value", "numerator", "denominator": numbers as typed,
                  "assessment", "absence": a Measurement.Absence or "", "measured_on": ISO date, "quality",
                  "source", "note"}]
================  ==========================================================================================

A row in which nothing is said is left out: what was not answered is not there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Content = dict[str, Any]
Row = dict[str, Any]

TEXTS = ("narrative_fr", "narrative_en", "learned_fr", "learned_en", "difficulties", "needs")
#: What the public never reads.
PRIVATE = frozenset({"difficulties", "needs"})
DELIVERABLE = ("state", "delivered_on", "note", "url", "file")
VALUE = (
    "value",
    "numerator",
    "denominator",
    "assessment",
    "absence",
    "measured_on",
    "quality",
    "source",
    "note",
)


def empty() -> Content:
    return {**dict.fromkeys(TEXTS, ""), "deliverables": [], "values": []}


def complete(content: Mapping[str, Any]) -> Content:
    """The content with every key, for readers."""
    return {**empty(), **content}


def canonical(content: Mapping[str, Any]) -> Content:
    """Equal texts become equal values: trimmed, rows in their order, without those that say nothing."""
    full = complete(content)
    result: Content = {name: _text(full[name]) for name in TEXTS}
    result["deliverables"] = [
        {"id": int(row["id"]), "title": _text(row.get("title")), **_columns(row, DELIVERABLE)}
        for row in full["deliverables"]
        if says_something(row, DELIVERABLE)
    ]
    result["values"] = [
        {"key": str(row["key"]), **_columns(row, VALUE)}
        for row in full["values"]
        if says_something(row, VALUE)
    ]
    return result


def says_something(row: Mapping[str, Any], columns: tuple[str, ...]) -> bool:
    return any(_text(row.get(name)) for name in columns)


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical content, in hexadecimal."""
    text = json.dumps(canonical(content), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def row_of(content: Mapping[str, Any], table: str, key: Any) -> Row:
    """The row about that deliverable or indicator; an empty one where nothing was said."""
    name = "id" if table == "deliverables" else "key"
    found: Row = next((row for row in content.get(table, []) if row.get(name) == key), {})
    return found


def _columns(row: Mapping[str, Any], columns: tuple[str, ...]) -> Row:
    return {name: _text(row.get(name)) for name in columns}


def _text(value: Any) -> str:
    return str(value or "").replace("\r\n", "\n").strip()
