import datetime as dt

import pytest

from csam.documents.collecting import collect
from csam.documents.comparing import compare
from indicators.models import Indicator
from plans.models import Objective
from projects.models import Deliverable, Project, ProjectPartner
from tests.factories import MeasurementFactory, OrganizationFactory, ProjectFactory, publish_edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(plan):
    """The data of the plan at the moment of the call."""
    return lambda: collect(plan=plan, kind="full", language="fr", on=dt.date(2026, 11, 24), full=True)


def slugs(projects):
    return [project.slug for project in projects]


def told(changes):
    """What was said and what is said now, by field."""
    return {
        str(change.label): (
            [piece.text for piece in change.pieces if piece.kind == "removed"],
            [piece.text for piece in change.pieces if piece.kind == "added"],
        )
        for change in changes
    }


def test_equal_data_differ_in_nothing(taken):
    comparison = compare(taken(), taken())

    assert comparison.is_empty
    assert {figure.difference for figure in comparison.figures} == {0}


def test_tells_added_and_withdrawn_projects(plan, taken):
    old = taken()
    ProjectFactory(plan=plan, slug="nouveau")
    Project.objects.filter(slug="glanage").update(stage=Project.Stage.CANCELLED)
    Project.objects.get(slug="sans-objectif").objective_ties.all().delete()
    Project.objects.filter(slug="sans-objectif").update(
        archived_at="2026-11-01T12:00Z", archive_reason_fr="Doublon"
    )

    comparison = compare(old, taken())

    assert slugs(comparison.added) == ["nouveau"]
    assert slugs(comparison.withdrawn) == ["sans-objectif"]


def test_tells_each_field_that_changed(plan, taken):
    old = taken()
    project = Project.objects.get(slug="marche-d-hiver")
    Project.objects.filter(pk=project.pk).update(title_fr="Marché d'été", covers_whole_island=True)
    Deliverable.objects.filter(title_fr="Guide").update(
        state=Deliverable.State.DELIVERED, delivered_on="2021-01-01"
    )
    ProjectPartner.objects.create(
        project=project, organization=OrganizationFactory(name="Le Four"), role="contributor"
    )

    [row] = compare(old, taken()).changed

    changes = told(row.changes)
    assert list(changes) == ["Titre", "Territoires", "Partenaires", "Livrables"]
    assert changes["Titre"] == (["d'hiver"], ["d'été"])
    assert changes["Territoires"] == ([], ["Toute l'île"])
    assert changes["Partenaires"] == ([], ["Le Four (collaborateur)"])
    assert [len(lines) for lines in changes["Livrables"]] == [1, 1]


def test_tells_figures_then_and_now(plan, taken):
    old = taken()
    ProjectFactory(plan=plan, lead=OrganizationFactory())
    Deliverable.objects.filter(title_fr="Guide").update(
        state=Deliverable.State.DELIVERED, delivered_on="2021-01-01"
    )

    figures = {str(f.label): (f.then, f.now) for f in compare(old, taken()).figures}

    assert figures["Projets"] == (3, 4)
    assert figures["Organisations engagées"] == (2, 3)
    assert figures["Livrables"] == (2, 2)
    assert figures["Livrables livrés"] == (0, 1)


def test_tells_texts_of_the_plan(plan, taken):
    old = taken()
    Objective.objects.filter(title_fr="Réduire le gaspillage").update(title_fr="Réduire les pertes")
    plan.vision_fr = "Une alimentation saine et juste."
    plan.save()

    rows = compare(old, taken()).plan

    assert [(row.anchor, row.code) for row in rows] == [("contexte", ""), ("objectif-2.1", "2.1")]
    assert told(rows[1].changes) == {"Titre": (["le", "gaspillage"], ["les", "pertes"])}


def test_tells_new_results(plan, taken):
    old = taken()
    meals = Indicator.objects.get(slug="repas")
    MeasurementFactory(indicator=meals, measured_on=dt.date(2026, 10, 1), value=1500)

    comparison = compare(old, taken())

    [row] = comparison.changed
    assert told(row.changes) == {
        "Résultats": (
            ["Repas servis – 1\u00a0260 repas – en bonne voie"],
            ["Repas servis – 1\u00a0500 repas – en bonne voie"],
        )
    }
    figures = {str(f.label): (f.then, f.now) for f in comparison.figures}
    assert figures["Indicateurs suivis"] == (3, 3)
    assert figures["Projets qui ont rapporté"] == (1, 1)


class TestPage:
    @pytest.fixture
    def two(self, plan):
        publish_edition(plan)
        Project.objects.filter(slug="glanage").update(title_fr="Glanage en ville", title_en="City gleaning")
        ProjectFactory(plan=plan, title_fr="Nouveau", title_en="Brand new", slug="nouveau")
        return publish_edition(plan)

    def test_says_what_changed_since_the_edition_before(self, client, two):
        page = client.get(two.changes_url).content.decode()

        assert "Projets ajoutés" in page
        assert "/documents/2020-2022/editions/2/integral/?partie=tout#projet-nouveau" in page
        assert '<ins><span class="visually-hidden">ajouté\u00a0: </span> en ville</ins>' in page

    def test_speaks_english(self, client, two):
        page = client.get(f"/en{two.changes_url}").content.decode()

        assert "Brand new" in page
        assert "City gleaning" in page

    def test_any_earlier_edition_can_be_chosen(self, client, plan, two):
        ProjectFactory(plan=plan, slug="troisieme")
        third = publish_edition(plan)

        page = client.get(f"{third.changes_url}?depuis=1").content.decode()

        assert '<option value="1" selected>' in page
        assert "#projet-nouveau" in page
        assert client.get(f"{third.changes_url}?depuis=3").status_code == 404
        assert client.get(f"{third.changes_url}?depuis=x").status_code == 404

    def test_first_edition_has_nothing_to_compare(self, client, plan):
        page = client.get(publish_edition(plan).changes_url).content.decode()

        assert "première édition" in page

    def test_opens_no_pdf(self, client, two):
        for document in two.documents.all():
            document.file.storage.delete(document.file.name)

        assert client.get(two.changes_url).status_code == 200
