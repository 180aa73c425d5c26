import pytest
from django.utils import timezone, translation

from plans.systemic import Tie, systemic
from tests.factories import (
    CrossCuttingIssueFactory,
    ObjectiveFactory,
    OrientationFactory,
    PlanFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return PlanFactory(slug="2020-2022")


def serving(plan, *objectives, issues=(), **fields):
    project = ProjectFactory(plan=plan, objective=objectives[0], **fields)
    for objective in objectives[1:]:
        project.objective_ties.create(objective=objective)
    project.issues.set(issues)
    return project


def test_a_project_that_serves_two_orientations_ties_them(plan):
    one = ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=1))
    same = ObjectiveFactory(orientation=one.orientation)
    three = ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=3))
    serving(plan, one, same)
    serving(plan, one, same, three)
    serving(plan, three)

    picture = systemic(plan)

    assert picture.ties == (Tie(1, 3, 1),)
    assert [(node.number, node.project_count) for node in picture.orientations] == [(1, 2), (3, 2)]
    assert picture.between(3, 1) == 1
    assert [(node.number, count) for node, count in picture.tied_to(3)] == [(1, 1)]


def test_issues_are_counted_by_orientation(plan):
    one = ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=1))
    two = ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=2))
    issue = CrossCuttingIssueFactory(plan=plan, number=4)
    serving(plan, one, two, issues=[issue])
    serving(plan, one, issues=[issue])

    (node,) = systemic(plan).issues

    assert (node.project_count, node.shares) == (2, ((1, 2), (2, 1)))


def test_archived_projects_tie_nothing(plan):
    one, two = (ObjectiveFactory(orientation__plan=plan) for _ in range(2))
    serving(plan, one, two, archived_at=timezone.now(), archive_reason_fr="Doublon.")

    assert systemic(plan).ties == ()


def test_names_fall_back_to_french_and_say_so(plan):
    OrientationFactory(plan=plan, number=1, short_title_fr="Produits locaux", title_en="Improve access")

    with translation.override("en"):
        (node,) = systemic(plan).orientations

    assert (node.title, node.name, node.lang) == ("Improve access", "Produits locaux", "fr")
    assert node.url == "/en/plans/2020-2022/orientations/1/"


@pytest.mark.parametrize("rows", [1, 3, 25])
def test_the_picture_takes_four_queries(rows, plan, django_assert_num_queries):
    for _ in range(rows):
        serving(
            plan,
            ObjectiveFactory(orientation__plan=plan),
            ObjectiveFactory(orientation__plan=plan),
            issues=[CrossCuttingIssueFactory(plan=plan)],
        )

    with django_assert_num_queries(4):
        systemic(plan)
