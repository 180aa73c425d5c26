"""How the plan holds together: what ties its orientations, and how the cross-cutting issues run through them.

Two orientations are tied by each project that serves an objective of both. These are plain values, so that
pages, documents and drawings all tell the same numbers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from core.translation import text_and_language
from plans.models import Plan


@dataclass(frozen=True)
class OrientationNode:
    number: int
    title: str
    name: str
    lang: str
    url: str
    hue: str
    project_count: int = 0


@dataclass(frozen=True)
class IssueNode:
    """``shares`` are the projects that carry the issue, by number of orientation, zeros included."""

    number: int
    title: str
    lang: str
    url: str
    project_count: int = 0
    shares: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Tie:
    first: int
    second: int
    project_count: int


@dataclass(frozen=True)
class Systemic:
    orientations: tuple[OrientationNode, ...]
    issues: tuple[IssueNode, ...]
    ties: tuple[Tie, ...]

    def between(self, first: int, second: int) -> int:
        """How many projects serve both orientations; the order does not matter."""
        pair = tuple(sorted((first, second)))
        return next((tie.project_count for tie in self.ties if (tie.first, tie.second) == pair), 0)

    @property
    def rows(self) -> list[tuple[OrientationNode, list[int | None]]]:
        """The ties as a table: each orientation with its number of ties to every one, None to itself."""
        numbers = [node.number for node in self.orientations]
        return [
            (node, [None if n == node.number else self.between(node.number, n) for n in numbers])
            for node in self.orientations
        ]

    def tied_to(self, number: int) -> list[tuple[OrientationNode, int]]:
        """The other orientations that share projects with this one, the closest first."""
        others = [(other, self.between(number, other.number)) for other in self.orientations]
        return sorted(
            [(other, count) for other, count in others if other.number != number and count],
            key=lambda pair: (-pair[1], pair[0].number),
        )

    @property
    def closest(self) -> Tie | None:
        return max(self.ties, key=lambda tie: (tie.project_count, -tie.first, -tie.second), default=None)


def systemic(plan: Plan, *, language: str | None = None) -> Systemic:
    """What the systemic diagram of the plan shows, in four queries."""
    published = plan.projects.published().order_by()
    served = published.filter(objectives__isnull=False)
    numbers: dict[int, set[int]] = defaultdict(set)
    for project, number in served.values_list("pk", "objectives__orientation__number").distinct():
        numbers[project].add(number)
    carried = published.filter(issues__isnull=False).values_list("pk", "issues__number")
    orientations = _orientation_nodes(plan, numbers, language)
    return Systemic(
        orientations=orientations,
        issues=_issue_nodes(plan, carried, numbers, orientations, language),
        ties=ties_between(numbers.values()),
    )


def ties_between(numbers_of_each_project: Iterable[set[int]]) -> tuple[Tie, ...]:
    """The ties that these projects make, each project given as the numbers of the orientations it serves."""
    pairs = Counter(pair for numbers in numbers_of_each_project for pair in combinations(sorted(numbers), 2))
    return tuple(Tie(first, second, count) for (first, second), count in sorted(pairs.items()))


def _orientation_nodes(
    plan: Plan, numbers: Mapping[int, set[int]], language: str | None
) -> tuple[OrientationNode, ...]:
    counts = Counter(number for served in numbers.values() for number in served)
    nodes = []
    for orientation in plan.orientations.all():
        orientation.plan = plan
        title, title_language = text_and_language(orientation, "title", language)
        name, name_language = text_and_language(orientation, "short_title", language)
        nodes.append(
            OrientationNode(
                number=orientation.number,
                title=title,
                name=name or title,
                lang=name_language if name else title_language,
                url=orientation.get_absolute_url(),
                hue=orientation.colour,
                project_count=counts[orientation.number],
            )
        )
    return tuple(nodes)


def _issue_nodes(
    plan: Plan,
    carried: Iterable[tuple[int, int]],
    numbers: Mapping[int, set[int]],
    orientations: Iterable[OrientationNode],
    language: str | None,
) -> tuple[IssueNode, ...]:
    totals: Counter[int] = Counter()
    shares: Counter[tuple[int, int]] = Counter()
    for project, carried_issue in carried:
        totals[carried_issue] += 1
        shares.update((carried_issue, orientation) for orientation in numbers.get(project, ()))
    nodes = []
    for issue in plan.issues.all():
        issue.plan = plan
        title, title_language = text_and_language(issue, "title", language)
        nodes.append(
            IssueNode(
                number=issue.number,
                title=title,
                lang=title_language,
                url=issue.get_absolute_url(),
                project_count=totals[issue.number],
                shares=tuple((o.number, shares[issue.number, o.number]) for o in orientations),
            )
        )
    return tuple(nodes)
