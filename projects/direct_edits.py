"""Public projects that staff edit directly in the admin: kept in the log as a move would be."""

from __future__ import annotations

import datetime as dt
from typing import Any

from projects.models import Activity, Project
from projects.registrations.content import Content, empty, of_project


def content_of(project: Project) -> Content:
    """What the public page says now, read anew."""
    return of_project(Project.objects.get(pk=project.pk))


def log_edit(*, project: Project, before: Content | None, by: Any, at: dt.datetime) -> Activity | None:
    """Keep which fields changed, with their old and new values; None where nothing did."""
    old, new = before or empty(), content_of(project)
    changes = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    if not changes:
        return None
    return Activity.objects.create(
        project=project, action="edit", by=by, at=at, changes=changes, is_by_staff=True
    )
