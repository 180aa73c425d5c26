"""When an organisation may register projects in a plan: the call, and the time given to one organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from partners.models import Organization
from plans.models import Plan
from projects.models import CallExtension


@dataclass(frozen=True)
class Call:
    """The call of a plan as one organisation (or the public, without one) stands before it."""

    plan: Plan
    is_open: bool
    opens_at: dt.datetime | None
    closes_at: dt.datetime | None
    is_extended: bool = False

    def is_coming(self, *, at: dt.datetime) -> bool:
        return not self.is_open and self.opens_at is not None and at < self.opens_at

    def is_over(self, *, at: dt.datetime) -> bool:
        return not self.is_open and self.closes_at is not None and self.closes_at <= at

    def days_left(self, *, at: dt.datetime) -> int | None:
        """Whole days before it closes, 0 on the last day; None where it is closed or has no end."""
        if not self.is_open or self.closes_at is None:
            return None
        return max(0, (self.closes_at - at).days)


def call_of(plan: Plan, *, at: dt.datetime, organization: Organization | None = None) -> Call:
    """An extension counts while it runs, whether or not the plan's own call is still open."""
    extension = None
    if organization is not None:
        extension = CallExtension.objects.filter(
            plan=plan, organization=organization, until_at__gt=at
        ).first()
    return _call(plan, extension, at)


def call_now(*, at: dt.datetime) -> dict[str, Any] | None:
    """The call that the public should hear of: the one that is open, else the next, else the one just closed."""
    calls = [_call(plan, None, at) for plan in Plan.objects.public().exclude(stage=Plan.Stage.CLOSED)]
    told = [call for call in calls if call.is_open]
    told += sorted((c for c in calls if c.is_coming(at=at)), key=lambda call: call.opens_at or at)
    told += [call for call in calls if call.is_over(at=at)]
    return (
        {"call": told[0], "days_left": told[0].days_left(at=at), "is_over": told[0].is_over(at=at)}
        if told
        else None
    )


def calls_of(
    plans: Collection[Plan], organizations: Collection[Organization], *, at: dt.datetime
) -> list[tuple[Call, Organization]]:
    """The call of each plan to each organisation, in one query."""
    running = CallExtension.objects.filter(plan__in=plans, organization__in=organizations, until_at__gt=at)
    extensions = {(row.plan_id, row.organization_id): row for row in running} if plans else {}
    return [(_call(p, extensions.get((p.pk, o.pk)), at), o) for o in organizations for p in plans]


def _call(plan: Plan, extension: CallExtension | None, at: dt.datetime) -> Call:
    is_open = plan.is_call_open(at=at)
    closes_at = plan.call_closes_at
    if extension and (not is_open or (closes_at and closes_at < extension.until_at)):
        return Call(plan, True, plan.call_opens_at, extension.until_at, is_extended=True)
    return Call(plan, is_open, plan.call_opens_at, closes_at)
