"""The form of a report, and its last look before it is handed in. They work by their buttons alone."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import writing
from core.parking import ParkingLot
from core.workflow import NotAMove, Refused, Stale
from indicators.models import ProgressReport
from indicators.reports import editing, history, reading, workflow
from indicators.reports.completeness import Problem, problems
from indicators.reports.content import Content
from indicators.reports.forms import ReportForm
from indicators.reports.questions import Questions

#: The folder of evidence that is not public yet; `csam.media` says who reads it.
FILES = "reports"
parking = ParkingLot("reports")


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """Not behind the usual guard: what was typed before the session ended is kept until its writer is back."""
    if not request.user.is_authenticated:
        return writing.sign_in_first(request, parking, pk)
    report = writable(request, pk)
    if report is None:
        return _closed(request, pk)
    if request.method == "POST":
        return _posted(request, report)
    typed = parking.parked(request, pk, "")
    if typed is not None:
        return _restored(request, report, typed)
    return _shown(request, report)


def writable(request: HttpRequest, pk: int) -> ProgressReport | None:
    """The report, where this person may write in it as it is; a stranger's answers 404."""
    report = get_object_or_404(ProgressReport.objects.visible_to(request.user).with_names(), pk=pk)
    return report if "save" in workflow.FLOW.actions(report, request.user) else None


def _closed(request: HttpRequest, pk: int) -> HttpResponse:
    told = _("Ce bilan ne se modifie pas en ce moment.")
    return writing.closed(request, told, reverse("reports:detail", args=(pk,)))


# Showing ----------------------------------------------------------------------------------------------------


def _shown(request: HttpRequest, report: ProgressReport) -> HttpResponse:
    questions = Questions.of(report)
    shown = ReportForm(ReportForm.data_of(report.content, questions), questions=questions)
    if "verifier" in request.GET:
        shown.tell(_problems(report, questions))
    return _page(request, report, shown)


def _restored(request: HttpRequest, report: ProgressReport, typed: QueryDict) -> HttpResponse:
    """What was typed before signing in again, to be saved; its mark tells whether somebody wrote since."""
    shown = ReportForm(typed, questions=Questions.of(report))
    return _page(request, report, shown, mark=typed.get("seen", ""), is_restored=True)


def _page(
    request: HttpRequest,
    report: ProgressReport,
    shown: ReportForm,
    *,
    mark: str | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        **frame(report),
        "form": shown,
        "errors": shown.all_errors(),
        "seen": editing.write_mark(editing.seen(report.content)) if mark is None else mark,
        "keeper": parking.keeper(request.user),
        "writer": parking.writer_mark(request.user, report.pk),
        "asked": history.asked(report),
        "conflict": None,
        "is_restored": False,
        **more,
    }
    return render(request, "reports/form.html", context, status=status)


def frame(report: ProgressReport) -> dict[str, Any]:
    """What every page of a report prints around its text."""
    on = timezone.localdate()
    return {
        "report": report,
        "trail": [(_("Mon espace"), reverse("partners:space")), (str(report), report.get_absolute_url())],
        "turn": history.turn(report),
        "due": report.due if report.is_editable and not report.is_correction else None,
        "days_late": (on - report.due).days if report.due and report.is_late(on=on) else 0,
    }


def _problems(report: ProgressReport, questions: Questions) -> list[Problem]:
    return problems(report.content, questions, on=timezone.localdate())


# Saving -----------------------------------------------------------------------------------------------------


def _posted(request: HttpRequest, report: ProgressReport) -> HttpResponse:
    do, _colon, about = request.POST.get("do", "save").partition(":")
    questions = Questions.of(report)
    if do == "take":
        return _taken(request, report, questions, about)
    sent = ReportForm(request.POST, request.FILES, questions=questions)
    values = _with_files(report, sent, do, about)
    mark = editing.read_mark(request.POST.get("seen", ""))
    try:
        report = editing.save(report=report, values=values, mark=mark, by=request.user, at=timezone.now())
    except editing.Conflicting as conflicting:
        return _conflicting(request, conflicting, sent, values)
    except (NotAMove, Stale):
        return _moved_on(request, report, values)
    except Refused as refused:
        return writing.closed(request, str(refused), report.get_absolute_url())
    parking.forget(request)
    if writing.is_autosave(request):
        return _told(report, sent, values)
    if not sent.is_valid():
        return _page(request, _named(report), sent, status=422)
    return _gone_on(request, report, do)


