"""The letters about accounts: kept, sent and resent as all others are, in both languages, without their secrets."""

import re
from pathlib import Path

import allauth
import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.test import Client

from core import sending
from core.models import Mail
from csam.account_notices import TEMPLATES
from csam.staff_groups import REVIEWER, ensure_groups
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

#: What allauth could send by features that the portal does not have: codes in the place of links.
NOT_USED = {
    "account/email/login_code",
    "account/email/password_reset_code",
}
HOME = Path(allauth.__file__).parent


@pytest.fixture(autouse=True)
def no_attempt_counted_before():
    cache.clear()


def test_every_letter_that_allauth_may_write_is_one_of_ours():
    code = "\n".join(
        file.read_text()
        for app in ("account", "mfa")
        for file in (HOME / app).rglob("*.py")
        if "tests" not in file.parts
    )
    named = set(re.findall(r'"((?:account|mfa)/email/\w+)"', code))

    assert set(TEMPLATES) >= named - NOT_USED
    assert named


def test_a_forgotten_password_is_a_row_without_its_link(client):
    alice = UserFactory(email="alice@example.org", name="Alice")

    client.post("/compte/mot-de-passe/oublie/", {"email": "alice@example.org"})

    row = Mail.objects.get()
    assert (row.event, row.recipient, row.state, row.language) == ("account_reset", alice, "waiting", "fr")
    assert "/compte/mot-de-passe/oublie/" not in row.text + row.html
    sending.send_due()
    (message,) = mail.outbox
    assert re.search(r"http://testserver/compte/mot-de-passe/oublie/\w+-[\w-]+/", message.body)
    row.refresh_from_db()
    assert (row.state, row.secret_link) == ("sent", "")


@pytest.mark.parametrize(("prefix", "words"), [("", "Bonjour"), ("/en", "Hello")])
def test_a_letter_is_in_the_language_of_the_page_in_text_and_html(client, prefix, words):
    client.post(f"{prefix}/compte/mot-de-passe/oublie/", {"email": "personne@example.org"})
    sending.send_due()

    (message,) = mail.outbox
    assert words in message.body
    assert words in message.alternatives[0].content
    assert Mail.objects.get().event == "account_unknown"


def test_who_has_an_account_is_told_of_a_stranger_in_their_own_language(client):
    UserFactory(email="alice@example.org", language="en")
    password = "trois-navets-bien-ronds"
    form = {"name": "X", "email": "alice@example.org", "language": "fr"}

    client.post("/compte/inscription/", {**form, "password1": password, "password2": password})

    row = Mail.objects.get()
    assert (row.event, row.language) == ("account_exists", "en")


def test_only_administrators_find_them_in_the_admin(client, admin_client):
    client.post("/compte/mot-de-passe/oublie/", {"email": "personne@example.org"})
    reviewer = UserFactory(is_staff=True)
    ensure_groups()
    reviewer.groups.add(Group.objects.get(name=REVIEWER))
    desk = Client()
    desk.force_login(reviewer)

    listed = [c.get("/admin/core/mail/").content.decode() for c in (desk, admin_client)]

    assert ["personne@example.org" in page for page in listed] == [False, True]


def test_asking_twice_is_two_letters(client):
    for _time in range(2):
        client.post("/compte/mot-de-passe/oublie/", {"email": "personne@example.org"})

    assert Mail.objects.filter(event="account_unknown").count() == 2
