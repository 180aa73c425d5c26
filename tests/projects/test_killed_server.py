"""The web process killed (kill -9) while somebody registers a project: nothing typed is lost, and it is submitted once."""

import re

import pytest
from django.test import Client

from core.models import Mail
from projects.models import Registration, RegistrationVersion
from tests.processes import WebServer
from tests.projects.registrations import People

pytestmark = pytest.mark.same_on_any_database

PATIENCE = 180_000  # milliseconds: a busy machine is not a fault of the page
HOUR = re.compile(r"Enregistré à \d+.h.\d\d")


@pytest.fixture
def people(transactional_db):
    return People()


@pytest.fixture
def server(people, tmp_path):
    web = WebServer(tmp_path)
    web.start()
    yield web
    web.kill()


@pytest.fixture
def editor(browser, server, people):
    """A page of the editor's, who is signed in."""
    client = Client()
    client.force_login(people.editor)
    cookie = client.cookies["sessionid"]
    context = browser.new_context(base_url=server.address, locale="fr-CA")
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.address}])
    yield context.new_page()
    context.close()


def test_a_server_killed_between_saving_and_submitting_loses_no_character(editor, server, people):
    row = people.draft()
    summary, description = "Des poires, toute l'année.", "Une phrase de plus, écrite sans serveur. " * 30
    editor.goto(f"/espace/inscriptions/{row.pk}/projet/")
    editor.get_by_label("Résumé", exact=True).fill(summary)
    editor.get_by_label("Titre du projet").focus()
    editor.get_by_role("status").filter(has_text=HOUR).wait_for()

    server.kill()
    editor.get_by_label("Description", exact=True).fill(description)
    editor.get_by_label("Titre du projet").focus()
    editor.get_by_role("status").filter(has_text="Pas de réseau").wait_for()
    row.refresh_from_db()
    assert row.content["summary_fr"] == summary
    server.start()
    editor.get_by_role("status").filter(has_text=HOUR).wait_for()

    row.refresh_from_db()
    assert (row.content["summary_fr"], row.content["description_fr"]) == (summary, description)
    submit_after_another_cut(editor, server, row)


def submit_after_another_cut(editor, server, row):
    """The page that submits was opened before the cut; its button is pressed after, twice."""
    address = f"/espace/inscriptions/{row.pk}/verification/"
    editor.goto(address)
    twin = editor.context.new_page()
    twin.goto(address)
    server.kill()
    server.start()

    for page in (editor, twin):
        page.get_by_role("button", name="Soumettre").click()
        page.get_by_text("Votre inscription est soumise.").first.wait_for()

    assert Registration.objects.get(pk=row.pk).state == "submitted"
    assert RegistrationVersion.objects.filter(registration=row).count() == 1
    assert Mail.objects.filter(event="registration_receipt", address="editor@example.org").count() == 1
