"""Progress reports for tests: a project that is followed, and its report in each state, made by the moves."""

import datetime as dt
import uuid

from indicators.models import ProgressReport, ReportingPeriod
from indicators.reports import workflow
from indicators.reports.periods import open_period
from indicators.reports.questions import Questions
from partners.models import Membership
from plans.models import Plan
from projects.models import ProjectPartner
from tests.factories import (
    DeliverableFactory,
    IndicatorFactory,
    ProjectFactory,
    ProjectObjectiveFactory,
    ProjectPartnerFactory,
)
from tests.projects.registrations import People

NOW = dt.datetime(2027, 1, 20, 15, 0, tzinfo=dt.UTC)


class Followed(People):
    """A plan under way, a project of Alice's organisation with a deliverable and an indicator, and a period.

    Another organisation is a mere contributor: it does not answer for the project.
    """

    def __init__(self):
        super().__init__()
        Plan.objects.filter(pk=self.plan.pk).update(stage=Plan.Stage.UNDER_WAY)
        self.plan.refresh_from_db()
        self.project = self.published("Marché suivi")
        ProjectPartnerFactory(
            project=self.project,
            organization=self.other_organization,
            role=ProjectPartner.Role.CONTRIBUTOR,
        )
        self.contributor = self.other_lead
        self.deliverable = DeliverableFactory(
            project=self.project, title_fr="Dix marchés", due_on=dt.date(2026, 11, 30)
        )
        self.indicator = IndicatorFactory(
            project=self.project, slug="repas", title_fr="Repas servis", target=100
        )
        self.period = ReportingPeriod.objects.create(
            plan=self.plan,
            title_fr="Bilan 2026",
            title_en="Report for 2026",
            starts_on=dt.date(2026, 1, 1),
            ends_on=dt.date(2026, 12, 31),
            opens_on=dt.date(2027, 1, 11),
            due_on=dt.date(2027, 2, 26),
        )

    def published(self, title="Autre projet", **values):
        project = ProjectFactory(plan=self.plan, title_fr=title, **values)
        ProjectPartnerFactory(project=project, organization=self.organization, role=ProjectPartner.Role.LEAD)
        ProjectObjectiveFactory(project=project, objective=self.objective, is_primary=True)
        return project

    def colleague(self, email="colleague@example.org"):
        return self.member(email, self.organization, Membership.Role.EDITOR)

    def content(self, **values):
        return {
            "narrative_fr": "Dix marchés ont eu lieu.",
            "learned_fr": "Le jeudi convient mieux.",
            "difficulties": "La pluie.",
            "deliverables": [
                {
                    "id": self.deliverable.pk,
                    "state": "delivered",
                    "delivered_on": "2026-10-30",
                    "note": "Photos au bureau.",
                }
            ],
            "values": [{"key": "repas", "value": "60", "quality": "measured", "source": "Registre"}],
            **values,
        }

    def expected(self):
        open_period(period=self.period, by=self.administrator, at=NOW)
        return ProgressReport.objects.get(project=self.project, period=self.period)

    def draft(self, row=None, by=None, **values):
        row = row or self.expected()
        return workflow.save(
            report=row, values=self.content(**values), version=row.version, by=by or self.editor, at=NOW
        )

    def submitted(self, row=None, by=None, at=NOW, **values):
        row = row or self.draft(**values)
        return workflow.submit(
            report=row, version=row.version, token=uuid.uuid4(), by=by or self.editor, at=at
        )

    def changes_requested(self, due_on=None):
        return workflow.request_changes(
            report=self.submitted(), number=1, message="Précisez.", by=self.reviewer, at=NOW, due_on=due_on
        )

    def accepted(self, **values):
        return workflow.accept(report=self.submitted(**values), number=1, by=self.approver, at=NOW)

    def waived(self):
        return workflow.waive(
            report=self.expected(), reason="Il vient de commencer.", by=self.approver, at=NOW
        )

    def correction(self, **values):
        """An accepted report that its writers correct."""
        row = workflow.correct(report=self.accepted(), by=self.editor, at=NOW)
        return self.draft(row, **values)

    def in_state(self, state):
        return getattr(self, state)()


def complete_content(report):
    """An answer to every question of any report."""
    questions = Questions.of(report)
    return {
        "narrative_fr": "Les activités prévues ont eu lieu, avec les partenaires du quartier.",
        "learned_fr": "Mieux vaut commencer tôt dans la saison.",
        "difficulties": "Le recrutement de bénévoles.",
        "needs": "Un local plus grand.",
        "deliverables": [{"id": row.pk, "state": row.state} for row in questions.deliverables],
        "values": [_answer(question) for question in questions.values],
    }


def _answer(question):
    if question.is_words:
        return {"key": question.key, "assessment": "Bien reçu."}
    if question.is_ratio:
        return {"key": question.key, "numerator": "30", "denominator": "50"}
    return {"key": question.key, "value": "60", "quality": "measured", "source": "Registre"}
