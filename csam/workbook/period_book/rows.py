"""What stands in the rows of the workbook of a period: of reports, what is asked and what is written so far."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from core.listing import capital
from core.translation import text_and_language
from csam.workbook.period_book.template import DELIVERABLES, INDICATORS, TEXTS, AnswerNumber, answers
from csam.workbook.template import Sheet
from csam.workbook.values import canonical
from indicators.explaining import figure
from indicators.models import ProgressReport
from indicators.numbers import read_number
from indicators.reports.content import complete, row_of
from indicators.reports.questions import Questions, ValueQuestion
from projects.models import Deliverable


@dataclass(frozen=True)
class BookRow:
    """``told`` are the cells that are only read, ``said`` the answers so far; ``closed`` are not asked here."""

    sheet: Sheet
    told: dict[str, Any]
    said: dict[str, str]
    closed: frozenset[str] = frozenset()


def rows_of(reports: Collection[ProgressReport]) -> Iterator[BookRow]:
    for questions in Questions.of_all(reports):
        report = questions.report
        for deliverable in questions.deliverables:
            yield _deliverable(report, deliverable)
        for question in questions.values:
            yield _value(report, question)
        yield BookRow(TEXTS, _told(report), said(TEXTS, complete(report.content)))


def said(sheet: Sheet, row: Mapping[str, Any]) -> dict[str, str]:
    """The answers of a row as the workbook would give them back, so that equal ones compare as equal."""
    return {
        column.field: _as_read(column.kind, str(row.get(column.field) or "")) for column in answers(sheet)
    }


def closed_answers(question: ValueQuestion) -> frozenset[str]:
    """The columns that this indicator does not ask for."""
    asked = {"numerator", "denominator"} if question.is_ratio else {"value"}
    asked = {"assessment"} if question.is_words else asked
    return frozenset({"value", "numerator", "denominator", "assessment"} - asked)


def _as_read(kind: Any, text: str) -> str:
    if isinstance(kind, AnswerNumber):
        try:
            number = read_number(text)
        except ValidationError:
            return text
        return "" if number is None else f"{number.normalize():f}"
    return canonical(text)


def _told(report: ProgressReport) -> dict[str, Any]:
    return {"report": report.pk, "project": _title(report.project)}


def _deliverable(report: ProgressReport, deliverable: Deliverable) -> BookRow:
    told = {
        **_told(report),
        "key": deliverable.pk,
        "title": _title(deliverable),
        "due": deliverable.due.format() if deliverable.due else "",
        "present": capital(deliverable.get_state_display()),
    }
    row = row_of(complete(report.content), "deliverables", deliverable.pk)
    return BookRow(DELIVERABLES, told, said(DELIVERABLES, row))


def _value(report: ProgressReport, question: ValueQuestion) -> BookRow:
    told = {
        **_told(report),
        "key": question.key,
        "title": question.label,
        "unit": text_and_language(question.definition, "unit")[0],
        "last": _last(question),
        "last_on": question.last.measured_on.isoformat() if question.last else "",
    }
    row = row_of(complete(report.content), "values", question.key)
    return BookRow(INDICATORS, told, said(INDICATORS, row), closed_answers(question))


def _last(question: ValueQuestion) -> str:
    last = question.last
    if last is None:
        return ""
    if last.absence:
        return str(last.get_absence_display())
    if last.figure is None:
        return str(last.assessment)[:500]
    return figure(last.figure, question.definition.decimals)


def _title(row: Any) -> str:
    return text_and_language(row, "title")[0]
