"""The people of an organisation: who belongs to it, who asks, who is invited."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from partners import membership
from partners.forms import InvitationForm, RoleForm, SuccessorForm
from partners.models import Invitation, JoinRequest, Membership, Organization, User

#: Where a session keeps the address that an opened invitation proves.
PROVEN_ADDRESS = "proven_address"
#: How much of what was done is shown beside the members.
ACTIVITIES = 30


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _mine(request: HttpRequest, slug: str) -> Organization:
    found: Organization = get_object_or_404(
        Organization.objects.of(_me(request)).without_search_columns(), slug=slug
    )
    return found


def action(
    act: Callable[..., str],
) -> Callable[..., HttpResponse]:
    """A view of a button: it acts, says what was done or why it was not, and shows the members again."""

    @require_POST
    @wraps(act)
    def view(request: HttpRequest, slug: str, **found: Any) -> HttpResponse:
        organization = _mine(request, slug)
        try:
            messages.success(request, act(request, organization, **found))
        except membership.MembershipRefused as refused:
            messages.warning(request, str(refused))
        if organization.memberships.filter(user=_me(request)).exists() or _me(request).is_staff:
            return redirect("partners:members", slug)
        return redirect("partners:space")

    return view


@never_cache
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody of the organisation reads it; its leads invite here."""
    organization = _mine(request, slug)
    is_managed = membership.manages(_me(request), organization)
    form = InvitationForm(request.POST if is_managed and request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            membership.invite(
                organization=organization, by=_me(request), at=timezone.now(), **form.cleaned_data
            )
        except membership.MembershipRefused as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(
                request, _("L'invitation part à %(email)s.") % {"email": form.cleaned_data["email"]}
            )
            return redirect("partners:members", slug)
    people = organization.memberships.select_related("user").order_by("-role", "user__name", "user__email")
    context = {
        "organization": organization,
        "people": people,
        "roles": Membership.Role.choices,
        "is_managed": is_managed,
        "form": form,
        "asking": organization.join_requests.waiting().select_related("user") if is_managed else [],
        "invitations": _invitations(organization) if is_managed else [],
        "activities": organization.activities.select_related("actor")[:ACTIVITIES] if is_managed else [],
        "trail": [(_("Mon espace"), reverse("partners:space"))],
    }
    return render(request, "partners/members.html", context)


def _invitations(organization: Organization) -> list[tuple[Invitation, bool]]:
    """Those that wait, each with whether its link is too old."""
    now = timezone.now()
    waiting = organization.invitations.unanswered().select_related("invited_by")
    return [(invitation, invitation.is_expired(at=now)) for invitation in waiting]


@action
def change_role(request: HttpRequest, organization: Organization, pk: int) -> str:
    member = get_object_or_404(organization.memberships.select_related("user"), pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise membership.MembershipRefused(_("Choisissez un rôle de la liste."))
    changed = membership.change_role(
        membership=member, role=form.cleaned_data["role"], by=_me(request), at=timezone.now()
    )
    return _("%(person)s : %(role)s.") % {"person": member.user, "role": changed.get_role_display()}


@never_cache
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Asks first: the person loses sight of the organisation's projects."""
    organization = _mine(request, slug)
    member = get_object_or_404(organization.memberships.select_related("user"), pk=pk)
    if not membership.manages(_me(request), organization):
        messages.warning(request, _("Seules les personnes responsables de l'organisation peuvent le faire."))
        return redirect("partners:members", slug)
    if request.method == "POST":
        try:
            membership.remove(membership=member, by=_me(request), at=timezone.now())
        except membership.MembershipRefused as refused:
            messages.warning(request, str(refused))
        else:
            messages.success(
                request, _("%(person)s ne fait plus partie de l'organisation.") % {"person": member.user}
            )
        return redirect("partners:members", slug)
    return render(request, "partners/remove.html", {"organization": organization, "member": member})


@never_cache
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    mine = get_object_or_404(
        _me(request).memberships.select_related("organization", "user"), organization__slug=slug
    )
    must_name = membership.is_last_lead(mine)
    form = SuccessorForm(request.POST or None, leaving=mine) if must_name else None
    if request.method == "POST" and (form is None or form.is_valid()):
        successor = form.cleaned_data["successor"] if form else None
        try:
            membership.leave(membership=mine, successor=successor, at=timezone.now())
        except membership.MembershipRefused as refused:
            messages.warning(request, str(refused))
            return redirect("partners:leave", slug)
        messages.success(
            request,
            _("Vous ne faites plus partie de « %(organization)s ».") % {"organization": mine.organization},
        )
        return redirect("partners:space")
    is_alone = form is not None and not form.fields["successor"].queryset.exists()  # type: ignore[attr-defined]
    context = {"organization": mine.organization, "form": form, "is_alone": is_alone}
    return render(request, "partners/leave.html", context)


@action
def accept_request(request: HttpRequest, organization: Organization, pk: int) -> str:
    asking = get_object_or_404(organization.join_requests.select_related("user"), pk=pk)
    form = RoleForm(request.POST)
    role = form.cleaned_data["role"] if form.is_valid() else Membership.Role.EDITOR
    membership.accept_request(request=asking, role=role, by=_me(request), at=timezone.now())
    return _("%(person)s est maintenant membre.") % {"person": asking.user}


@action
def refuse_request(request: HttpRequest, organization: Organization, pk: int) -> str:
    asking = get_object_or_404(organization.join_requests.select_related("user"), pk=pk)
    membership.refuse_request(request=asking, by=_me(request), at=timezone.now())
    return _("La demande de %(person)s est refusée.") % {"person": asking.user}


@action
def invite_again(request: HttpRequest, organization: Organization, pk: int) -> str:
    invitation = get_object_or_404(organization.invitations, pk=pk)
    membership.invite_again(invitation=invitation, by=_me(request), at=timezone.now())
    return _("L'invitation repart à %(email)s, avec un nouveau lien.") % {"email": invitation.email}


@action
def revoke(request: HttpRequest, organization: Organization, pk: int) -> str:
    invitation = get_object_or_404(organization.invitations, pk=pk)
    membership.revoke(invitation=invitation, by=_me(request), at=timezone.now())
    return _("L'invitation de %(email)s est annulée : son lien ne sert plus.") % {"email": invitation.email}


@require_POST
def withdraw_request(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(JoinRequest, pk=pk, user=_me(request))
    try:
        membership.withdraw_request(request=asked, by=_me(request), at=timezone.now())
    except membership.MembershipRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Votre demande est retirée."))
    return redirect("partners:space")


@require_safe
@never_cache
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the mailed link opens, for whoever holds it: signed in or not, with an account or without."""
    found = membership.invitation_of(token)
    problem = _problem(found)
    if found and not problem and not request.user.is_authenticated:
        # Whoever opens the link reads that mail: an account opened with its address needs no second proof.
        request.session[PROVEN_ADDRESS] = found.email
    context = {
        "invitation": found,
        "problem": problem,
        "token": token,
        "is_for_me": found is not None and found.email.lower() in _addresses(request),
        "here": request.path,
    }
    return render(request, "partners/invitation.html", context, status=410 if problem else 200)


@require_POST
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = membership.invitation_of(token)
    if found is None:
        return redirect("partners:invitation", token)
    return _accept(request, found, "partners:invitation", token)


@require_POST
def accept_offered(request: HttpRequest, pk: int) -> HttpResponse:
    """From one's own space, where the invitations to one's address are listed."""
    found = get_object_or_404(Invitation, pk=pk)
    if found.email.lower() not in _addresses(request):
        raise Http404
    return _accept(request, found, "partners:space")


def _accept(request: HttpRequest, found: Invitation, back: str, *args: str) -> HttpResponse:
    try:
        membership.accept_invitation(
            invitation=found, user=_me(request), addresses=_addresses(request), at=timezone.now()
        )
    except membership.MembershipRefused as refused:
        messages.warning(request, str(refused))
        return redirect(back, *args)
    messages.success(
        request,
        _("Bienvenue : vous êtes membre de « %(organization)s ».") % {"organization": found.organization},
    )
    return redirect("partners:space")


def _problem(found: Invitation | None) -> str:
    """Why the link does not serve, in words; empty when it does."""
    if found is None:
        return _("Ce lien est inexact, ou un autre l'a remplacé.")
    if found.accepted_at:
        return _("Cette invitation a déjà servi.")
    if found.revoked_at:
        return _("Cette invitation a été annulée.")
    if found.is_expired(at=timezone.now()):
        return _("Cette invitation est échue. Demandez qu'on vous la renvoie.")
    return ""


def _addresses(request: HttpRequest) -> list[str]:
    """The confirmed addresses of the person, in small letters."""
    confirmed = EmailAddress.objects.filter(user=request.user.pk, verified=True)
    return [email.lower() for email in confirmed.values_list("email", flat=True)]
