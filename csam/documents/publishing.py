"""Which document everybody downloads."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from csam.documents.errors import DocumentError
from csam.documents.models import Document


def publish(*, document: Document, at: dt.datetime) -> None:
    """Make it the one that everybody downloads, in place of the one before."""
    with transaction.atomic():
        row = Document.objects.select_for_update().get(pk=document.pk)
        if row.state != Document.State.READY:
            raise DocumentError(_("Seul un document prêt se publie."))
        if row.edition_id and not row.is_frozen:
            raise DocumentError(_("Ce document se publie avec son édition."))
        twins = Document.objects.filter(
            plan=row.plan_id, kind=row.kind, period=row.period_id, language=row.language
        )
        twins.exclude(pk=row.pk).exclude(published_at=None).update(published_at=None)
        if row.published_at is None:
            Document.objects.filter(pk=row.pk).update(published_at=at, is_draft=False)
    document.refresh_from_db()


def unpublish(*, document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(published_at=None)
    document.refresh_from_db()
