"""What resembles a registration."""

import pytest

from projects import workflow
from projects.duplicates import CANDIDATES, Sheet, likely_duplicates, likeness
from projects.models import Project
from tests.factories import ProjectFactory
from tests.projects.registrations import NOW, People

MARKET = {"title_fr": "Un marché dans la ruelle", "summary_fr": "Des légumes chaque jeudi."}


def sheet(organization=1, **content):
    return Sheet.of({**MARKET, **content}, organization)


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        (sheet(primary_objective=3), 0.99, 1),
        (sheet(2, title_fr="Marchés de ruelles"), 0.79, 0.81),
        (sheet(2, title_fr="Les MARCHES d'une ruelle!", summary_fr=""), 0.5, 0.6),
        (sheet(2, title_fr="Une serre sur le toit", summary_fr="Des tomates en hiver."), 0, 0),
        (sheet(1, title_fr="Une serre sur le toit", summary_fr="Des tomates en hiver."), 0.12, 0.12),
        (Sheet(frozenset(), frozenset()), 0, 0),
    ],
)
def test_likeness_grows_with_what_is_shared(other, least, most):
    one = sheet(primary_objective=3)

    assert least <= round(likeness(one, other), 4) <= most
    assert likeness(one, other) == likeness(other, one)


@pytest.fixture
def people(db):
    return People()


def found(row):
    return [
        (item.title, item.is_registration)
        for item in likely_duplicates(registration=row, content=row.versions.get().content)
    ]


def test_published_projects_and_submitted_registrations_are_found(people):
    ProjectFactory(plan=people.plan, title_fr="Marchés de ruelle", summary_fr="Des légumes le jeudi.")
    ProjectFactory(plan=people.plan, title_fr="Une serre sur le toit", summary_fr="Des tomates.")
    ProjectFactory(
        plan=people.plan, title_fr="Marché de ruelle archivé", archived_at=NOW, archive_reason_fr="x"
    )
    Project.objects.reindex()
    people.submitted(title_fr="Le marché de la ruelle")
    people.draft(title_fr="Un marché dans une ruelle, en secret")

    assert sorted(found(people.submitted())) == [
        ("Le marché de la ruelle", True),
        ("Marchés de ruelle", False),
    ]


def test_a_registration_under_rewriting_is_compared_as_it_was_submitted(people):
    row = people.changes_requested()
    workflow.save(
        registration=row, values={"title_fr": "Secret"}, version=row.version, by=people.editor, at=NOW
    )

    assert found(people.submitted()) == [("Un marché dans la ruelle", True)]


def test_a_change_does_not_resemble_its_own_project(people):
    change = people.submitted(people.change())

    assert found(change) == []


def test_many_projects_are_compared_in_as_many_queries(people, django_assert_num_queries):
    row = people.submitted()
    counts = []
    for _round in range(2):
        for _project in range(12):
            ProjectFactory(plan=people.plan, objective=people.objective, lead=people.organization)
        Project.objects.reindex()
        with django_assert_num_queries(7):
            likely_duplicates(registration=row, content=row.versions.get().content)
        counts.append(Project.objects.count())

    assert counts == [12, 24]
    assert CANDIDATES < 1000
