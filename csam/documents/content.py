"""What a document is made of: plain frozen values in one language, taken from one snapshot of the data.

Equal values make an equal document. They are kept beside the PDF as JSON, so that the HTML page of a
published document says the same as its PDF, whatever was edited since.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from indicators.progress import Progress
from indicators.vocabulary import Status

T = TypeVar("T")

#: The kind of a document that holds one project alone.
SHEET = "project-sheet"
#: That of a progress edition.
PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the language it is really in: French where the English is missing."""

    value: str = ""
    language: str = "fr"

    def __bool__(self) -> bool:
        return bool(self.value)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Figure:
    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Phase:
    number: int
    title: Text
    text: Text
    period: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Milestone:
    date: str
    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Issue:
    number: int
    title: Text
    description: Text


@dataclass(frozen=True, slots=True)
class Part:
    """An organisation's part in a project."""

    organization: str
    name: str
    role: str
    role_label: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Deliverable:
    title: Text
    due: str
    state: str
    state_label: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """How far something is on the day of the data, as :class:`indicators.progress.Progress` says it.

    Numbers are decimals written out, days are in ISO 8601; both are empty where there is none, which is not zero.
    """

    status: str
    status_label: str
    value: str = ""
    value_on: str = ""
    percent: str = ""
    expected: str = ""
    kept: int | None = None
    reported: int = 0
    is_stale: bool = False

    @property
    def progress(self) -> Progress:
        """What the drawings and the label are made of, the same as on the site."""
        return Progress(
            Status(self.status),
            value=_decimal(self.value),
            percent=_decimal(self.percent),
            expected=_decimal(self.expected),
            kept=self.kept,
            reported=self.reported,
        )


@dataclass(frozen=True, slots=True)
class Aimed:
    """A figure that is followed, in its unit, towards a target where it has one."""

    slug: str
    title: Text
    unit: str
    decimals: int
    target: str
    target_on: str
    measured: Measured


@dataclass(frozen=True, slots=True)
class CommonTarget:
    """What several projects reach together; ``reported`` of ``expected`` projects are counted."""

    aimed: Aimed
    meaning: Text
    #: Code of its objective; empty for a target of the whole plan.
    objective: str
    reported: int
    expected: int


