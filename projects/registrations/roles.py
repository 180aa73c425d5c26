"""Who may do what with registrations. Asked by the functions that act, and by pages for what to offer."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from partners.models import Membership, Organization, User
from projects.models import Registration


def is_member(user: Any, organization_id: int) -> bool:
    return _active(user) and Membership.objects.filter(user=user.pk, organization=organization_id).exists()


def is_lead(user: Any, organization_id: int) -> bool:
    mine = Membership.objects.filter(user=user.pk, organization=organization_id, role=Membership.Role.LEAD)
    return _active(user) and mine.exists()


def is_reviewer(user: Any) -> bool:
    return _active(user) and bool(user.has_perm("projects.review_registration"))


def is_approver(user: Any) -> bool:
    return _active(user) and bool(user.has_perm("projects.approve_registration"))


def is_administrator(user: Any) -> bool:
    return _active(user) and bool(user.has_perm("projects.administer_registration"))


def may_write_on_behalf(user: Any) -> bool:
    return _active(user) and bool(user.has_perm("projects.write_on_behalf"))


def writes_for(user: Any, registration: Registration) -> bool:
    """Whether that member of staff began the registration for its organisation."""
    begun = registration.is_on_behalf and registration.created_by_id == user.pk
    return begun and may_write_on_behalf(user)


def may_write(user: Any, registration: Registration) -> bool:
    """Members; of the staff who began it for them, and administrators. Others would have to read a draft first."""
    if is_member(user, registration.organization_id) or writes_for(user, registration):
        return True
    return may_write_on_behalf(user) and is_administrator(user)


def may_read_now(user: Any, registration: Registration) -> bool:
    """Whether the text as it stands is theirs to read, in virtue of what they are: the organisation's people, who
    writes for it, and all staff once it is handed in. Administrators read the others too, and the log says so.
    """
    if is_member(user, registration.organization_id) or writes_for(user, registration):
        return True
    return is_reviewer(user) and not registration.is_private


def may_start(user: Any, organization: Organization) -> bool:
    return is_member(user, organization.pk) or may_write_on_behalf(user)


def holders(codename: str) -> QuerySet[User]:
    """The active people who hold a permission of registrations, by themselves, by a group or as superuser."""
    named = {"codename": codename, "content_type__app_label": "projects"}
    own = Q(**{f"user_permissions__{key}": value for key, value in named.items()})
    by_group = Q(**{f"groups__permissions__{key}": value for key, value in named.items()})
    return User.objects.filter(Q(is_superuser=True) | own | by_group, is_active=True).distinct()


def _active(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active)
