"""A reporting period for tests: one project has an accepted report, one is silent, one is exempted."""

import datetime as dt
import uuid

from django.utils import timezone

from indicators.models import ProgressReport, ReportingPeriod, ReportVersion
from indicators.reports.content import canonical, digest
from indicators.reports.publishing import keep_learning
from projects.models import Deliverable, Project
from tests.factories import UserFactory

State = ProgressReport.State


def open_period(plan, year=2026, **values):
    return ReportingPeriod.objects.create(
        plan=plan,
        starts_on=dt.date(year, 1, 1),
        ends_on=dt.date(year, 12, 31),
        opens_on=dt.date(year, 11, 1),
        due_on=dt.date(year + 1, 2, 26),
        **{
            "title_fr": f"Bilan de l'année {year}",
            "title_en": f"Report for {year}",
            "opened_at": timezone.make_aware(dt.datetime(year, 11, 1, 12)),
            **values,
        },
    )


def accept(period, project, **said):
    """The report of that project as it stands once it is accepted."""
    at = timezone.make_aware(dt.datetime(2026, 11, 20, 12))
    report, _made = ProgressReport.objects.get_or_create(period=period, project=project)
    content = canonical({"narrative_fr": "Dix marchés ont eu lieu.", **said})
    number = report.versions.count() + 1
    version = ReportVersion.objects.create(
        report=report,
        number=number,
        content=content,
        digest=digest(content),
        token=uuid.uuid4(),
        submitted_by=UserFactory(),
        submitted_at=at,
    )
    report.content, report.state, report.accepted_version = content, State.ACCEPTED, version
    report.submitted_at = report.accepted_at = at
    report.save()
    keep_learning(report=report, content=content)
    return report


def reported(plan):
    """The period of the plan of ``conftest``: the market reported, the gleaning did not, the third is exempted."""
    period = open_period(plan)
    market = Project.objects.get(slug="marche-d-hiver")
    guide, summary = Deliverable.objects.filter(project=market).order_by("number")
    Deliverable.objects.filter(pk=guide.pk).update(state="delivered", delivered_on=dt.date(2026, 5, 4))
    accept(
        period,
        market,
        narrative_fr="Dix marchés ont eu lieu : d'abord à Verdun.\n\n- un four\n- une serre",
        learned_fr="Le jeudi convient mieux.",
        learned_en="Thursdays suit better.",
        difficulties="Motcanari difficile",
        needs="Motcanari requis",
        deliverables=[
            {"id": guide.pk, "title": "Guide", "state": "delivered", "delivered_on": "2026-05-04"},
            {"id": summary.pk, "title": "Bilan", "state": "under_way", "note": "Photos au bureau."},
        ],
        values=[
            {"key": "repas", "value": "1260", "measured_on": "2026-06-30", "note": "Sans les goûters."},
            {"key": "presence", "absence": "not_collected"},
        ],
    )
    ProgressReport.objects.create(period=period, project=Project.objects.get(slug="glanage"))
    ProgressReport.objects.create(
        period=period,
        project=Project.objects.get(slug="sans-objectif"),
        state=State.WAIVED,
        waiver_reason="Motcanari privé",
    )
    return period
