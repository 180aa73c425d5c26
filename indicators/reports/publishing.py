"""An accepted report becomes public: its values are measurements, its deliverables those of the project, what it
says was learned can be searched.

Called by the acceptance alone, inside its transaction. A correction of what was accepted before is a new version
of the measurement; a value that did not change stays as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.workflow import Refused
from indicators import measuring
from indicators.models import Learning, Measurement, ProgressReport
from indicators.numbers import read_number
from indicators.reports.completeness import read_day
from indicators.reports.questions import Questions, ValueQuestion
from indicators.vocabulary import Kind
from partners.models import User
from projects.models import Deliverable, Project

#: What makes one measurement say something else than another.
SAID = (
    "measured_on",
    "value",
    "numerator",
    "denominator",
    "assessment_fr",
    "absence",
    "quality",
    "source",
    "note_fr",
)


def publish(*, report: ProgressReport, content: Mapping[str, Any], by: User, at: dt.datetime) -> None:
    """Raises Refused, with nothing written, where a measurement cannot be accepted."""
    questions = Questions.of(report)
    _publish_deliverables(content, questions)
    asked = {question.key: question for question in questions.values}
    for row in content["values"]:
        if row["key"] in asked:
            _publish_value(report, asked[row["key"]], row, by=by, at=at)
    keep_learning(report=report, content=content)
    Project.objects.filter(pk=report.project_id).update(updated_at=at)


def keep_learning(*, report: ProgressReport, content: Mapping[str, Any]) -> None:
    """What the accepted version says was learned; a correction that says nothing of it takes the passage away."""
    texts = {f"text_{language}": content.get(f"learned_{language}", "") for language in ("fr", "en")}
    if not any(texts.values()):
        Learning.objects.filter(report=report.pk).delete()
        return
    learning, _created = Learning.objects.update_or_create(report=report, defaults=texts)
    Learning.objects.filter(pk=learning.pk).reindex()


def measurement_of(report: ProgressReport, question: ValueQuestion, row: Mapping[str, str]) -> Measurement:
    """The row as a measurement, not saved: for the day that it names, or else the end of the period."""
    is_sum = question.definition.kind == Kind.INCREMENT
    return Measurement(
        indicator=question.indicator,
        definition=question.definition,
        report=report,
        starts_on=report.starts_on if is_sum else None,
        measured_on=read_day(row["measured_on"]) or report.ends_on,
        value=read_number(row["value"]),
        numerator=read_number(row["numerator"]),
        denominator=read_number(row["denominator"]),
        assessment_fr=row["assessment"],
        absence=row["absence"],
        quality=row["quality"] or Measurement.Quality.MEASURED,
        source=row["source"],
        note_fr=row["note"],
    )


def _publish_deliverables(content: Mapping[str, Any], questions: Questions) -> None:
    rows = {row["id"]: row for row in content["deliverables"]}
    for deliverable in questions.deliverables:
        row = rows.get(deliverable.pk)
        if row is None:
            continue
        deliverable.state = row["state"] or deliverable.state
        is_delivered = deliverable.state == Deliverable.State.DELIVERED
        day = read_day(row["delivered_on"]) or deliverable.delivered_on
        deliverable.delivered_on = day if is_delivered else None
        deliverable.evidence_url = row["url"] or deliverable.evidence_url
        if row["file"]:
            deliverable.evidence_file.name = row["file"]
        deliverable.save()


def _publish_value(
    report: ProgressReport, question: ValueQuestion, row: Mapping[str, str], *, by: User, at: dt.datetime
) -> None:
    new = measurement_of(report, question, row)
    if new.starts_on and new.starts_on > new.measured_on:
        new.starts_on = None
    old = _accepted_before(report, new)
    if old is not None and all(getattr(old, name) == getattr(new, name) for name in SAID):
        return
    try:
        if old is None:
            measuring.submit(measurement=new, by=by, at=at)
        else:
            changes = {name: getattr(new, name) for name in SAID}
            new = measuring.correct(
                measurement=old, by=by, at=at, report_id=report.pk, starts_on=new.starts_on, **changes
            )
        measuring.accept(measurement=new, by=by, at=at)
    except (measuring.RefusedMoveError, ValidationError) as error:
        told = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        raise Refused(
            _("« %(indicator)s » : %(why)s") % {"indicator": question.label, "why": told}, row=report
        ) from error


def _accepted_before(report: ProgressReport, new: Measurement) -> Measurement | None:
    """What this report said of the indicator before, or else what stands at the same date."""
    accepted = Measurement.objects.accepted().filter(indicator=new.indicator_id).order_by("-pk")
    return accepted.filter(report=report.pk).first() or accepted.filter(measured_on=new.measured_on).first()
