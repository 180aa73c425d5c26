"""The documents as the public meets them: the list, the HTML page of each, the PDF."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, field

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csam.documents import sheets, source_data
from csam.documents.collecting import collect_sheet
from csam.documents.errors import DocumentError
from csam.documents.fragments import document_title
from csam.documents.models import Document, Edition
from csam.documents.reading import context_of, read_content
from indicators.models import ReportingPeriod
from plans.models import Plan
from projects.models import Project

logger = logging.getLogger(__name__)


@dataclass
class PeriodShelf:
    """What is published of a reporting period: its progress edition in each language, and what was frozen of it."""

    period: ReportingPeriod
    builds: list[Document] = field(default_factory=list)
    editions: list[Edition] = field(default_factory=list)


@require_safe
@login_not_required
def document_list(request: HttpRequest) -> HttpResponse:
    plans = list(Plan.objects.public())
    published: dict[tuple[int, str], list[Document]] = {}
    bilans: dict[int, dict[int, PeriodShelf]] = {}
    editions: dict[int, list[Edition]] = {}
    for document in Document.objects.published():
        if document.period:
            _of_period(bilans, document).builds.append(document)
        else:
            published.setdefault((document.plan_id, document.kind), []).append(document)
    for edition in Edition.objects.standing():
        if edition.period:
            _of_period(bilans, edition).editions.append(edition)
        else:
            editions.setdefault(edition.plan_id, []).append(edition)
    shelves = [
        {
            "plan": plan,
            "editions": editions.get(plan.pk, []),
            "bilans": sorted(
                bilans.get(plan.pk, {}).values(), key=lambda shelf: shelf.period.ends_on, reverse=True
            ),
            "documents": [
                {"kind": kind, "plan": plan, "builds": published.get((plan.pk, kind), [])}
                for kind in Document.PLAN_KINDS
            ],
        }
        for plan in sorted(plans, key=lambda plan: not plan.is_current)
    ]
    return render(request, "documents/document_list.html", {"shelves": shelves})


def _of_period(shelves: dict[int, dict[int, PeriodShelf]], row: Document | Edition) -> PeriodShelf:
    assert row.period is not None  # noqa: S101 (the caller looked)
    of_plan = shelves.setdefault(row.plan_id, {})
    return of_plan.setdefault(row.period.pk, PeriodShelf(row.period))


@require_safe
@login_not_required
def read(request: HttpRequest, plan: str, kind: str) -> HttpResponse:
    row = get_object_or_404(Plan.objects.public(), slug=plan)
    language = (get_language() or "fr")[:2]
    builds = list(Document.objects.published(row).filter(kind=kind))
    content = source_data.published_content(row, kind, language, on=timezone.localdate())
    reading = read_content(content, part=request.GET.get("partie", ""))
    if reading is None:
        raise Http404(_("Ce document n'a pas de partie de ce nom."))
    context = {
        "plan": row,
        "kind": kind,
        "builds": builds,
        "title": document_title(content),
        "edition": None,
    }
    return render(request, "documents/document_read.html", {**context, **context_of(reading)})


@require_safe
@login_not_required
def download(request: HttpRequest, plan: str, kind: str, language: str) -> HttpResponseBase:
    found = Document.objects.published().filter(plan__slug=plan, kind=kind, language=language)
    document = found.first()
    if document is None:
        raise Http404(_("Ce document n'est pas publié."))
    return pdf_response(request, document, cache_control="public, max-age=600")


@require_safe
@login_not_required
def period_read(request: HttpRequest, plan: str, period: int) -> HttpResponse:
    """The published progress edition of a period, in the reader's language or else in French."""
    language = (get_language() or "fr")[:2]
    builds = list(Document.objects.published().filter(plan__slug=plan, period=period))
    shown = next((row for row in builds if row.language == language), builds[0] if builds else None)
    if shown is None:
        raise Http404(_("Le bilan de cette période n'est pas publié."))
    content = source_data.content_kept(shown)
    reading = read_content(content)
    assert reading is not None  # noqa: S101 (a document has a first part)
    if shown.edition:
        shown.edition.plan = shown.plan
    context = {
        "plan": shown.plan,
        "kind": shown.kind,
        "builds": builds,
        "title": document_title(content),
        "edition": None,
        "kept_as": shown.edition,
    }
    return render(request, "documents/document_read.html", {**context, **context_of(reading)})


@require_safe
@login_not_required
def period_download(request: HttpRequest, plan: str, period: int, language: str) -> HttpResponseBase:
    found = Document.objects.published().filter(plan__slug=plan, period=period, language=language)
    document = found.first()
    if document is None:
        raise Http404(_("Ce document n'est pas publié."))
    return pdf_response(request, document, cache_control="public, max-age=600")


@require_safe
@login_not_required
def sheet(request: HttpRequest, slug: str, language: str) -> HttpResponseBase:
    """The sheet of a project, made now where it was not made before from the same data."""
    project = get_object_or_404(Project.objects.published().select_related("plan"), slug=slug)
    content = collect_sheet(project=project, language=language, on=timezone.localdate())
    etag = f'"{sheets.sheet_key(content)}"'
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": etag})
    try:
        pdf = sheets.sheet_pdf(content)
    except sheets.SheetBusy:
        return _not_now(request, project, _("Plusieurs fiches se préparent en ce moment."))
    except DocumentError as error:
        logger.warning("the sheet of %s could not be made: %s", slug, error)
        return _not_now(
            request, project, _("Cette fiche n'a pas pu être préparée. Sa page, elle, est à jour.")
        )
    name = f"fiche-{slug}.pdf" if language == "fr" else f"sheet-{slug}.pdf"
    response = FileResponse(io.BytesIO(pdf), content_type="application/pdf", filename=name)
    response.headers["Content-Encoding"] = "identity"
    response.headers["Content-Language"] = f"{language}-CA"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=600"
    return response


def _not_now(request: HttpRequest, project: Project, message: str) -> HttpResponse:
    context = {"project": project, "message": message}
    page = render(request, "documents/sheet_not_now.html", context, status=503)
    page.headers["Retry-After"] = "10"
    return page


def pdf_response(request: HttpRequest, document: Document, *, cache_control: str) -> HttpResponseBase:
    """The file of a ready document, or 304 for who has it already."""
    etag = f'"{document.checksum}"'
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        try:
            file = document.file.open("rb")
        except FileNotFoundError as error:
            raise Http404(_("Le fichier de ce document a disparu.")) from error
        response = FileResponse(file, content_type="application/pdf", filename=document.file_name)
        # A PDF is compressed already: this keeps it from being compressed again, and its length known.
        response.headers["Content-Encoding"] = "identity"
        response.headers["Content-Language"] = f"{document.language}-CA"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache_control
    if document.finished_at:
        response.headers["Last-Modified"] = http_date(document.finished_at.timestamp())
    return response
