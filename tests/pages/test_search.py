import pytest
from django.urls import reverse

from csam.pages.search import KINDS, search, single_words
from partners.models import Organization
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan, PlanningPhase
from projects.models import Project
from tests.factories import (
    CrossCuttingIssueFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    PlanningPhaseFactory,
    ProjectFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def reindex():
    for model in (Project, Organization, Orientation, Objective, CrossCuttingIssue, PlanningPhase):
        model.objects.all().reindex()


def titles(text, **options):
    return [(hit.kind.code, hit.title) for hit in search(text, language="fr", **options).hits]


@pytest.fixture
def plan():
    return PlanFactory(is_current=True, slug="2020-2022")


@pytest.fixture
def one_of_each(plan):
    orientation = OrientationFactory(plan=plan, number=3, title_fr="Les marchés de proximité")
    ObjectiveFactory(orientation=orientation, number=2, title_fr="Ouvrir des marchés")
    CrossCuttingIssueFactory(plan=plan, title_fr="Des marchés résilients")
    ProjectFactory(plan=plan, title_fr="Marché mobile")
    ProjectFactory(plan=plan, title_fr="Jardin", summary_fr="Au pied du marché.")
    OrganizationFactory(name="Amis du marché")
    PlanningPhaseFactory(plan=plan, title_fr="Le forum", text_fr="Tenu au marché.")
    TerritoryFactory(name="Marché-Sud")
    reindex()


def test_titles_come_first_then_kinds_then_the_alphabet(one_of_each):
    assert titles("marches") == [
        ("orientations", "Les <mark>marchés</mark> de proximité"),
        ("objectifs", "Ouvrir des <mark>marchés</mark>"),
        ("enjeux", "Des <mark>marchés</mark> résilients"),
        ("projets", "<mark>Marché</mark> mobile"),
        ("organisations", "Amis du <mark>marché</mark>"),
        ("territoires", "<mark>Marché</mark>-Sud"),
        ("projets", "Jardin"),
        ("phases", "Le forum"),
    ]


def test_counts_are_of_every_kind_even_when_one_is_chosen(one_of_each):
    results = search("marché", language="fr", kind="projets")

    assert {c.kind.code: c.count for c in results.counts} == {
        "orientations": 1,
        "objectifs": 1,
        "enjeux": 1,
        "projets": 2,
        "organisations": 1,
        "indicateurs": 0,
        "phases": 1,
        "territoires": 1,
    }
    assert (results.total, results.found) == (8, 2)
    assert [hit.title for hit in results.hits] == ["<mark>Marché</mark> mobile", "Jardin"]


@pytest.mark.parametrize(
    "typed", ["Cote des neiges", "côte-des-neiges", "COTE DES NEIGES NOTRE DAME DE GRACE"]
)
def test_a_territory_leads_to_its_projects(typed):
    TerritoryFactory(name="Côte-des-Neiges–Notre-Dame-de-Grâce", slug="cdn-ndg")

    (hit,) = search(typed, language="fr").hits

    assert hit.url == f"{reverse('projects:list')}?territoire=cdn-ndg"


def test_a_project_is_found_by_its_partners_territories_and_deliverables(plan):
    project = ProjectFactory(plan=plan, lead=OrganizationFactory(name="Les Récoltes solidaires"))
    project.territories.add(TerritoryFactory(name="Lachine"))
    project.deliverables.create(number=1, title_fr="Un guide des semences")
    reindex()

    found = [
        search(text, language="fr", kind="projets").hits[0].excerpt.html
        for text in ("recolte", "lachine", "semence")
    ]

    assert found == [
        "Les <mark>Récoltes</mark> solidaires",
        "<mark>Lachine</mark>",
        "Un guide des <mark>semences</mark>",
    ]


def test_what_is_not_public_is_not_found(plan):
    hidden = PlanFactory(stage=Plan.Stage.PREPARATION)
    orientation = OrientationFactory(plan=hidden, title_fr="Secret")
    ObjectiveFactory(orientation=orientation, title_fr="Secret")
    CrossCuttingIssueFactory(plan=hidden, title_fr="Secret")
    PlanningPhaseFactory(plan=hidden, title_fr="Secret")
    ProjectFactory(plan=hidden, title_fr="Secret")
    ProjectFactory(
        plan=plan, title_fr="Secret", archived_at="2024-01-01T00:00Z", archive_reason_fr="Doublon."
    )
    OrganizationFactory(name="Secret un", stage=Organization.Stage.PENDING)
    OrganizationFactory(name="Secret deux", stage=Organization.Stage.ARCHIVED)
    reindex()

    assert titles("secret") == []


def test_french_text_on_an_english_page_is_told(plan):
    ProjectFactory(plan=plan, title_fr="Marché", summary_fr="Un marché.")
    reindex()

    (hit,) = search("marche", language="en").hits

    assert (hit.title_language, hit.excerpt.language) == ("fr", "fr")


def test_pages_follow_one_another_and_end_at_the_last(plan):
    for number in range(45):
        ProjectFactory(plan=plan, title_fr=f"Marché {number:02}")
    reindex()

    assert [len(search("marché", language="fr", page=n).hits) for n in (1, 2, 3, 99, "x")] == [
        20,
        20,
        5,
        5,
        20,
    ]
    assert titles("marché", page=3)[0] == ("projets", "<mark>Marché</mark> 40")


@pytest.mark.parametrize("count", [1, 3, 25])
def test_the_number_of_queries_does_not_grow(plan, count, django_assert_num_queries):
    territory, lead = TerritoryFactory(), OrganizationFactory(name="Porteuse")
    for _ in range(count):
        ProjectFactory(plan=plan, title_fr="Marché", lead=lead, territories=[territory])
    reindex()

    # One for each of the eight kinds; the projects of the page, their partners, territories and deliverables.
    with django_assert_num_queries(12):
        search("marché", language="fr")


def test_the_number_of_queries_with_every_kind_is_bounded(one_of_each, django_assert_max_num_queries):
    with django_assert_max_num_queries(7 + len(KINDS) + 4):
        search("marché", language="fr")


@pytest.mark.parametrize("text", ["", "de la", "%", "\0", "'; drop table", "<img src=x onerror=alert(1)>"])
def test_a_hostile_query_finds_nothing_and_harms_nothing(one_of_each, text):
    assert titles(text) == []


def test_words_to_try_one_by_one_are_those_that_count():
    assert single_words("les marchés de Verdun", "fr") == ["marches", "verdun"]
    assert single_words("marché", "fr") == []
