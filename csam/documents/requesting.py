"""Asking for a document. Asked for twice, it is built once."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from csam.documents import bells, rendering
from csam.documents.errors import DocumentError
from csam.documents.models import Document
from csam.documents.publishing import publish
from csam.documents.source_data import collected
from indicators.models import ReportingPeriod
from plans.models import Plan


def request(
    *,
    plan: Plan,
    kind: str,
    language: str,
    by: Any = None,
    publish_when_ready: bool = False,
    is_draft: bool = False,
    period: ReportingPeriod | None = None,
) -> tuple[Document, bool]:
    """Ask for a document; for a progress edition, with its period. Returns the row, and whether a new build was
    started.

    Nothing is built when the same build is already under way, or when a ready document was made from equal
    data.
    """
    if not plan.is_public:
        raise DocumentError(
            _("Ce plan est encore en préparation : ses documents se construiront quand il sera public.")
        )
    working = Document.objects.filter(plan=plan, kind=kind, period=period, language=language, edition=None)
    if found := _equal_or_open(working, plan, kind, period, language, publish_when_ready):
        return found, False
    try:
        with transaction.atomic():
            document = Document.objects.create(
                plan=plan,
                kind=kind,
                period=period,
                language=language,
                requested_by=by,
                requested_at=timezone.now(),
                publish_when_ready=publish_when_ready,
                is_draft=is_draft,
            )
    except IntegrityError:
        return working.open().get(), False
    transaction.on_commit(bells.ring)
    return document, True


def _equal_or_open(
    working: QuerySet[Document],
    plan: Plan,
    kind: str,
    period: ReportingPeriod | None,
    language: str,
    publish_when_ready: bool,
) -> Document | None:
    if row := working.filter(state__in=Document.OPEN_STATES).first():
        if publish_when_ready and not row.publish_when_ready:
            Document.objects.filter(pk=row.pk).update(publish_when_ready=True)
            row.publish_when_ready = True
        return row
    ready = working.filter(state=Document.State.READY)
    if not ready.exists() or rendering.unavailable_because():
        return None
    content = collected(plan, kind, period, language, on=timezone.localdate())
    row = ready.filter(build_hash=rendering.build_hash(content)).first()
    if row is not None and publish_when_ready and row.published_at is None:
        publish(document=row, at=timezone.now())
    return row