@dataclass(frozen=True, slots=True)
class StatusCount:
    status: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Indicators counted by status; ``reported`` of the ``followed`` projects have a value."""

    counts: tuple[StatusCount, ...] = ()
    reported: int = 0
    followed: int = 0

    @property
    def total(self) -> int:
        return sum(row.count for row in self.counts)


@dataclass(frozen=True, slots=True)
class Statistic:
    """A value that somebody else published, with where."""

    territory: Text
    years: str
    value: str
    is_approximate: bool
    is_disputed: bool
    source: str
    source_url: str
    #: How the source knows it; empty where it measured it itself.
    nature: str
    note: Text


@dataclass(frozen=True, slots=True)
class Context:
    """A published statistic that the plan is read against."""

    title: Text
    meaning: Text
    unit: str
    decimals: int
    values: tuple[Statistic, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What only the full plan prints of a project."""

    description: Text
    populations: Text
    links: tuple[str, ...]
    contact_name: str
    contact_email: str
    website: str
    deliverables: tuple[Deliverable, ...]
    indicators: tuple[Aimed, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    slug: str
    title: Text
    summary: Text
    stage: str
    stage_label: str
    period: str
    covers_whole_island: bool
    #: Codes of the objectives it serves, the primary one first ("3.2").
    objectives: tuple[str, ...]
    #: Numbers of its cross-cutting issues.
    issues: tuple[int, ...]
    #: Codes of its territories.
    territories: tuple[str, ...]
    partners: tuple[Part, ...]
    sheet: Sheet | None

    @property
    def lead(self) -> str:
        return next((part.name for part in self.partners if part.role == "lead"), "")

    @property
    def others(self) -> tuple[Part, ...]:
        return tuple(part for part in self.partners if part.role != "lead")


@dataclass(frozen=True, slots=True)
class Objective:
    code: str
    title: Text
    description: Text
    #: The projects of which it is the primary objective.
    projects: tuple[Project, ...]
    targets: tuple[CommonTarget, ...] = ()


@dataclass(frozen=True, slots=True)
class Orientation:
    number: int
    title: Text
    short_title: Text
    problem: Text
    colour: str
    objectives: tuple[Objective, ...]
    #: Of the indicators of all the projects that serve it.
    tally: Tally = Tally()

    @property
    def name(self) -> Text:
        return self.short_title or self.title

    @property
    def project_count(self) -> int:
        return sum(len(objective.projects) for objective in self.objectives)

    @property
    def organization_count(self) -> int:
        projects = (project for objective in self.objectives for project in objective.projects)
        return len({part.organization for project in projects for part in project.partners})


@dataclass(frozen=True, slots=True)
class Territory:
    code: str
    slug: str
    name: str
    abbreviation: str
    kind: str
    latitude: str
    longitude: str


@dataclass(frozen=True, slots=True)
class Organization:
    slug: str
    name: str
    acronym: str
    sector: str
    sector_label: str
    description: Text
    website: str
    territories: tuple[str, ...]
    covers_whole_island: bool


@dataclass(frozen=True, slots=True)
class ReportedValue:
    """What an accepted report says of an indicator. Of ``figure``, ``assessment`` and ``absence`` (why there is none),
    one is given."""

    title: Text
    #: The indicator's address; empty where it has no page.
    slug: str
    figure: str
    assessment: Text
    absence: str
    note: Text
    #: How far it was at the end of the period.
    aimed: Aimed | None


@dataclass(frozen=True, slots=True)
class ReportedDeliverable:
    """A deliverable whose state changed in the period."""

    title: Text
    state: str
    state_label: str
    delivered_on: str
    note: Text


@dataclass(frozen=True, slots=True)
class Report:
    """What the public reads of a project's accepted report: difficulties and needs have no field here."""

    #: The slug of its project.
    project: str
    narrative: Text
    learned: Text
    values: tuple[ReportedValue, ...]
    deliverables: tuple[ReportedDeliverable, ...]


@dataclass(frozen=True, slots=True)
class PeriodPart:
    """An orientation in the period, or the plan: projects that serve two orientations count in each.

    ``delivered`` deliverables were so within the period; ``late`` ones were expected by its end and were not.
    """

    reported: int
    expected: int
    delivered: int
    late: int
    waived: int = 0


@dataclass(frozen=True, slots=True)
class TargetThenAndNow:
    """A common target on the eve of the period, and at its end."""

    then: CommonTarget
    now: CommonTarget


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period as its progress edition tells it. Days are in ISO 8601."""

    #: The number in its address.
    key: int
    title: Text
    starts_on: str
    ends_on: str
    #: The day that figures of the end are of: its last one, or that of the data where it is not over.
    measured_on: str
    whole: PeriodPart
    #: By number of orientation.
    orientations: tuple[tuple[int, PeriodPart], ...]
    #: Projects by stage.
    stages: tuple[StatusCount, ...]
    targets: tuple[TargetThenAndNow, ...]
    reports: tuple[Report, ...]
    #: Slugs of the projects that were asked and have no accepted report, and of those that were exempted.
    silent: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    #: Published projects that were not asked.
    unasked: int = 0


@dataclass(frozen=True, slots=True)
class PlanContent:
    """A whole document's worth of a plan. ``as_of`` is the day of the snapshot, in ISO 8601."""

    kind: str
    language: str
    as_of: str
    slug: str
    title: Text
    years: str
    vision: Text
    introduction: Text
    systemic_approach: Text
    implementation: Text
    limits: Text
    has_demonstration_data: bool
    orientations: tuple[Orientation, ...]
    #: Published projects without any objective of the plan.
    unplaced: tuple[Project, ...]
    issues: tuple[Issue, ...]
    phases: tuple[Phase, ...]
    figures: tuple[Figure, ...]
    milestones: tuple[Milestone, ...]
    organizations: tuple[Organization, ...]
    territories: tuple[Territory, ...]
    tally: Tally = Tally()
    #: Common targets of the whole plan; those of an objective stand with it.
    targets: tuple[CommonTarget, ...] = ()
    context: tuple[Context, ...] = ()
    #: Number of the edition that the document belongs to; 0 for a working version.
    edition: int = 0
    #: The reporting period, in a progress edition.
    period: Period | None = None

    @property
    def subject(self) -> Text:
        """What stands at the head of its pages."""
        return self.period.title if self.period else self.title

    @property
    def projects(self) -> tuple[Project, ...]:
        placed = (p for o in self.orientations for objective in o.objectives for p in objective.projects)
        return (*placed, *self.unplaced)

    @property
    def objectives(self) -> tuple[Objective, ...]:
        return tuple(objective for orientation in self.orientations for objective in orientation.objectives)

    @property
    def data_hash(self) -> str:
        """Equal for equal data, whatever the day the snapshot was taken and the edition it is printed in.

        Of a period that is not over, the day of its figures is that of the snapshot.
        """
        values = dataclasses.asdict(self)
        del values["as_of"], values["edition"]
        if self.period is None:
            del values["period"]
        else:
            del values["period"]["measured_on"]
        return hashlib.sha256(_json(values)).hexdigest()

    def to_bytes(self) -> bytes:
        return gzip.compress(_json(dataclasses.asdict(self)), mtime=0)

    @classmethod
    def from_bytes(cls, data: bytes) -> PlanContent:
        return read_value(cls, json.loads(gzip.decompress(data)))


def read_value(kind: type[T], value: Any) -> T:
    """The value of that type from what JSON keeps of it: dictionaries and lists."""
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: read_value(hints[name], value[name]) for name in hints if name in value})
    if get_origin(kind) is tuple:
        kinds = get_args(kind) if Ellipsis not in get_args(kind) else get_args(kind)[:1] * len(value)
        return tuple(read_value(of, item) for of, item in zip(kinds, value, strict=True))  # type: ignore[return-value]
    if get_origin(kind) is UnionType:
        return None if value is None else read_value(get_args(kind)[0], value)  # type: ignore[return-value]
    return value


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
