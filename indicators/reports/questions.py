"""What a report asks of its project: its deliverables, and a value of each of its indicators."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch

from core.translation import text_and_language
from indicators.models import Indicator, IndicatorDefinition, Measurement, ProgressReport
from indicators.reports.content import DELIVERABLE, VALUE, Content, Row, canonical, complete, row_of
from indicators.vocabulary import Kind
from projects.models import Deliverable


@dataclass(frozen=True)
class ValueQuestion:
    """An indicator, its definition in force and what was accepted of it before, the latest first."""

    indicator: Indicator
    definition: IndicatorDefinition
    past: tuple[Measurement, ...]

    @property
    def last(self) -> Measurement | None:
        return next(iter(self.past), None)

    @property
    def key(self) -> str:
        return self.indicator.slug

    @property
    def label(self) -> str:
        return text_and_language(self.definition, "title")[0]

    @property
    def is_ratio(self) -> bool:
        return self.definition.kind == Kind.RATIO

    @property
    def is_words(self) -> bool:
        return self.definition.kind == Kind.QUALITATIVE


@dataclass(frozen=True)
class Questions:
    """Of one report or of many, read in three queries."""

    report: ProgressReport
    deliverables: list[Deliverable]
    values: list[ValueQuestion]

    @classmethod
    def of(cls, report: ProgressReport) -> Questions:
        return cls.of_all([report])[0]

    @classmethod
    def of_all(cls, reports: Collection[ProgressReport]) -> list[Questions]:
        """In the order of the reports."""
        projects = {report.project_id for report in reports}
        accepted = Measurement.objects.accepted().order_by("-measured_on", "-pk")
        indicators: Any = Indicator.objects.published().filter(project__in=projects)
        asked = indicators.select_related("definition").prefetch_related(
            Prefetch("measurements", accepted, to_attr="past")
        )
        deliverables = _by_project(Deliverable.objects.filter(project__in=projects).order_by("number"))
        values = _by_project(asked.order_by("position", "pk"))
        return [
            cls(
                report=report,
                deliverables=deliverables.get(report.project_id, []),
                values=[_question(row, report) for row in values.get(report.project_id, [])],
            )
            for report in reports
        ]

    def needs_answer(self, deliverable: Deliverable) -> bool:
        """What is delivered or given up already need not be told again."""
        return deliverable.state in (Deliverable.State.TO_DO, Deliverable.State.UNDER_WAY)

    @cached_property
    def deliverable_ids(self) -> set[int]:
        return {deliverable.pk for deliverable in self.deliverables}

    @cached_property
    def value_keys(self) -> set[str]:
        return {question.key for question in self.values}

    def arranged(self, content: Mapping[str, Any]) -> Content:
        """The canonical content, its rows in the order of the questions and only of what is asked."""
        full = complete(content)
        rows: list[Row] = []
        for deliverable in self.deliverables:
            row = row_of(full, "deliverables", deliverable.pk)
            rows.append(
                {**row, "id": deliverable.pk, "title": text_and_language(deliverable, "title", "fr")[0]}
            )
        values = [{**row_of(full, "values", question.key), "key": question.key} for question in self.values]
        return canonical({**full, "deliverables": rows, "values": values})


def _by_project(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.project_id, []).append(row)
    return found


def _question(indicator: Any, report: ProgressReport) -> ValueQuestion:
    """What the report itself measured is an answer, not what was before it."""
    before = (measurement for measurement in indicator.past if measurement.report_id != report.pk)
    return ValueQuestion(indicator, indicator.definition, tuple(before))


def blank_row(table: str) -> Row:
    return dict.fromkeys(DELIVERABLE if table == "deliverables" else VALUE, "")
