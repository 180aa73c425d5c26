"""The second step that staff must pass, and passkeys in a real browser."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import UserFactory

PASSWORD = "mot-de-passe-de-test"
SET_UP = "/compte/deux-etapes/"


@pytest.fixture(autouse=True)
def staff_must_pass_a_second_step(settings, db):
    settings.CSAM_STAFF_TWO_STEP = True
    cache.clear()


@pytest.fixture
def chief():
    user = UserFactory(email="chief@example.org", is_staff=True, is_superuser=True)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def totp_code(secret="A" * 32):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def admin_addresses():
    """Every address of the console, with a number or a word where one is asked for."""

    def walk(patterns, prefix):
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern):
                yield path

    for path in walk(get_resolver().url_patterns, ""):
        if path.startswith("admin/"):
            filled = re.sub(r"\(\?P<\w+>[^)]*\)", "1", path)
            filled = re.sub(r"<(\w+:)?\w+>", "1", filled)
            yield "/" + re.sub(r"[\^$?]|\\Z", "", filled)


def test_the_console_has_addresses_to_guard():
    assert len(set(admin_addresses())) > 60


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_of_the_console_opens_without_a_second_step(client, chief, method):
    client.force_login(chief)

    answers = {a: getattr(client, method)(a).headers.get("Location") for a in set(admin_addresses())}

    assert {a: where for a, where in answers.items() if where != SET_UP} == {}


def test_english_addresses_are_guarded_too(client, chief):
    client.force_login(chief)

    assert client.get("/en/admin/").url == f"/en{SET_UP}"


def test_a_session_of_the_password_alone_is_asked_for_the_second_step(client, chief):
    TOTP.activate(chief, "A" * 32)
    client.force_login(chief)

    asked = client.get("/admin/projects/project/?q=marche")
    assert asked.url == "/compte/deux-etapes/confirmer/?next=%2Fadmin%2Fprojects%2Fproject%2F%3Fq%3Dmarche"
    done = client.post(asked.url, {"code": totp_code()})

    assert done.url == "/admin/projects/project/?q=marche"
    assert client.get("/admin/").status_code == 200


def test_setting_one_up_opens_the_console_at_once(client, chief):
    client.post("/compte/connexion/", {"login": chief.email, "password": PASSWORD})
    assert client.get("/admin/").url == SET_UP
    client.post("/compte/confirmer/", {"password": PASSWORD})
    page = client.get("/compte/deux-etapes/application/").content.decode()
    secret = re.search(r'<code class="key">([A-Z2-7]+)</code>', page)[1]

    client.post("/compte/deux-etapes/application/", {"code": totp_code(secret)})

    assert client.get("/admin/").status_code == 200


def test_owning_a_second_step_set_up_elsewhere_does_not_open_an_older_session(client, chief):
    client.force_login(chief)
    TOTP.activate(chief, "A" * 32)

    assert client.get("/admin/").status_code == 302


def test_the_last_second_step_of_staff_stays(client, chief):
    TOTP.activate(chief, "A" * 32)
    code = RecoveryCodes.activate(chief).get_unused_codes()[0]
    client.post("/compte/connexion/", {"login": chief.email, "password": PASSWORD})
    client.post("/compte/deux-etapes/code/", {"code": code})
    client.post("/compte/confirmer/", {"password": PASSWORD})

    client.post("/compte/deux-etapes/application/retirer/")

    assert Authenticator.objects.filter(type="totp").exists()


def test_pages_that_are_public_and_those_of_the_account_stay_open(client, chief):
    client.force_login(chief)

    assert [client.get(a).status_code for a in ("/partenaires/", "/compte/profil/", SET_UP)] == [200] * 3
    assert client.get("/espace/").url == SET_UP


def test_partners_are_not_asked(client):
    client.force_login(UserFactory())

    assert client.get("/espace/").status_code == 200


def test_without_the_setting_staff_enter(client, chief, settings):
    settings.CSAM_STAFF_TWO_STEP = False
    client.force_login(chief)

    assert client.get("/admin/").status_code == 200


def test_staff_take_a_lost_second_step_away_and_see_no_secret(client, chief, settings):
    settings.CSAM_STAFF_TWO_STEP = False
    bob = UserFactory()
    lost = TOTP.activate(bob, "S" * 32).instance
    client.force_login(chief)

    page = client.get(f"/admin/mfa/authenticator/{lost.pk}/change/").content.decode()
    assert "S" * 32 not in page
    client.post(f"/admin/mfa/authenticator/{lost.pk}/delete/", {"post": "yes"})

    assert not Authenticator.objects.exists()


@pytest.fixture
def key(page):
    """An authenticator that recognises its person, in the browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page, email):
    page.goto("/compte/connexion/")
    page.get_by_label("Courriel").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()


@pytest.mark.same_on_any_database
@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_added_and_then_signs_in_alone(page, key, chief):
    sign_in(page, chief.email)
    page.goto("/compte/deux-etapes/cles/ajouter/")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_role("button", name="Ajouter la clé").click()
    page.get_by_role("heading", name="Codes de secours").wait_for()
    assert Authenticator.objects.filter(user=chief, type="webauthn").count() == 1

    page.context.clear_cookies()
    page.goto("/compte/connexion/?next=/admin/")
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    page.wait_for_url("**/admin/")

    assert page.get_by_role("heading", level=1).count() == 1


@pytest.mark.same_on_any_database
@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_a_second_step_after_the_password(page, key, chief):
    sign_in(page, chief.email)
    page.goto("/compte/deux-etapes/cles/ajouter/")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_role("button", name="Ajouter la clé").click()
    page.get_by_role("heading", name="Codes de secours").wait_for()

    page.context.clear_cookies()
    sign_in(page, chief.email)
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    page.wait_for_url("**/admin/")


@pytest.mark.same_on_any_database
@pytest.mark.django_db(transaction=True)
def test_a_browser_without_passkeys_is_told_so_and_shows_no_dead_button(page, live_server, chief):
    sign_in(page, chief.email)
    page.goto("/compte/deux-etapes/cles/ajouter/")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto("/compte/deux-etapes/cles/ajouter/")

    assert page.get_by_text("ne permet pas les clés d’accès").is_visible()
    assert not page.get_by_role("button", name="Ajouter la clé").is_visible()
