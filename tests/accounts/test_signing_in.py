"""Signing in and looking after one's account."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache

from core import sending
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "mot-de-passe-de-test"


@pytest.fixture(autouse=True)
def no_attempt_counted_before():
    cache.clear()


@pytest.fixture
def alice():
    return with_confirmed_email(UserFactory(email="alice@example.org", name="Alice Tremblay"))


def with_confirmed_email(user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client, email="alice@example.org", password=PASSWORD, **options):
    return client.post("/compte/connexion/", {"login": email, "password": password}, **options)


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("’", "'")


def totp_code(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def sign_in_twice(client, user):
    """With the password, then one of the ten recovery codes."""
    TOTP.activate(user, "A" * 32)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    sign_in(client)
    client.post("/compte/deux-etapes/code/", {"code": code})


def confirm(client):
    """Before a delicate change: signing in a moment ago does not do."""
    client.post("/compte/confirmer/", {"password": PASSWORD})


def letters():
    """What left, once the worker has been by."""
    sending.send_due()
    return mail.outbox


def link_in(message):
    return re.search(r"http://testserver(\S+)", message.body)[1]


def test_partners_arrive_in_their_space_and_staff_at_their_desk(client, alice):
    with_confirmed_email(UserFactory(email="bob@example.org", is_staff=True))

    assert sign_in(client).url == "/espace/"
    client.logout()
    assert sign_in(client, "bob@example.org").url == "/admin/"


def test_a_person_who_was_on_the_way_to_a_page_arrives_there(client, alice):
    asked = client.get("/espace/")
    assert asked.url == "/compte/connexion/?next=/espace/"

    response = client.post(asked.url, {"login": alice.email, "password": PASSWORD, "next": "/projets/"})

    assert response.url == "/projets/"


def test_another_host_is_no_page_to_arrive_at(client, alice):
    response = sign_in(client, QUERY_STRING="next=https://example.com/")

    assert response.url == "/espace/"


def test_a_wrong_password_is_told_at_the_top_where_the_focus_goes(client, alice):
    page = text(sign_in(client, password="autre-mot-de-passe"))

    assert "Le courriel ou le mot de passe est inexact." in page
    assert re.search(r'role="alert" tabindex="-1" autofocus', page)


def test_an_error_is_tied_to_its_field(client):
    page = text(client.post("/compte/connexion/", {"login": "", "password": "x"}))

    assert 'href="#id_login"' in page
    assert re.search(r'<input[^>]*name="login"[^>]*aria-invalid="true"[^>]*>', page)
    assert re.search(r'<input[^>]*aria-describedby="id_login_error"[^>]*>', page)
    assert 'id="id_login_error"' in page


def test_the_sign_in_form_can_be_filled_by_a_password_manager(client):
    page = text(client.get("/compte/connexion/"))

    assert re.search(r'<input[^>]*name="login"[^>]*autocomplete="username"', page)
    assert re.search(r'<input[^>]*name="password"[^>]*autocomplete="current-password"', page)
    assert "placeholder=" not in page.split("<main", 1)[1].split("</main>")[0]


def test_an_account_and_its_absence_give_the_same_answer(client, alice):
    known, unknown = sign_in(client, password="x" * 12), sign_in(client, "personne@example.org", "x" * 12)

    assert "Le courriel ou le mot de passe est inexact." in text(known)
    assert "Le courriel ou le mot de passe est inexact." in text(unknown)


def test_after_too_many_attempts_even_the_right_password_waits(client, alice):
    for _ in range(6):
        sign_in(client, password="faux-mot-de-passe")

    assert "Trop d'essais sans succès" in text(sign_in(client))
    assert "_auth_user_id" not in client.session


def test_a_flood_of_requests_is_stopped_in_the_dress_of_the_portal(client):
    answers = [client.post("/compte/mot-de-passe/oublie/", {"email": f"a{n}@example.org"}) for n in range(25)]

    assert answers[-1].status_code == 429
    assert "Trop de demandes" in text(answers[-1])


def test_the_console_signs_in_where_everybody_does(client, alice):
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/compte/connexion/?next=")

    sign_in(client)
    assert client.get("/admin/login/").status_code == 403


def test_signing_out_takes_a_press_of_the_button(client, alice):
    sign_in(client)

    assert client.get("/compte/deconnexion/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/compte/deconnexion/").url == "/"
    assert "_auth_user_id" not in client.session


def test_a_forgotten_password_is_chosen_anew_by_mail(client, alice):
    client.post("/compte/mot-de-passe/oublie/", {"email": alice.email})
    (message,) = letters()
    assert message.subject == "[Conseil SAM] Choisir un nouveau mot de passe"
    assert "compte/mot-de-passe/oublie/" in message.body

    form = client.get(link_in(message), follow=True)
    new = "un-tout-nouveau-mot-de-passe"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})

    assert sign_in(client, password=new).url == "/espace/"


def test_an_unknown_address_gets_the_same_page_and_a_kind_mail(client):
    response = client.post("/compte/mot-de-passe/oublie/", {"email": "personne@example.org"})

    assert response.url == "/compte/mot-de-passe/oublie/envoye/"
    assert "Aucun compte" in letters()[0].subject


def test_a_used_link_says_so(client):
    page = text(client.get("/compte/mot-de-passe/oublie/1-faux-lien/"))

    assert "Lien périmé" in page


def test_mail_is_in_the_language_of_the_page(client, alice):
    client.post("/en/compte/mot-de-passe/oublie/", {"email": alice.email})

    assert "/en/compte/mot-de-passe/oublie/" in letters()[0].body


def test_a_weak_password_is_refused_beside_its_field(client, alice):
    client.force_login(alice)

    page = text(
        client.post(
            "/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": "court", "password2": "court"}
        )
    )

    assert 'id="id_password1_error"' in page
    assert "12 caractères" in page


def test_a_changed_password_is_told_by_mail(client, alice):
    client.force_login(alice)
    new = "un-tout-nouveau-mot-de-passe"

    client.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert letters()[0].subject == "[Conseil SAM] Votre mot de passe a changé"
    assert "Si ce n'était pas vous" in letters()[0].body.replace("’", "'")


def test_an_unconfirmed_address_is_confirmed_before_the_first_visit(client):
    UserFactory(email="alice@example.org")

    assert sign_in(client).url == "/compte/courriel/confirmer/"
    page = client.get(link_in(letters()[0]))
    assert "alice@example.org" in text(page)
    client.post(link_in(letters()[0]))

    assert EmailAddress.objects.get().verified


def test_an_address_is_changed_once_the_new_one_is_confirmed(client, alice):
    client.force_login(alice)

    sign_in(client)
    client.post("/compte/courriel/", {"email": "tremblay@example.org", "action_add": ""})
    assert "tremblay@example.org" in text(client.get("/compte/courriel/"))
    client.post(link_in(letters()[0]))

    alice.refresh_from_db()
    assert alice.email == "tremblay@example.org"


def test_a_second_step_is_set_up_and_then_asked_for(client, alice):
    sign_in(client)
    confirm(client)
    page = text(client.get("/compte/deux-etapes/application/"))
    secret = re.search(r'<code class="key">([A-Z2-7]+)</code>', page)[1]

    done = client.post("/compte/deux-etapes/application/", {"code": totp_code(secret)}, follow=True)
    assert "10 codes" in text(done)
    client.post("/compte/deconnexion/")

    cache.clear()  # the same code would be refused within its half minute
    assert sign_in(client).url.startswith("/compte/deux-etapes/code/")
    client.post("/compte/deux-etapes/code/", {"code": totp_code(secret)})
    assert "_auth_user_id" in client.session


def test_a_recovery_code_replaces_the_second_step_once(client, alice):
    TOTP.activate(alice, "A" * 32)
    codes = RecoveryCodes.activate(alice)
    code = codes.get_unused_codes()[0]

    sign_in(client)
    client.post("/compte/deux-etapes/code/", {"code": "000000"})
    assert "_auth_user_id" not in client.session
    client.post("/compte/deux-etapes/code/", {"code": code})

    assert "_auth_user_id" in client.session
    assert code not in Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()


def test_recovery_codes_can_be_kept_as_a_file(client, alice):
    sign_in_twice(client, alice)
    confirm(client)
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]

    response = client.get("/compte/deux-etapes/codes-de-secours/telecharger/")

    assert response["Content-Disposition"].startswith("attachment")
    assert code in text(response)


def test_a_delicate_change_asks_for_the_password_again(client, alice):
    sign_in(client)

    response = client.get("/compte/deux-etapes/application/")

    assert response.url.startswith("/compte/confirmer/?next=")
    assert "Confirmer que c'est vous" in text(client.get(response.url))


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize(
    "address",
    [
        "connexion/",
        "inscription/",
        "profil/",
        "deconnexion/",
        "inactif/",
        "mot-de-passe/",
        "mot-de-passe/oublie/",
        "mot-de-passe/oublie/envoye/",
        "mot-de-passe/oublie/change/",
        "courriel/",
        "courriel/confirmer/",
        "courriel/confirmer/faux/",
        "deux-etapes/",
        "deux-etapes/application/retirer/",
        "deux-etapes/cles/ajouter/",
        "deux-etapes/codes-de-secours/",
        "deux-etapes/codes-de-secours/nouveaux/",
    ],
)
def test_every_page_of_an_account_is_in_the_dress_of_the_portal(client, alice, address, prefix):
    if (
        address.startswith(("courriel/", "deux-etapes/", "mot-de-passe/", "deconnexion/", "profil/"))
        and "oublie" not in address
    ):
        sign_in_twice(client, alice)
        confirm(client)

    response = client.get(f"{prefix}/compte/{address}")

    assert response.status_code == 200
    assert text(response).count("<h1") == 1
    assert 'id="contenu"' in text(response)
    assert "style=" not in text(response)
