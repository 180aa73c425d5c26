"""More time to register, given to one organisation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from core.workflow import NotAllowed
from projects.models import CallExtension
from projects.registrations import notices, roles


@transaction.atomic
def grant(*, extension: CallExtension, by: Any, at: dt.datetime) -> int:
    """Keep the extension, new or changed, and write to the organisation's leads. Returns how many are told."""
    if not roles.is_administrator(by):
        raise NotAllowed
    extension.granted_by, extension.granted_at = by, at
    extension.save()
    return notices.tell_of_extension(extension)
