"""An organisation says whether it really takes part in a project that names it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from core.workflow import NotAllowed
from projects.models import Activity, ProjectPartner
from projects.registrations import roles


def confirm(*, part: ProjectPartner, by: Any, at: dt.datetime) -> ProjectPartner:
    """Shown as confirmed on the public page from then on. Saying it twice changes nothing."""
    return _answer(part, by, at, "confirm_part", confirmed_on=at.date(), declined_on=None)


def decline(*, part: ProjectPartner, by: Any, at: dt.datetime) -> ProjectPartner:
    """Not shown as a partner any more; those who carry the project are the ones to change its text."""
    return _answer(part, by, at, "decline_part", confirmed_on=None, declined_on=at.date())


def _answer(
    part: ProjectPartner, by: Any, at: dt.datetime, action: str, **answer: dt.date | None
) -> ProjectPartner:
    if not roles.is_lead(by, part.organization_id):
        raise NotAllowed
    with transaction.atomic():
        row = ProjectPartner.objects.select_for_update(of=("self",)).get(pk=part.pk)
        is_said = all((getattr(row, name) is None) == (day is None) for name, day in answer.items())
        if not is_said:
            for name, day in answer.items():
                setattr(row, name, day)
            row.save(update_fields=list(answer))
            Activity.objects.create(
                project_id=row.project_id, action=action, by=by, at=at, message=row.organization.name
            )
    return row
