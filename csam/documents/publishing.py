"""Asking for a document, building it, publishing it. Every build is a row; running twice does no harm."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import logging
import threading
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from csam.documents import checking, rendering
from csam.documents.collecting import collect
from csam.documents.content import PlanContent
from csam.documents.errors import DocumentError
from csam.documents.models import Document
from csam.documents.period_collecting import collect_period
from indicators.models import ReportingPeriod
from plans.models import Plan

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
    transaction.on_commit(ring)
    return document, True


def ring() -> None:
    """Wake a worker up. A broker that cannot be reached loses nothing: waiting rows are looked for each
    minute."""
    from csam.documents.tasks import build_waiting_task

    try:
        build_waiting_task.delay()
    except OSError as error:
        logger.warning("no worker could be told of a waiting document: %s", error)


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


def published_content(plan: Plan, kind: str, language: str, *, on: dt.date) -> PlanContent:
    """What the HTML page says: the data of the published document, or today's where none is published yet."""
    row = Document.objects.published(plan).filter(kind=kind, language=language).first()
    return content_kept(row) if row else collected(plan, kind, None, language, on=on)


def content_kept(document: Document) -> PlanContent:
    """The values that a document was, or is to be, made from."""
    with document.content.open("rb") as file:
        return PlanContent.from_bytes(file.read())


def collected(
    plan: Plan, kind: str, period: ReportingPeriod | None, language: str, *, on: dt.date
) -> PlanContent:
    """What a document of that kind would say today."""
    if period is not None:
        return collect_period(period=period, language=language, on=on)
    return collect(plan=plan, kind=kind, language=language, on=on, full=kind == Document.Kind.FULL)


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


def keep(document: Document, name: str, data: bytes) -> str:
    """Store a file whole or not at all; returns its name. One with that name has the same bytes already."""
    storage = document.file.storage
    name = f"documents/{name}"
    if storage.exists(name) and storage.size(name) == len(data):
        return name
    folder = Path(settings.MEDIA_ROOT) / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{document.pk}-{document.attempts}.part"
    try:
        part.write_bytes(data)
        with _Finished(part) as file:
            return str(storage.save(name, file))
    finally:
        part.unlink(missing_ok=True)


def drop_files(document: Document) -> None:
    """After the commit that takes its row away, its files go too where no other row has them."""
    files = {name for name in (document.file.name, document.content.name) if name}
    kept = set(Document.objects.filter(file__in=files).values_list("file", flat=True))
    kept |= set(Document.objects.filter(content__in=files).values_list("content", flat=True))
    for name in sorted(files - kept):
        transaction.on_commit(partial(document.file.storage.delete, name))


class _Finished(File):
    """A complete file that a local storage moves into place by renaming; any other storage reads it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self.path = path

    def temporary_file_path(self) -> str:
        return str(self.path)
