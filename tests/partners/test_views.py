import re

import pytest

from partners.models import Organization
from tests.factories import (
    OrganizationFactory,
    PlanFactory,
    ProjectFactory,
    ProjectPartnerFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def text(response):
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0]+", " ", plain)


def names(response):
    return re.findall(r'class="organization-name" href="[^"]+">([^<]+?)\s*<', response.content.decode())


@pytest.fixture
def plan():
    return PlanFactory(is_current=True)


@pytest.fixture
def directory():
    verdun = TerritoryFactory(name="Verdun", slug="verdun")
    OrganizationFactory(name="Élan vert", slug="elan-vert", sector="community").territories.add(verdun)
    OrganizationFactory(name="Atelier Épicé", slug="atelier", sector="private", covers_whole_island=True)
    OrganizationFactory(name="Entrepôt partagé", slug="entrepot", sector="private").territories.add(verdun)
    OrganizationFactory(name="100 paniers", slug="100-paniers", sector="research")
    OrganizationFactory(name="Pas encore", slug="pas-encore", stage="pending")
    OrganizationFactory(name="Disparue", slug="disparue", stage="archived")
    Organization.objects.reindex()


@pytest.mark.parametrize("number", [1, 3, 25])
@pytest.mark.parametrize(
    ("address", "queries"),
    [("/partenaires/", 6), ("/partenaires/?q=organisation&secteur=community", 6), ("/en/partenaires/", 6)],
)
def test_the_directory_makes_the_same_number_of_queries(
    client, plan, django_assert_num_queries, number, address, queries
):
    for organization in OrganizationFactory.create_batch(number):
        organization.territories.add(TerritoryFactory())
        ProjectFactory(plan=plan, lead=organization)
    Organization.objects.reindex()

    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("number", [1, 3, 25])
def test_an_organisation_makes_the_same_number_of_queries(client, plan, django_assert_num_queries, number):
    organization = OrganizationFactory(slug="elan-vert")
    for _ in range(number):
        organization.territories.add(TerritoryFactory())
        led = ProjectFactory(plan=plan, lead=organization, territories=[TerritoryFactory()])
        ProjectPartnerFactory(project=led)
        ProjectPartnerFactory(project=ProjectFactory(plan=plan), organization=organization)

    with django_assert_num_queries(12):
        assert client.get("/partenaires/elan-vert/").status_code == 200


def test_the_directory_is_in_french_alphabetical_order_under_letters(client, directory):
    response = client.get("/partenaires/")

    assert names(response) == ["100 paniers", "Atelier Épicé", "Élan vert", "Entrepôt partagé"]
    assert re.findall(r'letter-title" id="lettre-([^"]+)"', response.content.decode()) == ["0-9", "A", "E"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=elans", ["Élan vert"]),
        ("secteur=private", ["Atelier Épicé", "Entrepôt partagé"]),
        ("secteur=private&territoire=verdun", ["Entrepôt partagé"]),
        ("territoire=verdun&territoire=toute-l-ile", ["Atelier Épicé", "Élan vert", "Entrepôt partagé"]),
        ("lettre=E", ["Élan vert", "Entrepôt partagé"]),
        ("lettre=0-9", ["100 paniers"]),
        ("q=introuvable", []),
    ],
)
def test_the_directory_can_be_narrowed(client, directory, query, expected):
    assert names(client.get(f"/partenaires/?{query}")) == expected


def test_the_facets_and_the_query_find_the_same_organisations(directory):
    from django.http import QueryDict

    from partners.directory import Directory

    for query in ("", "secteur=private", "territoire=verdun&lettre=E", "lettre=0-9", "q=vert"):
        found = Directory(QueryDict(query), "/partenaires/")

        assert [o.pk for o in found.filters.qs] == found.facets.found


@pytest.mark.parametrize("query", ["secteur=zzz", "territoire=zzz", "lettre=zzz", "page=zzz"])
def test_a_bad_value_gets_a_message_and_the_list(client, directory, query):
    response = client.get(f"/partenaires/?{query}")

    assert "« zzz » n’existe pas" in text(response)
    assert len(names(response)) == 4


def test_an_organisation_page_tells_what_it_leads_and_joins_and_with_whom(client, plan):
    alice = OrganizationFactory(name="Chez Alice", slug="alice")
    bob = OrganizationFactory(name="Chez Bob", slug="bob")
    hidden = OrganizationFactory(name="Chez Charlie", slug="charlie", stage="pending")
    led = ProjectFactory(plan=plan, title_fr="Mené par Alice", lead=alice)
    joined = ProjectFactory(plan=plan, title_fr="Rejoint par Alice", lead=bob)
    ProjectPartnerFactory(project=led, organization=bob)
    ProjectPartnerFactory(project=joined, organization=alice, role="funder")
    ProjectPartnerFactory(project=led, organization=hidden)

    page = text(client.get("/partenaires/alice/"))

    assert "2 projets, dont 1 comme porteur" in page
    assert page.index("Mené par Alice") < page.index("Les projets auxquels elle prend part")
    assert page.index("Les projets auxquels elle prend part") < page.index("Rejoint par Alice")
    assert re.search(r"Chez Bob 2 projets en commun", page)
    assert "Chez Charlie" not in page


@pytest.mark.parametrize("stage", ["pending", "archived"])
def test_an_organisation_that_is_not_public_does_not_exist(client, stage):
    OrganizationFactory(slug="cachee", stage=stage)

    assert client.get("/partenaires/cachee/").status_code == 404


def test_unpublished_projects_do_not_count(client, plan):
    alice = OrganizationFactory(name="Chez Alice", slug="alice")
    ProjectFactory(plan=PlanFactory(stage="preparation"), lead=alice, title_fr="Secret")

    assert "Secret" not in text(client.get("/partenaires/alice/"))
    assert "Aucun projet publié" in text(client.get("/partenaires/"))
