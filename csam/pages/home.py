"""The home page: what the plan is, where it stands, and the way to everything else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from indicators.plan_figures import plan_figures
from plans.cycle import cycle_of
from plans.models import Plan
from plans.outline import orientations_of, plan_counts
from projects.registrations.calls import call_now

LATEST = 6


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    plan = Plan.objects.current()
    return render(request, "pages/home.html", _of_plan(plan) if plan else {"plan": None})


def _of_plan(plan: Plan) -> dict[str, Any]:
    published = plan.projects.published()
    counts = plan_counts(plan, "objectives__orientation")
    figures = plan_figures(plan=plan, on=timezone.localdate())
    latest = published.with_card().without_search_columns().order_by("-updated_at", "-pk")[:LATEST]
    return {
        "plan": plan,
        "orientations": [(o, counts.get(o.pk, 0)) for o in orientations_of(plan)],
        "issues": plan.issues.all(),
        "figures": figures,
        "cycle": cycle_of(plan),
        "call": call_now(at=timezone.now()),
        "documents": plan.documents.published().of_plans(),
        "latest": latest,
        "shows_demonstration": plan.is_demonstration or figures.includes_demonstration,
    }
