"""The directory of partners and the page of each organisation."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from partners.directory import Directory
from partners.models import Organization
from partners.portfolio import PartCount, joined_by, led_by, part_counts, with_roles, works_with

#: What the page of an organisation shows before a link to the whole list.
PROJECTS, COMPANIONS = 12, 24


@require_safe
@login_not_required
def organization_list(request: HttpRequest) -> HttpResponse:
    directory = Directory(request.GET, request.path)
    page, groups = directory.page, list(directory.groups.values())
    context = {
        "directory": directory,
        "trail": [],
        "groups": groups,
        "page": page,
        "page_range": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "letters": directory.letters,
        "problems": directory.problems,
        "shows_demonstration": any(entry.organization.is_demonstration for entry in page.object_list),
    }
    return render(request, "partners/organization_list.html", context)


@require_safe
@login_not_required
def organization_detail(request: HttpRequest, slug: str) -> HttpResponse:
    public = Organization.objects.public().without_search_columns().prefetch_related("territories")
    organization = public.filter(slug=slug).first()
    if organization is None:
        # Where it was before it was merged into another: the address that was given out still leads to it.
        return redirect(get_object_or_404(public, aliases__slug=slug), permanent=True)
    led = with_roles(organization, led_by(organization), PROJECTS)
    joined = with_roles(organization, joined_by(organization), PROJECTS)
    companions = works_with(organization, COMPANIONS)
    context = {
        "organization": organization,
        "trail": [(_("Partenaires"), reverse("partners:list"))],
        "led": led,
        "led_title": _("Ses projets"),
        "joined": joined,
        "joined_title": _("Les projets auxquels elle prend part"),
        "counts": part_counts([organization.pk]).get(organization.pk, PartCount()),
        "companions": companions,
        "shows_demonstration": organization.is_demonstration
        or any(part.project.is_demonstration for part in [*led, *joined]),
    }
    return render(request, "partners/organization_detail.html", context)
