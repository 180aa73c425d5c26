"""What resembles a registration and is another project: staff say so once, and may take it back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from core.workflow import NotAllowed
from projects.models import Activity, Distinction, Project, Registration
from projects.registrations import roles


@transaction.atomic
def set_apart(
    *, registration: Registration, other: Registration | Project, title: str, by: Any, at: dt.datetime
) -> Distinction:
    """They are two projects. Said again, it stands as it was said first. ``title`` is the other's, for the log."""
    registration = _locked(registration, by)
    key = "other_registration" if isinstance(other, Registration) else "other_project"
    row, is_new = registration.distinctions.in_force().get_or_create(
        registration=registration, **{key: other}, defaults={"by": by, "at": at}
    )
    if is_new:
        _log(registration, "set_apart", title, by, at)
    return row


@transaction.atomic
def bring_back(
    *, registration: Registration, distinction: Distinction, title: str, by: Any, at: dt.datetime
) -> None:
    """The likeness is told again; nothing happens to one that is told already."""
    registration = _locked(registration, by)
    rows = Distinction.objects.in_force().filter(pk=distinction.pk)
    if rows.update(undone_by=by, undone_at=at):
        _log(registration, "bring_back", title, by, at)


def _locked(registration: Registration, by: Any) -> Registration:
    if not roles.is_reviewer(by):
        raise NotAllowed
    return Registration.objects.select_for_update(of=("self",)).get(pk=registration.pk)


def _log(registration: Registration, action: str, title: str, by: Any, at: dt.datetime) -> None:
    Activity.objects.create(
        registration=registration,
        action=action,
        by=by,
        at=at,
        message=title,
        is_internal=True,
        is_by_staff=True,
    )