def _with_files(report: ProgressReport, sent: ReportForm, do: str, about: str) -> Content:
    """The values, with the files that came: kept where only those read them who may read the report."""
    sent.is_valid()
    for row in sent.deliverables:
        if file := row.cleaned_data.get("file_sent"):
            row.kept = default_storage.save(f"{FILES}/{report.pk}/{file.name}", file)
        elif do == "drop" and about == row.prefix:
            row.kept = ""
    return sent.values()


def _gone_on(request: HttpRequest, report: ProgressReport, do: str) -> HttpResponse:
    if do == "check":
        return redirect("reports:review", pk=report.pk)
    messages.success(request, _("Enregistré."))
    if do == "leave":
        return redirect(report)
    return redirect("reports:form", pk=report.pk)


def _told(report: ProgressReport, sent: ReportForm, typed: Content) -> JsonResponse:
    """To the script: what its form has seen now, and the hour to tell."""
    saved = writing.saved_at(report.saved_at or timezone.now())
    refused = [message for _id, _about, message in sent.all_errors()]
    mark = editing.write_mark(editing.seen(typed))
    return JsonResponse({"seen": mark, "saved": saved, "refused": refused})


def _conflicting(
    request: HttpRequest, error: editing.Conflicting, sent: ReportForm, values: Content
) -> HttpResponse:
    """Both texts side by side; what was typed stays in the form, and saving again keeps it."""
    present = _named(error.row)
    conflict = _conflict(present, values, error.names)
    mark = editing.write_mark(error.mark)
    if writing.is_autosave(request):
        html = render_to_string("registrations/_conflict.html", {"conflict": conflict}, request)
        return JsonResponse({"problem": "stale", "seen": mark, "html": html}, status=409)
    return _page(request, present, sent, mark=mark, status=409, conflict=conflict)


def _conflict(present: ProgressReport, typed: Content, names: list[str]) -> dict[str, Any]:
    found = editing.conflicts(present.content, typed)
    return {"fields": [c for c in found if c.name in names], "writer": history.last_writer(present)}


def _taken(request: HttpRequest, report: ProgressReport, questions: Questions, name: str) -> HttpResponse:
    """The stored text of one part in the place of the typed one; nothing is saved yet."""
    data = request.POST.copy()
    for key, value in ReportForm.data_of(report.content, questions).items():
        if key == name or key.startswith(f"{name}-"):
            data[key] = value
    sent = ReportForm(data, questions=questions)
    stored = editing.seen(report.content)
    mark = editing.read_mark(data.get("seen", "")) or {}
    # The others that were seen as they are stored, and are typed otherwise, may still be chosen from.
    open_ = [part for part in {**stored, **mark} if part != name and mark.get(part) == stored.get(part)]
    conflict = _conflict(report, sent.values(), open_)
    mark[name] = stored.get(name, editing.BLANK)
    return _page(
        request,
        report,
        sent,
        mark=editing.write_mark(mark),
        conflict=conflict if conflict["fields"] else None,
    )


def _moved_on(request: HttpRequest, report: ProgressReport, typed: Content) -> HttpResponse:
    """Somebody handed it in or waived it in the meantime: what was typed is shown, to be copied."""
    if writing.is_autosave(request):
        return writing.closed_to_scripts()
    present = _named(report)
    context = {**frame(present), "lost": editing.conflicts(present.content, typed)}
    return render(request, "reports/moved_on.html", context, status=409)


def _named(report: ProgressReport) -> ProgressReport:
    return ProgressReport.objects.with_names().get(pk=report.pk)


# Checking and submitting ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def review(request: HttpRequest, pk: int) -> HttpResponse:
    report = writable(request, pk)
    if report is None:
        present = get_object_or_404(ProgressReport.objects.visible_to(request.user), pk=pk)
        return writing.handed_in_before(request, present, told=_("Votre bilan est soumis."))
    if request.method == "POST":
        return writing.handed_in(
            request,
            report,
            submit=partial(workflow.submit, report=report),
            page=partial(_reviewed_again, request),
            told=_("Votre bilan est soumis. Un accusé de réception vous est envoyé par courriel."),
        )
    return _review_page(request, report)


def _reviewed_again(request: HttpRequest, row: ProgressReport, **said: Any) -> HttpResponse:
    return _review_page(request, _named(row), **said)


def _review_page(
    request: HttpRequest, report: ProgressReport, *, is_refused: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        **frame(report),
        "problems": _problems(report, Questions.of(report)),
        "is_refused": is_refused,
        "sections": reading.sections(report.content),
        "token": report.submission_token,
        "asked": history.asked(report),
    }
    return render(request, "reports/review.html", context, status=status)
