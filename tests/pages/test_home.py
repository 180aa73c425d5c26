import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plans.models import Plan
from tests.factories import (
    CrossCuttingIssueFactory,
    DeliverableFactory,
    ObjectiveFactory,
    OrganizationFactory,
    PlanFactory,
    ProjectFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return PlanFactory(
        slug="2020-2022",
        title_fr="Plan d'action intégré 2020-2022",
        vision_fr="Une alimentation saine pour toutes et tous.",
        is_current=True,
    )


def fill(plan, rows):
    for _ in range(rows):
        project = ProjectFactory(
            plan=plan,
            objective=ObjectiveFactory(orientation__plan=plan),
            lead=OrganizationFactory(),
            territories=[TerritoryFactory()],
        )
        project.issues.add(CrossCuttingIssueFactory(plan=plan))
        DeliverableFactory(project=project)


def test_home_tells_the_vision_and_the_orientations(client, plan):
    fill(plan, 5)

    response = client.get("/")
    page = response.content.decode()

    assert "Une alimentation saine" in page
    assert [count for _, count in response.context["orientations"]] == [1] * 5
    assert page.count("<h1") == 1
    for orientation in plan.orientations.all():
        assert f'href="/plans/2020-2022/orientations/{orientation.number}/"' in page


def test_home_shows_the_latest_changes_first(client, plan):
    old = ProjectFactory(plan=plan, updated_at=timezone.now() - dt.timedelta(days=9))
    new = ProjectFactory(plan=plan)
    ProjectFactory(plan=plan, archived_at=timezone.now(), archive_reason_fr="Doublon.")
    ProjectFactory()

    assert list(client.get("/").context["latest"]) == [new, old]


def test_home_without_documents_says_that_they_are_coming(client, plan):
    assert "paraîtront ici" in client.get("/").content.decode()


def test_home_without_a_current_plan(client):
    PlanFactory(stage=Plan.Stage.PREPARATION, title_fr="Plan secret")

    response = client.get("/")

    assert response.status_code == 200
    assert "Plan secret" not in response.content.decode()


def test_home_tells_demonstration_data(client, plan):
    before = client.get("/").content.decode()
    ProjectFactory(plan=plan, is_demonstration=True)

    after = client.get("/").content.decode()

    assert ("Données de démonstration" in before, "Données de démonstration" in after) == (False, True)


def test_home_takes_a_fixed_number_of_queries(client, plan):
    counts = []
    for added in (1, 2, 22):
        fill(plan, added)
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counts.append(len(queries))

    assert counts == [17] * 3
