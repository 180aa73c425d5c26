"""Registrations for tests: complete texts, and rows in each state, made by the moves themselves."""

import datetime as dt
import uuid

from django.contrib.auth.models import Group

from csam.staff_groups import ADMINISTRATOR, APPROVER, REVIEWER, ensure_groups
from partners.models import Membership
from plans.models import Plan
from projects.registrations import workflow
from tests.factories import (
    MembershipFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    UserFactory,
)

NOW = dt.datetime(2026, 3, 2, 14, 0, tzinfo=dt.UTC)


class People:
    """A plan whose call is open, an organisation with its people, a stranger's organisation, and the staff."""

    def __init__(self):
        ensure_groups()
        self.plan = PlanFactory(stage=Plan.Stage.CALL_OPEN)
        self.objective = ObjectiveFactory(orientation=OrientationFactory(plan=self.plan))
        self.organization = OrganizationFactory(name="Chez Alice")
        self.other_organization = OrganizationFactory(name="Chez Charlie")
        self.lead = self.member("lead@example.org", self.organization, Membership.Role.LEAD)
        self.editor = self.member("editor@example.org", self.organization, Membership.Role.EDITOR)
        self.other_lead = self.member("charlie@example.org", self.other_organization, Membership.Role.LEAD)
        self.reviewer = self.staff("reviewer@example.org", REVIEWER)
        self.approver = self.staff("approver@example.org", APPROVER)
        self.administrator = self.staff("administrator@example.org", ADMINISTRATOR)

    def member(self, email, organization, role):
        return MembershipFactory(user=UserFactory(email=email), organization=organization, role=role).user

    def staff(self, email, group):
        user = UserFactory(email=email, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    def content(self, **values):
        return {
            "title_fr": "Un marché dans la ruelle",
            "summary_fr": "Des légumes chaque jeudi.",
            "description_fr": "Des maraîchers vendent leurs légumes.",
            "primary_objective": self.objective.pk,
            "links": ["distribution"],
            "covers_whole_island": True,
            "contact_name": "Personne Exemple",
            "contact_email": "contact@example.org",
            "starts": "automne 2026",
            "deliverables": [
                {"id": None, "title_fr": "Dix marchés", "title_en": "", "due": "2027-06", "state": "to_do"}
            ],
            **values,
        }

    def draft(self, **values):
        """A complete draft of Alice's editor."""
        row = workflow.start(plan=self.plan, organization=self.organization, by=self.editor, at=NOW)
        return workflow.save(
            registration=row, values=self.content(**values), version=row.version, by=self.editor, at=NOW
        )

    def submitted(self, row=None, by=None, **values):
        row = row or self.draft(**values)
        return workflow.submit(
            registration=row, version=row.version, token=uuid.uuid4(), by=by or self.editor, at=NOW
        )

    def changes_requested(self):
        return workflow.request_changes(
            registration=self.submitted(), number=1, message="Précisez.", by=self.reviewer, at=NOW
        )

    def approved(self, **values):
        return workflow.approve(registration=self.submitted(**values), number=1, by=self.approver, at=NOW)

    def declined(self):
        return workflow.decline(
            registration=self.submitted(), number=1, reason="Hors de l'île.", by=self.approver, at=NOW
        )

    def withdrawn(self):
        return workflow.withdraw(registration=self.draft(), by=self.lead, at=NOW)

    def in_state(self, state):
        return getattr(self, state)()

    def change(self, project=None, by=None):
        project = project or self.approved().project
        return workflow.propose_change(
            project=project, organization=self.organization, by=by or self.editor, at=NOW
        )
