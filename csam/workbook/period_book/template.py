"""The sheets of the workbook of a period and their columns; docs/guide/rapporter-un-bilan.md describes them.

The headings are a file format, in both languages, as those of :mod:`csam.workbook.template`.
"""

from __future__ import annotations

from dataclasses import dataclass

from csam.workbook.numbers import parse_decimal
from csam.workbook.template import Column, Sheet
from csam.workbook.values import Choice, Day, Integer, Kind, Text
from indicators.models import Indicator, Measurement, ProgressReport
from projects.models import Deliverable


@dataclass(frozen=True)
class AnswerNumber(Kind[str]):
    """A number as a report keeps it: text, with a point, exact."""

    empty = ""

    def from_text(self, text: str) -> str:
        return f"{parse_decimal(text).normalize():f}"


#: Of the columns that the portal writes and does not read back as answers.
ONLY_READ = ("report", "key", "project", "title", "unit", "due", "present", "last", "last_on", "mark")

REPORT = Column("report", "bilan", "report", Integer())
PROJECT = Column("project", "projet", "project", Text())
#: What each cell said when the workbook was made, so that a cell which nobody changed changes nothing.
MARK = Column("mark", "repère", "mark", Text())

DELIVERABLES = Sheet(
    "deliverables", "livrables", "deliverables", Deliverable, ("report", "key"),
    (
        REPORT,
        Column("key", "numéro du livrable", "deliverable number", Integer()),
        PROJECT,
        Column("title", "livrable", "deliverable", Text()),
        Column("due", "échéance", "due", Text()),
        Column("present", "état jusqu'ici", "state so far", Text()),
        Column("state", "où en est-il", "where it stands", Choice(Deliverable.State)),
        Column("delivered_on", "livré le", "delivered on", Day()),
        Column("note", "ce qui le montre", "what shows it", Text()),
        Column("url", "lien", "link", Text()),
        MARK,
    ),
)  # fmt: skip

INDICATORS = Sheet(
    "values", "indicateurs", "indicators", Indicator, ("report", "key"),
    (
        REPORT,
        Column("key", "adresse de l'indicateur", "indicator address", Text()),
        PROJECT,
        Column("title", "indicateur", "indicator", Text()),
        Column("unit", "unité", "unit", Text()),
        Column("last", "valeur précédente", "previous value", Text()),
        Column("last_on", "date de la valeur précédente", "date of the previous value", Text()),
        Column("value", "valeur", "value", AnswerNumber()),
        Column("numerator", "numérateur", "numerator", AnswerNumber()),
        Column("denominator", "dénominateur", "denominator", AnswerNumber()),
        Column("assessment", "appréciation", "assessment", Text()),
        Column("absence", "pas de valeur parce qu'elle est", "no value because it is", Choice(Measurement.Absence)),
        Column("measured_on", "à la date du", "as of", Day()),
        Column("quality", "qualité", "quality", Choice(Measurement.Quality)),
        Column("source", "source", "source", Text()),
        Column("note", "précision", "remark", Text()),
        MARK,
    ),
)  # fmt: skip

TEXTS = Sheet(
    "texts", "récits", "narratives", ProgressReport, ("report",),
    (
        REPORT,
        PROJECT,
        Column("narrative_fr", "ce qui a été fait", "what was done (fr)", Text()),
        Column("learned_fr", "ce que vous avez appris", "what you learned (fr)", Text()),
        Column("difficulties", "difficultés", "difficulties", Text()),
        Column("needs", "besoins", "needs", Text()),
        Column("narrative_en", "ce qui a été fait (en)", "what was done (en)", Text()),
        Column("learned_en", "ce que vous avez appris (en)", "what you learned (en)", Text()),
        MARK,
    ),
)  # fmt: skip

SHEETS = (DELIVERABLES, INDICATORS, TEXTS)


def answers(sheet: Sheet) -> list[Column]:
    """The columns in which somebody answers."""
    return [column for column in sheet.columns if column.field not in ONLY_READ]
