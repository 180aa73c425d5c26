"""What changed on a project since it was first published, as its public page tells it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from projects.models import Project
from projects.registrations.differences import Difference, public_differences
from projects.registrations.reading import Names

#: Older changes are not told; what was approved stays on record all the same.
MOST_TOLD = 20


@dataclass(frozen=True)
class Change:
    """An approved change of the public text."""

    at: dt.datetime
    differences: list[Difference]


def of(project: Project, *, most: int = MOST_TOLD) -> list[Change]:
    """The latest first. In one query, and one per kind of row where anything changed."""
    rows = list(project.approved_versions.exclude(before=None).order_by("-approved_at", "-pk")[:most])
    names = (
        Names.of([content for row in rows for content in (row.before or {}, row.content)]) if rows else None
    )
    changes = [
        Change(row.approved_at, public_differences(row.before or {}, row.content, names)) for row in rows
    ]
    return [change for change in changes if change.differences]
