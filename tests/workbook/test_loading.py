from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from csam.workbook.loading import load_demonstration, load_plan
from csam.workbook.problems import RefusedError
from partners.models import Organization, Territory
from plans.models import Milestone, Objective, Orientation, Plan
from projects.models import Project
from tests.factories import (
    ObjectiveFactory,
)

pytestmark = pytest.mark.django_db


def test_the_plan_comes_with_its_territories():
    load_plan()

    assert (Territory.objects.count(), Orientation.objects.count(), Milestone.objects.count()) == (34, 5, 4)
    assert Plan.objects.current().slug == "2020-2022"
    assert Project.objects.count() == 0


def test_what_staff_entered_is_never_replaced_by_the_demonstration():
    load_plan()
    ObjectiveFactory(orientation=Orientation.objects.get(number=1), number=1, title_fr="Le vrai objectif")

    with pytest.raises(RefusedError, match="n'est pas une donnée de démonstration"):
        load_demonstration()

    assert list(Objective.objects.values_list("title_fr", flat=True)) == ["Le vrai objectif"]
    assert Organization.objects.count() == 0


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
