"""What leads write of their organisation's page. The public reads a verified one: there, staff accept first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from core import mailing
from partners import notices
from partners.activity import Kind, log
from partners.models import Organization, OrganizationChange, Territory, User

#: The columns that a lead may write. The name, the acronym and the address are the council's to change.
COLUMNS = ("description_fr", "description_en", "website", "covers_whole_island", "logo_alt_fr", "logo_alt_en")


class ChangeRefused(Exception):
    """It cannot be done, or not by that person; the text says why."""


@dataclass(frozen=True)
class Difference:
    label: str
    before: str
    after: str


@transaction.atomic
def propose(
    *,
    organization: Organization,
    content: dict[str, Any],
    by: User,
    at: dt.datetime,
    logo: File | None = None,
    removes_logo: bool = False,
) -> OrganizationChange:
    """Keep a wording for staff to accept; the page of one that is not verified yet is written at once.

    ``content`` has every one of ``COLUMNS`` and ``territories``, a list of slugs. A logo not yet accepted is
    carried over from the proposal that this one replaces.
    """
    row = _locked(organization)
    if not row.memberships.leads().filter(user=by).exists():
        raise ChangeRefused(_("Seules les personnes responsables de l'organisation peuvent le faire."))
    if row.stage == Organization.Stage.ARCHIVED:
        raise ChangeRefused(_("Cette organisation est archivée."))
    before = row.changes.waiting().first()
    if before:
        before.state, before.decided_at = OrganizationChange.State.REPLACED, at
        before.save(update_fields=["state", "decided_at"])
    change = OrganizationChange(
        organization=row,
        content={name: content[name] for name in (*COLUMNS, "territories")},
        proposed_by=by,
        proposed_at=at,
        removes_logo=removes_logo,
    )
    if logo:
        change.logo.save(str(logo.name), logo, save=False)
    elif before and before.logo and not removes_logo:
        change.logo = before.logo
    change.save()
    if row.stage == Organization.Stage.PENDING:
        _apply(change, row)
        _decide(change, OrganizationChange.State.ACCEPTED, None, at)
        log(organization=row, kind=Kind.EDITED, by=by, at=at)
    else:
        log(organization=row, kind=Kind.PROPOSED, by=by, at=at)
    return change


@transaction.atomic
def accept(*, change: OrganizationChange, by: User, at: dt.datetime) -> None:
    change = _waiting(change, by)
    organization = change.organization
    _apply(change, organization)
    _decide(change, OrganizationChange.State.ACCEPTED, by, at)
    log(organization=organization, kind=Kind.CHANGE_ACCEPTED, by=by, at=at, person=str(change.proposed_by))
    mailing.post(
        notices.change_accepted,
        to=_proposer(change),
        about=f"change:{change.pk}",
        organization=organization.name,
        slug=organization.slug,
    )


@transaction.atomic
def refuse(*, change: OrganizationChange, reason: str, by: User, at: dt.datetime) -> None:
    if not reason.strip():
        raise ChangeRefused(_("Écrivez pourquoi : la personne le lira."))
    change = _waiting(change, by)
    change.reason = reason.strip()
    _decide(change, OrganizationChange.State.REFUSED, by, at)
    organization = change.organization
    log(organization=organization, kind=Kind.CHANGE_REFUSED, by=by, at=at, person=str(change.proposed_by))
    mailing.post(
        notices.change_refused,
        to=_proposer(change),
        about=f"change:{change.pk}",
        organization=organization.name,
        slug=organization.slug,
        reason=change.reason,
    )


def content_of(organization: Organization) -> dict[str, Any]:
    """What the page says now, in the shape of a proposal."""
    content: dict[str, Any] = {name: getattr(organization, name) for name in COLUMNS}
    content["territories"] = sorted(t.slug for t in organization.territories.all())
    return content


def differences(change: OrganizationChange) -> list[Difference]:
    """Field by field, in words; what stays the same is left out."""
    now, then = content_of(change.organization), change.content
    names = {t.slug: t.name for t in Territory.objects.all()}
    found = [
        Difference(str(_label(name)), _words(now[name], names), _words(then.get(name), names))
        for name in (*COLUMNS, "territories")
        if now[name] != then.get(name)
    ]
    if change.logo:
        found.append(Difference(_("Logo"), change.organization.logo.name or "", change.logo.name or ""))
    elif change.removes_logo and change.organization.logo:
        found.append(Difference(_("Logo"), change.organization.logo.name or "", ""))
    return found


def _label(name: str) -> Any:
    label = str(Organization._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _words(value: Any, names: dict[str, Any]) -> str:
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, list):
        return ", ".join(str(names.get(slug, slug)) for slug in value)
    return str(value or "")


def _apply(change: OrganizationChange, organization: Organization) -> None:
    content = change.content
    for name in COLUMNS:
        setattr(organization, name, content[name])
    if change.logo:
        with change.logo.open() as file:
            organization.logo.save(PurePosixPath(str(change.logo.name)).name, file, save=False)
    elif change.removes_logo:
        organization.logo = ""
    organization.save(update_fields=[*COLUMNS, "logo", "updated_at"])
    organization.territories.set(Territory.objects.filter(slug__in=content["territories"]))
    Organization.objects.filter(pk=organization.pk).reindex()


def _locked(organization: Organization) -> Organization:
    return Organization.objects.without_search_columns().select_for_update().get(pk=organization.pk)


def _waiting(change: OrganizationChange, by: User) -> OrganizationChange:
    if not (by.is_staff and by.has_perm("partners.change_organization")):
        raise ChangeRefused(_("Seul le Conseil répond à une modification proposée."))
    organization = _locked(change.organization)
    found = OrganizationChange.objects.select_related("proposed_by").get(pk=change.pk)
    if found.state != OrganizationChange.State.WAITING:
        raise ChangeRefused(
            _("Cette modification n'attend plus de réponse : %(state)s.")
            % {"state": found.get_state_display()}
        )
    found.organization = organization
    return found


def _decide(
    change: OrganizationChange, state: OrganizationChange.State, by: User | None, at: dt.datetime
) -> None:
    change.state, change.decided_by, change.decided_at = state, by, at
    change.save(update_fields=["state", "decided_by", "decided_at", "reason"])


def _proposer(change: OrganizationChange) -> list[User]:
    """Nobody when that person has left: the letter leads to pages that they cannot open any more."""
    person = change.proposed_by
    if person is None or not change.organization.memberships.filter(user=person).exists():
        return []
    return [person]
