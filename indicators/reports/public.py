"""What the public reads of reports: the version accepted last, without what was written for the council alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from indicators.models import Measurement, ProgressReport
from indicators.reports.content import canonical
from indicators.reports.reading import Names, deliverable_state, read_date, value_text
from projects.models import Deliverable, Project


@dataclass(frozen=True)
class PublicDeliverable:
    """``title`` is the one that it had where it is gone since; ``file`` is an address, empty where it was replaced."""

    deliverable: Deliverable | None
    title: str
    state: str
    state_label: str
    delivered_on: dt.date | None
    note: str
    url: str
    file: str


@dataclass(frozen=True)
class PublicValue:
    """``text`` is the figure with its unit; empty where there is none, and ``absence`` says why."""

    key: str
    definition: Any
    text: str
    assessment: str
    absence: str
    note: str

    @property
    def absence_label(self) -> str:
        return str(dict(Measurement.Absence.choices).get(self.absence, self.absence))


@dataclass(frozen=True)
class PublicReport:
    """Has the fields that ``text_and_language`` reads: ``narrative_fr``, ``narrative_en``…"""

    report: ProgressReport
    narrative_fr: str
    narrative_en: str
    learned_fr: str
    learned_en: str
    deliverables: list[PublicDeliverable]
    values: list[PublicValue]

    @property
    def accepted_on(self) -> dt.datetime | None:
        return self.report.accepted_at


def of_project(project: Project) -> list[PublicReport]:
    """Its accepted reports, the latest period first. Three queries, one where there are none."""
    rows = ProgressReport.objects.published().filter(project=project.pk)
    found = list(rows.select_related("period", "accepted_version"))
    return public(sorted(found, key=lambda row: (row.ends_on, row.pk), reverse=True))


def public(reports: Iterable[ProgressReport]) -> list[PublicReport]:
    """In their order. ``period`` and ``accepted_version`` are read: fetch them along."""
    contents = {row.pk: canonical(row.accepted_version.content) for row in reports if row.accepted_version}
    if not contents:
        return []
    names = Names.of(contents.values())
    return [_public(row, contents[row.pk], names) for row in reports if row.pk in contents]


def _public(report: ProgressReport, content: dict[str, Any], names: Names) -> PublicReport:
    return PublicReport(
        report=report,
        narrative_fr=content["narrative_fr"],
        narrative_en=content["narrative_en"],
        learned_fr=content["learned_fr"],
        learned_en=content["learned_en"],
        deliverables=[_deliverable(row, names) for row in content["deliverables"]],
        values=[_value(row, names) for row in content["values"]],
    )


def _deliverable(row: dict[str, Any], names: Names) -> PublicDeliverable:
    found = names.deliverables.get(row["id"])
    is_current = found is not None and bool(row["file"]) and found.evidence_file.name == row["file"]
    return PublicDeliverable(
        deliverable=found,
        title=row["title"],
        state=row["state"],
        state_label=deliverable_state(row),
        delivered_on=read_date(row["delivered_on"]),
        note=row["note"],
        url=row["url"],
        file=found.evidence_file.url if found and is_current else "",
    )


def _value(row: dict[str, Any], names: Names) -> PublicValue:
    definition = names.definitions.get(row["key"])
    return PublicValue(
        key=row["key"],
        definition=definition,
        text="" if row["assessment"] else value_text(row, definition),
        assessment=row["assessment"],
        absence=row["absence"],
        note=row["note"],
    )
