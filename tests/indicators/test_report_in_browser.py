"""The form of a report as people use it: without scripts, by keyboard, with a session that ends."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session

from indicators.models import ProgressReport
from tests.indicators.reports import Followed
from tests.projects.test_registration_in_browser import PATIENCE, sign_in, tab_to

pytestmark = pytest.mark.same_on_any_database


@pytest.fixture
def people(transactional_db):
    made = Followed()
    EmailAddress.objects.create(user=made.editor, email=made.editor.email, verified=True, primary=True)
    made.row = made.expected()
    return made


def address(row, part="remplir/"):
    return f"/espace/bilans/{row.pk}/{part}"


def enter(page):
    page.context.set_default_timeout(PATIENCE)
    page.goto("/compte/connexion/")
    sign_in(page)
    return page


def stored(row):
    return ProgressReport.objects.get(pk=row.pk)


def test_what_is_typed_is_saved_by_itself(page, people):
    enter(page).goto(address(people.row))

    page.get_by_label("Ce qui a été fait", exact=True).fill("Dix marchés ont eu lieu.")
    page.get_by_label("Valeur (repas)").fill("60")
    page.get_by_label("Difficultés").focus()
    page.get_by_text("Enregistré à").wait_for()

    row = stored(people.row)
    assert (row.state, row.content["narrative_fr"]) == ("draft", "Dix marchés ont eu lieu.")
    assert row.content["values"][0]["value"] == "60"


def test_an_ended_session_loses_no_character(page, people):
    enter(page).goto(address(people.row))
    Session.objects.all().delete()

    page.get_by_label("Ce qui a été fait", exact=True).fill("Écrit trop tard.")
    page.get_by_label("Difficultés").focus()
    page.get_by_role("link", name="Se connecter").last.wait_for()
    page.goto(address(people.row))
    sign_in(page)
    page.get_by_text("Voici le texte que vous aviez écrit").wait_for()

    assert page.get_by_label("Ce qui a été fait", exact=True).input_value() == "Écrit trop tard."
    page.get_by_text("Enregistré à").wait_for()
    assert stored(people.row).content["narrative_fr"] == "Écrit trop tard."


def test_a_report_is_filled_and_submitted_by_keyboard_alone(page, people):
    enter(page).goto(address(people.row))

    tab_to(page, "Où en est-il?")
    page.keyboard.type("Liv")
    tab_to(page, "Valeur (repas)")
    page.keyboard.type("60")
    tab_to(page, "Ce qui a été fait")
    page.keyboard.type("Dix marchés.")
    tab_to(page, "Enregistrer et vérifier")
    page.keyboard.press("Enter")
    page.wait_for_url("**/verification/")
    tab_to(page, "Soumettre")
    page.keyboard.press("Enter")
    page.get_by_text("Votre bilan est soumis.").wait_for()

    row = stored(people.row)
    assert (row.state, row.content["deliverables"][0]["state"]) == ("submitted", "delivered")


def test_the_form_works_without_scripts(browser, people, live_server):
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    try:
        page = enter(context.new_page())
        page.goto(address(people.row))
        page.get_by_label("Où en est-il?").select_option("delivered")
        page.get_by_label("Valeur (repas)").fill("60")
        page.get_by_label("Ce qui a été fait", exact=True).fill("Dix marchés.")
        page.get_by_role("button", name="Enregistrer et vérifier").click()
        page.get_by_role("button", name="Soumettre").click()
        page.get_by_text("Votre bilan est soumis.").wait_for()
    finally:
        context.close()

    assert stored(people.row).state == "submitted"
