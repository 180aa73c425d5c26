import pytest
from django.utils import timezone

from plans import outline as outline_module
from plans.outline import outline, project_counts
from projects.models import Project
from tests.factories import ObjectiveFactory, OrientationFactory, PlanFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def reindexed(plan):
    plan.projects.reindex()
    return plan


def test_projects_stand_under_each_of_their_objectives_in_alphabetical_order():
    orientation = OrientationFactory()
    first, second = (ObjectiveFactory(orientation=orientation, number=n) for n in (1, 2))
    zebra = ProjectFactory(plan=orientation.plan, objective=first, title_fr="Zèbre")
    eleve = ProjectFactory(plan=orientation.plan, objective=first, title_fr="Élève")
    zebra.objective_ties.create(objective=second)

    (unfolded,) = outline(reindexed(orientation.plan))

    assert [o.projects for o in unfolded.objectives] == [[eleve, zebra], [zebra]]
    assert [o.project_count for o in unfolded.objectives] == [2, 1]
    assert unfolded.project_count == 2


def test_an_objective_without_project_is_there():
    objective = ObjectiveFactory()

    (unfolded,) = outline(objective.orientation.plan)

    assert [(o.objective, o.projects, o.project_count) for o in unfolded.objectives] == [(objective, [], 0)]


def test_archived_projects_are_left_out():
    objective = ObjectiveFactory()
    plan = objective.orientation.plan
    ProjectFactory(plan=plan, objective=objective, archived_at=timezone.now(), archive_reason_fr="Doublon.")

    assert outline(plan)[0].objectives[0].projects == []


def test_a_long_list_is_cut_and_says_how_many_are_left(monkeypatch):
    monkeypatch.setattr(outline_module, "PROJECTS_PER_OBJECTIVE", 2)
    objective = ObjectiveFactory()
    ProjectFactory.create_batch(5, plan=objective.orientation.plan, objective=objective)

    found = outline(reindexed(objective.orientation.plan))[0].objectives[0]

    assert (len(found.projects), found.more_count) == (2, 3)


def test_project_counts_by_relation():
    objective = ObjectiveFactory()
    ProjectFactory.create_batch(2, plan=objective.orientation.plan, objective=objective)
    ProjectFactory(plan=objective.orientation.plan)

    assert project_counts(Project.objects.all(), "objectives") == {objective.pk: 2}


@pytest.mark.parametrize("rows", [1, 3, 25])
def test_the_outline_takes_a_fixed_number_of_queries(rows, django_assert_num_queries):
    plan = PlanFactory()
    for _ in range(rows):
        ProjectFactory(plan=plan, objective=ObjectiveFactory(orientation__plan=plan))

    with django_assert_num_queries(7):
        for orientation in outline(plan):
            for objective in orientation.objectives:
                assert objective.objective.get_absolute_url()
                assert [project.lead for project in objective.projects] == [None]
