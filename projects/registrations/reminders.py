"""Reminders to partners: drafts before their call closes, requested changes that wait.

Looked for each morning, or later where the morning was missed: each occasion has a name, under which a person is
told once (:func:`core.mailing.post`). So a run that comes late, twice, or was cut short loses and doubles none.
"""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from core.mailing import post
from projects.models import Registration
from projects.registrations.calls import call_of
from projects.registrations.notices import answer_reminder, as_submitted, draft_reminder, people

#: Days before the call closes, and days since changes were requested.
BEFORE_CLOSING = (14, 3)
AFTER_REQUEST = (7, 21)


def remind(*, now: dt.datetime) -> int:
    """Write what is due at that moment; returns how many letters."""
    return sum(_remind_draft(row, now) for row in _drafts()) + sum(
        _remind_answer(row, now) for row in _requested()
    )


def _drafts() -> list[Registration]:
    """New projects only: a change to a published one is not bound to the call."""
    drafts = Registration.objects.filter(state=Registration.State.DRAFT, is_change=False)
    return list(drafts.with_names().order_by("pk"))


def _requested() -> list[Registration]:
    waiting = Registration.objects.filter(
        state=Registration.State.CHANGES_REQUESTED, decided_at__isnull=False
    )
    return list(waiting.with_names().order_by("pk"))


def _remind_draft(row: Registration, now: dt.datetime) -> int:
    """The call is the organisation's own where it was given more time."""
    call = call_of(row.plan, at=now, organization=row.organization)
    if not call.is_open or call.closes_at is None:
        return 0
    closes_on = timezone.localdate(call.closes_at)
    days = (closes_on - timezone.localdate(now)).days
    occasions = [left for left in BEFORE_CLOSING if days <= left]
    if not occasions:
        return 0
    occasion = min(occasions)
    # Who began after that day is not reminded of what they are just doing.
    if timezone.localdate(row.created_at) > closes_on - dt.timedelta(days=occasion):
        return 0
    about = f"registration:{row.pk}:{closes_on:%Y%m%d}:{occasion}"
    to = people(row)
    return len(
        post(draft_reminder, to=to, about=about, registration=row, days=days, closes_at=call.closes_at)
    )


def _remind_answer(row: Registration, now: dt.datetime) -> int:
    assert row.decided_at is not None  # noqa: S101 (the rows are chosen by it)
    days = (timezone.localdate(now) - timezone.localdate(row.decided_at)).days
    occasions = [waited for waited in AFTER_REQUEST if days >= waited]
    if not occasions:
        return 0
    about = f"registration:{row.pk}:{row.decided_at:%Y%m%d%H%M}:{max(occasions)}"
    return len(post(answer_reminder, to=people(row), about=about, registration=as_submitted(row), days=days))
