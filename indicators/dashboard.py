"""The plan followed: every indicator with its progress, counted by status, never averaged."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Prefetch, Q, QuerySet

from core.freshness import kept
from core.partial_dates import before
from indicators.models import CommonTarget, Indicator
from indicators.pooling import Pooled
from indicators.progress import Progress
from indicators.vocabulary import Status
from plans.models import Objective, Orientation, Plan
from projects.models import Deliverable, Project, ProjectObjective


@dataclass(frozen=True)
class Followed:
    """An indicator with its progress, and what its project serves (numbers of orientations, codes of objectives)."""

    indicator: Indicator
    progress: Progress
    orientations: frozenset[int]
    objectives: frozenset[str]


@dataclass(frozen=True)
class Tally:
    """Indicators by status, and the projects behind them. Silent projects are counted, never hidden."""

    counts: dict[str, int]
    reported: int
    followed: int

    @classmethod
    def of(cls, rows: Iterable[Followed]) -> Tally:
        rows = list(rows)
        counts = Counter(row.progress.status.value for row in rows)
        return cls(
            counts={status: counts[status] for status in Status.values if counts[status]},
            reported=len({r.indicator.project_id for r in rows if r.progress.value_on is not None}),
            followed=len({r.indicator.project_id for r in rows}),
        )

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def labelled(self) -> list[tuple[Status, int]]:
        return [(Status(status), count) for status, count in self.counts.items()]


@dataclass(frozen=True)
class Deliveries:
    """Deliverables that are still wanted: those dropped are left out of ``total``."""

    total: int = 0
    delivered: int = 0
    late: int = 0


@dataclass(frozen=True)
class OrientationRow:
    orientation: Orientation
    tally: Tally
    projects: int
    deliveries: Deliveries


@dataclass(frozen=True)
class TargetRow:
    """A common target, how far it is, and what each project brought (None: nothing reported)."""

    target: CommonTarget
    pooled: Pooled

    @cached_property
    def shares(self) -> list[tuple[Indicator, object]]:
        brought = dict(self.pooled.shares)
        return [(c.indicator, brought.get(c.project_id)) for c in self.target.contributions.all()]

    @property
    def is_demonstration(self) -> bool:
        return self.target.is_demonstration


def followed(plan: Plan, *, on: dt.date) -> list[Followed]:
    """The public indicators of the plan with their progress on that day, in the order of their titles.

    Five queries, kept until something in the database changes.
    """
    return kept(("indicators.followed", plan.pk, on), lambda: _followed(_of_plan(plan), on))


def followed_in(projects: QuerySet[Project], *, on: dt.date) -> list[Followed]:
    """The same for some projects."""
    return _followed(Indicator.objects.published().filter(project__in=projects.order_by().values("pk")), on)


def orientation_rows(plan: Plan, rows: Sequence[Followed], *, on: dt.date) -> list[OrientationRow]:
    """Per orientation; a project that serves two is counted in each. Three queries."""
    published = plan.projects.published().order_by()
    projects = dict(published.values_list("objectives__orientation").annotate(Count("pk", distinct=True)))
    deliveries = deliveries_by_orientation(published, on=on)
    return [
        OrientationRow(
            orientation=orientation,
            tally=Tally.of(r for r in rows if orientation.number in r.orientations),
            projects=projects.get(orientation.pk, 0),
            deliveries=deliveries.get(orientation.pk, Deliveries()),
        )
        for orientation in plan.orientations.order_by("number").select_related("plan")
    ]


def deliveries_by_orientation(projects: QuerySet[Project], *, on: dt.date) -> dict[int, Deliveries]:
    path = "project__objectives__orientation"
    counted = _wanted(projects).order_by().values(path).annotate(**_delivery_counts(on, distinct=True))
    return {
        orientation: Deliveries(total, done, late)
        for orientation, total, done, late in counted.values_list(path, "total", "done", "late")
    }


def deliveries(projects: QuerySet[Project], *, on: dt.date) -> Deliveries:
    found = _wanted(projects).aggregate(**_delivery_counts(on, distinct=False))
    return Deliveries(found["total"], found["done"], found["late"])


def late_deliverables(projects: QuerySet[Project], *, on: dt.date) -> QuerySet[Deliverable]:
    return (
        Deliverable.objects.filter(project__in=projects.order_by().values("pk"))
        .overdue(on=on)
        .select_related("project")
        .order_by("due_on", "pk")
    )


def common_targets(plan: Plan, *, on: dt.date) -> list[TargetRow]:
    """All of the plan, those of the whole plan first."""
    found = CommonTarget.objects.published().filter(plan=plan).with_progress()
    rows = [TargetRow(target, target.pooled(on=on)) for target in found]
    return sorted(rows, key=lambda row: row.target.objective_id is not None)


def objective_targets(objectives: Iterable[Objective], *, on: dt.date) -> list[TargetRow]:
    found = CommonTarget.objects.published().filter(objective__in=objectives).with_progress()
    return [TargetRow(target, target.pooled(on=on)) for target in found]


def _of_plan(plan: Plan) -> QuerySet[Indicator]:
    return Indicator.objects.published().filter(project__plan=plan)


def _followed(indicators: QuerySet[Indicator], on: dt.date) -> list[Followed]:
    ties = ProjectObjective.objects.select_related("objective__orientation")
    found = (
        indicators.with_progress()  # type: ignore[attr-defined]
        .without_search_columns()
        .prefetch_related(Prefetch("project__objective_ties", ties))
        .alphabetical()
    )
    return [
        Followed(
            indicator=indicator,
            progress=indicator.progress(on=on),
            orientations=frozenset(
                t.objective.orientation.number for t in indicator.project.objective_ties.all()
            ),
            objectives=frozenset(t.objective.code for t in indicator.project.objective_ties.all()),
        )
        for indicator in found
    ]


def _wanted(projects: QuerySet[Project]) -> QuerySet[Deliverable]:
    return Deliverable.objects.filter(project__in=projects.order_by().values("pk")).exclude(
        state=Deliverable.State.DROPPED
    )


def _delivery_counts(on: dt.date, *, distinct: bool) -> dict[str, Count]:
    late = before("due_on", "due_precision", on) & Q(
        state__in=(Deliverable.State.TO_DO, Deliverable.State.UNDER_WAY)
    )
    return {
        "total": Count("pk", distinct=distinct),
        "done": Count("pk", distinct=distinct, filter=Q(state=Deliverable.State.DELIVERED)),
        "late": Count("pk", distinct=distinct, filter=late),
    }
