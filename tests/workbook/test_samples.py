"""Two real plans, each in a form of its own, load completely with the mapping files of the guide."""

from pathlib import Path

import pytest
from django.conf import settings

from csam.workbook.applying import import_workbook
from csam.workbook.mapping import load_mapping
from csam.workbook.opening import open_path
from csam.workbook.plan_changes import compare
from partners.models import Organization
from plans.models import Objective, Orientation, Plan
from projects.models import Project, ProjectPartner

pytestmark = pytest.mark.django_db

SAMPLES = Path(__file__).parent / "samples"
MAPPINGS = Path(settings.BASE_DIR) / "docs" / "guide" / "correspondances"


def opened(sample, mapping):
    return open_path(SAMPLES / sample, mapping=load_mapping((MAPPINGS / mapping).read_bytes()))


def nap5():
    return opened("nap5-canada-bilingual.csv", "nap5-canada.toml")


def territorial():
    return opened("plan-territorial-46-actions.csv", "plan-territorial.toml")


def test_the_open_government_plan_loads_completely():
    changes = import_workbook(nap5())

    assert {s.sheet.fr: len(s.created) for s in changes.sheets} == {
        "plan": 1,
        "orientations": 5,
        "objectifs": 19,
        "organisations": 16,
        "projets": 106,
        "partenaires": 106,
    }
    assert Project.objects.filter(title_en="").count() == 0
    assert Project.objects.filter(ends_on=None).count() == 1
    assert Project.objects.exclude(objective_ties__is_primary=True).count() == 0


def test_exact_rows_of_the_open_government_plan():
    import_workbook(nap5())

    orientation = Orientation.objects.get(number=3)
    assert orientation.title_fr == "Transparence fiscale, financière et des entreprises"
    assert orientation.title_en == "Fiscal, Financial and Corporate Transparency"
    project = Project.objects.get(slug="go5-c0111")
    assert str(project.primary_objective.code) == "1.1"
    assert (str(project.ends), project.description_en.splitlines()[-1]) == ("décembre 2023", "By 2023")
    assert project.lead.name == "Ressources naturelles Canada"
    # 235 characters in French: shortened at a word, and whole at the head of the description.
    assert project.title_fr.endswith("…")
    assert project.description_fr.startswith(project.title_fr.rstrip("…"))
    assert project.description_fr.splitlines()[0].endswith("pour établir des priorités")
    assert Objective.objects.get(orientation__number=5, number=2).title_fr


def test_the_territorial_plan_loads_completely():
    changes = import_workbook(territorial())

    assert {s.sheet.fr: len(s.created) for s in changes.sheets} == {
        "plan": 1,
        "orientations": 1,
        "objectifs": 1,
        "organisations": 23,
        "projets": 46,
        "partenaires": 43,
    }
    assert list(Orientation.objects.values_list("title_fr", flat=True)) == ["Axe 1"]
    assert list(Objective.objects.values_list("title_fr", flat=True)) == ["Sous-Axe 1"]
    assert Project.objects.exclude(objective_ties__is_primary=True).count() == 0


def test_exact_rows_of_the_territorial_plan():
    import_workbook(territorial())

    def row(slug):
        project = Project.objects.get(slug=slug)
        partners = [(p.organization.name, p.role) for p in project.project_partners.order_by("position")]
        return project.title_fr, project.ends and str(project.ends), partners

    assert row("pt-plan-de-mobilite-simplifie") == (
        "Plan de Mobilité Simplifié",
        "2024",
        [("CCNS", "lead"), ("Bureau d'étude", "contributor"), ("PMGA", "contributor")],
    )
    assert row("pt-filiere-miscanthus") == ("Filière miscanthus", "mi-2024", [("Hangest", "lead")])
    assert row("pt-fournitures-et-achats") == ("Fournitures et achats", "1er février 2023", [])
    assert row("pt-mise-en-place-de-la-toemi-plateau-picard-nord")[1] == "1er janvier 2023"
    told = Project.objects.get(slug="pt-methanisation").description_fr
    assert told.endswith("Calendrier : méta : 2023, OT : 2024, Friche mi-2024")


def test_no_person_named_in_the_sample_is_taken():
    import_workbook(territorial())

    assert Organization.objects.filter(name__startswith="Personne").count() == 0
    assert Project.objects.exclude(contact_name="").count() == 0


@pytest.mark.parametrize("sample", [nap5, territorial])
def test_a_sample_loaded_twice_changes_nothing(sample):
    import_workbook(sample())

    changes = import_workbook(sample())

    assert (changes.created, changes.changed) == (0, 0)


def test_both_samples_live_beside_each_other():
    import_workbook(nap5())
    import_workbook(territorial())

    assert (Plan.objects.count(), Project.objects.count(), ProjectPartner.objects.count()) == (2, 152, 149)


def test_the_report_tells_what_was_not_taken_as_it_was():
    notices = [str(n) for n in compare(territorial()).notices]

    assert len([n for n in notices if "le texte passe à la fin de la description" in n]) == 14
    assert any("Personne pilote" in n and "non reprises" in n for n in notices)
