"""An organisation comes to the portal, is verified by the council, and is archived one day."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import mailing
from partners import notices
from partners.activity import Kind, log
from partners.models import Membership, Organization, OrganizationAlias, User

#: How many organisations of one person may wait to be verified at once.
PENDING = 5


class LifecycleRefused(Exception):
    """It cannot be done, or not by that person; the text says why."""


@transaction.atomic
def create(
    *,
    by: User,
    at: dt.datetime,
    name: str,
    sector: str,
    acronym: str = "",
    website: str = "",
    description_fr: str = "",
) -> Organization:
    """A pending organisation, of which the person is the lead: it is not in the directory until verified."""
    mine = Membership.objects.filter(user=by, organization__stage=Organization.Stage.PENDING)
    if mine.count() >= PENDING:
        raise LifecycleRefused(_("Trop de vos organisations attendent d'être vérifiées par le Conseil."))
    organization = Organization.objects.create(
        name=name,
        acronym=acronym,
        slug=free_slug(name),
        sector=sector,
        website=website,
        description_fr=description_fr,
        stage=Organization.Stage.PENDING,
        created_at=at,
    )
    Membership.objects.create(user=by, organization=organization, role=Membership.Role.LEAD, joined_at=at)
    Organization.objects.filter(pk=organization.pk).reindex()
    log(organization=organization, kind=Kind.CREATED, by=by, at=at)
    return organization


@transaction.atomic
def verify(*, organization: Organization, by: User, at: dt.datetime) -> bool:
    """Put it in the directory. False when it was there already, or when it was merged into another."""
    return _move(organization, Organization.Stage.VERIFIED, by, at)


@transaction.atomic
def archive(*, organization: Organization, by: User, at: dt.datetime) -> bool:
    """Take it out of the directory; its projects stay. False when it was out already."""
    return _move(organization, Organization.Stage.ARCHIVED, by, at)


def free_slug(name: str) -> str:
    """The address of a name, numbered when another organisation has it or had it."""
    base = slugify(name)[:70].strip("-") or "organisation"
    taken = set(Organization.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= set(OrganizationAlias.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    number = 1
    while (slug := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return slug


def _move(organization: Organization, stage: Organization.Stage, by: User, at: dt.datetime) -> bool:
    if not (by.is_staff and by.has_perm("partners.change_organization")):
        raise LifecycleRefused(_("Seul le Conseil vérifie ou archive une organisation."))
    row = Organization.objects.without_search_columns().select_for_update().get(pk=organization.pk)
    if row.stage == stage or row.merged_into_id:
        return False
    row.stage = stage
    row.save(update_fields=["stage", "updated_at"])
    organization.stage = stage
    is_verified = stage == Organization.Stage.VERIFIED
    log(organization=row, kind=Kind.VERIFIED if is_verified else Kind.ARCHIVED, by=by, at=at)
    about = f"organization:{row.pk}:{at:%Y%m%d%H%M%S}"
    leads = [m.user for m in row.memberships.leads().select_related("user")]
    if is_verified:
        mailing.post(
            notices.organization_verified, to=leads, about=about, organization=row.name, slug=row.slug
        )
    else:
        mailing.post(notices.organization_archived, to=leads, about=about, organization=row.name)
    return True
