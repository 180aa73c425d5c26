"""A form whose token is old keeps what was typed; one that comes from elsewhere is not sent again."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import Registration
from tests.projects.registrations import People

pytestmark = pytest.mark.django_db

TEXT = "Des maraîchers « & » vendent\n<b>leurs</b> légumes."
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def people():
    return People()


@pytest.fixture
def browser(people):
    found = Client(enforce_csrf_checks=True)
    found.force_login(people.editor)
    return found


def step_of(row):
    return reverse("registrations:step", args=(row.pk, "projet"))


def with_old_token(browser, row):
    """What the page of the step sends after its writer signed in again in another tab."""
    page = browser.get(step_of(row))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    return {
        **hidden,
        "csrfmiddlewaretoken": "a" * 64,
        "do": "save",
        "title_fr": "Un marché de nuit",
        "description_fr": TEXT,
        "stage": "planned",
    }


def fields_of(response):
    """The form that is shown, as a browser would send it."""
    page = response.content.decode()
    form = page[page.index('class="form-narrow"') :]
    found = dict(re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL))
    return {name: unescape(value) for name, value in found.items()}


def test_what_was_typed_is_shown_and_sent_again_with_one_press(browser, people):
    row = people.draft()

    answer = browser.post(step_of(row), with_old_token(browser, row), headers=OURS)
    assert answer.status_code == 403
    assert Registration.objects.get(pk=row.pk).title == "Un marché dans la ruelle"
    fields = fields_of(answer)
    assert (fields["title_fr"], fields["description_fr"]) == ("Un marché de nuit", TEXT)
    assert "<b>leurs</b>" not in answer.content.decode()
    assert '<input type="hidden" name="stage" value="planned">' in answer.content.decode()

    done = browser.post(step_of(row), fields, headers=OURS)

    assert done.status_code == 302
    row = Registration.objects.get(pk=row.pk)
    assert (row.title, row.content["description_fr"]) == ("Un marché de nuit", TEXT)


def test_after_the_session_has_ended_it_waits_for_its_writer(browser, people):
    row = people.draft()
    sent = with_old_token(browser, row)
    browser.logout()

    answer = browser.post(step_of(row), sent, headers=OURS)
    parked = browser.post(step_of(row), fields_of(answer), headers=OURS)
    browser.force_login(people.editor)
    page = browser.get(step_of(row))

    assert "/compte/connexion/" in answer.content.decode()
    assert "/compte/connexion/" in parked.url
    assert page.context["form"]["title_fr"].value() == "Un marché de nuit"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {}])
def test_a_form_from_elsewhere_can_be_copied_but_not_sent(browser, people, headers):
    row = people.draft()

    answer = browser.post(step_of(row), with_old_token(browser, row), headers=headers)

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Un marché de nuit" in page
    assert 'class="form-narrow"' not in page
    assert "Renvoyer" not in page


def test_a_password_is_never_printed(people):
    sent = {"login": "alice@example.org", "password": "trois-navets"}

    answer = Client(enforce_csrf_checks=True).post("/compte/connexion/", sent, headers=OURS)

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "trois-navets" not in page
    assert 'class="form-narrow"' not in page


def test_rows_are_named_as_in_the_form(browser, people):
    row = people.draft()
    sent = {"deliverables-1-title_fr": "Dix marchés", "starts": "automne 2026", "seen": "abcdef"}
    address = reverse("registrations:step", args=(row.pk, "livrables"))

    page = browser.post(address, sent, headers=OURS).content.decode().replace("\xa0", " ")

    assert "Livrables 2 : Ce que le projet produira" in page
    assert ">Début<" in page
    assert '<input type="hidden" name="seen" value="abcdef">' in page


def test_what_staff_wrote_to_a_partner_is_kept_too(people):
    desk, row = Client(enforce_csrf_checks=True), people.submitted()
    desk.force_login(people.reviewer)
    address = reverse("admin:projects_registration_act", args=(row.pk, "request_changes"))

    answer = desk.post(address, {"number": 1, "message": "Et la date de fin?", "step": "check"}, headers=OURS)
    again = desk.post(address, fields_of(answer), headers=OURS)

    assert again.status_code == 200
    assert "Et la date de fin?" in again.context["letters"][0].text
