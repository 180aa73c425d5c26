import datetime as dt

import pytest
from django.utils import timezone

from indicators.plan_figures import plan_figures
from plans.models import Plan
from projects.models import Deliverable, Project
from tests.factories import (
    CrossCuttingIssueFactory,
    DeliverableFactory,
    ObjectiveFactory,
    OrganizationFactory,
    PlanFactory,
    ProjectFactory,
    ProjectPartnerFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2022, 6, 15)


def test_figures_of_an_empty_plan_are_zeros():
    figures = plan_figures(plan=PlanFactory(), on=TODAY)

    assert figures.projects == figures.deliverables == figures.organizations == figures.territories == 0
    assert [share.count for share in figures.projects_by_stage] == [0] * len(Project.Stage)
    assert not figures.includes_demonstration


def test_figures_count_each_row_once():
    plan = PlanFactory()
    first = ObjectiveFactory(orientation__plan=plan)
    second = ObjectiveFactory(orientation=first.orientation)
    CrossCuttingIssueFactory.create_batch(4, plan=plan)
    here, there = TerritoryFactory(), TerritoryFactory()
    TerritoryFactory()
    alice = OrganizationFactory()
    project = ProjectFactory(
        plan=plan, objective=first, lead=alice, territories=[here, there], stage="completed"
    )
    project.objective_ties.create(objective=second)
    other = ProjectFactory(
        plan=plan, objective=first, lead=alice, territories=[here], covers_whole_island=True
    )
    ProjectPartnerFactory(project=other)

    figures = plan_figures(plan=plan, on=TODAY)

    assert (figures.orientations, figures.objectives, figures.issues) == (1, 2, 4)
    assert (figures.projects, figures.projects_completed, figures.projects_in("planned")) == (2, 1, 1)
    assert figures.organizations == 2
    assert (figures.territories_reached, figures.territories, figures.projects_whole_island) == (2, 3, 1)


def test_archived_projects_and_other_plans_do_not_count():
    plan = PlanFactory()
    archived = ProjectFactory(
        plan=plan, lead=OrganizationFactory(), archived_at=timezone.now(), archive_reason_fr="Doublon."
    )
    DeliverableFactory(project=archived)
    ProjectFactory(is_demonstration=True)

    figures = plan_figures(plan=plan, on=TODAY)

    assert (figures.projects, figures.deliverables, figures.organizations) == (0, 0, 0)
    assert not figures.includes_demonstration


def test_a_plan_in_preparation_has_nothing_published():
    plan = PlanFactory(stage=Plan.Stage.PREPARATION)
    ProjectFactory(plan=plan)

    assert plan_figures(plan=plan, on=TODAY).projects == 0


def test_late_is_computed_on_the_day():
    project = ProjectFactory()
    due = {"project": project, "due_on": dt.date(2022, 6, 1)}
    DeliverableFactory(**due, state=Deliverable.State.TO_DO)
    DeliverableFactory(**due, due_precision="month", state=Deliverable.State.UNDER_WAY)
    DeliverableFactory(**due, state=Deliverable.State.DELIVERED)
    DeliverableFactory(project=project, due_on=None)

    in_june = plan_figures(plan=project.plan, on=TODAY)
    in_july = plan_figures(plan=project.plan, on=dt.date(2022, 7, 1))

    assert (in_june.deliverables, in_june.deliverables_late, in_june.deliverables_delivered) == (4, 1, 1)
    assert in_july.deliverables_late == 2


def test_dropped_deliverables_are_no_longer_wanted():
    project = ProjectFactory()
    DeliverableFactory(project=project, state=Deliverable.State.DROPPED)
    DeliverableFactory(project=project, state=Deliverable.State.TO_DO)

    figures = plan_figures(plan=project.plan, on=TODAY)

    assert (figures.deliverables, figures.deliverables_wanted) == (2, 1)


def test_demonstration_rows_are_told():
    plan = PlanFactory()
    ObjectiveFactory(orientation__plan=plan, is_demonstration=True)

    assert plan_figures(plan=plan, on=TODAY).includes_demonstration


@pytest.mark.parametrize("rows", [1, 3, 25])
def test_figures_take_a_fixed_number_of_queries(rows, django_assert_num_queries):
    plan = PlanFactory()
    for _ in range(rows):
        ProjectFactory(
            plan=plan, objective=ObjectiveFactory(orientation__plan=plan), lead=OrganizationFactory()
        )

    with django_assert_num_queries(6):
        plan_figures(plan=plan, on=TODAY)
