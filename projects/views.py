"""The public pages of projects."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from plans.models import Plan
from projects import changes
from projects.listing import Listing
from projects.models import Deliverable, FoodChainLink, Project, ProjectObjective, ProjectPartner
from projects.territories import territory_counts

NEIGHBOURS = 6


@require_safe
@login_not_required
def project_list(request: HttpRequest) -> HttpResponse:
    listing = _listing(request)
    return render(request, "projects/project_list.html", _list_context(listing))


@require_safe
@login_not_required
def project_map(request: HttpRequest) -> HttpResponse:
    """The same filters as the list, drawn on the island; the projects of the territories chosen stand
    below.
    """
    listing = _listing(request)
    context = {**_list_context(listing), "trail": [(_("Projets"), reverse("projects:list"))]}
    if listing is not None:
        whole_island, *_others = listing.groups["territoire"].choices
        value = "" if whole_island.is_chosen else whole_island.value
        context |= {
            "counts": territory_counts(listing),
            "whole_island": whole_island,
            "whole_island_address": listing.address.to({"territoire": value}),
        }
    return render(request, "projects/project_map.html", context)


@require_safe
@login_not_required
def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    found = (
        Project.objects.exclude(plan__stage=Plan.Stage.PREPARATION)
        .select_related("plan")
        .prefetch_related(
            Prefetch(
                "objective_ties", ProjectObjective.objects.select_related("objective__orientation__plan")
            ),
            Prefetch("project_partners", ProjectPartner.objects.select_related("organization")),
            "issues__plan",
            "food_chain_links",
            "territories",
            "deliverables",
        )
    )
    project = get_object_or_404(found, slug=slug)
    if project.archived_at:
        return render(request, "410.html", {"reason": project.archive_reason, "project": project}, status=410)
    return render(
        request,
        "projects/project_detail.html",
        page_of(project) | {"last_change": next(iter(changes.of(project, most=1)), None)},
    )


@require_safe
@login_not_required
def project_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """The differences between the approved versions, for everybody to read."""
    project = get_object_or_404(Project.objects.published().select_related("plan"), slug=slug)
    context = {
        "project": project,
        "changes": changes.of(project),
        "trail": [(_("Projets"), reverse("projects:list")), (project.title, project.get_absolute_url())],
    }
    return render(request, "projects/project_changes.html", context)


def page_of(project: Project) -> dict[str, Any]:
    """What the page of a project prints."""
    today = timezone.localdate()
    neighbours = _neighbours(project)
    return {
        "project": project,
        "previewed": None,
        "last_change": None,
        "primary": project.primary_objective,
        "trail": _trail(project),
        "plan_parameter": "" if project.plan.is_current else f"&plan={project.plan.slug}",
        "links": sorted(project.food_chain_links.all(), key=lambda tie: FoodChainLink.values.index(tie.link)),
        "partners": _partners_by_role(project),
        "deliverables": [(item, item.is_overdue(on=today)) for item in project.deliverables.all()],
        "delivered_count": sum(d.state == Deliverable.State.DELIVERED for d in project.deliverables.all()),
        "neighbours": neighbours[:NEIGHBOURS],
        "has_more_neighbours": len(neighbours) > NEIGHBOURS,
        "shows_demonstration": project.is_demonstration or any(n.is_demonstration for n in neighbours),
    }


def _listing(request: HttpRequest) -> Listing | None:
    """The list that the address asks for, in the current plan unless it names another; None without a
    public plan.
    """
    asked = request.GET.get("plan", "")
    plans = list(Plan.objects.public())
    plan = next((p for p in plans if p.slug == asked), None)
    problems = []
    if asked and plan is None:
        problems.append(
            _("Le plan « %(plan)s » n'existe pas : voici le plan courant.") % {"plan": asked[:40]}
        )
    plan = plan or next((p for p in plans if p.is_current), None) or next(iter(plans), None)
    return Listing(plan, request.GET, request.path, problems) if plan else None


def _list_context(listing: Listing | None) -> dict[str, Any]:
    if listing is None:
        return {"listing": None, "trail": []}
    page, groups, view = listing.page, listing.groups, listing.view
    return {
        "listing": listing,
        "trail": [],
        "filters": listing.filters,
        "groups": list(groups.values()),
        "page": page,
        "page_range": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "view": view,
        "list_address": listing.address.to(path=reverse("projects:list")),
        "map_address": listing.address.to(path=reverse("projects:map")),
        "view_addresses": {
            "cartes": listing.address.to({"vue": ""}),
            "liste": listing.address.to({"vue": "liste"}),
        },
        "problems": listing.problems,
        "shows_demonstration": any(project.is_demonstration for project in page.object_list),
    }


def _trail(project: Project) -> list[tuple[str, str]]:
    trail = [(_("Projets"), reverse("projects:list"))]
    if objective := project.primary_objective:
        label = _("Objectif %(code)s") % {"code": objective.code}
        trail.append((label, objective.get_absolute_url()))
    return trail


def _neighbours(project: Project) -> list[Project]:
    """Other projects with the same primary objective, the most recently changed first; one more than
    are shown.
    """
    objective = project.primary_objective
    if objective is None:
        return []
    same = ProjectObjective.objects.filter(objective=objective, is_primary=True).values("project")
    near = Project.objects.published().filter(pk__in=same).exclude(pk=project.pk)
    return list(near.with_card().without_search_columns().order_by("-updated_at", "-pk")[: NEIGHBOURS + 1])


def _partners_by_role(project: Project) -> list[tuple[str, list[ProjectPartner]]]:
    """The partners under the name of their role, roles in the order of their weight."""
    parts = [part for part in project.project_partners.all() if part.declined_on is None]
    named = {
        ProjectPartner.Role.LEAD: (_("Porteur"), _("Porteur")),
        ProjectPartner.Role.CO_LEAD: (_("Coporteur"), _("Coporteurs")),
        ProjectPartner.Role.CONTRIBUTOR: (_("Collaborateur"), _("Collaborateurs")),
        ProjectPartner.Role.FUNDER: (_("Bailleur de fonds"), _("Bailleurs de fonds")),
    }
    groups = ((names, [part for part in parts if part.role == role]) for role, names in named.items())
    return [(names[len(members) > 1], members) for names, members in groups if members]
