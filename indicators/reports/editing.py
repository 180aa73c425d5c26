"""Writing a report without losing what anybody typed.

A form carries a mark of what its writer saw, part by part: a text, a deliverable, an indicator. So two people may
write in one report; who writes where another has written since is told, and both texts are shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from core.workflow import Stale
from indicators.models import ProgressReport
from indicators.reports import workflow
from indicators.reports.content import TEXTS, Content, canonical
from indicators.reports.reading import Names, sections

Mark = dict[str, str]
#: The mark of a part in which nothing is said.
BLANK = ""


class Conflicting(Stale):
    """``names`` are the parts that somebody else wrote in the meantime; ``mark`` what the form saw of the others."""

    def __init__(self, row: ProgressReport, names: list[str], mark: Mark) -> None:
        super().__init__(row=row)
        self.names, self.mark = names, mark


def seen(content: Mapping[str, Any]) -> Mark:
    return {name: _hash(part) for name, part in parts(content).items()}


def write_mark(mark: Mark) -> str:
    return json.dumps(mark, sort_keys=True, separators=(",", ":"))


def read_mark(text: str) -> Mark | None:
    """None where nothing can be said to have been seen: then every difference is told."""
    try:
        mark = json.loads(text)
    except ValueError:
        return None
    is_mark = isinstance(mark, dict) and all(isinstance(value, str) for value in mark.values())
    return mark if is_mark else None


def parts(content: Mapping[str, Any]) -> dict[str, Any]:
    """The parts in which something is said, by the names of their fields."""
    full = canonical(content)
    found: dict[str, Any] = {name: full[name] for name in TEXTS if full[name]}
    found |= {f"deliverables-{row['id']}": row for row in full["deliverables"]}
    return found | {f"values-{row['key']}": row for row in full["values"]}


def save(
    *, report: ProgressReport, values: Content, mark: Mark | None, by: Any, at: dt.datetime
) -> ProgressReport:
    """Keep what was typed beside what others wrote since. Raises Conflicting where both wrote the same part, and
    what :func:`indicators.reports.workflow.save` raises. Nothing new writes nothing.
    """
    present = ProgressReport.objects.with_names().get(pk=report.pk)
    return save_onto(present=present, values=values, mark=mark, by=by, at=at)


def save_onto(
    *, present: ProgressReport, values: Content, mark: Mark | None, by: Any, at: dt.datetime
) -> ProgressReport:
    """``save`` for whoever has just read the row."""
    for is_last in (False, True):
        merged = merge(present, values, mark) if present.is_editable else values
        if present.is_editable and canonical(present.content) == canonical(merged):
            return present
        try:
            return workflow.save(report=present, values=merged, version=present.version, by=by, at=at)
        except Stale as stale:
            # Somebody was faster by a hair, perhaps on another part.
            if is_last:
                raise
            present = stale.row
    raise AssertionError


def merge(present: ProgressReport, typed: Content, mark: Mark | None) -> Content:
    stored_parts, typed_parts = parts(present.content), parts(typed)
    kept: list[str] = []
    conflicting: list[str] = []
    for name in dict.fromkeys([*stored_parts, *typed_parts]):
        stored, now = stored_parts.get(name), typed_parts.get(name)
        if stored == now:
            continue
        if mark is None:
            conflicting.append(name)
        elif _hash(stored) != mark.get(name, BLANK):
            (kept if _hash(now) == mark.get(name, BLANK) else conflicting).append(name)
    if conflicting:
        before = seen(typed) if mark is None else mark
        changed = {name: _hash(stored_parts.get(name)) for name in conflicting}
        raise Conflicting(present, conflicting, before | changed)
    return _with_parts(canonical(typed), {name: stored_parts.get(name) for name in kept})


def _with_parts(content: Content, stored: Mapping[str, Any]) -> Content:
    for name, part in stored.items():
        if name in TEXTS:
            content[name] = part or ""
            continue
        table, _dash, key = name.partition("-")
        column = "id" if table == "deliverables" else "key"
        rows = [row for row in content[table] if str(row[column]) != key]
        content[table] = [*rows, part] if part else rows
    return content


def _hash(part: Any) -> str:
    if not part:
        return BLANK
    text = json.dumps(part, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Conflict:
    """A part that two people wrote differently: what is stored, and what was just typed."""

    name: str
    label: str | Promise
    stored: list[str]
    typed: list[str]


def conflicts(stored: Mapping[str, Any], typed: Mapping[str, Any]) -> list[Conflict]:
    """Every part that differs, in words."""
    names = Names.of([stored, typed])
    old, new = (
        {line.name: line for section in sections(content, names) for line in section.lines}
        for content in (stored, typed)
    )
    found = []
    for name in [*new, *(name for name in old if name not in new)]:
        was, now = (side[name].items if name in side else [] for side in (old, new))
        if was != now:
            found.append(Conflict(name, (new.get(name) or old[name]).label, was, now))
    return found
