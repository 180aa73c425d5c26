"""The pages of the people who register projects. A stranger's address answers 404."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from projects import confirmations, reading, roles, workflow
from projects.completeness import problems
from projects.models import ProjectPartner, Registration


@require_safe
@never_cache
def registration_detail(request: HttpRequest, pk: int) -> HttpResponse:
    registration = _registration(request, pk)
    context: dict[str, Any] = {
        "registration": registration,
        "trail": [(_("Mon espace"), reverse("partners:space"))],
        "steps": reading.by_step(registration.content),
        "problems": problems(
            registration.content, plan=registration.plan, organization=registration.organization
        )
        if registration.is_editable
        else [],
        "activities": registration.activities.filter(is_internal=False).select_related("by"),
        "actions": workflow.FLOW.actions(registration, request.user),
    }
    return render(request, "registrations/registration_detail.html", context)


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
    trail = [(_("Mon espace"), reverse("partners:space"))]
    return render(request, "registrations/part_answer.html", {"part": part, "trail": trail})


def _registration(request: HttpRequest, pk: int) -> Registration:
    visible = Registration.objects.visible_to(request.user).with_names()
    return get_object_or_404(visible, pk=pk)
