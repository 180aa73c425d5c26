"""The space of the people of partner organisations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from partners.models import Invitation, JoinRequest, Membership, Organization
from partners.portfolio import published_projects


@dataclass
class Place:
    """One of my organisations: my role in it, its people and its published projects."""

    mine: Membership
    people: list[Membership] = field(default_factory=list)
    parts: list[Any] = field(default_factory=list)
    asking: int = 0
    #: What other apps know of the organisation's work; set by one of `add_to_places`.
    work: Any = None
    reports: list[Any] = field(default_factory=list)

    @property
    def is_led(self) -> bool:
        return self.mine.role == Membership.Role.LEAD

    @property
    def organization(self) -> Organization:
        return self.mine.organization

    @property
    def unconfirmed(self) -> list[Any]:
        return [part for part in self.parts if part.confirmed_on is None and part.declined_on is None]

    @property
    def shows_demonstration(self) -> bool:
        return self.organization.is_demonstration or any(p.project.is_demonstration for p in self.parts)


#: What the apps above this one add to the places: ``function(request, places)``.
add_to_places: list[Callable[[HttpRequest, list[Place]], None]] = []


@require_safe
@never_cache
def space(request: HttpRequest) -> HttpResponse:
    places = _places(request.user)
    for add in add_to_places:
        add(request, places)
    context = {
        "places": places,
        "shows_demonstration": any(p.shows_demonstration for p in places),
        "requests": JoinRequest.objects.waiting().filter(user=request.user.pk).select_related("organization"),
        "invitations": _invitations(request.user),
    }
    return render(request, "partners/space.html", context)


def _places(user: AbstractBaseUser | AnonymousUser) -> list[Place]:
    """In four queries, however many organisations, people and projects there are."""
    mine = Membership.objects.filter(user=user.pk).select_related("organization")
    mine = mine.order_by("organization__sort_key_fr", "pk")
    places = {membership.organization_id: Place(membership) for membership in mine}
    people = Membership.objects.filter(organization__in=places).select_related("user")
    for membership in people.order_by("-role", "user__name", "user__email"):
        places[membership.organization_id].people.append(membership)
    for part in _parts().filter(organization__in=places):
        places[part.organization_id].parts.append(part)
    led = [key for key, place in places.items() if place.is_led]
    asking = JoinRequest.objects.waiting().filter(organization__in=led).order_by()
    for key, count in asking.values_list("organization").annotate(count=Count("pk")):
        places[key].asking = count
    return list(places.values())


def _invitations(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Invitation]:
    """Those that wait for me: mailed to an address that I have confirmed."""
    mine = EmailAddress.objects.filter(user=user.pk, verified=True).values(address=Lower("email"))
    open_ones = Invitation.objects.open(at=timezone.now()).annotate(address=Lower("email"))
    living = open_ones.exclude(organization__stage=Organization.Stage.ARCHIVED)
    return living.filter(address__in=mine).select_related("organization", "invited_by")


def _parts() -> Any:
    """Published parts, reached by the reverse relation: the app of projects is above this one."""
    parts: Any = Organization._meta.get_field("project_parts").related_model
    rows = parts.objects.filter(project__in=published_projects()).select_related("project__plan")
    return rows.order_by("-project__plan__first_year", "project__sort_key_fr", "pk")
