"""Coming to an organisation, holding a role there, leaving it.

Each function checks that the person may do it, and raises :class:`MembershipRefused` with the reason in their
language otherwise. Each locks the organisation first: two changes at once come one after the other, so that
an organisation that has a lead keeps one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import mailing
from partners import notices
from partners.activity import Kind, log
from partners.models import Invitation, JoinRequest, Membership, Organization, User

#: How long the link of an invitation serves.
INVITATION_LIFE = dt.timedelta(days=14)
#: How many invitations of one organisation may wait at once, and leave in one day.
INVITATIONS_WAITING, INVITATIONS_A_DAY = 50, 50
#: How many requests of one person may wait at once.
REQUESTS_WAITING = 10


class MembershipRefused(Exception):
    """It cannot be done, or not by that person; the text says why."""


def manages(user: User, organization: Organization) -> bool:
    """Whether they decide who belongs to the organisation: its leads, and staff who look after organisations."""
    if user.is_staff and user.has_perm("partners.change_organization"):
        return True
    return organization.memberships.leads().filter(user=user).exists()


# Asking ------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_to_join(*, user: User, organization: Organization, message: str = "", at: dt.datetime) -> JoinRequest:
    organization = _locked(organization)
    _refuse_archived(organization)
    if organization.memberships.filter(user=user).exists():
        raise MembershipRefused(_("Vous êtes déjà membre de cette organisation."))
    if organization.join_requests.waiting().filter(user=user).exists():
        raise MembershipRefused(_("Votre demande attend déjà une réponse."))
    if JoinRequest.objects.waiting().filter(user=user).count() >= REQUESTS_WAITING:
        raise MembershipRefused(_("Trop de vos demandes attendent une réponse. Retirez-en une d'abord."))
    request = JoinRequest.objects.create(
        user=user, organization=organization, message=message.strip(), asked_at=at
    )
    log(organization=organization, kind=Kind.ASKED, by=user, at=at)
    leads = _leads(organization)
    mailing.post(
        notices.join_request,
        to=leads or [mailing.Address(settings.CSAM_CONTACT_EMAIL)],
        about=f"join_request:{request.pk}",
        organization=organization.name,
        slug=organization.slug,
        person=str(user),
        email=user.email,
        message=request.message,
        is_orphan=not leads,
    )
    return request


@transaction.atomic
def withdraw_request(*, request: JoinRequest, by: User, at: dt.datetime) -> None:
    request = _waiting(request)
    if request.user_id != by.pk:
        raise MembershipRefused(_("Cette demande n'est pas la vôtre."))
    _decide(request, JoinRequest.State.WITHDRAWN, by, at)
    log(organization=request.organization, kind=Kind.WITHDREW, by=by, at=at)


@transaction.atomic
def accept_request(
    *, request: JoinRequest, by: User, at: dt.datetime, role: str = Membership.Role.EDITOR
) -> Membership:
    request = _waiting(request)
    organization = request.organization
    _refuse_archived(organization)
    _refuse_unless_manages(by, organization)
    _decide(request, JoinRequest.State.ACCEPTED, by, at)
    membership = _join(user=request.user, organization=organization, role=role, at=at)
    log(
        organization=organization,
        kind=Kind.ACCEPTED,
        by=by,
        at=at,
        person=str(request.user),
        detail=membership.get_role_display(),
    )
    mailing.post(
        notices.join_accepted,
        to=[request.user],
        about=f"join_request:{request.pk}",
        organization=organization.name,
        role=membership.role,
    )
    return membership


@transaction.atomic
def refuse_request(*, request: JoinRequest, by: User, at: dt.datetime) -> None:
    request = _waiting(request)
    _refuse_unless_manages(by, request.organization)
    _decide(request, JoinRequest.State.REFUSED, by, at)
    log(organization=request.organization, kind=Kind.REFUSED, by=by, at=at, person=str(request.user))
    mailing.post(
        notices.join_refused,
        to=[request.user],
        about=f"join_request:{request.pk}",
        organization=request.organization.name,
    )


# Inviting ----------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(
    *,
    organization: Organization,
    email: str,
    by: User,
    at: dt.datetime,
    role: str = Membership.Role.EDITOR,
    language: str = User.Language.FRENCH,
) -> Invitation:
    organization = _locked(organization)
    _refuse_archived(organization)
    _refuse_unless_manages(by, organization)
    email = email.strip().lower()
    if organization.memberships.filter(user__email__iexact=email).exists():
        raise MembershipRefused(_("Cette personne est déjà membre de l'organisation."))
    if organization.invitations.unanswered().filter(email__iexact=email).exists():
        raise MembershipRefused(_("Cette personne est déjà invitée : renvoyez-lui plutôt l'invitation."))
    _refuse_flood(organization, at)
    token = _new_token()
    invitation = Invitation.objects.create(
        organization=organization,
        email=email,
        role=role,
        language=language,
        token_hash=hash_of(token),
        invited_by=by,
        sent_at=at,
        expires_at=at + INVITATION_LIFE,
    )
    log(
        organization=organization,
        kind=Kind.INVITED,
        by=by,
        at=at,
        person=email,
        detail=str(Membership.Role(role).label),
    )
    _mail_invitation(invitation, token)
    return invitation


@transaction.atomic
def invite_again(*, invitation: Invitation, by: User, at: dt.datetime) -> None:
    """A new link for fourteen more days; the one mailed before serves no more."""
    invitation = _unanswered(invitation)
    organization = invitation.organization
    _refuse_archived(organization)
    _refuse_unless_manages(by, organization)
    _refuse_flood(organization, at)
    token = _new_token()
    invitation.token_hash = hash_of(token)
    invitation.sent_at, invitation.expires_at = at, at + INVITATION_LIFE
    invitation.invited_by = by
    invitation.sendings += 1
    invitation.save(update_fields=["token_hash", "sent_at", "expires_at", "invited_by", "sendings"])
    log(organization=organization, kind=Kind.INVITED_AGAIN, by=by, at=at, person=invitation.email)
    _mail_invitation(invitation, token)


@transaction.atomic
def revoke(*, invitation: Invitation, by: User, at: dt.datetime) -> None:
    invitation = _unanswered(invitation)
    _refuse_unless_manages(by, invitation.organization)
    invitation.revoked_at = at
    invitation.save(update_fields=["revoked_at"])
    log(organization=invitation.organization, kind=Kind.REVOKED, by=by, at=at, person=invitation.email)


def invitation_of(token: str) -> Invitation | None:
    """The invitation of a mailed link, whatever became of it."""
    return (
        Invitation.objects.select_related("organization", "invited_by")
        .filter(token_hash=hash_of(token))
        .first()
    )


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, user: User, addresses: Iterable[str], at: dt.datetime
) -> Membership:
    """``addresses`` are those that the person has confirmed: an invitation is for whoever reads its mail."""
    invitation = _unanswered(invitation)
    organization = invitation.organization
    _refuse_archived(organization)
    if invitation.is_expired(at=at):
        raise MembershipRefused(_("Cette invitation est échue. Demandez qu'on vous la renvoie."))
    if invitation.email.lower() not in {address.lower() for address in addresses}:
        raise MembershipRefused(_("Cette invitation a été envoyée à un autre courriel que le vôtre."))
    invitation.accepted_by, invitation.accepted_at = user, at
    invitation.save(update_fields=["accepted_by", "accepted_at"])
    waiting = organization.join_requests.waiting().filter(user=user)
    waiting.update(state=JoinRequest.State.ACCEPTED, decided_by=invitation.invited_by, decided_at=at)
    membership = _join(user=user, organization=organization, role=invitation.role, at=at)
    log(organization=organization, kind=Kind.JOINED, by=user, at=at, detail=membership.get_role_display())
    return membership


# Holding a role ----------------------------------------------------------------------------------------------


@transaction.atomic
def add(*, organization: Organization, user: User, role: str, by: User, at: dt.datetime) -> Membership:
    """Staff seat a person they know; leads invite instead, so that the person agrees."""
    organization = _locked(organization)
    if not (by.is_staff and by.has_perm("partners.change_organization")):
        raise MembershipRefused(_("Seul le Conseil ajoute un membre sans invitation."))
    if organization.memberships.filter(user=user).exists():
        raise MembershipRefused(_("Cette personne est déjà membre de l'organisation."))
    membership = Membership.objects.create(organization=organization, user=user, role=role, joined_at=at)
    log(
        organization=organization,
        kind=Kind.ADDED,
        by=by,
        at=at,
        person=str(user),
        detail=membership.get_role_display(),
    )
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User, at: dt.datetime) -> Membership:
    membership = _locked_membership(membership)
    organization = membership.organization
    _refuse_unless_manages(by, organization)
    if membership.role == role:
        return membership
    if role != Membership.Role.LEAD:
        _refuse_last_lead(membership)
    before = membership.get_role_display()
    membership.role = role
    membership.save(update_fields=["role"])
    log(
        organization=organization,
        kind=Kind.ROLE,
        by=by,
        at=at,
        person=str(membership.user),
        detail=f"{before} → {membership.get_role_display()}",
    )
    if membership.user_id != by.pk:
        mailing.post(
            notices.role_changed,
            to=[membership.user],
            about=f"membership:{membership.pk}:{at:%Y%m%d%H%M%S%f}",
            organization=organization.name,
            slug=organization.slug,
            role=role,
        )
    return membership


@transaction.atomic
def leave(*, membership: Membership, successor: Membership | None = None, at: dt.datetime) -> None:
    """The last lead names a successor among the members, who becomes lead in the same moment."""
    membership = _locked_membership(membership)
    if successor is not None and is_last_lead(membership):
        change_role(membership=successor, role=Membership.Role.LEAD, by=membership.user, at=at)
    _refuse_last_lead(membership)
    membership.delete()
    log(organization=membership.organization, kind=Kind.LEFT, by=membership.user, at=at)


@transaction.atomic
def remove(*, membership: Membership, by: User, at: dt.datetime) -> None:
    membership = _locked_membership(membership)
    organization = membership.organization
    _refuse_unless_manages(by, organization)
    if membership.user_id == by.pk:
        raise MembershipRefused(_("Pour partir vous-même, quittez l'organisation."))
    _refuse_last_lead(membership)
    key = membership.pk
    membership.delete()
    log(organization=organization, kind=Kind.REMOVED, by=by, at=at, person=str(membership.user))
    mailing.post(
        notices.member_removed,
        to=[membership.user],
        about=f"membership:{key}",
        organization=organization.name,
    )


def is_last_lead(membership: Membership) -> bool:
    if membership.role != Membership.Role.LEAD:
        return False
    others = Membership.objects.leads().filter(organization=membership.organization_id)
    return not others.exclude(pk=membership.pk).exists()


# What they share ---------------------------------------------------------------------------------------------


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _mail_invitation(invitation: Invitation, token: str) -> None:
    account = User.objects.filter(email__iexact=invitation.email).first()
    mailing.post(
        notices.invitation,
        to=[account or mailing.Address(invitation.email, invitation.language)],
        about=f"invitation:{invitation.pk}:{invitation.sendings}",
        organization=invitation.organization.name,
        inviter=str(invitation.invited_by),
        role=invitation.role,
        days=INVITATION_LIFE.days,
        token=token,
    )


def _locked(organization: Organization) -> Organization:
    return Organization.objects.without_search_columns().select_for_update().get(pk=organization.pk)


def _locked_membership(membership: Membership) -> Membership:
    _locked(membership.organization)
    found = Membership.objects.select_related("organization", "user").filter(pk=membership.pk).first()
    if found is None:
        raise MembershipRefused(_("Cette personne n'est plus membre de l'organisation."))
    return found


def _waiting(request: JoinRequest) -> JoinRequest:
    _locked(request.organization)
    found = JoinRequest.objects.select_related("organization", "user").get(pk=request.pk)
    if found.state != JoinRequest.State.WAITING:
        raise MembershipRefused(
            _("Cette demande a déjà sa réponse : %(state)s.") % {"state": found.get_state_display()}
        )
    return found


def _unanswered(invitation: Invitation) -> Invitation:
    _locked(invitation.organization)
    found = Invitation.objects.select_related("organization", "invited_by").get(pk=invitation.pk)
    if found.accepted_at:
        raise MembershipRefused(_("Cette invitation a déjà servi."))
    if found.revoked_at:
        raise MembershipRefused(_("Cette invitation a été annulée."))
    return found


def _join(*, user: User, organization: Organization, role: str, at: dt.datetime) -> Membership:
    """Who is a member already stays one, and keeps the higher of the two roles."""
    membership, _is_new = Membership.objects.get_or_create(
        user=user, organization=organization, defaults={"role": role, "joined_at": at}
    )
    if role == Membership.Role.LEAD and membership.role != role:
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


def _decide(request: JoinRequest, state: JoinRequest.State, by: User, at: dt.datetime) -> None:
    request.state, request.decided_by, request.decided_at = state, by, at
    request.save(update_fields=["state", "decided_by", "decided_at"])


def _leads(organization: Organization) -> list[User]:
    return [m.user for m in organization.memberships.leads().select_related("user")]


def _refuse_unless_manages(user: User, organization: Organization) -> None:
    if not manages(user, organization):
        raise MembershipRefused(_("Seules les personnes responsables de l'organisation peuvent le faire."))


def _refuse_archived(organization: Organization) -> None:
    if organization.stage == Organization.Stage.ARCHIVED:
        raise MembershipRefused(_("Cette organisation est archivée."))


def _refuse_last_lead(membership: Membership) -> None:
    if is_last_lead(membership):
        raise MembershipRefused(_("C'est la dernière personne responsable : nommez-en d'abord une autre."))


def _refuse_flood(organization: Organization, at: dt.datetime) -> None:
    """The portal's mail must not serve to bother people."""
    waiting = organization.invitations.unanswered().count()
    recent = organization.invitations.filter(sent_at__gt=at - dt.timedelta(days=1)).count()
    if waiting >= INVITATIONS_WAITING or recent >= INVITATIONS_A_DAY:
        raise MembershipRefused(_("Trop d'invitations ont été envoyées. Attendez demain, ou annulez-en."))
