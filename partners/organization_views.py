"""Finding one's organisation, creating it, and writing its page."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.db.models import Q
from django.db.models.fields.files import ImageFieldFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.folding import words
from partners import changes, duplicates, lifecycle, membership
from partners.forms import JoinForm, OrganizationForm, PageForm
from partners.models import Organization, OrganizationChange, OrganizationQuerySet, User

#: How many organisations a search shows; a more precise one shows others.
SHOWN = 20


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _trail() -> list[tuple[str, str]]:
    return [(_("Mon espace"), reverse("partners:space"))]


@require_safe
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    question = request.GET.get("q", "").strip()[:200]
    found = list(_found(question)[: SHOWN + 1]) if question else []
    keys = [organization.pk for organization in found]
    mine = set(_me(request).memberships.filter(organization__in=keys).values_list("organization", flat=True))
    asked = _me(request).join_requests.waiting().filter(organization__in=keys)
    context = {
        "question": question,
        "found": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "mine": mine,
        "asked": set(asked.values_list("organization", flat=True)),
        "trail": _trail(),
    }
    return render(request, "partners/find.html", context)


def _found(question: str) -> OrganizationQuerySet:
    """By its words, or by parts of its name as people type it, or by its acronym."""
    living = Organization.objects.exclude(stage=Organization.Stage.ARCHIVED).without_search_columns()
    by_words = living.search(question, language="fr").values("pk")
    parts = [word for word in words(question) if len(word) >= 3]
    by_parts = living
    for part in parts:
        by_parts = by_parts.filter(sort_key_fr__contains=part)
    wanted = Q(pk__in=by_words) | Q(acronym__iexact=question)
    if parts:
        wanted |= Q(pk__in=by_parts.values("pk"))
    found: OrganizationQuerySet = living.filter(wanted)
    return found.order_by("sort_key_fr", "pk")


@never_cache
def create(request: HttpRequest) -> HttpResponse:
    initial = {"name": request.GET.get("nom", "")[:200]}
    form = OrganizationForm(request.POST or None, initial=initial)
    likely: list[tuple[Organization, duplicates.Likeness]] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if "nouvelle" not in request.POST:
            likely = duplicates.like(duplicates.Named(data["name"], data["acronym"], data["website"]))
        if not likely:
            try:
                lifecycle.create(by=_me(request), at=timezone.now(), **data)
            except lifecycle.LifecycleRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(
                    request,
                    _("L'organisation est créée. Le Conseil la vérifiera; d'ici là, préparez vos projets."),
                )
                return redirect("partners:space")
    context = {
        "form": form,
        "likely": likely,
        "trail": [*_trail(), (_("Trouver mon organisation"), reverse("partners:find"))],
    }
    return render(request, "partners/create.html", context)


@never_cache
def join(request: HttpRequest, slug: str) -> HttpResponse:
    living = Organization.objects.exclude(stage=Organization.Stage.ARCHIVED)
    organization = get_object_or_404(living, slug=slug)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            membership.ask_to_join(
                user=_me(request), organization=organization, at=timezone.now(), **form.cleaned_data
            )
        except membership.MembershipRefused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, _("Votre demande est partie. Vous recevrez la réponse par courriel."))
        return redirect("partners:space")
    context = {
        "form": form,
        "organization": organization,
        "trail": [*_trail(), (_("Trouver mon organisation"), reverse("partners:find"))],
    }
    return render(request, "partners/join.html", context)


@never_cache
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    organization = get_object_or_404(Organization.objects.led_by(_me(request)), slug=slug)
    waiting = organization.changes.waiting().first()
    content = waiting.content if waiting else changes.content_of(organization)
    has_logo = bool(organization.logo or (waiting and waiting.logo)) and not (
        waiting and waiting.removes_logo
    )
    form = PageForm(request.POST or None, request.FILES or None, initial=content, has_logo=has_logo)
    if request.method == "POST" and form.is_valid():
        try:
            change = changes.propose(
                organization=organization,
                content=form.content,
                logo=form.cleaned_data["logo"],
                removes_logo=bool(form.cleaned_data.get("removes_logo")),
                by=_me(request),
                at=timezone.now(),
            )
        except changes.ChangeRefused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(request, _told(change.state))
        return redirect("partners:space")
    context = {
        "form": form,
        "organization": organization,
        "waiting": waiting,
        "logo": _logo(organization, waiting),
        "trail": _trail(),
    }
    return render(request, "partners/edit.html", context)


def _told(state: str) -> str:
    if state == OrganizationChange.State.ACCEPTED:
        return _("La page est à jour. Elle paraîtra quand le Conseil aura vérifié l'organisation.")
    return _("Votre modification attend la réponse du Conseil; d'ici là, la page publique reste la même.")


def _logo(organization: Organization, waiting: OrganizationChange | None) -> ImageFieldFile | None:
    """The one that the form would keep."""
    if waiting and (waiting.logo or waiting.removes_logo):
        return waiting.logo or None
    return organization.logo or None
