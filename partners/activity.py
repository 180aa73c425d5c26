"""The log of an organisation. Whoever changes something there calls :func:`log` in the same transaction."""

from __future__ import annotations

import datetime as dt

from partners.models import Organization, OrganizationActivity, User

Kind = OrganizationActivity.Kind


def log(
    *,
    organization: Organization,
    kind: OrganizationActivity.Kind,
    by: User | None,
    at: dt.datetime,
    person: str = "",
    detail: str = "",
) -> None:
    OrganizationActivity.objects.create(
        organization=organization, kind=kind, actor=by, at=at, person=person[:254], detail=detail[:300]
    )
