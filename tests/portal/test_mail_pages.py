"""The page that shows the portal's mail, and to whom."""

import pytest
from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.urls import reverse
from django.utils import translation

from core.mailing import EVENTS, render

EVERY_LETTER = [(name, language) for name in EVENTS for language in ("fr", "en")]


@pytest.fixture
def at_home(settings, tmp_path, client):
    """The portal as it starts from a clone, with two letters in its folder."""
    settings.MODE = "embedded"
    client.defaults["HTTP_HOST"] = "localhost"
    settings.VAR_DIR = tmp_path
    backend = EmailBackend(file_path=str(tmp_path / "mail"))
    messages = []
    for subject in ("Première", "Précisions demandées : « été »"):
        message = EmailMultiAlternatives(subject, f"Bonjour.\n{'-' * 79}\n{subject}", to=["a@example.org"])
        message.attach_alternative(
            f"<style>p {{ color: red }}</style><p>{subject}</p><script>1</script>", "text/html"
        )
        messages.append(message)
    backend.send_messages(messages)
    return settings


def words(response):
    return response.content.decode().replace("\xa0", " ")


def test_the_letters_are_listed_the_latest_first_and_read(client, at_home):
    listed = client.get(reverse("mail:list"))

    letters = listed.context["letters"]
    assert [letter.subject for letter in letters] == ["Précisions demandées : « été »", "Première"]
    read = client.get(reverse("mail:detail", args=(letters[0].key,)))
    assert "Précisions demandées : « été »" in words(read)
    assert "Bonjour." in words(read)


def test_the_page_of_a_letter_can_do_nothing(client, at_home):
    (letter, _other) = client.get(reverse("mail:list")).context["letters"]

    response = client.get(reverse("mail:page", args=(letter.key,)))

    policy = response.headers["Content-Security-Policy"]
    assert "sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<p>Précisions" in response.content.decode()


@pytest.mark.parametrize("key", ["inconnu.0", "..%2F..%2Fsecret-key.0", "sans-numero", "x.9"])
def test_a_key_opens_letters_only(client, at_home, key):
    (at_home.VAR_DIR / "secret-key").write_text("secret")

    assert client.get(f"/courriels/{key}/").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_HOST": "plan.example.org"},
    ],
)
def test_nobody_else_sees_them(client, at_home, asked):
    at_home.ALLOWED_HOSTS = ["*"]

    for name, arguments in ADDRESSES:
        assert client.get(reverse(name, args=arguments), **asked).status_code == 404, name


ADDRESSES = [
    ("mail:list", ()),
    ("mail:detail", ("x.0",)),
    ("mail:page", ("x.0",)),
    ("mail:event", ("registration_approved", "fr")),
    ("mail:event_page", ("registration_approved", "fr")),
]


@pytest.mark.parametrize("mode", ["production", "test"])
def test_the_pages_are_nowhere_but_in_a_trial(client, settings, mode):
    settings.MODE = mode
    client.defaults["HTTP_HOST"] = "localhost"

    for name, arguments in ADDRESSES:
        assert client.get(reverse(name, args=arguments)).status_code == 404, name


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.8.8"])
def test_this_machine_has_several_names(client, at_home, address):
    assert (
        client.get(reverse("mail:list"), REMOTE_ADDR=address, HTTP_HOST="localhost:8000").status_code == 200
    )


@pytest.mark.parametrize(("name", "language"), EVERY_LETTER)
def test_every_letter_can_be_previewed_in_both_languages(client, at_home, name, language):
    page = client.get(reverse("mail:event", args=(name, language)))
    html = client.get(reverse("mail:event_page", args=(name, language)))

    assert (page.status_code, html.status_code) == (200, 200)
    assert f'lang="{language}-CA"' in html.content.decode()


@pytest.mark.parametrize("name", EVENTS)
def test_every_letter_is_another_one_in_english(name):
    texts = {}
    for language in ("fr", "en"):
        with translation.override(language):
            texts[language] = render(EVENTS[name](**EVENTS[name].sample()), language)

    assert texts["fr"].subject != texts["en"].subject
    assert texts["fr"].text.splitlines()[:1] != texts["en"].text.splitlines()[:1]
    assert "%(" not in texts["fr"].text + texts["en"].text
    assert django_settings.EMAIL_SUBJECT_PREFIX.strip() in texts["fr"].subject
