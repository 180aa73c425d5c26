"""An invented period of follow-up that is open now, with reports at several stages: for trying how one reports.

Made by the moves themselves, in the names of the two demonstration accounts; `load_demonstration --remove` takes it out
with the other reports of demonstration projects.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from core.translation import text_and_language
from indicators.models import ProgressReport, ReportingPeriod
from indicators.reports import workflow
from indicators.reports.content import Content
from indicators.reports.periods import open_period
from indicators.reports.questions import Questions, ValueQuestion
from partners.models import Organization, User
from plans.models import Plan
from projects.models import Deliverable, ProjectPartner

TITLE = {
    "title_fr": "Suivi de l'automne (démonstration)",
    "title_en": "Autumn follow-up (demonstration)",
}
GUIDANCE = {
    "guidance_fr": "Période inventée, pour essayer : rien de ce que vous y écrivez ne décrit un vrai projet.",
    "guidance_en": "An invented period, to try things out: nothing you write here describes a real project.",
}


@transaction.atomic
def ensure_period(*, organization: Organization, partner: User, council: User, at: dt.datetime) -> bool:
    """Open the period of the half year before ``at`` in the current plan, unless there is one of demonstration that
    is still open; returns whether it was. Reports are due three weeks after ``at``.

    One report of the partner's organisation stays expected and one comes back with a question; a third, of another
    organisation and with a value that looks wrong, waits for the council.
    """
    plan = Plan.objects.filter(is_current=True).first()
    today = timezone.localdate(at)
    flagged = ReportingPeriod.objects.filter(is_demonstration=True)
    if plan is None or flagged.filter(due_on__gte=today).exists():
        return False
    period, made = ReportingPeriod.objects.get_or_create(
        plan=plan,
        starts_on=today - dt.timedelta(days=183),
        ends_on=today - dt.timedelta(days=1),
        defaults={
            **TITLE,
            **GUIDANCE,
            "opens_on": today - dt.timedelta(days=7),
            "due_on": today + dt.timedelta(days=21),
            "is_demonstration": True,
        },
    )
    if not made:
        return False
    open_period(period=period, by=council, at=at - dt.timedelta(days=7))
    reports = ProgressReport.objects.filter(period=period, project__is_demonstration=True).order_by("pk")
    lead = ProjectPartner.Role.LEAD
    theirs = reports.filter(
        project__project_partners__organization=organization, project__project_partners__role=lead
    )
    if theirs.count() > 1 and (asked := theirs.first()):
        _ask_for_more(asked, partner=partner, council=council, at=at)
    others = reports.exclude(project__organizations=organization).filter(project__indicators__isnull=False)
    if (waiting := others.first()) and council.has_perm("projects.write_on_behalf"):
        _hand_in(
            waiting,
            {
                "narrative_fr": "La saison s'est bien passée; le Conseil a saisi ce bilan au téléphone.",
                "narrative_en": "The season went well; the council took this report down over the telephone.",
            },
            factor=12,
            by=council,
            at=at - dt.timedelta(days=3),
        )
    return True


def _ask_for_more(report: ProgressReport, *, partner: User, council: User, at: dt.datetime) -> None:
    texts = {
        "narrative_fr": "Les assemblées ont repris en septembre.",
        "learned_fr": "Le jeudi convient mieux.",
    }
    handed_in = _hand_in(report, texts, factor=1, by=partner, at=at - dt.timedelta(days=5))
    workflow.request_changes(
        report=handed_in,
        number=1,
        message="Combien de personnes sont venues, à peu près? Un ordre de grandeur suffit.",
        by=council,
        at=at - dt.timedelta(days=2),
    )


def _hand_in(
    report: ProgressReport, texts: dict[str, str], *, factor: int, by: User, at: dt.datetime
) -> ProgressReport:
    """Answer all that is asked, each value ``factor`` times the one before, and submit."""
    saved = workflow.save(
        report=report, values={**texts, **_answers(report, factor)}, version=report.version, by=by, at=at
    )
    return workflow.submit(report=saved, version=saved.version, token=saved.submission_token, by=by, at=at)


def _answers(report: ProgressReport, factor: int) -> Content:
    questions = Questions.of(report)
    return {
        "deliverables": [
            {
                "id": deliverable.pk,
                "title": text_and_language(deliverable, "title", "fr")[0],
                "state": Deliverable.State.UNDER_WAY,
            }
            for deliverable in questions.deliverables
            if questions.needs_answer(deliverable)
        ],
        "values": [_answer(question, factor) for question in questions.values],
    }


def _answer(question: ValueQuestion, factor: int) -> dict[str, str]:
    answer = {"key": question.key, "quality": "estimated"}
    if question.is_words:
        return {**answer, "assessment": "Les personnes présentes le disent elles-mêmes."}
    if question.is_ratio:
        return {**answer, "numerator": "45", "denominator": "60"}
    before = question.last.figure if question.last else None
    return {**answer, "value": f"{(before or 5) * factor:f}"}
