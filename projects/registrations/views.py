"""The pages of the people who register projects. A stranger's address answers 404."""

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
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.workflow import Refused
from partners.models import Organization
from plans.models import Plan
from projects import confirmations
from projects.models import Project, ProjectPartner, Registration, RegistrationVersion
from projects.registrations import editing, history, reading, roles, workflow
from projects.registrations.calls import call_of
from projects.registrations.completeness import problems
from projects.registrations.content import empty
from projects.registrations.differences import differences
from projects.registrations.forms import FORMS, Offer
from projects.registrations.preview import project_of
from projects.views import page_of

SPACE = gettext_lazy("Mon espace")


@require_safe
@never_cache
def registration_detail(request: HttpRequest, pk: int) -> HttpResponse:
    registration = _registration(request, pk)
    found = _missing(registration)
    now = timezone.now()
    call = call_of(registration.plan, at=now, organization=registration.organization)
    context: dict[str, Any] = {
        "registration": registration,
        "trail": _trail(),
        "turn": history.turn(registration),
        "steps": reading.by_step(registration.content),
        "states": editing.states(registration.content, found),
        "problems": found,
        "asked": history.asked(registration),
        "decision": history.decision(registration),
        "activities": history.of(registration),
        "versions": registration.versions.select_related("submitted_by").order_by("-number"),
        "actions": workflow.FLOW.actions(registration, request.user),
        "call": call,
        "days_left": call.days_left(at=now) if registration.is_editable else None,
    }
    return render(request, "registrations/registration_detail.html", context)


def _missing(registration: Registration) -> list[Any]:
    if not registration.is_editable:
        return []
    return problems(registration.content, plan=registration.plan, organization=registration.organization)


@require_safe
@never_cache
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The public page itself, of what is written so far."""
    registration = _registration(request, pk)
    project = project_of(registration, registration.content)
    trail = [*_trail(), (str(registration), registration.get_absolute_url())]
    context = page_of(project) | {"trail": trail, "previewed": registration}
    return render(request, "projects/project_detail.html", context)


@require_safe
@never_cache
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version as it was submitted, and what it changed."""
    registration = _registration(request, pk)
    versions = RegistrationVersion.objects.filter(registration=registration).select_related("submitted_by")
    shown = get_object_or_404(versions, number=number)
    before = versions.filter(number__lt=number).order_by("-number").first()
    context = {
        "registration": registration,
        "trail": [*_trail(), (str(registration), registration.get_absolute_url())],
        "version": shown,
        "before": before,
        "differences": differences(before.content, shown.content) if before else [],
        "steps": reading.by_step(shown.content),
    }
    return render(request, "registrations/version.html", context)


# Moving -----------------------------------------------------------------------------------------------------

