"""The documents as the public meets them: the list, the HTML page of each, the PDF."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csam.documents import publishing
from csam.documents.fragments import document_title
from csam.documents.models import Document, Edition
from csam.documents.reading import context_of, read_content
from plans.models import Plan


@require_safe
@login_not_required
def document_list(request: HttpRequest) -> HttpResponse:
    plans = list(Plan.objects.public())
    published: dict[tuple[int, str], list[Document]] = {}
    for document in Document.objects.published():
        published.setdefault((document.plan_id, document.kind), []).append(document)
    editions: dict[int, list[Edition]] = {}
    for edition in Edition.objects.standing():
        editions.setdefault(edition.plan_id, []).append(edition)
    shelves = [
        {
            "plan": plan,
            "editions": editions.get(plan.pk, []),
            "documents": [
                {"kind": kind, "plan": plan, "builds": published.get((plan.pk, kind), [])}
                for kind in Document.Kind.values
            ],
        }
        for plan in sorted(plans, key=lambda plan: not plan.is_current)
    ]
    return render(request, "documents/document_list.html", {"shelves": shelves})


@require_safe
@login_not_required
def read(request: HttpRequest, plan: str, kind: str) -> HttpResponse:
    row = get_object_or_404(Plan.objects.public(), slug=plan)
    language = (get_language() or "fr")[:2]
    builds = list(Document.objects.published(row).filter(kind=kind))
    content = publishing.published_content(row, kind, language, on=timezone.localdate())
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
    document = Document.objects.published().filter(plan__slug=plan, kind=kind, language=language).first()
    if document is None:
        raise Http404(_("Ce document n'est pas publié."))
    return pdf_response(request, document, cache_control="public, max-age=600")


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
