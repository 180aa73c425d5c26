"""« Apprentissages »: what the projects of a plan learned, for everybody to read."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from indicators.models import Learning
from indicators.reports.learnings import Listing, place_of
from plans.models import Plan


@require_safe
@login_not_required
def learnings(request: HttpRequest) -> HttpResponse:
    """Of the current plan, or of the one named in ``plan``."""
    asked = request.GET.get("plan", "")
    plans = list(Plan.objects.public())
    plan = next((p for p in plans if p.slug == asked), None)
    problems = []
    if asked and plan is None:
        told = _("Le plan « %(plan)s » n'existe pas : voici le plan courant.")
        problems.append(told % {"plan": asked[:40]})
    plan = plan or next((p for p in plans if p.is_current), None) or next(iter(plans), None)
    context: dict[str, Any] = {
        "listing": None,
        "trail": [(_("Suivi"), reverse("indicators:dashboard"))],
        "shows_demonstration": False,
    }
    if plan is not None:
        context |= _context(Listing(plan, request.GET, request.path, problems))
    return render(request, "indicators/learning_list.html", context)


@require_safe
@login_not_required
def learning(_request: HttpRequest, report: int) -> HttpResponse:
    """The lasting address of a passage, known by its report: leads to its place in the list of its plan."""
    found = get_object_or_404(
        Learning.objects.published().select_related("report__project__plan"), report=report
    )
    return redirect(place_of(found))


def _context(listing: Listing) -> dict[str, Any]:
    page = listing.page
    return {
        "listing": listing,
        "groups": list(listing.groups.values()),
        "page": page,
        "page_range": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "problems": listing.problems,
        "shows_demonstration": any(row.is_demonstration for row in page.object_list),
    }
