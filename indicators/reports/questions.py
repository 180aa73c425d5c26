"""What a report asks of its project: its deliverables, and a value of each of its indicators."""

from __future__ import annotations

from collections.abc import Mapping
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
    """An indicator, its definition in force and its last accepted measurement."""

    indicator: Indicator
    definition: IndicatorDefinition
    last: Measurement | None

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
    """Read in three queries."""

    report: ProgressReport
    deliverables: list[Deliverable]
    values: list[ValueQuestion]

    @classmethod
    def of(cls, report: ProgressReport) -> Questions:
        accepted = Measurement.objects.accepted().exclude(report=report.pk).order_by("-measured_on", "-pk")
        indicators: Any = Indicator.objects.published().filter(project=report.project_id)
        found = indicators.select_related("definition").prefetch_related(
            Prefetch("measurements", accepted, to_attr="past")
        )
        return cls(
            report=report,
            deliverables=list(Deliverable.objects.filter(project=report.project_id).order_by("number")),
            values=[
                ValueQuestion(row, row.definition, next(iter(row.past), None))
                for row in found.order_by("position", "pk")
            ],
        )

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


def blank_row(table: str) -> Row:
    return dict.fromkeys(DELIVERABLE if table == "deliverables" else VALUE, "")
