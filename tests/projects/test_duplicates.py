"""What resembles a registration."""

import pytest

from core.workflow import NotAllowed
from projects.models import Project, Registration
from projects.registrations import distinctions, workflow
from projects.registrations.duplicates import CANDIDATES, Sheet, likely_duplicates, likeness
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


# Set apart --------------------------------------------------------------------------------------------------


def alike(row):
    """What resembles the row, and whether it was set apart."""
    content = row.versions.get().content
    return {item.key: item.apart is not None for item in likely_duplicates(registration=row, content=content)}


def set_apart(people, row, other):
    return distinctions.set_apart(
        registration=row, other=other, title=other.title, by=people.reviewer, at=NOW
    )


def test_what_was_set_apart_is_so_from_both_sides(people):
    row, other = people.submitted(), people.submitted(title_fr="Le marché dans la ruelle")

    said = set_apart(people, row, other)

    assert alike(row) == {f"registration:{other.pk}": True}
    assert alike(other) == {f"registration:{row.pk}": True}
    assert (said.by, said.at) == (people.reviewer, NOW)


def test_it_holds_for_the_projects_that_they_become(people):
    row, other = people.submitted(), people.submitted(title_fr="Le marché dans la ruelle")
    set_apart(people, row, other)

    project = workflow.approve(registration=other, number=1, by=people.approver, at=NOW).project
    own = workflow.approve(registration=row, number=1, by=people.approver, at=NOW).project
    change = people.submitted(people.change(own))

    assert alike(Registration.objects.get(pk=row.pk)) == {f"project:{project.pk}": True}
    assert alike(change)[f"project:{project.pk}"]


def test_a_project_is_set_apart_and_taken_back_with_a_word_in_the_log(people):
    project = people.approved(title_fr="Le marché dans la ruelle").project
    row = people.submitted()
    said = set_apart(people, row, project)
    assert set_apart(people, row, project) == said

    for _twice in range(2):
        distinctions.bring_back(
            registration=row, distinction=said, title=project.title, by=people.approver, at=NOW
        )

    said.refresh_from_db()
    assert alike(row) == {f"project:{project.pk}": False}
    assert (said.undone_by, said.undone_at) == (people.approver, NOW)
    lines = row.activities.filter(is_internal=True).order_by("pk")
    assert [(line.action, line.by) for line in lines] == [
        ("set_apart", people.reviewer),
        ("bring_back", people.approver),
    ]


def test_others_stay_told_after_one_was_set_apart(people):
    row, near = people.submitted(), people.submitted(title_fr="Le marché dans la ruelle")
    far = people.submitted(title_fr="Un marché dans une autre ruelle")

    set_apart(people, row, near)

    assert alike(row) == {f"registration:{near.pk}": True, f"registration:{far.pk}": False}
    assert alike(far)[f"registration:{row.pk}"] is False


def test_only_reviewers_say_so(people):
    row, other = people.submitted(), people.submitted(title_fr="Le marché dans la ruelle")

    with pytest.raises(NotAllowed):
        distinctions.set_apart(registration=row, other=other, title="", by=people.lead, at=NOW)
