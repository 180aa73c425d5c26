"""What the space of partners shows of registrations: whose turn it is, what is missing, where to start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from partners.models import Organization
from plans.models import Plan
from projects.models import Registration
from projects.registrations import history
from projects.registrations.calls import Call, calls_of
from projects.registrations.completeness import Known, problems

#: Decided ones beyond these are found from the projects.
MOST_SHOWN = 40


@dataclass(frozen=True)
class Line:
    """A registration of the organisation."""

    registration: Registration
    turn: history.Turn
    missing: int
    message: str


@dataclass
class Work:
    """What one organisation has to do and to follow."""

    lines: list[Line] = field(default_factory=list)
    calls: list[tuple[Call, int | None]] = field(default_factory=list)
    changing: dict[int, Registration] = field(default_factory=dict)

    @property
    def open_calls(self) -> list[tuple[Call, int | None]]:
        return [(call, days) for call, days in self.calls if call.is_open]

    @property
    def coming_calls(self) -> list[Call]:
        at = timezone.now()
        return [call for call, _days in self.calls if call.is_coming(at=at)]


def add_work(request: HttpRequest, places: Sequence[Any]) -> None:
    """Give each place its work. In a fixed number of queries, however many organisations and registrations."""
    organizations = {place.organization.pk: place.organization for place in places}
    works = {pk: Work() for pk in organizations}
    for registration, missing, message in _registrations(list(organizations)):
        work = works[registration.organization_id]
        work.lines.append(Line(registration, history.turn(registration), missing, message))
        if registration.project_id and registration.state in Registration.OPEN_STATES:
            work.changing[registration.project_id] = registration
    _add_calls(works, organizations)
    for place in places:
        place.work = works[place.organization.pk]
        for part in place.parts:
            part.change = place.work.changing.get(part.project_id)


def _registrations(organizations: list[int]) -> list[tuple[Registration, int, str]]:
    rows = list(Registration.objects.filter(organization__in=organizations).with_names()[:MOST_SHOWN])
    ours = [row for row in rows if row.is_editable]
    known = Known.of([row.content for row in ours], {row.plan_id for row in ours}) if ours else None
    messages = history.messages_of(rows)
    return [
        (
            row,
            len(problems(row.content, plan=row.plan, organization=row.organization, known=known))
            if row.is_editable
            else 0,
            messages.get(row.pk, ""),
        )
        for row in rows
    ]


def _add_calls(works: dict[int, Work], organizations: dict[int, Organization]) -> None:
    at = timezone.now()
    plans = list(Plan.objects.public().exclude(stage=Plan.Stage.CLOSED))
    for call, organization in calls_of(plans, list(organizations.values()), at=at):
        if organization.stage != Organization.Stage.ARCHIVED:
            works[organization.pk].calls.append((call, call.days_left(at=at)))
