import pytest
from django.urls import reverse

from projects.models import Project
from tests.factories import PlanFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return PlanFactory(is_current=True)


def published(plan, **fields):
    project = ProjectFactory(plan=plan, **fields)
    Project.objects.filter(pk=project.pk).reindex()
    return project


def text(response):
    return response.content.decode().replace("\u00a0", " ")


def test_search_keeps_the_question_in_its_field_and_escapes_it(client):
    page = text(client.get("/recherche/", {"q": '"><script>alert(1)</script>'}))

    assert "<script>alert" not in page
    assert 'value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in page


def test_search_announces_how_many_it_found(client, plan):
    published(plan, title_fr="Marché")

    assert '<p class="result-count" role="status">' in text(client.get("/recherche/?q=marches"))
    assert "<strong>1</strong> résultat" in text(client.get("/recherche/?q=marches"))


def test_search_without_a_question_shows_where_to_go(client):
    page = text(client.get("/recherche/"))

    assert "Parcourir plutôt" in page
    assert "Aucun résultat" not in page


def test_search_that_finds_nothing_offers_each_word_alone(client, plan):
    published(plan, title_fr="Marché")

    page = text(client.get("/recherche/?q=marché introuvable"))

    assert "Aucun résultat" in page
    assert '<a href="/recherche/?q=marche">marche</a>' in page


def test_search_in_a_kind_without_hits_leads_to_the_others(client, plan):
    published(plan, title_fr="Marché")

    page = text(client.get("/recherche/?q=marché&genre=phases"))

    assert "Voir le 1 résultat des autres genres" in page


def test_search_of_an_unknown_kind_is_a_search_of_all(client, plan):
    published(plan, title_fr="Marché")

    assert "Marché" in text(client.get("/recherche/?q=marché&genre=%00nimporte"))


@pytest.mark.parametrize("page", ["0", "-1", "9999999999999999999999", "abc", ""])
def test_search_stands_any_page_number(client, plan, page):
    published(plan, title_fr="Marché")

    assert client.get("/recherche/", {"q": "marché", "page": page}).status_code == 200


def test_search_tells_that_a_long_question_is_cut(client):
    page = text(client.get("/recherche/", {"q": " ".join(f"mot{n}" for n in range(60))}))

    assert "seuls ses 12 premiers mots comptent" in page


def test_search_tells_of_demonstration_data(client, plan):
    published(plan, title_fr="Marché", is_demonstration=True)

    assert "Données de démonstration" in text(client.get("/recherche/?q=marché"))


def test_search_is_not_for_other_engines(client):
    assert client.get("/recherche/")["X-Robots-Tag"] == "noindex"


def test_search_refuses_what_is_not_a_reading(client):
    assert client.post("/recherche/").status_code == 405


@pytest.mark.parametrize("name", ["accessibility", "privacy", "legal"])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_pages_about_the_portal_name_whom_to_write_to(client, settings, name, prefix):
    settings.CSAM_CONTACT_EMAIL = "ecrire@example.org"
    settings.CSAM_POSTAL_ADDRESS = "1, rue du Marché, Montréal"

    page = text(client.get(prefix + reverse(f"pages:{name}")))

    assert "mailto:ecrire@example.org" in page
    assert "1, rue du Marché, Montréal" in page


def test_privacy_names_the_person_in_charge(client, settings):
    settings.CSAM_PRIVACY_OFFICER = "Alice Tremblay, directrice générale"

    assert "Alice Tremblay, directrice générale" in text(client.get("/confidentialite/"))


def test_visitors_receive_no_cookie(client, plan):
    for address in ("/", "/recherche/?q=marché", "/confidentialite/", "/projets.atom"):
        client.get(address)

    assert list(client.cookies) == []


def test_the_cookies_that_privacy_lists_are_the_ones_in_use(client, settings):
    page = client.get("/confidentialite/").content.decode()

    assert settings.SESSION_COOKIE_NAME in page
    assert settings.CSRF_COOKIE_NAME in page


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [("/rien/", 404, "rien"), ("/en/nothing/", 404, "nothing")],
)
def test_a_missing_page_offers_a_search(client, address, status, words):
    response = client.get(address)

    assert response.status_code == status
    assert 'name="q"' in text(response)


def test_a_form_without_its_token_is_answered_in_the_dress_of_the_portal(db):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/compte/connexion/", {"login": "a@example.org"})

    assert response.status_code == 403
    assert "Formulaire périmé" in text(response)
    assert 'id="contenu"' in text(response)


def test_a_breakdown_is_told_without_database_or_context(rf, django_assert_num_queries):
    from django.views.defaults import server_error

    with django_assert_num_queries(0):
        page = text(server_error(rf.get("/")))

    assert "<h1" in page
    assert "{{" not in page


def test_an_unreadable_request_is_told_in_the_dress_of_the_portal(client):
    response = client.get("/", headers={"host": "autre.example.com"})

    assert response.status_code == 400
    assert "<h1" in text(response)
