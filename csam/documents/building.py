"""Building the documents that wait, one after the other. Every build is a row; running twice does no harm."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import logging
import threading
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from csam.documents import checking, rendering
from csam.documents.content import PlanContent
from csam.documents.errors import DocumentError
from csam.documents.keeping import keep
from csam.documents.models import Document
from csam.documents.publishing import publish
from csam.documents.source_data import collected, content_kept

logger = logging.getLogger(__name__)

#: A build that gave no sign of life for so long was interrupted: it gives one every few seconds, and checking a
#: very long file takes the longest silence.
SILENCE = dt.timedelta(minutes=2)
MOST_ATTEMPTS = 3

#: Layout needs memory: one build at a time in a process. Others wait in the database, not here.
_building = threading.Lock()

INTERRUPTED = gettext_noop(
    "La préparation a été interrompue plusieurs fois (serveur arrêté ou mémoire insuffisante). "
    "Vérifiez que le serveur dispose d'au moins 1 Go de mémoire, puis redemandez le document."
)
DISK_FULL = gettext_noop(
    "Le disque du serveur est plein : le document n'a pas été gardé, et celui d'avant reste offert. Libérez de "
    "l'espace dans le dossier des données du portail, puis redemandez le document."
)
UNFORESEEN = gettext_noop(
    "Une erreur imprévue a arrêté la mise en page (%(error)s). Redemandez le document; si l'erreur "
    "revient, transmettez ce message à la personne qui entretient le portail."
)


class Superseded(Exception):
    """Another process has taken over this build."""


def build_waiting() -> int:
    """Build every waiting document, one after the other; returns how many. Leaves at once when this process
    builds already."""
    built = 0
    while Document.objects.filter(state=Document.State.QUEUED).exists():
        if not _building.acquire(blocking=False):
            return built
        try:
            while document := _claim():
                build(document)
                built += 1
        finally:
            _building.release()
    return built


def build(document: Document) -> None:
    """Collect, render, check and keep one claimed document. What goes wrong is written on its row."""
    try:
        _build(document)
    except Superseded:
        logger.info("document %s is built by another process", document.pk)
    except DocumentError as error:
        _fail(document, str(error))
    except MemoryError:
        _fail(document, _(INTERRUPTED))
    except Exception as error:
        logger.exception("document %s could not be built", document.pk)
        with translation.override("fr"):
            is_full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
            told = _(UNFORESEEN) % {"error": f"{type(error).__name__}: {error}"[:300]}
            _fail(document, _(DISK_FULL) if is_full else told)


def requeue_stale(*, now: dt.datetime) -> int:
    """Put builds that were interrupted back into the queue; give up on those interrupted too often. Returns
    how many."""
    stale = Document.objects.stale(before=now - SILENCE)
    given_up = stale.filter(attempts__gte=MOST_ATTEMPTS)
    with translation.override("fr"):
        given_up.update(state=Document.State.FAILED, error=_(INTERRUPTED), finished_at=now)
    return stale.update(state=Document.State.QUEUED, sections_done=0)


def _claim() -> Document | None:
    """Take the oldest waiting row; only one process gets it."""
    for document in Document.objects.filter(state=Document.State.QUEUED).order_by("requested_at", "pk"):
        taken = Document.objects.filter(pk=document.pk, state=Document.State.QUEUED).update(
            state=Document.State.COLLECTING,
            attempts=F("attempts") + 1,
            heartbeat_at=timezone.now(),
            sections_done=0,
            sections=0,
            error="",
        )
        if taken:
            return Document.objects.select_related("plan", "period").get(pk=document.pk)
    return None


def _build(document: Document) -> None:
    content = _content_to_build(document)
    build_hash = rendering.build_hash(content)
    equal = Document.objects.filter(build_hash=build_hash, state=Document.State.READY)
    if twin := equal.filter(edition=document.edition_id).first():
        names = ("data_hash", "build_hash", "data_as_of", "pages", "size", "checksum")
        kept = {name: getattr(twin, name) for name in names}
        _complete(document, **kept, file=twin.file.name, content=twin.content.name)
        return

    _advance(document, state=Document.State.RENDERING)
    pdf = rendering.render_pdf(content, progress=_Pulse(document))
    _advance(document, state=Document.State.CHECKING)
    pages = checking.require_accessible(pdf)
    checksum = hashlib.sha256(pdf).hexdigest()
    stem = f"{document.plan.slug}/{document.kind}-{document.language}-{checksum[:16]}"
    _complete(
        document,
        data_hash=content.data_hash,
        build_hash=build_hash,
        data_as_of=content.as_of,
        pages=pages,
        size=len(pdf),
        checksum=checksum,
        file=keep(document, f"{stem}.pdf", pdf),
        content=document.content.name or keep(document, f"{stem}.json.gz", content.to_bytes()),
    )


def _content_to_build(document: Document) -> PlanContent:
    """Today's data; for an edition, those that were taken when it was prepared."""
    if document.edition_id:
        return content_kept(document)
    on = timezone.localdate()
    return collected(document.plan, document.kind, document.period, document.language, on=on)


class _Pulse:
    """Writes progress on the row when it moves, and a sign of life at least every few seconds."""

    EVERY = dt.timedelta(seconds=5)

    def __init__(self, document: Document) -> None:
        self.document = document
        self.done = -1
        self.last = timezone.now()

    def __call__(self, done: int, total: int) -> None:
        now = timezone.now()
        if done != self.done or now - self.last >= self.EVERY:
            self.done, self.last = done, now
            _advance(self.document, sections_done=done, sections=total)


def _advance(document: Document, **values: Any) -> None:
    """Write on the row as long as it is still ours: a requeued and reclaimed row has one more attempt."""
    ours = Document.objects.filter(
        pk=document.pk, attempts=document.attempts, state__in=Document.RUNNING_STATES
    )
    if not ours.update(**{"heartbeat_at": timezone.now(), **values}):
        raise Superseded


def _complete(document: Document, **values: Any) -> None:
    now = timezone.now()
    with transaction.atomic():
        _advance(document, state=Document.State.READY, finished_at=now, error="", **values)
        document.refresh_from_db()
        if document.publish_when_ready:
            publish(document=document, at=now)


def _fail(document: Document, message: str) -> None:
    logger.warning("document %s failed: %s", document.pk, message)
    ours = Document.objects.filter(pk=document.pk, attempts=document.attempts).exclude(
        state=Document.State.READY
    )
    if ours.update(state=Document.State.FAILED, error=message, finished_at=timezone.now()):
        document.refresh_from_db()
