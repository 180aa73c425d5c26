"""The workbook of a period in the space of partners: download, hand in, preview, confirm."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.workflow import Refused, Stale
from csam.workbook import uploads
from csam.workbook.period_book import choices
from csam.workbook.period_book.comparing import Comparison, compare, write
from csam.workbook.period_book.forms import PeriodBookForm
from csam.workbook.period_book.opening import open_period_book
from csam.workbook.period_book.writing import period_book
from csam.workbook.problems import RefusedError
from indicators.models import ProgressReport
from partners.models import Organization, User

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """What can be downloaded, and where the filled file goes; one handed in leads to its preview."""
    is_post = request.method == "POST"
    form = PeriodBookForm(request.POST, request.FILES) if is_post else PeriodBookForm()
    if is_post and form.is_valid():
        file = form.cleaned_data["file"]
        upload = uploads.keep(
            user_id=_user(request).pk, name=str(file.name)[:120], content=file.read(), mapping=None, plan=""
        )
        return redirect("period_book:preview", token=upload.token)
    context = {"form": form, "choices": choices.offered(request.user), "trail": _trail()[:1]}
    return render(request, "reports/book.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def download(request: HttpRequest, period: int, slug: str) -> HttpResponse:
    """The reports of that period which the organisation has still to write."""
    organization = get_object_or_404(Organization, slug=slug, memberships__user=_user(request).pk)
    found = choices.of_organization(choices.fillable(request.user).filter(period=period), organization)
    return _book(list(found), f"bilans-{organization.slug}")


@require_safe
@never_cache
def download_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One report, as long as it can be written in."""
    report = get_object_or_404(ProgressReport.objects.writable_by(request.user).with_names(), pk=pk)
    return _book([report], f"bilan-{report.project.slug}")


@require_safe
@never_cache
def preview(request: HttpRequest, token: str) -> HttpResponse:
    upload = _upload(request, token)
    try:
        comparison = _compared(request, upload)
    except RefusedError as error:
        return _refused(request, upload, error)
    return _preview(request, upload, comparison)


@require_POST
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Writes exactly what was previewed, or nothing; shows the preview again when a draft has changed since."""
    upload = _upload(request, token)
    try:
        comparison = _compared(request, upload)
        if request.POST.get("digest") != comparison.digest:
            raise Stale
        write(comparison, by=request.user, at=timezone.now())
    except RefusedError as error:
        return _refused(request, upload, error)
    except Refused:
        messages.warning(
            request,
            _("Un brouillon a changé depuis l'aperçu. Rien n'a été écrit : voici l'aperçu d'à présent."),
        )
        return redirect("period_book:preview", token=token)
    upload.drop()
    count = len(comparison.entries)
    told = ngettext(
        "%(count)d bilan est rempli. Relisez-le, puis soumettez-le.",
        "%(count)d bilans sont remplis. Relisez-les, puis soumettez-les.",
        count,
    )
    messages.success(request, told % {"count": count})
    return redirect(comparison.entries[0].report if count == 1 else "partners:space")


@require_POST
@never_cache
def abandon(request: HttpRequest, token: str) -> HttpResponse:
    _upload(request, token).drop()
    messages.info(request, _("Le classeur est mis de côté : rien n'a été écrit."))
    return redirect("period_book:index")


def _preview(request: HttpRequest, upload: uploads.Upload, comparison: Comparison) -> HttpResponse:
    if comparison.problems:
        return _refused(request, upload, RefusedError(comparison.problems))
    context = {"upload": upload, "comparison": comparison, "trail": _trail()}
    return render(request, "reports/book_preview.html", context)


def _refused(request: HttpRequest, upload: uploads.Upload, error: RefusedError) -> HttpResponse:
    context = {"upload": upload, "problems": error.problems, "trail": _trail()}
    return render(request, "reports/book_refused.html", context, status=422)


def _book(reports: list[ProgressReport], name: str) -> HttpResponse:
    if not reports:
        raise Http404
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    try:
        content = period_book(reports, language=language)
    except RefusedError as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _compared(request: HttpRequest, upload: uploads.Upload) -> Comparison:
    try:
        content = upload.content()
    except uploads.UploadGoneError as error:
        raise Http404 from error
    workbook = open_period_book(content, upload.name)
    return compare(workbook, user=request.user, on=timezone.localdate())


def _upload(request: HttpRequest, token: str) -> uploads.Upload:
    try:
        return uploads.find(token, user_id=_user(request).pk)
    except uploads.UploadGoneError as error:
        raise Http404 from error


def _trail() -> list[tuple[str, str]]:
    return [
        (_("Mon espace"), reverse("partners:space")),
        (_("Remplir dans un classeur"), reverse("period_book:index")),
    ]


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
