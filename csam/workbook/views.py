"""The workbook in the admin: download, hand in, preview, confirm."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from csam.workbook import exporting, uploads
from csam.workbook.access import exporters_only, importers_only, may_import
from csam.workbook.applying import OutdatedError, import_workbook
from csam.workbook.forms import ExportForm, ImportForm, TemplateForm
from csam.workbook.mapping import load_mapping
from csam.workbook.opening import open_bytes
from csam.workbook.plan_changes import PlanChanges, compare
from csam.workbook.previews import preview_sheets, report
from csam.workbook.problems import RefusedError
from csam.workbook.reports import counts
from csam.workbook.tables import Workbook
from partners.models import User
from plans.models import Plan

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


@require_http_methods(["GET", "POST"])
@exporters_only
def index(request: HttpRequest) -> HttpResponse:
    """The forms; a file handed in leads to its preview."""
    is_post = request.method == "POST"
    form = ImportForm(request.POST, request.FILES) if is_post else ImportForm()
    if is_post:
        if not may_import(request.user):
            raise PermissionDenied
        if form.is_valid():
            mapping = form.cleaned_data["mapping"]
            upload = uploads.keep(
                user_id=_user(request).pk,
                name=form.cleaned_data["file"].name,
                content=form.cleaned_data["file"].read(),
                mapping=mapping.read() if mapping else None,
                plan=form.cleaned_data["plan"].slug if form.cleaned_data["plan"] else "",
            )
            return redirect("workbook:preview", token=upload.token)
    current = Plan.objects.filter(is_current=True).first()
    context = {
        "title": _("Classeur du plan"),
        "is_workbook_home": True,
        "form": form,
        "export_form": ExportForm(initial={"plan": current and current.slug}, auto_id="export_%s"),
        "template_form": TemplateForm(auto_id="template_%s"),
        "may_import": may_import(request.user),
    }
    return _page(request, "admin/workbook/index.html", context, status=400 if form.errors else 200)


@require_GET
@exporters_only
def export(request: HttpRequest) -> HttpResponse:
    form = ExportForm(request.GET)
    return _download(form, plan_from=lambda data: data["plan"])


@require_GET
@exporters_only
def template(request: HttpRequest) -> HttpResponse:
    return _download(TemplateForm(request.GET), plan_from=lambda _data: None)


@require_GET
@importers_only
def preview(request: HttpRequest, token: str) -> HttpResponse:
    upload = _upload(request, token)
    if upload.result:
        return redirect("workbook:result", token=token)
    return _preview(request, upload)


@require_POST
@importers_only
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Applies exactly what was previewed; shows the preview again when that is no longer what would be done."""
    upload = _upload(request, token)
    if upload.result:
        return redirect("workbook:result", token=token)
    try:
        changes = import_workbook(
            _open(upload), plan_slug=upload.plan, expected_digest=request.POST.get("digest") or "none"
        )
    except OutdatedError:
        messages.warning(
            request,
            _(
                "Le portail a changé depuis l'aperçu. Rien n'a été importé : voici ce que l'importation "
                "ferait maintenant."
            ),
        )
        return redirect("workbook:preview", token=token)
    except RefusedError as error:
        return _refused(request, upload, error)
    _log(request, upload, changes)
    upload.finish(
        {
            "plan": changes.plan_slug,
            "total": counts(changes.created, changes.changed, changes.unchanged),
            "sheets": [
                [s.title, counts(len(s.created), len(s.changed), len(s.unchanged))] for s in changes.sheets
            ],
        }
    )
    return redirect("workbook:result", token=token)


@require_GET
@importers_only
def result(request: HttpRequest, token: str) -> HttpResponse:
    upload = _upload(request, token)
    if not upload.result:
        return redirect("workbook:preview", token=token)
    plan = Plan.objects.filter(slug=upload.result["plan"]).first()
    context = {"title": _("Importation terminée"), "upload": upload, "result": upload.result, "plan": plan}
    return _page(request, "admin/workbook/result.html", context)


@require_POST
@importers_only
def abandon(request: HttpRequest, token: str) -> HttpResponse:
    _upload(request, token).drop()
    messages.info(request, _("Importation abandonnée; rien n'a été changé."))
    return redirect("workbook:index")


@require_GET
@importers_only
def full_report(request: HttpRequest, token: str) -> HttpResponse:
    upload = _upload(request, token)
    try:
        changes = compare(_open(upload), plan_slug=upload.plan)
    except RefusedError:
        return redirect("workbook:preview", token=token)
    response = HttpResponse(report(changes, language=_language()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_("apercu")}.csv"'
    return response


def _preview(request: HttpRequest, upload: uploads.Upload) -> HttpResponse:
    try:
        changes = compare(_open(upload), plan_slug=upload.plan)
        if changes.problems:
            raise RefusedError(changes.problems)
    except RefusedError as error:
        return _refused(request, upload, error)
    sheets = preview_sheets(changes, language=_language())
    context = {
        "title": _("Aperçu de l'importation"),
        "upload": upload,
        "changes": changes,
        "total": counts(changes.created, changes.changed, changes.unchanged),
        "sheets": sheets,
        "has_more": any(sheet.hidden for sheet in sheets),
        "has_changes": bool(changes.created or changes.changed),
    }
    return _page(request, "admin/workbook/preview.html", context)


def _refused(request: HttpRequest, upload: uploads.Upload, error: RefusedError) -> HttpResponse:
    context = {"title": _("Le fichier n'a pas été importé"), "upload": upload, "problems": error.problems}
    return _page(request, "admin/workbook/refused.html", context, status=422)


def _open(upload: uploads.Upload) -> Workbook:
    try:
        mapping = upload.mapping()
        return open_bytes(upload.content(), upload.name, mapping=load_mapping(mapping) if mapping else None)
    except uploads.UploadGoneError as error:
        raise Http404 from error


def _upload(request: HttpRequest, token: str) -> uploads.Upload:
    try:
        return uploads.find(token, user_id=_user(request).pk)
    except uploads.UploadGoneError as error:
        raise Http404(_("Ce fichier n'est plus là. Téléversez-le de nouveau.")) from error


def _download(form: ExportForm, *, plan_from: Any) -> HttpResponse:
    if not form.is_valid():
        raise Http404
    language, kind = form.cleaned_data["language"], form.cleaned_data["form"]
    plan: Plan | None = plan_from(form.cleaned_data)
    make = exporting.xlsx if kind == "xlsx" else exporting.csv_zip
    with override(language):
        try:
            content = make(plan, language=language)
        except RefusedError as error:
            return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    name = f"plan-{plan.slug}" if plan else ("modele" if language == "fr" else "template")
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _log(request: HttpRequest, upload: uploads.Upload, changes: PlanChanges) -> None:
    plan = Plan.objects.get(slug=changes.plan_slug)
    LogEntry.objects.create(
        user_id=_user(request).pk,
        content_type=ContentType.objects.get_for_model(Plan),
        object_id=str(plan.pk),
        object_repr=str(plan)[:200],
        action_flag=CHANGE,
        change_message=_("Importation de « %(name)s » : %(counts)s")
        % {"name": upload.name, "counts": counts(changes.created, changes.changed, changes.unchanged)},
    )


def _page(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, name, {**admin.site.each_context(request), **context}, status=status)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _language() -> str:
    return (get_language() or "fr")[:2]
