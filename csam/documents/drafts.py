"""The working draft: each night, the documents of the current plan are built anew where their data changed.

They are not published: staff find them ready at the desk. The newest draft of each document is kept.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from csam.documents import keeping, requesting
from csam.documents.models import Document, DraftSchedule
from plans.models import Plan

NIGHT = dt.time(3)


def request_due(*, now: dt.datetime) -> int:
    """Ask for the drafts that are due, and set the next night; returns how many builds were started.

    A night that was missed is made good as soon as beat runs again.
    """
    plan = Plan.objects.current()
    if plan is None or not plan.is_public or not _take_turn(plan, now):
        return 0
    drop_old_drafts(plan=plan)
    return sum(
        requesting.request(plan=plan, kind=kind, language=language, is_draft=True)[1]
        for kind in Document.PLAN_KINDS
        for language in Document.Language.values
    )


def next_night(now: dt.datetime) -> dt.datetime:
    local = timezone.localtime(now)
    night = timezone.make_aware(dt.datetime.combine(local.date(), NIGHT))
    return (
        night
        if night > now
        else timezone.make_aware(dt.datetime.combine(local.date() + dt.timedelta(1), NIGHT))
    )


def drop_old_drafts(*, plan: Plan) -> None:
    """Forget drafts that failed or that a newer build follows, with their files where no other row has them."""
    for kind in Document.PLAN_KINDS:
        for language in Document.Language.values:
            builds = Document.objects.filter(plan=plan, kind=kind, language=language)
            newest = builds.filter(state=Document.State.READY).first()
            old = builds.drafts()
            for draft in old.exclude(pk=newest.pk) if newest else old:
                _drop(draft)


def _take_turn(plan: Plan, now: dt.datetime) -> bool:
    """Only one of several workers finds the drafts due."""
    DraftSchedule.objects.get_or_create(plan=plan, defaults={"due_at": next_night(now)})
    due = DraftSchedule.objects.filter(plan=plan, due_at__lte=now)
    return bool(due.update(due_at=next_night(now)))


def _drop(draft: Document) -> None:
    with transaction.atomic():
        draft.delete()
        keeping.drop_files(draft)
