"""The public pages of the plan. A plan in preparation has none: all its addresses answer 404."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from core.freshness import kept
from plans.chronology import chronology
from plans.cycle import cycle_of
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan
from plans.neighbours import objectives_near, orientations_near, who_works_where
from plans.outline import orientations_of, outline, plan_counts, shares_of
from plans.systemic import systemic

#: What a page of the plan shows of a long list, before a link to the whole of it.
CARDS, PARTNERS, DELIVERABLES = 12, 40, 60


@require_safe
@login_not_required
def current(request: HttpRequest) -> HttpResponse:
    return redirect(Plan.objects.current() or "plans:list")


@require_safe
@login_not_required
def plan_list(request: HttpRequest) -> HttpResponse:
    plans = Plan.objects.public().with_counts().select_related("predecessor", "successor")
    return render(request, "plans/plan_list.html", {"plans": plans})


@require_safe
@login_not_required
def plan(request: HttpRequest, plan: str) -> HttpResponse:
    shown = _public_plan(plan)
    unfolded = outline(shown)
    context = {
        "plan": shown,
        "outline": unfolded,
        "issues": _issues_with_counts(shown),
        "cycle": cycle_of(shown),
        "documents": shown.documents.published().of_plans(),
        "is_unfolded": request.GET.get("deplie") == "tout",
        "today": timezone.localdate(),
        "shows_demonstration": shown.is_demonstration
        or any(
            _any_demonstration([objective.objective, *objective.projects])
            for orientation in unfolded
            for objective in orientation.objectives
        ),
    }
    return render(request, "plans/plan_detail.html", context)


@require_safe
@login_not_required
def orientation(request: HttpRequest, plan: str, number: int) -> HttpResponse:
    shown = get_object_or_404(_within_public_plan(Orientation.objects, plan, "plan"), number=number)
    projects = shown.published_projects()
    objectives = next(o for o in orientations_of(shown.plan) if o.pk == shown.pk).objectives.all()
    counts = plan_counts(shown.plan, "objectives")
    context = {
        "plan": shown.plan,
        "orientation": shown,
        "all_projects": projects,
        "all_url": _list_url(shown.plan, orientation=shown.number),
        "objectives": [(objective, counts.get(objective.pk, 0)) for objective in objectives],
        "places": kept(("places of the orientation", shown.pk), lambda: who_works_where(projects)),
        "whole_island_count": kept(
            ("whole island of the orientation", shown.pk),
            projects.filter(covers_whole_island=True).count,
        ),
        "neighbours": orientations_near(shown),
        "siblings": orientations_of(shown.plan),
        **_projects_and_partners(shown, projects),
    }
    context["shows_demonstration"] |= _any_demonstration(objectives)
    return render(request, "plans/orientation_detail.html", context)


@require_safe
@login_not_required
def objective(request: HttpRequest, plan: str, code: str) -> HttpResponse:
    orientation_number, number = code.split(".")
    shown = get_object_or_404(
        _within_public_plan(Objective.objects.select_related("orientation__plan"), plan, "orientation__plan"),
        orientation__number=orientation_number,
        number=number,
    )
    projects = shown.projects.published()
    today = timezone.localdate()
    deliverables = projects.deliverables().select_related("project").order_by("due_on", "pk")
    siblings = list(shown.orientation.objectives.all())
    for sibling in siblings:
        sibling.orientation = shown.orientation
    context = {
        "plan": shown.orientation.plan,
        "orientation": shown.orientation,
        "objective": shown,
        "all_url": _list_url(shown.orientation.plan, objectif=shown.code),
        "deliverables": [(d, d.is_overdue(on=today)) for d in deliverables[:DELIVERABLES]],
        "deliverable_count": deliverables.count(),
        "neighbours": objectives_near(shown),
        "siblings": siblings,
        **_projects_and_partners(shown, projects),
    }
    context["shows_demonstration"] |= shown.is_demonstration
    return render(request, "plans/objective_detail.html", context)


@require_safe
@login_not_required
def issue(request: HttpRequest, plan: str, number: int) -> HttpResponse:
    shown = get_object_or_404(_within_public_plan(CrossCuttingIssue.objects, plan, "plan"), number=number)
    projects = shown.projects.published()
    context = {
        "plan": shown.plan,
        "issue": shown,
        "all_url": _list_url(shown.plan, enjeu=shown.number),
        "shares": shares_of(shown, projects),
        "siblings": _issues_with_counts(shown.plan),
        **_projects_and_partners(shown, projects),
    }
    return render(request, "plans/issue_detail.html", context)


@require_safe
@login_not_required
def approach(request: HttpRequest, plan: str) -> HttpResponse:
    shown = _public_plan(plan)
    picture = kept(("systemic approach", shown.pk, get_language()), lambda: systemic(shown))
    context = {
        "plan": shown,
        "systemic": picture,
        "shows_demonstration": shown.projects.published().filter(is_demonstration=True).exists(),
    }
    return render(request, "plans/approach.html", context)


@require_safe
@login_not_required
def process(request: HttpRequest) -> HttpResponse:
    """The process that made the current plan, or another one by its slug in ``plan``."""
    wanted = request.GET.get("plan")
    shown = _public_plan(wanted) if wanted else Plan.objects.current()
    context: dict[str, Any] = {"plan": shown}
    if shown:
        context |= {
            "cycle": cycle_of(shown),
            "chronology": chronology(shown),
            "others": Plan.objects.public().exclude(pk=shown.pk).exclude(phases=None).distinct(),
        }
    return render(request, "plans/process.html", context)


def _public_plan(slug: str) -> Plan:
    return get_object_or_404(Plan.objects.public(), slug=slug)


def _within_public_plan(rows: Any, slug: str, path: str) -> Any:
    return rows.select_related(path).filter(**{f"{path}__in": Plan.objects.public().filter(slug=slug)})


def _list_url(plan: Plan, **filters: Any) -> str:
    """The list of projects, filtered; it shows the current plan unless another is named."""
    if not plan.is_current:
        filters["plan"] = plan.slug
    return f"{reverse('projects:list')}?{urlencode(filters)}"


def _issues_with_counts(plan: Plan) -> list[tuple[CrossCuttingIssue, int]]:
    counts = plan_counts(plan, "issues")
    issues = list(plan.issues.all())
    for one in issues:
        one.plan = plan
    return [(one, counts.get(one.pk, 0)) for one in issues]


def _projects_and_partners(
    page: Orientation | Objective | CrossCuttingIssue, projects: Any
) -> dict[str, Any]:
    """The first of these projects, which are those of the page, and the partners with the most of them."""
    name = (page._meta.model_name, page.pk)
    first = kept(
        ("first projects of", *name, get_language()),
        lambda: list(projects.alphabetical().values_list("pk", flat=True)[:CARDS]),
    )
    by_key = projects.with_card().without_search_columns().in_bulk(first)
    cards = [by_key[key] for key in first if key in by_key]
    count = kept(("projects of", *name), projects.count)
    partner_counts = kept(("partners of", *name), lambda: list(_partner_counts(projects)))
    return {
        "projects": cards,
        "project_count": count,
        "more_projects": count - len(cards),
        "partners": projects.organizations_with(partner_counts[:PARTNERS]),
        "partner_count": len(partner_counts),
        "more_partners": max(0, len(partner_counts) - PARTNERS),
        "shows_demonstration": _any_demonstration(cards),
    }


def _partner_counts(projects: Any) -> Any:
    return (
        projects.partners().order_by("-project_count", "sort_key_fr", "pk").values_list("pk", "project_count")
    )


def _any_demonstration(rows: Iterable[Any]) -> bool:
    return any(row.is_demonstration for row in rows)
