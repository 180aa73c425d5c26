"""The reporting periods and progress reports of the demonstration projects, every one flagged or of a flagged project.

They are written as they would stand after the council decided, long ago: nobody is reminded of them.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.translation import text_and_language
from indicators.models import (
    Learning,
    Measurement,
    ProgressReport,
    ReportActivity,
    ReportingPeriod,
    ReportVersion,
)
from indicators.reports.content import Content, canonical, digest
from indicators.reports.publishing import keep_learning
from indicators.tables import both, chosen, rows
from partners.models import User
from plans.models import Plan
from projects.models import Project

#: Who handed them in: nobody can sign in with this account.
WRITER = "bilans-demonstration@example.org"
_BATCH = 500
_OF_ACCEPTANCE = (
    "state", "content", "version", "begun_by", "saved_at", "submitted_at", "accepted_version", "accepted_at", "decided_at",
)  # fmt: skip


def load(*, plan: Plan) -> int:
    """Those that are not there yet; returns how many reports were made."""
    periods = {row["période"]: _period(row, plan) for row in rows("demonstration/periodes.csv")}
    projects = {p.slug: p for p in Project.objects.filter(plan=plan, is_demonstration=True)}
    known = set(ProgressReport.objects.values_list("period", "project"))
    written_by = None
    made = 0
    for row in rows("demonstration/bilans.csv"):
        project, period = projects.get(row["projet"]), periods[row["période"]]
        if project is None or (period.pk, project.pk) in known:
            continue
        written_by = written_by or writer()
        _report(row, project, period, written_by)
        made += 1
    return made


def remove() -> None:
    """Take out the reports of flagged projects, once the measurements of these are gone, and the flagged periods
    of which no other project reports and no edition was published.
    """
    remove_reports(Project.objects.filter(is_demonstration=True))
    ReportingPeriod.objects.filter(is_demonstration=True, reports=None, editions=None).delete()
    if not ReportVersion.objects.filter(submitted_by__email=WRITER).exists():
        User.objects.filter(email=WRITER, is_demonstration=True).delete()


def remove_reports(projects: QuerySet[Project]) -> None:
    """Take out all that these flagged projects reported, once the measurements of these reports are gone."""
    reports = ProgressReport.objects.filter(project__in=projects.filter(is_demonstration=True))
    keys = list(reports.values_list("pk", flat=True))
    reports.update(accepted_version=None, state=ProgressReport.State.EXPECTED)
    ReportVersion.objects.filter(report__in=keys).delete()
    ReportActivity.objects.filter(report__in=keys).delete()
    ProgressReport.objects.filter(pk__in=keys).delete()


def accept_lessons(*, period: ReportingPeriod, lessons: Mapping[Project, str]) -> None:
    """Many reports at once, each accepted and with nothing in it but what the flagged project learned."""
    written_by = writer()
    at = _at_noon(period.due_on)
    reports = [
        ProgressReport(project=project, period=period, created_at=_at_noon(period.opens_on))
        for project in lessons
    ]
    ProgressReport.objects.bulk_create(reports, batch_size=_BATCH)
    versions = [
        _version(report, canonical({"learned_fr": lesson}), written_by, at)
        for report, lesson in zip(reports, lessons.values(), strict=True)
    ]
    ReportVersion.objects.bulk_create(versions, batch_size=_BATCH)
    for report, version in zip(reports, versions, strict=True):
        _mark_accepted(report, version, at)
    ProgressReport.objects.bulk_update(reports, _OF_ACCEPTANCE, batch_size=_BATCH)
    learned = [
        Learning(report=report, text_fr=text) for report, text in zip(reports, lessons.values(), strict=True)
    ]
    Learning.objects.bulk_create(learned, batch_size=_BATCH)
    Learning.objects.filter(report__in=[report.pk for report in reports]).reindex()


def _period(row: dict[str, str], plan: Plan) -> ReportingPeriod:
    opens_on = dt.date.fromisoformat(row["ouverture"])
    period, _created = ReportingPeriod.objects.get_or_create(
        plan=plan,
        starts_on=row["du"],
        ends_on=row["au"],
        defaults={
            **both(row, "titre", "title"),
            "opens_on": opens_on,
            "due_on": row["échéance"],
            "opened_at": _at_noon(opens_on),
            "is_demonstration": True,
        },
    )
    period.refresh_from_db()
    return period


def writer() -> User:
    found = User.objects.filter(email=WRITER).first()
    if found is not None:
        return found
    name = "Bilans (démonstration)"
    return User.objects.create_user(WRITER, None, name=name, is_active=False, is_demonstration=True)


def _report(row: dict[str, str], project: Project, period: ReportingPeriod, writer: User) -> None:
    state = chosen(ProgressReport.State, row["état"])
    report = ProgressReport.objects.create(
        project=project,
        period=period,
        created_at=_at_noon(period.opens_on),
        waiver_reason=row["récit"] if state == ProgressReport.State.WAIVED else "",
    )
    if state == ProgressReport.State.ACCEPTED:
        _accept(report, row, writer)
    elif state != ProgressReport.State.EXPECTED:
        report.state, report.decided_at = state, _at_noon(period.opens_on)
        report.save()


def _accept(report: ProgressReport, row: dict[str, str], writer: User) -> None:
    told = Measurement.objects.accepted().filter(
        indicator__project=report.project_id,
        measured_on__range=(report.starts_on, report.ends_on),
        report=None,
    )
    latest: dict[str, Measurement] = {}
    for measurement in told.select_related("indicator").order_by("measured_on", "pk"):
        latest[measurement.indicator.slug] = measurement
    content = canonical(
        {
            **both(row, "récit", "narrative"),
            **both(row, "appris", "learned"),
            "values": [_value(slug, measurement) for slug, measurement in latest.items()],
        }
    )
    assert report.period is not None  # noqa: S101 (it was made with one)
    at = _at_noon(report.period.due_on)
    version = _version(report, content, writer, at)
    version.save()
    _mark_accepted(report, version, at)
    report.save()
    Measurement.objects.filter(pk__in=[m.pk for m in latest.values()]).update(report=report)
    keep_learning(report=report, content=content)


def _version(
    report: ProgressReport, content: Content, writer: User, accepted_at: dt.datetime
) -> ReportVersion:
    """The only one of its report, handed in some days before it was accepted; not saved."""
    return ReportVersion(
        report=report,
        number=1,
        content=content,
        digest=digest(content),
        token=uuid.uuid4(),
        submitted_by=writer,
        submitted_at=accepted_at - dt.timedelta(days=3),
    )


def _mark_accepted(report: ProgressReport, version: ReportVersion, at: dt.datetime) -> None:
    """Writes the fields of ``_OF_ACCEPTANCE``; saves nothing."""
    report.state = ProgressReport.State.ACCEPTED
    report.content, report.version, report.begun_by = version.content, version.number, version.submitted_by
    report.saved_at = report.submitted_at = version.submitted_at
    report.accepted_version, report.accepted_at, report.decided_at = version, at, at


def _value(slug: str, measurement: Measurement) -> dict[str, Any]:
    numbers = {name: getattr(measurement, name) for name in ("value", "numerator", "denominator")}
    return {
        "key": slug,
        **{name: "" if n is None else f"{n.normalize():f}" for name, n in numbers.items()},
        "assessment": text_and_language(measurement, "assessment", "fr")[0],
        "absence": measurement.absence,
        "measured_on": measurement.measured_on.isoformat(),
        "quality": measurement.quality,
        "note": text_and_language(measurement, "note", "fr")[0],
    }


def _at_noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
