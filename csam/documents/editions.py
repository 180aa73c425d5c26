"""Editions: the documents of a plan, or the progress edition of a period, made of one snapshot, read again by staff,
then frozen for good."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from csam.documents import bells, keeping, publishing, source_data
from csam.documents.collecting import snapshot
from csam.documents.content import PlanContent
from csam.documents.errors import DocumentError
from csam.documents.models import Document, Edition
from csam.documents.press import digest_of
from indicators.models import ReportingPeriod
from plans.models import Plan


def prepare(
    *,
    plan: Plan,
    languages: Iterable[str],
    by: Any,
    at: dt.datetime,
    period: ReportingPeriod | None = None,
) -> Edition:
    """Take the data of that moment and ask for both documents in each language; for a period, for its progress
    edition.

    Nothing is public before :func:`publish`. Raises :class:`DocumentError` where an edition is being prepared
    already, or where nothing changed since the last one.
    """
    _require_of_plan(period, plan)
    if not plan.is_public:
        raise DocumentError(
            _("Ce plan est encore en préparation : son édition se préparera quand il sera public.")
        )
    wanted = sorted(set(languages), reverse=True)
    if Document.Language.FRENCH not in wanted:
        raise DocumentError(_("Une édition paraît toujours en français, et en anglais si vous le voulez."))
    last = plan.editions.published().in_series(period).first()
    number = last.number + 1 if last else 1
    contents = _collect_all(plan, period, wanted, number, on=timezone.localdate(at))
    data_hash = digest_of(*(content.data_hash for content in contents))
    if last and last.data_hash == data_hash:
        raise DocumentError(_("Rien n'a changé depuis l'édition %(number)s.") % {"number": last.number})
    try:
        with transaction.atomic():
            edition = Edition.objects.create(
                plan=plan,
                period=period,
                number=number,
                as_of=timezone.localdate(at),
                data_hash=data_hash,
                prepared_at=at,
                prepared_by=by,
            )
            for content in contents:
                _order(edition, content, by=by, at=at)
    except IntegrityError as error:
        told = (
            _(
                "Une édition du bilan de cette période est déjà en préparation : publiez-la ou abandonnez-la d'abord."
            )
            if period
            else _("Une édition de ce plan est déjà en préparation : publiez-la ou abandonnez-la d'abord.")
        )
        raise DocumentError(told) from error
    transaction.on_commit(bells.ring)
    return edition


def retry(*, edition: Edition) -> int:
    """Ask again for the documents of an unpublished edition that failed, from the same data; returns how many."""
    failed = Document.objects.filter(edition=edition, is_frozen=False, state=Document.State.FAILED)
    count = failed.update(state=Document.State.QUEUED, attempts=0, error="", finished_at=None)
    if count:
        transaction.on_commit(bells.ring)
    return count


def problems_of(edition: Edition) -> list[str]:
    """What keeps the edition from being published; nothing when it may be."""
    documents = list(edition.documents.select_related("plan"))
    found = [
        _("%(document)s : %(state)s") % {"document": _named(document), "state": document.get_state_display()}
        for document in documents
        if document.state != Document.State.READY
    ]
    return found or [
        _("%(document)s : son fichier a disparu ou n'est plus celui qui a été vérifié.")
        % {"document": _named(document)}
        for document in documents
        if not _is_whole(document)
    ]


def publish(*, edition: Edition, by: Any, at: dt.datetime) -> None:
    """Freeze the edition and put its documents in the place of those that everybody downloads.

    Raises :class:`DocumentError` where a document is not ready and checked, or where it is published already.
    """
    with transaction.atomic():
        row = Edition.objects.select_for_update().select_related("plan").get(pk=edition.pk)
        if row.is_published:
            raise DocumentError(_("Cette édition est déjà publiée : elle ne change plus."))
        if problems := problems_of(row):
            raise DocumentError("; ".join(problems))
        row.documents.update(is_frozen=True)
        Edition.objects.filter(pk=row.pk).update(published_at=at, published_by=by)
        for document in row.documents.all():
            publishing.publish(document=document, at=at)
    edition.refresh_from_db()


def discard(*, edition: Edition) -> None:
    """Give up an edition that was not published; its number goes to the next one."""
    with transaction.atomic():
        row = Edition.objects.select_for_update().get(pk=edition.pk)
        if row.is_published:
            raise DocumentError(_("Cette édition est publiée : elle se retire, elle ne s'abandonne pas."))
        documents = list(row.documents.all())
        row.documents.all().delete()
        row.delete()
        for document in documents:
            keeping.drop_files(document)


def withdraw(*, edition: Edition, reason: str, at: dt.datetime) -> None:
    """Take a published edition off the site; its addresses tell the reason. Nothing of it is erased."""
    if not reason.strip():
        raise DocumentError(_("Retirer une édition publiée demande un motif."))
    with transaction.atomic():
        done = (
            Edition.objects.standing()
            .filter(pk=edition.pk)
            .update(withdrawn_at=at, withdrawal_reason=reason.strip())
        )
        if not done:
            raise DocumentError(_("Cette édition n'est pas publiée."))
        edition.documents.update(published_at=None)
    edition.refresh_from_db()


def content_of(edition: Edition, kind: str, language: str) -> PlanContent | None:
    """The frozen data of a document in that language, or else in French; None where it has neither."""
    rows = {row.language: row for row in edition.documents.filter(kind=kind)}
    row = rows.get(language) or rows.get(str(Document.Language.FRENCH))
    if row is None:
        return None
    return source_data.content_kept(row)


def _require_of_plan(period: ReportingPeriod | None, plan: Plan) -> None:
    if period is None:
        return
    if period.plan_id != plan.pk:
        raise DocumentError(_("Cette période est celle d'un autre plan."))
    if not period.is_open:
        raise DocumentError(_("Cette période n'est pas ouverte : aucun bilan n'y a encore été demandé."))


def _collect_all(
    plan: Plan, period: ReportingPeriod | None, languages: list[str], number: int, *, on: dt.date
) -> list[PlanContent]:
    kinds = [Document.Kind.PROGRESS] if period else Document.PLAN_KINDS
    with snapshot():
        return [
            dataclasses.replace(source_data.collected(plan, kind, period, language, on=on), edition=number)
            for kind in kinds
            for language in languages
        ]


def _order(edition: Edition, content: PlanContent, *, by: Any, at: dt.datetime) -> None:
    document = Document.objects.create(
        plan=edition.plan,
        period=edition.period,
        edition=edition,
        kind=content.kind,
        language=content.language,
        data_as_of=edition.as_of,
        data_hash=content.data_hash,
        requested_by=by,
        requested_at=at,
    )
    data = content.to_bytes()
    digest = hashlib.sha256(data).hexdigest()[:16]
    of_period = f"periode-{edition.period_id}-" if edition.period_id else ""
    stem = (
        f"{edition.plan.slug}/{of_period}edition-{edition.number}-{content.kind}-{content.language}-{digest}"
    )
    name = keeping.keep(document, f"{stem}.json.gz", data)
    Document.objects.filter(pk=document.pk).update(content=name)


def _named(document: Document) -> str:
    return f"{document.get_kind_display()} ({document.get_language_display()})"


def _is_whole(document: Document) -> bool:
    try:
        with document.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == document.checksum
    except OSError:
        return False
