"""Editions as the public meets them: what each holds, its pages and files, and what changed between two."""

from __future__ import annotations

import functools
import gzip
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csam.documents.comparing import compare
from csam.documents.content import PlanContent
from csam.documents.editions import content_of
from csam.documents.fragments import document_title
from csam.documents.models import Document, Edition
from csam.documents.period_comparing import compare_periods
from csam.documents.reading import context_of, read_content
from csam.documents.views import pdf_response


def of_edition(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A public page of an edition, found by the address; of one that was withdrawn, why it was."""

    @require_safe
    @login_not_required
    @functools.wraps(view)
    def found(
        request: HttpRequest, plan: str, number: int, period: int | None = None, **kwargs: Any
    ) -> HttpResponseBase:
        row = get_object_or_404(Edition.objects.published(), plan__slug=plan, period=period, number=number)
        if row.withdrawn_at:
            return render(request, "documents/edition_withdrawn.html", {"edition": row}, status=410)
        return view(request, row, **kwargs)

    return found


@of_edition
def edition(request: HttpRequest, edition: Edition) -> HttpResponse:
    series = Edition.objects.standing(edition.plan).in_series(edition.period)
    others = [row for row in series if row.pk != edition.pk]
    documents: dict[str, list[Document]] = {}
    for document in edition.documents.order_by("-language"):
        document.edition, document.plan, document.period = edition, edition.plan, edition.period
        documents.setdefault(document.kind, []).append(document)
    context = {
        "edition": edition,
        "documents": [
            (kind, edition.read_url(kind), documents[kind])
            for kind in Document.Kind.values
            if kind in documents
        ],
        "others": others,
        "trail": _trail(),
        "has_previous": any(row.number < edition.number for row in others),
    }
    return render(request, "documents/edition.html", context)


@of_edition
def read(request: HttpRequest, edition: Edition, kind: str) -> HttpResponse:
    content = _content(edition, kind)
    reading = read_content(content, part=request.GET.get("partie", ""))
    if reading is None:
        raise Http404(_("Ce document n'a pas de partie de ce nom."))
    context = {
        "plan": edition.plan,
        "kind": kind,
        "builds": [],
        "title": document_title(content),
        "edition": edition,
    }
    return render(request, "documents/document_read.html", {**context, **context_of(reading)})


@of_edition
def download(request: HttpRequest, edition: Edition, kind: str, language: str) -> HttpResponseBase:
    document = get_object_or_404(edition.documents, kind=kind, language=language)
    document.edition, document.plan, document.period = edition, edition.plan, edition.period
    return pdf_response(request, document, cache_control="public, max-age=3600")


@of_edition
def data(request: HttpRequest, edition: Edition, kind: str, language: str) -> HttpResponse:
    document = get_object_or_404(edition.documents, kind=kind, language=language)
    with document.content.open("rb") as file:
        body = gzip.decompress(file.read())
    return HttpResponse(
        body, content_type="application/json", headers={"Cache-Control": "public, max-age=3600"}
    )


@of_edition
def changes(request: HttpRequest, edition: Edition) -> HttpResponse:
    """Against the edition before, or the one that « depuis » names."""
    earlier = list(
        edition.plan.editions.standing().in_series(edition.period).filter(number__lt=edition.number)
    )
    asked = request.GET.get("depuis", "")
    since = next((row for row in earlier if str(row.number) == asked), None)
    if asked and since is None:
        raise Http404(_("Cette édition n'existe pas ou ne précède pas celle-ci."))
    since = since or (earlier[0] if earlier else None)
    context: dict[str, Any] = {
        "edition": edition,
        "since": since,
        "earlier": earlier,
        "comparison": None,
        "trail": [*_trail(), (edition.label.capitalize(), edition.get_absolute_url())],
    }
    if since:
        kind = Document.Kind.PROGRESS if edition.period else Document.Kind.FULL
        now = _content(edition, kind)
        then = _content(since, kind, now.language)
        context["comparison"] = compare_periods(then, now) if edition.period else compare(then, now)
        context["content"] = now
        context["is_foreign"] = now.language != (get_language() or "fr")[:2]
    return render(request, "documents/edition_changes.html", context)


def _content(edition: Edition, kind: str, language: str = "") -> PlanContent:
    content = content_of(edition, kind, language or (get_language() or "fr")[:2])
    if content is None:
        raise Http404(_("Cette édition n'a pas ce document."))
    return content


def _trail() -> list[tuple[str, str]]:
    return [(_("Documents"), reverse("documents:list"))]