DONE = {
    "take_back": gettext_lazy("C'est de nouveau un brouillon : corrigez-le, puis soumettez-le."),
    "withdraw": gettext_lazy("L'inscription est retirée. Vous pourrez la rouvrir."),
    "reopen": gettext_lazy("L'inscription est rouverte : c'est de nouveau un brouillon."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def move(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Ask once more, then do it."""
    registration = _registration(request, pk)
    if request.method == "POST":
        try:
            getattr(workflow, action)(registration=registration, by=request.user, at=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, str(DONE[action]))
        return redirect(registration)
    if action not in workflow.FLOW.actions(registration, request.user):
        messages.info(request, _("Cette action n'est pas possible en ce moment."))
        return redirect(registration)
    trail = [*_trail(), (str(registration), registration.get_absolute_url())]
    context = {"registration": registration, "action": action, "trail": trail}
    return render(request, "registrations/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Before the first step: for which organisation, in which plan, until when."""
    now = timezone.now()
    mine = Organization.objects.filter(memberships__user=request.user.pk).order_by("sort_key_fr", "pk")
    mine = mine.exclude(stage=Organization.Stage.ARCHIVED)
    plans = list(Plan.objects.public().exclude(stage=Plan.Stage.CLOSED))
    calls = [(o, call_of(plan, at=now, organization=o)) for o in mine for plan in plans]
    offers = [(o, call, call.days_left(at=now)) for o, call in calls if call.is_open]
    if request.method == "POST":
        return _started(request, offers)
    context = {
        "trail": _trail(),
        "offers": offers,
        "has_organization": bool(mine),
        "coming": [call for call in (call_of(plan, at=now) for plan in plans) if call.is_coming(at=now)],
    }
    return render(request, "registrations/start.html", context)


def _started(request: HttpRequest, offers: list[Any]) -> HttpResponse:
    wanted = (request.POST.get("organization"), request.POST.get("plan"))
    for organization, call, _days in offers:
        if wanted == (organization.slug, call.plan.slug):
            try:
                registration = workflow.start(
                    plan=call.plan, organization=organization, by=request.user, at=timezone.now()
                )
            except Refused as refused:
                messages.error(request, str(refused))
                break
            return redirect("registrations:step", pk=registration.pk, key="projet")
    else:
        messages.error(request, _("Choisissez l'organisation pour laquelle vous inscrivez un projet."))
    return redirect("registrations:start")


@require_POST
def propose_change(request: HttpRequest, slug: str) -> HttpResponse:
    """A draft of what a published project says, for the organisation that the button names."""
    project = get_object_or_404(Project.objects.published().select_related("plan"), slug=slug)
    mine = Organization.objects.filter(memberships__user=request.user.pk, project_parts__project=project)
    organization = get_object_or_404(mine.distinct(), slug=request.POST.get("organization", ""))
    try:
        registration = workflow.propose_change(
            project=project, organization=organization, by=request.user, at=timezone.now()
        )
    except workflow.AlreadyOpen as refused:
        messages.info(request, str(refused))
        visible = Registration.objects.visible_to(request.user).filter(pk=refused.row.pk)
        return redirect(refused.row if visible.exists() else "partners:space")
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("partners:space")
    return redirect("registrations:step", pk=registration.pk, key="projet")


# Before and beside ------------------------------------------------------------------------------------------


@require_safe
@login_not_required
def questions(request: HttpRequest) -> HttpResponse:
    """Every question of the form on one page, to be printed and prepared."""
    plan = Plan.objects.filter(stage=Plan.Stage.CALL_OPEN).first() or Plan.objects.current()
    if plan is None:
        raise Http404
    registration = Registration(plan=plan, organization=Organization())
    offer = Offer(registration, empty())
    steps = [(step, FORMS[step.key]({}, offer=offer)) for step in editing.ASKING]
    trail = [(_("Plan"), reverse("plans:current"))]
    return render(request, "registrations/questions.html", {"plan": plan, "steps": steps, "trail": trail})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def part_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an organisation confirms or declines its part in a published project."""
    parts = ProjectPartner.objects.select_related("project", "organization")
    part = get_object_or_404(parts.filter(project__archived_at=None), pk=pk)
    if not roles.is_lead(request.user, part.organization_id):
        raise Http404
    if request.method == "POST":
        answer = confirmations.decline if request.POST.get("answer") == "decline" else confirmations.confirm
        answer(part=part, by=request.user, at=timezone.now())
        messages.success(request, _("Merci : votre réponse est enregistrée."))
        return redirect("partners:space")
    return render(request, "registrations/part_answer.html", {"part": part, "trail": _trail()})


def _registration(request: HttpRequest, pk: int) -> Registration:
    visible = Registration.objects.visible_to(request.user).with_names()
    registration = get_object_or_404(visible, pk=pk)
    keep_being_read(request, registration)
    return registration


def keep_being_read(request: HttpRequest, registration: Registration) -> None:
    """A text that is being written is its organisation's: it answers 404 to staff, who read what was submitted at
    their desk; administrators read it, and the log says so.
    """
    if roles.may_read_now(request.user, registration):
        return
    if not roles.is_administrator(request.user):
        raise Http404
    workflow.read_draft(registration=registration, by=request.user, at=timezone.now())


def _trail() -> list[tuple[str, str]]:
    return [(str(SPACE), reverse("partners:space"))]
