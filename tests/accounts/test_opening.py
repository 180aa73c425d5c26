"""Opening an account and telling who one is."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client

from core import sending
from partners.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "trois-navets-bien-ronds"
FORM = {
    "name": "Alice Tremblay",
    "email": "Alice@Example.org",
    "language": "fr",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture(autouse=True)
def no_attempt_counted_before():
    cache.clear()


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("’", "'")


def letters():
    """What left, once the worker has been by."""
    sending.send_due()
    return mail.outbox


def link_in(message):
    return re.search(r"http://testserver(\S+)", message.body)[1]


def test_an_account_waits_for_its_address_to_be_confirmed(client):
    response = client.post("/compte/inscription/", FORM)

    assert response.url == "/compte/courriel/confirmer/"
    alice = User.objects.get()
    assert (alice.email, alice.name, alice.language) == ("alice@example.org", "Alice Tremblay", "fr")
    assert not EmailAddress.objects.get().verified
    assert client.get("/espace/").status_code == 302
    assert [m.to for m in letters()] == [["alice@example.org"]]


def test_the_link_of_the_mail_leads_on_in_the_browser_that_asked(client):
    client.post("/compte/inscription/?next=/projets/", {**FORM, "next": "/projets/"})

    response = client.post(link_in(letters()[0]))

    assert response.url == "/projets/"
    assert client.get("/espace/").status_code == 200


def test_in_another_browser_the_link_confirms_and_asks_to_sign_in(client):
    client.post("/compte/inscription/", FORM)
    elsewhere = Client()

    elsewhere.post(link_in(letters()[0]))

    assert EmailAddress.objects.get().verified
    assert elsewhere.get("/espace/").status_code == 302


def test_an_address_that_has_an_account_gets_the_same_page_and_its_owner_a_mail(client):
    UserFactory(email="alice@example.org", name="La vraie Alice")

    response = client.post("/compte/inscription/", FORM)

    assert response.url == "/compte/courriel/confirmer/"
    assert User.objects.get().name == "La vraie Alice"
    assert letters()[0].subject == "[Conseil SAM] Vous avez déjà un compte"
    assert "/compte/mot-de-passe/oublie/" in letters()[0].body


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("email", "alice"), ("language", "de"), ("password1", "court"), ("password2", "autre")],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_opened(client, field, value):
    page = text(client.post("/compte/inscription/", {**FORM, field: value}))

    assert f'id="id_{field}_error"' in page
    assert re.search(r'role="alert" tabindex="-1" autofocus', page)
    assert not User.objects.exists()


def test_the_form_is_in_the_language_of_the_page(client):
    page = text(client.get("/en/compte/inscription/"))

    assert "Your name" in page
    assert re.search(r'<option value="en" selected', page)


def test_a_flood_of_accounts_is_stopped_by_a_count_that_all_processes_share(client):
    for n in range(20):
        assert client.post("/compte/inscription/", {**FORM, "email": f"a{n}@example.org"}).status_code == 302
        client.cookies.clear()

    assert client.post("/compte/inscription/", FORM).status_code == 429
    assert User.objects.count() == 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM csam_cache WHERE cache_key LIKE '%signup%'")
        assert cursor.fetchone()[0] >= 1


def test_somebody_signed_in_has_an_account_already(client):
    client.force_login(UserFactory())

    assert client.get("/compte/inscription/").url == "/espace/"


def test_name_and_language_are_changed_on_the_profile(client):
    alice = UserFactory(name="Alice")
    client.force_login(alice)

    response = client.post("/compte/profil/", {"name": "Alice Roy", "language": "en", "is_staff": "on"})

    alice.refresh_from_db()
    assert response.url == "/espace/"
    assert (alice.name, alice.language, alice.is_staff) == ("Alice Roy", "en", False)


def test_a_profile_without_a_name_is_refused_beside_the_field(client):
    client.force_login(UserFactory(name="Alice"))

    page = text(client.post("/compte/profil/", {"name": "", "language": "fr"}))

    assert 'id="id_name_error"' in page
    assert User.objects.get().name == "Alice"


def test_the_profile_of_nobody_asks_to_sign_in(client):
    assert client.get("/compte/profil/").url == "/compte/connexion/?next=/compte/profil/"
