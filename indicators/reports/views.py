"""The pages of the people who report. A stranger's address answers 404."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core.workflow import Refused
from indicators.models import ProgressReport, ReportVersion, Unsubscription
from indicators.reports import history, reading, roles, unsubscribing, workflow
from indicators.reports.form_views import frame
from indicators.reports.forms import StartForm
from projects.models import Project


@require_safe
@never_cache
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    report = _report(request, pk)
    context: dict[str, Any] = {
        **frame(report),
        "sections": reading.sections(report.content),
        "asked": history.asked(report),
        "deeds": history.of(report),
        "versions": report.versions.select_related("submitted_by").order_by("-number"),
        "actions": workflow.FLOW.actions(report, request.user),
    }
    return render(request, "reports/report_detail.html", context)


@require_safe
@never_cache
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version as it was submitted, and what it changed."""
    report = _report(request, pk)
    versions = ReportVersion.objects.filter(report=report).select_related("submitted_by")
    shown = get_object_or_404(versions, number=number)
    before = versions.filter(number__lt=number).order_by("-number").first()
    context = {
        **frame(report),
        "version": shown,
        "before": before,
        "differences": reading.differences(before.content, shown.content) if before else [],
        "sections": reading.sections(shown.content),
    }
    return render(request, "reports/version.html", context)


#: Of each move of partners: its question, what it does, its button, what is said once it is done.
ASKED = {
    "take_back": (
        gettext_lazy("Reprendre le bilan pour le corriger?"),
        gettext_lazy(
            "Il redevient un brouillon et le Conseil en est averti. Il ne l'examinera plus avant que vous le "
            "soumettiez de nouveau."
        ),
        gettext_lazy("Oui, le reprendre"),
        gettext_lazy("C'est de nouveau un brouillon : corrigez-le, puis soumettez-le."),
    ),
    "correct": (
        gettext_lazy("Corriger ce bilan accepté?"),
        gettext_lazy(
            "Vous le modifiez, puis le soumettez de nouveau. Ce qui est public le reste jusqu'à ce que le Conseil "
            "accepte la correction."
        ),
        gettext_lazy("Oui, le corriger"),
        gettext_lazy("Voici le bilan à corriger. Ce qui est public ne change pas d'ici à l'acceptation."),
    ),
    "drop_correction": (
        gettext_lazy("Abandonner cette correction?"),
        gettext_lazy(
            "Le bilan dit de nouveau ce que le Conseil a accepté. Ce que vous aviez changé est perdu."
        ),
        gettext_lazy("Oui, l'abandonner"),
        gettext_lazy("La correction est abandonnée."),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def move(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Ask once more, then do it."""
    report = _report(request, pk)
    question, explanation, button, done = ASKED[action]
    if request.method == "POST":
        try:
            getattr(workflow, action)(report=report, by=request.user, at=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(report)
        messages.success(request, str(done))
        return redirect("reports:form", pk=pk) if action == "correct" else redirect(report)
    if action not in workflow.FLOW.actions(report, request.user):
        messages.info(request, _("Cette action n'est pas possible en ce moment."))
        return redirect(report)
    context = {**frame(report), "question": question, "explanation": explanation, "button": button}
    return render(request, "reports/move.html", context | {"action": action})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """A report between the periods, of a project that my organisation carries."""
    project = get_object_or_404(Project.objects.published(), slug=slug)
    if not roles.may_start(request.user, project):
        raise Http404
    form = StartForm(request.POST if request.method == "POST" else None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            report = workflow.start(project=project, by=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("reports:form", pk=report.pk)
    context = {
        "project": project,
        "form": form,
        "trail": [(_("Mon espace"), reverse("partners:space"))],
    }
    return render(request, "reports/start.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@csrf_exempt  # the button of a mail program knows no token of ours; the link itself is signed
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, as mail programs follow links by themselves; one click does."""
    found = unsubscribing.read(token)
    if found is None:
        raise Http404
    person, kind = found
    if request.method == "POST" and request.POST.get("do") == "again":
        unsubscribing.subscribe_again(person=person, kind=kind)
    elif request.method == "POST":
        unsubscribing.unsubscribe(person=person, kind=kind, at=timezone.now())
    is_out = Unsubscription.objects.filter(user=person, kind=kind).exists()
    context = {"kind": kind, "is_out": is_out, "is_done": request.method == "POST"}
    return render(request, "reports/unsubscribe.html", context)


def _report(request: HttpRequest, pk: int) -> ProgressReport:
    return get_object_or_404(ProgressReport.objects.visible_to(request.user).with_names(), pk=pk)
