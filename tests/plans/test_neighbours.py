import pytest

from partners.models import Organization
from plans.neighbours import objectives_near, orientations_near, who_works_where
from projects.models import Project
from tests.factories import (
    ObjectiveFactory,
    OrganizationFactory,
    PlanFactory,
    ProjectFactory,
    ProjectPartnerFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def test_neighbours_share_projects_and_the_closest_comes_first():
    plan = PlanFactory()
    here, near, nearest, far = (ObjectiveFactory(orientation__plan=plan) for _ in range(4))
    for others in ([near, nearest], [nearest]):
        project = ProjectFactory(plan=plan, objective=here)
        for other in others:
            project.objective_ties.create(objective=other)
    ProjectFactory(plan=plan, objective=far)

    assert objectives_near(here) == [(nearest, 2), (near, 1)]
    assert orientations_near(here.orientation) == [(nearest.orientation, 2), (near.orientation, 1)]


def test_who_works_where_lists_the_leads_of_each_territory():
    lachine, verdun = (
        TerritoryFactory(name="Lachine", slug="lachine"),
        TerritoryFactory(name="Verdun", slug="verdun"),
    )
    TerritoryFactory(name="Westmount")
    alice = OrganizationFactory(name="Alice", slug="alice")
    bob = OrganizationFactory(name="Bob", stage=Organization.Stage.PENDING)
    project = ProjectFactory(lead=alice, territories=[lachine, verdun])
    ProjectPartnerFactory(project=project, organization__name="Charlie")
    ProjectFactory(lead=bob, territories=[verdun])
    ProjectFactory(lead=alice, territories=[verdun])

    places = who_works_where(Project.objects.published())

    assert [(place.name, place.project_count, place.leads) for place in places] == [
        ("Lachine", 1, [("Alice", "alice")]),
        ("Verdun", 3, [("Alice", "alice"), ("Bob", "")]),
    ]
