"""What a member of staff has before them when they decide on a registration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise

from core.folding import fold
from partners.models import Membership, Organization
from projects.models import Activity, Project, Registration, RegistrationVersion
from projects.models.registration import RegistrationQuerySet
from projects.registrations import history, roles
from projects.registrations.completeness import Problem, Step, problems
from projects.registrations.content import of_project
from projects.registrations.differences import Difference, Piece, differences
from projects.registrations.duplicates import Likeness, likely_duplicates
from projects.registrations.reading import LABELS, Line, by_step

#: Words kept on both sides of a change; what lies between in a long text is left out.
CONTEXT = 25


@dataclass(frozen=True)
class OrganizationCard:
    """Who registers: known or not, its people, what it carries already."""

    organization: Organization
    members: list[Membership]
    projects: list[Project]
    registrations: int

    @property
    def is_pending(self) -> bool:
        return self.organization.stage == Organization.Stage.PENDING


@dataclass(frozen=True)
class Event:
    """A line of the log, in words."""

    activity: Activity
    label: str
    fields: list[str | Promise]


@dataclass(frozen=True)
class Review:
    """The decision page. ``version`` is the text in question, None while nothing was submitted.

    ``public_change`` is what approving changes (or changed) of the public page; empty for a new project, whose
    ``whole`` text is what there is to read. ``since`` is what changed since the version submitted before.
    """

    registration: Registration
    version: RegistrationVersion | None
    previous: RegistrationVersion | None
    public_change: list[Difference]
    since: list[Difference]
    whole: list[tuple[Step, list[Line]]]
    asked: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, registration: Registration) -> Review:
        versions = list(registration.versions.select_related("submitted_by").order_by("-number")[:2])
        if not versions:
            return cls(registration, None, None, [], [], [])
        version, previous = versions[0], versions[1] if len(versions) > 1 else None
        return cls(
            registration=registration,
            version=version,
            previous=previous,
            public_change=[shortened(d) for d in _public_change(registration, version)],
            since=[shortened(d) for d in differences(previous.content, version.content)] if previous else [],
            whole=by_step(version.content),
            asked=_asked(registration, version),
            problems=_problems(registration, version),
        )

    @property
    def is_new(self) -> bool:
        return not self.registration.is_change

    def duplicates(self) -> list[Likeness]:
        if self.version is None:
            return []
        return likely_duplicates(registration=self.registration, content=self.version.content)


def _public_change(registration: Registration, version: RegistrationVersion) -> list[Difference]:
    """Against what was public before the approval, or what is public now."""
    if not registration.is_change or registration.project is None:
        return []
    if registration.state == Registration.State.APPROVED:
        approval = version.approval
        return differences(approval.before, approval.content)
    return differences(of_project(registration.project, registration.organization_id), version.content)


def _asked(registration: Registration, version: RegistrationVersion) -> list[str]:
    """The fields that the council pointed at before this version came."""
    request = registration.activities.filter(action="request_changes", version__lt=version.number).first()
    return list(request.fields) if request else []


def _problems(registration: Registration, version: RegistrationVersion) -> list[Problem]:
    if not registration.is_waiting_for_staff:
        return []
    return problems(version.content, plan=registration.plan, organization=registration.organization)


def card_of(organization: Organization) -> OrganizationCard:
    members = organization.memberships.select_related("user").order_by("-role", "pk")
    projects = Project.objects.published().filter(organizations=organization).distinct()
    return OrganizationCard(
        organization=organization,
        members=list(members),
        projects=list(projects.without_search_columns().order_by("-updated_at")[:8]),
        registrations=Registration.objects.filter(
            organization=organization, state__in=Registration.SEEN_BY_STAFF
        ).count(),
    )


def log_of(registration: Registration) -> list[Event]:
    """The whole log, internal notes included, the latest first.

    Of saves only those that a submitted version holds: what is being written now is not told of.
    """
    held = (
        Q(action="save", at__gt=registration.submitted_at) if registration.submitted_at else Q(action="save")
    )
    hidden = held if registration.is_private else Q(pk=None)
    lines = registration.activities.exclude(hidden).select_related("by").order_by("-at", "-pk")
    return [
        Event(line, history.in_words(line.action), [LABELS[n] for n in _named(line) if n in LABELS])
        for line in lines
    ]


def _named(line: Activity) -> Iterable[str]:
    return line.fields or line.changes


def matching(registrations: RegistrationQuerySet, text: str) -> list[int]:
    """The ids of those in whose title (as last submitted) or organisation every word occurs, accents aside."""
    wanted = fold(text).split()
    rows: Any = registrations.with_submitted_title().order_by()
    said = rows.values_list("pk", "submitted_title", "organization__name", "organization__acronym")
    return [pk for pk, *parts in said if all(word in fold(" ".join(filter(None, parts))) for word in wanted)]


def shortened(difference: Difference) -> Difference:
    """Long runs of unchanged words are cut in their middle."""
    if difference.is_list:
        return difference
    last = len(difference.pieces) - 1
    pieces = [
        _shortened(piece, keep_start=index > 0, keep_end=index < last)
        for index, piece in enumerate(difference.pieces)
    ]
    return replace(difference, pieces=pieces)


def _shortened(piece: Piece, *, keep_start: bool, keep_end: bool) -> Piece:
    tokens = re.findall(r"\S+\s*|\s+", piece.text)
    if piece.kind != "same" or len(tokens) <= 2 * CONTEXT + 10:
        return piece
    start = "".join(tokens[:CONTEXT]) if keep_start else ""
    end = "".join(tokens[-CONTEXT:]) if keep_end else ""
    return Piece("same", f"{start}[…] {end}" if start else f"[…] {end}")


def title_for(registration: Any, *, by: Any) -> str:
    """The title that staff may read, of a row ``with_submitted_title()``; empty where there is none yet."""
    if not registration.is_private or roles.writes_for(by, registration):
        return str(registration.title)
    return str(registration.submitted_title or "")
