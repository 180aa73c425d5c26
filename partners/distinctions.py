"""False doubles: organisations that look alike, of which staff say that they are two. Their word can be taken back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from partners.models import Organization, OrganizationDistinction, User


class DistinctionRefused(Exception):
    """Nothing was written; the text says why."""


@transaction.atomic
def set_apart(
    *, first: Organization, second: Organization, by: User, at: dt.datetime
) -> OrganizationDistinction:
    """They are no doubles of each other any more, in whichever order; said twice, it stands as it was said first."""
    _refuse_unless_staff(by)
    if first.pk == second.pk:
        raise DistinctionRefused(_("Une organisation ne se distingue pas d'elle-même."))
    ends = sorted((first, second), key=lambda organization: organization.pk)
    # The lock makes two clicks at once one row.
    list(Organization.objects.select_for_update().filter(pk=ends[0].pk).values_list("pk"))
    row, _is_new = OrganizationDistinction.objects.in_force().get_or_create(
        first=ends[0], second=ends[1], defaults={"by": by, "at": at}
    )
    return row


def bring_back(*, distinction: OrganizationDistinction, by: User, at: dt.datetime) -> bool:
    """They may be doubles again. Returns whether it was so still to do."""
    _refuse_unless_staff(by)
    rows = OrganizationDistinction.objects.in_force().filter(pk=distinction.pk)
    return bool(rows.update(undone_by=by, undone_at=at))


def pairs_apart() -> set[tuple[int, int]]:
    """The ids of those set apart, the lower one first."""
    rows = OrganizationDistinction.objects.in_force().values_list("first", "second")
    return {(min(pair), max(pair)) for pair in rows}


def _refuse_unless_staff(by: User) -> None:
    if not (by.is_staff and by.has_perm("partners.change_organization")):
        raise DistinctionRefused(_("Seul le Conseil dit si des organisations sont distinctes."))
