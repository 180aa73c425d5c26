"""Progress reports among the rows that the tests of this folder share."""

import datetime as dt
import uuid

from django.utils import timezone

from indicators.models import ReportingPeriod
from indicators.reports import workflow
from indicators.reports.periods import open_period
from projects.models import ProjectPartner
from tests.factories import ProjectPartnerFactory
from tests.indicators.reports import complete_content


def fill_reports(plan, organization, alice):
    """A period that is late, and a report in each state: those of four projects that the visitor answers for."""
    at = timezone.now()
    today = timezone.localdate(at)
    period = ReportingPeriod.objects.create(
        plan=plan,
        title_fr="Bilan de l'année",
        title_en="Report for the year",
        starts_on=dt.date(2021, 1, 1),
        ends_on=dt.date(2021, 12, 31),
        opens_on=today - dt.timedelta(days=40),
        due_on=today - dt.timedelta(days=4),
        guidance_fr="Répondez avec ce que vous avez déjà : rien ne demande un nouveau relevé.",
    )
    open_period(period=period, by=alice, at=at)
    reports = list(period.reports.filter(project__indicators__isnull=False).distinct().order_by("pk")[:4])
    for report in reports:
        ProjectPartnerFactory(
            project=report.project, organization=organization, role=ProjectPartner.Role.CO_LEAD
        )
    for report in reports[1:]:
        save_report(report, alice, at)
    for report in reports[2:]:
        report.refresh_from_db()
        workflow.submit(report=report, version=report.version, token=uuid.uuid4(), by=alice, at=at)
    workflow.accept(report=reports[3], number=1, by=alice, at=at, override=True)
    correction = workflow.start(
        project=reports[3].project,
        title="Fin de la première saison",
        starts_on=dt.date(2020, 5, 1),
        ends_on=dt.date(2020, 9, 30),
        by=alice,
        at=at,
    )
    correction = save_report(correction, alice, at)
    workflow.submit(report=correction, version=correction.version, token=uuid.uuid4(), by=alice, at=at)
    workflow.accept(report=correction, number=1, by=alice, at=at, override=True)
    workflow.correct(report=correction, by=alice, at=at)


def save_report(report, by, at):
    values = complete_content(report)
    return workflow.save(report=report, values=values, version=report.version, by=by, at=at)
