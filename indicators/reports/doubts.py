"""Values of a report that look wrong, before they are accepted. None is refused for that: somebody looks.

The thresholds are those by which staff find doubtful measurements (:mod:`indicators.models.measurement`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.translation import text_and_language
from indicators.explaining import figure
from indicators.models import Measurement, ProgressReport, ReportVersion
from indicators.models.measurement import JUMP
from indicators.reports.content import canonical
from indicators.reports.publishing import measurement_of
from indicators.reports.questions import Questions, ValueQuestion
from indicators.vocabulary import Direction, Kind

#: Times by which a value in another unit is off, a little less than a hundred.
OTHER_UNIT = 90


@dataclass(frozen=True)
class Doubt:
    """``kind`` is the value of the filter that finds it."""

    kind: str
    key: str
    label: str
    message: str


def doubts(report: ProgressReport, content: Mapping[str, Any], *, on: dt.date) -> list[Doubt]:
    """Three queries, for the questions and what was accepted before."""
    return _doubts(Questions.of(report), content, on)


def doubtful(reports: Collection[ProgressReport], kind: str, *, on: dt.date) -> list[int]:
    """The ids of those, handed in and waiting, with a value that looks wrong in that way (any way: empty). Four
    queries, however many there are; ``period`` is read: fetch it along.
    """
    versions = ReportVersion.objects.filter(report__in=[report.pk for report in reports])
    latest = dict(versions.order_by("number").values_list("report", "content"))
    return [
        questions.report.pk
        for questions in Questions.of_all([report for report in reports if report.pk in latest])
        if any(kind in ("", doubt.kind) for doubt in _doubts(questions, latest[questions.report.pk], on))
    ]


def _doubts(questions: Questions, content: Mapping[str, Any], on: dt.date) -> list[Doubt]:
    asked = {question.key: question for question in questions.values}
    found = []
    for row in canonical(content)["values"]:
        if question := asked.get(row["key"]):
            told = _of_value(measurement_of(questions.report, question, row), question, on)
            found += [Doubt(kind, question.key, question.label, message) for kind, message in told]
    return found


def _of_value(new: Measurement, question: ValueQuestion, on: dt.date) -> list[tuple[str, str]]:
    value, past = new.figure, question.past
    found = []
    if new.measured_on > on:
        found.append(("futur", _("La date est dans le futur.")))
    if value is None:
        return found
    if value < 0:
        found.append(("negatif", _("La valeur est sous zéro.")))
    unit = text_and_language(question.definition, "unit", "fr")[0]
    if unit == "%" and question.definition.kind != Kind.RATIO and (0 < value <= 1 or value > 100):
        found.append(("unite", _("Un pourcentage est hors de 0 à 100, ou semble écrit en fraction.")))
    others = [row.figure for row in past if row.figure is not None]
    found += _against(value, others, question)
    earlier = [row.figure for row in past if row.measured_on < new.measured_on and row.figure is not None]
    if earlier and _is_worse(value, earlier[0], question):
        text = _("C'est un recul : la valeur d'avant était %(value)s.")
        found.append(("recul", text % {"value": figure(earlier[0], question.definition.decimals)}))
    return found


def _against(value: Decimal, others: list[Decimal], question: ValueQuestion) -> list[tuple[str, str]]:
    if not others or question.definition.kind == Kind.RATIO:
        return []
    low, high = min(others), max(others)
    told = {
        "low": figure(low, question.definition.decimals),
        "high": figure(high, question.definition.decimals),
    }
    if (high > 0 and value >= high * OTHER_UNIT) or (low > 0 and 0 < value <= low / OTHER_UNIT):
        text = _("Cent fois plus ou moins qu'avant (de %(low)s à %(high)s) : est-ce la bonne unité?")
        return [("unite", text % told)]
    if (high > 0 and value > high * JUMP) or (low > 0 and value < low / JUMP):
        return [("saut", _("Un saut : jusqu'ici les valeurs allaient de %(low)s à %(high)s.") % told)]
    return []


def _is_worse(value: Decimal, before: Decimal, question: ValueQuestion) -> bool:
    kind, direction = question.definition.kind, question.definition.direction
    if kind == Kind.RUNNING_TOTAL:
        return value < before
    if kind != Kind.LEVEL:
        return False
    return (direction == Direction.INCREASE and value < before) or (
        direction == Direction.DECREASE and value > before
    )
