"""Taking a project out of what is public, with a reason that its address goes on telling."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from projects.models import Project


class AlreadyArchivedError(Exception):
    """The project is not public any more; somebody else was faster."""


@transaction.atomic
def archive(*, project: Project, reason_fr: str, reason_en: str = "", at: dt.datetime) -> None:
    """Archive a published project; its address answers 410 with the reason from then on.

    Raises AlreadyArchivedError when it was archived in the meantime, ValueError without a French reason.
    """
    if not reason_fr.strip():
        raise ValueError("a project is archived with a reason")
    row = Project.objects.select_for_update().get(pk=project.pk)
    if row.archived_at:
        raise AlreadyArchivedError
    row.archived_at = at
    row.archive_reason_fr, row.archive_reason_en = reason_fr.strip(), reason_en.strip()
    row.save(update_fields=["archived_at", "archive_reason_fr", "archive_reason_en"])


@transaction.atomic
def restore(*, project: Project) -> None:
    """Make an archived project public again; nothing happens to one that is public."""
    row = Project.objects.select_for_update().get(pk=project.pk)
    row.archived_at = None
    row.archive_reason_fr = row.archive_reason_en = ""
    row.save(update_fields=["archived_at", "archive_reason_fr", "archive_reason_en"])
