from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from csam.workbook.loading import load_demonstration, load_plan, remove_demonstration
from csam.workbook.problems import RefusedError
from csam.workbook.scale import load_scale
from partners.models import Organization, Territory
from plans.models import Milestone, Objective, Orientation, Plan
from projects.models import Deliverable, Project, ProjectPartner
from tests.factories import (
    MembershipFactory,
    ObjectiveFactory,
    OrganizationFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_the_plan_comes_with_its_territories():
    load_plan()

    assert (Territory.objects.count(), Orientation.objects.count(), Milestone.objects.count()) == (34, 5, 4)
    assert Plan.objects.current().slug == "2020-2022"
    assert Project.objects.count() == 0


def test_the_demonstration_has_the_size_of_the_real_plan_and_is_flagged():
    load_plan()
    load_demonstration()

    for model, count in ((Objective, 17), (Organization, 55), (Project, 92)):
        assert model.objects.filter(is_demonstration=True).count() == model.objects.count() == count


def test_loading_twice_changes_nothing():
    load_plan()
    load_demonstration()

    for changes in (load_plan(), load_demonstration()):
        assert (changes.created, changes.changed) == (0, 0)


def test_what_staff_entered_is_never_replaced_by_the_demonstration():
    load_plan()
    ObjectiveFactory(orientation=Orientation.objects.get(number=1), number=1, title_fr="Le vrai objectif")

    with pytest.raises(RefusedError, match="n'est pas une donnée de démonstration"):
        load_demonstration()

    assert list(Objective.objects.values_list("title_fr", flat=True)) == ["Le vrai objectif"]
    assert Organization.objects.count() == 0


def test_removing_leaves_the_plan_and_what_staff_entered():
    load_plan()
    load_demonstration()
    objective = ObjectiveFactory(orientation=Orientation.objects.get(number=1), number=9)
    alice = OrganizationFactory(name="Cuisine d'Alice")
    project = ProjectFactory(plan=Plan.objects.get(), objective=objective, lead=alice)
    MembershipFactory(
        organization=Organization.objects.filter(is_demonstration=True).first(),
        user=UserFactory(is_demonstration=True),
    )

    removed = remove_demonstration()

    assert list(removed.values()) == [62, 92, 17, 55]
    assert [list(m.objects.all()) for m in (Project, Objective, Organization)] == [
        [project],
        [objective],
        [alice],
    ]
    assert (ProjectPartner.objects.count(), Deliverable.objects.count(), Orientation.objects.count()) == (
        1,
        0,
        5,
    )


def test_a_real_project_that_rests_on_the_demonstration_stops_the_removal():
    load_plan()
    load_demonstration()
    objective = Objective.objects.get(orientation__number=1, number=1)
    ProjectFactory(plan=Plan.objects.get(), title_fr="Le vrai projet", objective=objective)

    with pytest.raises(RefusedError) as refused:
        remove_demonstration()

    assert [str(p) for p in refused.value.problems] == [
        f"« Le vrai projet » (projet) dépend d'une donnée de démonstration par « {objective} ». Retirez d'abord ce lien."
    ]
    assert (Project.objects.count(), Objective.objects.count(), Organization.objects.count()) == (93, 17, 55)


def test_a_real_member_of_a_demonstration_organization_stops_the_removal():
    load_plan()
    load_demonstration()
    MembershipFactory(organization=Organization.objects.first(), user=UserFactory(name="Bob"))

    with pytest.raises(RefusedError, match="« Bob »"):
        remove_demonstration()

    assert Project.objects.count() == 92


def test_rows_to_measure_with_are_flagged_varied_and_the_same_each_time():
    load_plan()
    load_demonstration()
    load_scale(projects=50)
    first = list(
        Project.objects.filter(slug__startswith="mesure-")
        .order_by("slug")
        .values_list("slug", "title_fr", "starts_on")
    )

    assert load_scale(projects=50) == (50, 10)

    rows = Project.objects.filter(slug__startswith="mesure-", is_demonstration=True)
    assert list(rows.order_by("slug").values_list("slug", "title_fr", "starts_on")) == first
    assert Organization.objects.filter(slug__startswith="mesure-").count() == 10
    assert Project.objects.search("fermes cuisines").filter(slug__startswith="mesure-").exists()
    remove_demonstration()
    assert (Project.objects.count(), Organization.objects.count()) == (0, 0)


def test_commands_load_once_and_take_out():
    call_command("load_plan", stdout=StringIO())
    said = StringIO()
    call_command("load_plan", "--if-empty", stdout=said)
    call_command("load_demonstration", "--if-empty", "--scale", "5", stdout=said, stderr=StringIO())
    call_command("load_demonstration", "--if-empty", stdout=said)
    call_command("load_demonstration", "--remove", stdout=said)

    assert said.getvalue().splitlines()[0] == "Le plan 2020-2022 est déjà là; rien à faire."
    assert "Pour les mesures : 5 projets et 1 organisations." in said.getvalue()
    assert said.getvalue().splitlines()[-2:] == [
        "Le portail a déjà des projets; rien à faire.",
        "Retiré : 62 indicateurs, 97 projets, 17 objectifs généraux, 56 organisations.",
    ]


def test_the_demonstration_needs_its_plan():
    with pytest.raises(CommandError, match="Le plan « 2020-2022 » n'existe pas"):
        call_command("load_demonstration")
