"""The roles of the council's staff, as groups that carry the permissions of the admin and of registrations.

`ensure_groups` makes them say what stands here, at each preparation of the database: a person gets a role by
being put in its group.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from django.contrib.auth.models import Group, Permission
from django.db import transaction

REVIEWER, APPROVER, ADMINISTRATOR = "Révision", "Approbation", "Administration"

#: What staff look at, whatever their role.
VIEWS = (
    "projects.view_*",
    "partners.view_organization",
    "partners.view_membership",
    "partners.view_territory",
    "plans.view_*",
    "indicators.view_*",
    "documents.view_*",
    "core.view_mail",
)
#: What keeps the plan: everybody but those who only decide.
CHANGES = (
    "partners.add_organization",
    "partners.change_organization",
    "partners.add_membership",
    "partners.change_membership",
    "core.change_mail",
    "documents.*",
)
GROUPS: dict[str, tuple[str, ...]] = {
    REVIEWER: (*VIEWS, *CHANGES, "projects.review_registration", "projects.write_on_behalf"),
    # Accepting a report accepts its values.
    APPROVER: (
        *VIEWS,
        *CHANGES,
        "projects.review_registration",
        "projects.approve_registration",
        "indicators.change_measurement",
    ),
    ADMINISTRATOR: ("core.*", "plans.*", "partners.*", "projects.*", "indicators.*", "documents.*"),
}


@transaction.atomic
def ensure_groups() -> None:
    """Make the three groups, with exactly these permissions; nothing is written where they have them."""
    permissions = list(Permission.objects.values_list("pk", "content_type__app_label", "codename"))
    kept = {group.name: group for group in Group.objects.prefetch_related("permissions")}
    for name, patterns in GROUPS.items():
        wanted = {
            pk
            for pk, app, codename in permissions
            if any(fnmatchcase(f"{app}.{codename}", p) for p in patterns)
        }
        group = kept.get(name) or Group.objects.create(name=name)
        if wanted != {permission.pk for permission in group.permissions.all()}:
            group.permissions.set(wanted)
