"""The form as people use it: by keyboard, with a session that ends, in two tabs, on a phone."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.utils import timezone
from PIL import Image

from plans.models import Plan
from projects.models import Registration
from tests.projects.registrations import People

pytestmark = pytest.mark.same_on_any_database

PASSWORD = "mot-de-passe-de-test"
PATIENCE = 120_000  # milliseconds: a busy machine is not a fault of the page


@pytest.fixture
def people(transactional_db):
    made = People()
    Plan.objects.filter(pk=made.plan.pk).update(call_closes_at=timezone.now() + dt.timedelta(days=9))
    made.plan.refresh_from_db()
    EmailAddress.objects.create(user=made.editor, email=made.editor.email, verified=True, primary=True)
    return made


def sign_in(page):
    page.get_by_label("Courriel").fill("editor@example.org")
    page.get_by_label("Mot de passe").first.fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/compte/" not in address)


@pytest.fixture
def editor(page, people):
    page.context.set_default_timeout(PATIENCE)
    page.goto("/compte/connexion/")
    sign_in(page)
    return page


def step(row, key="projet"):
    return f"/espace/inscriptions/{row.pk}/{key}/"


def content(row):
    row.refresh_from_db()
    return row.content


NAME = """() => {
    const it = document.activeElement;
    const name = it.labels?.[0]?.innerText ?? it.innerText ?? "";
    return name.replace(/\\s+/g, " ").replaceAll("\u2019", "'").trim();
}"""


def tab_to(page, name, most=90):
    """Press Tab until the focus is on what a screen reader calls by that name."""
    met = []
    for _press in range(most):
        page.keyboard.press("Tab")
        met.append(page.evaluate(NAME))
        if met[-1] == name:
            return
    raise AssertionError(f"the keyboard never reaches « {name} », only {met}")


def test_a_project_is_registered_by_keyboard_alone(editor, people):
    page = editor
    page.goto("/espace/inscriptions/commencer/")
    tab_to(page, "Commencer – Chez Alice, " + people.plan.title)
    page.keyboard.press("Enter")
    page.wait_for_url("**/projet/")
    fields = {
        "Titre du projet": "Un verger",
        "Résumé": "Des pommes pour le quartier.",
        "Description": "Cent pommiers, plantés et soignés ensemble.",
    }
    for name, text in fields.items():
        tab_to(page, name)
        page.keyboard.type(text)
    tab_to(page, "Enregistrer et continuer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/plan/")
    tab_to(page, "Objectif principal")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Production")
    page.keyboard.press("Space")
    tab_to(page, "Enregistrer et continuer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/partenaires/")
    tab_to(page, "Enregistrer et continuer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/territoire/")
    tab_to(page, "Le projet agit sur toute l'île")
    page.keyboard.press("Space")
    tab_to(page, "Personne-ressource")
    page.keyboard.type("Personne Exemple")
    tab_to(page, "Son courriel")
    page.keyboard.type("contact@example.org")
    tab_to(page, "Enregistrer et continuer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/livrables/")
    tab_to(page, "Début du projet")
    page.keyboard.type("automne 2026")
    tab_to(page, "Ajouter un livrable")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "deliverables-1-title_fr"
    page.keyboard.type("Un verger")
    tab_to(page, "Enregistrer et continuer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/indicateurs/")
    tab_to(page, "Enregistrer et continuer")
    page.keyboard.press("Enter")
    page.wait_for_url("**/verification/")
    tab_to(page, "Soumettre")
    page.keyboard.press("Enter")
    page.get_by_text("Votre inscription est soumise.").wait_for()

    row = Registration.objects.get()
    assert (row.state, row.title, row.content["deliverables"][0]["title_fr"]) == (
        "submitted",
        "Un verger",
        "Un verger",
    )


def test_what_is_typed_is_saved_by_itself_and_the_page_says_when(editor, people):
    row = people.draft()
    editor.goto(step(row))

    editor.get_by_label("Résumé", exact=True).fill("Des poires, toute l'année.")
    editor.get_by_label("Titre du projet").focus()

    status = editor.get_by_role("status").filter(has_text=re.compile(r"Enregistré à \d+.h.\d\d"))
    status.wait_for()
    assert content(row)["summary_fr"] == "Des poires, toute l'année."


def test_a_picture_is_sent_as_soon_as_it_is_chosen(editor, people, tmp_path):
    row = people.draft()
    editor.goto(step(row))
    file = tmp_path / "ruelle.png"
    Image.new("RGB", (40, 30), "green").save(file)

    editor.get_by_label("Image", exact=True).set_input_files(file)
    editor.get_by_role("img", name="L'image enregistrée").wait_for()

    name = content(row)["image"]
    assert name.startswith(f"registrations/{row.pk}/")
    assert editor.get_by_label("Image", exact=True).input_value() == ""
    editor.get_by_role("status").filter(has_text="Enregistré à").wait_for()
    editor.get_by_label("Résumé", exact=True).fill("Une table de légumes.")
    editor.get_by_label("Titre du projet").focus()
    editor.get_by_role("status").filter(has_text="Enregistré à").wait_for()
    assert content(row)["image"] == name


def test_a_file_that_is_no_picture_is_told_at_once(editor, people, tmp_path):
    row = people.draft()
    editor.goto(step(row))
    file = tmp_path / "ruelle.png"
    file.write_text("<svg/>")

    editor.get_by_label("Image", exact=True).set_input_files(file)

    editor.get_by_role("alert").filter(has_text="pas une image lisible").wait_for()
    assert content(row)["image"] == ""


def test_an_ended_session_loses_no_character(editor, people):
    row = people.draft()
    editor.goto(step(row))
    text = "Un long texte, avec des « guillemets » et un œuf. " * 40
    Session.objects.all().delete()

    editor.get_by_label("Description", exact=True).fill(text)
    editor.get_by_label("Titre du projet").fill("Écrit sans session")
    editor.get_by_label("Résumé", exact=True).focus()
    editor.get_by_text("Votre session est terminée.").wait_for()
    editor.get_by_role("alert").get_by_role("link", name="Se connecter").click()
    sign_in(editor)
    editor.get_by_text("remis à sa place").wait_for()

    assert editor.get_by_label("Description", exact=True).input_value() == text
    editor.get_by_role("status").filter(has_text="Enregistré à").wait_for()
    assert (content(row)["description_fr"], row.title) == (text, "Écrit sans session")


def test_a_button_pressed_after_the_session_ended_loses_nothing(editor, people):
    row = people.draft()
    editor.goto(step(row))
    editor.get_by_label("Résumé", exact=True).fill("Écrit au dernier moment.")
    Session.objects.all().delete()

    editor.get_by_role("button", name="Enregistrer et continuer").click()
    sign_in(editor)

    assert editor.get_by_label("Résumé", exact=True).input_value() == "Écrit au dernier moment."
    editor.get_by_role("button", name="Enregistrer et continuer").click()
    editor.wait_for_url("**/plan/")
    assert content(row)["summary_fr"] == "Écrit au dernier moment."


def test_two_tabs_show_both_texts(editor, people):
    row = people.draft()
    other = editor.context.new_page()
    for page in (editor, other):
        page.goto(step(row))
    editor.get_by_label("Résumé", exact=True).fill("Le premier.")
    editor.get_by_role("button", name="Enregistrer", exact=True).last.click()
    editor.wait_for_load_state()

    other.get_by_label("Résumé", exact=True).fill("Le second.")
    other.get_by_label("Titre du projet").focus()
    other.get_by_role("heading", name="Deux textes différents").wait_for()

    assert other.get_by_label("Résumé", exact=True).input_value() == "Le second."
    assert content(row)["summary_fr"] == "Le premier."
    other.get_by_role("button", name="Enregistrer ce qui est dans le formulaire").click()
    other.wait_for_load_state()
    assert content(row)["summary_fr"] == "Le second."


def test_back_shows_what_was_written_last(editor, people):
    row = people.draft()
    editor.goto(step(row))
    editor.get_by_label("Résumé", exact=True).fill("Juste avant.")
    editor.get_by_role("button", name="Enregistrer et continuer").click()
    editor.wait_for_url("**/plan/")

    editor.go_back()

    assert editor.get_by_label("Résumé", exact=True).input_value() == "Juste avant."


def test_a_page_closed_at_once_keeps_its_text(editor, people):
    row = people.draft()
    editor.goto(step(row))
    editor.context.set_offline(True)
    editor.get_by_label("Résumé", exact=True).fill("Sans réseau.")
    editor.get_by_label("Titre du projet").focus()
    editor.get_by_text("Pas de réseau").wait_for()
    editor.close()
    editor.context.set_offline(False)

    again = editor.context.new_page()
    again.goto(step(row))

    assert again.get_by_label("Résumé", exact=True).input_value() == "Sans réseau."
    again.get_by_role("status").filter(has_text="Enregistré à").wait_for()
    assert content(row)["summary_fr"] == "Sans réseau."
