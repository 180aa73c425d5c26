import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from plans.models import Plan
from projects.models import Deliverable
from tests.factories import (
    CrossCuttingIssueFactory,
    DeliverableFactory,
    MilestoneFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    PlanningPhaseFactory,
    ProcessFigureFactory,
    ProjectFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/plans/2020-2022/",
    "/plans/2020-2022/orientations/1/",
    "/plans/2020-2022/objectifs/1.1/",
    "/plans/2020-2022/enjeux/1/",
    "/plans/2020-2022/approche/",
]


@pytest.fixture
def plan():
    plan = PlanFactory(slug="2020-2022", title_fr="Plan d'action intégré 2020-2022", is_current=True)
    ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=1), number=1)
    CrossCuttingIssueFactory(plan=plan, number=1)
    return plan


def fill(plan, rows):
    """Add as many rows of each kind as told, every project tied to each of them."""
    first = plan.orientations.get(number=1)
    start = plan.issues.count() + 100
    for n in range(start, start + rows):
        objective = ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=n), number=1)
        own = ObjectiveFactory(orientation=first, number=n)
        project = ProjectFactory(
            plan=plan,
            objective=first.objectives.get(number=1),
            lead=OrganizationFactory(),
            territories=[TerritoryFactory()],
        )
        project.objective_ties.create(objective=objective)
        project.objective_ties.create(objective=own)
        project.issues.set([plan.issues.get(number=1), CrossCuttingIssueFactory(plan=plan, number=n)])
        DeliverableFactory(project=project)
        ProcessFigureFactory(plan=plan, phase=PlanningPhaseFactory(plan=plan, number=n), position=1)
        MilestoneFactory(plan=plan)
        PlanningPhaseFactory(plan=PlanFactory())


@pytest.mark.parametrize("address", [*ADDRESSES, "/plans/", "/demarche/"])
def test_pages_are_open_to_all_in_both_languages(client, plan, address):
    fill(plan, 2)

    for page in (address, f"/en{address}"):
        response = client.get(page)

        assert response.status_code == 200
        assert response.content.count(b"<h1") == 1
        assert b"style=" not in response.content


@pytest.mark.parametrize("address", [*ADDRESSES, "/plans/", "/demarche/"])
def test_pages_of_an_empty_plan_still_say_something(client, plan, address):
    assert client.get(address).status_code == 200


def test_pages_when_there_is_no_plan_at_all(client):
    assert client.get("/plans/").status_code == 200
    assert client.get("/demarche/").status_code == 200
    assert client.get("/plan/").headers["location"] == "/plans/"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_plan_in_preparation_answers_404_everywhere(client, plan, address):
    Plan.objects.filter(pk=plan.pk).update(stage=Plan.Stage.PREPARATION, is_current=False)

    assert client.get(address).status_code == 404
    assert client.get("/demarche/?plan=2020-2022").status_code == 404
    assert b"2020-2022" not in client.get("/plans/").content


@pytest.mark.parametrize(
    "address",
    [
        "/plans/autre/",
        "/plans/2020-2022/orientations/9/",
        "/plans/2020-2022/objectifs/1.9/",
        "/plans/2020-2022/objectifs/9.1/",
        "/plans/2020-2022/objectifs/0.1/",
        "/plans/2020-2022/objectifs/abc/",
        "/plans/2020-2022/enjeux/9/",
        "/plans/2020-2022/orientations/99999999999999999999/",
        "/demarche/?plan=autre",
    ],
)
def test_unknown_addresses_answer_404(client, plan, address):
    assert client.get(address).status_code == 404


def test_the_current_plan_leads_to_its_page(client, plan):
    assert client.get("/plan/").headers["location"] == "/plans/2020-2022/"
    assert client.get("/en/plan/").headers["location"] == "/en/plans/2020-2022/"


def test_addresses_of_rows_are_those_of_the_pages(plan):
    objective = plan.orientations.get().objectives.get()

    with translation.override("fr"):
        assert objective.get_absolute_url() == "/plans/2020-2022/objectifs/1.1/"
        assert objective.orientation.get_absolute_url() == "/plans/2020-2022/orientations/1/"
        assert plan.issues.get().get_absolute_url() == "/plans/2020-2022/enjeux/1/"
        assert reverse("plans:approach", kwargs={"plan": plan.slug}) == "/plans/2020-2022/approche/"


@pytest.mark.parametrize(
    ("address", "number"),
    list(zip([*ADDRESSES, "/plans/", "/demarche/"], [18, 25, 19, 14, 6, 1, 6], strict=True)),
)
def test_the_number_of_queries_does_not_depend_on_the_rows(client, plan, address, number):
    counts = []
    for added in (1, 2, 22):
        fill(plan, added)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))

    assert counts == [number] * 3


def test_an_objective_page_says_what_is_late(client, plan):
    project = ProjectFactory(plan=plan, objective=plan.orientations.get().objectives.get())
    DeliverableFactory(project=project, title_fr="Guide", due_on=dt.date(2021, 5, 1))
    DeliverableFactory(
        project=project, title_fr="Carte", due_on=dt.date(2021, 5, 1), state=Deliverable.State.DELIVERED
    )

    response = client.get("/plans/2020-2022/objectifs/1.1/")

    assert [(d.title_fr, late) for d, late in response.context["deliverables"]] == [
        ("Guide", True),
        ("Carte", False),
    ]


def test_archived_projects_are_nowhere(client, plan):
    project = ProjectFactory(
        plan=plan,
        title_fr="Projet retiré",
        objective=plan.orientations.get().objectives.get(),
        lead=OrganizationFactory(),
        territories=[TerritoryFactory()],
    )
    project.issues.set(plan.issues.all())
    shown = [address for address in ADDRESSES[:4] if "Projet retiré" in client.get(address).content.decode()]
    project.archived_at, project.archive_reason_fr = timezone.now(), "Doublon."
    project.save()

    after = [address for address in ADDRESSES if "Projet retiré" in client.get(address).content.decode()]

    assert (shown, after) == (ADDRESSES[:4], [])


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_that_shows_invented_rows_says_so(client, plan, address):
    before = client.get(address).content.decode()
    project = ProjectFactory(
        plan=plan, objective=plan.orientations.get().objectives.get(), is_demonstration=True
    )
    project.issues.set(plan.issues.all())

    after = client.get(address).content.decode()

    assert ("Données de démonstration" in before, "Données de démonstration" in after) == (False, True)


def test_the_plan_unfolds_without_script(client, plan):
    folded = client.get("/plans/2020-2022/").content.decode()
    unfolded = client.get("/plans/2020-2022/?deplie=tout").content.decode()

    assert (folded.count('<details class="fold'), folded.count(" open>")) == (2, 0)
    assert unfolded.count(" open>") == 2


def test_pages_answer_only_reading(client, plan):
    assert client.post("/plans/2020-2022/").status_code in (403, 405)
