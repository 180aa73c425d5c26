"""What a document is made from: the data of today, or those kept with it."""

from __future__ import annotations

import datetime as dt

from csam.documents.collecting import collect
from csam.documents.content import PlanContent
from csam.documents.models import Document
from csam.documents.period_collecting import collect_period
from indicators.models import ReportingPeriod
from plans.models import Plan


def collected(
    plan: Plan, kind: str, period: ReportingPeriod | None, language: str, *, on: dt.date
) -> PlanContent:
    """What a document of that kind would say today."""
    if period is not None:
        return collect_period(period=period, language=language, on=on)
    return collect(plan=plan, kind=kind, language=language, on=on, full=kind == Document.Kind.FULL)


def content_kept(document: Document) -> PlanContent:
    """The values that a document was, or is to be, made from."""
    with document.content.open("rb") as file:
        return PlanContent.from_bytes(file.read())


def published_content(plan: Plan, kind: str, language: str, *, on: dt.date) -> PlanContent:
    """What the HTML page says: the data of the published document, or today's where none is published yet."""
    row = Document.objects.published(plan).filter(kind=kind, language=language).first()
    return content_kept(row) if row else collected(plan, kind, None, language, on=on)
