"""Two people who move the same registration at the same moment."""

import uuid

import pytest
from django.db import connection

from core.models import Mail
from core.workflow import NotAMove
from projects.models import RegistrationVersion
from projects.registrations import workflow
from tests.projects.registrations import NOW, People
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    return People()


def test_two_who_decide_at_once_make_one_decision(people):
    if connection.vendor == "sqlite":
        connection.close()
    row = people.submitted()
    second = people.staff("second@example.org", "Approbation")

    results = at_once(
        lambda: workflow.approve(registration=row, number=1, by=people.approver, at=NOW),
        lambda: workflow.decline(registration=row, number=1, reason="Non.", by=second, at=NOW),
    )

    refused = [result for result in results if isinstance(result, Exception)]
    assert [type(error) for error in refused] == [NotAMove]
    assert refused[0].row.state in ("approved", "declined")
    decisions = Mail.objects.filter(event__in=("registration_approved", "registration_declined"))
    assert decisions.filter(address="lead@example.org").count() == 1


def test_two_clicks_at_once_make_one_submission(people):
    row, token = people.draft(), uuid.uuid4()

    def click():
        return workflow.submit(registration=row, version=row.version, token=token, by=people.editor, at=NOW)

    results = at_once(click, click)

    assert [result.state for result in results] == ["submitted", "submitted"]
    assert RegistrationVersion.objects.filter(registration=row).count() == 1


def test_two_changes_begun_at_once_are_one(people):
    project = people.approved().project

    results = at_once(lambda: people.change(project), lambda: people.change(project, people.lead))

    assert sorted(type(result).__name__ for result in results) == ["AlreadyOpen", "Registration"]
