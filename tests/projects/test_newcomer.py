"""Somebody whom nobody told anything: from the home page to a project of usual size that is handed in, by what the
pages say alone.
"""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from core import sending
from partners.models import Organization
from plans.models import Plan
from projects.models import Registration
from tests.projects.registrations import People

pytestmark = pytest.mark.same_on_any_database

PATIENCE = 120_000  # milliseconds: a busy machine is not a fault of the page
PASSWORD = "trois-navets-bien-ronds"


@pytest.fixture
def plan(transactional_db):
    cache.clear()
    people = People()
    closes_at = timezone.now() + dt.timedelta(days=40)
    Plan.objects.filter(pk=people.plan.pk).update(call_closes_at=closes_at, is_current=True)
    return people.plan


def press(page, name):
    page.get_by_role("button", name=name).last.click()
    page.wait_for_load_state()


def follow(page, name):
    page.get_by_role("link", name=name).first.click()
    page.wait_for_load_state()


def open_account(page):
    follow(page, "Inscrire un projet")
    follow(page, re.compile("Ouvrir un compte|Créer un compte"))
    page.get_by_label("Nom").fill("Zoé Exemple")
    page.get_by_label("Courriel").fill("zoe@example.org")
    for number in range(2):
        page.locator("input[type=password]").nth(number).fill(PASSWORD)
    press(page, re.compile("Ouvrir|Créer"))
    page.get_by_role("heading", level=1).wait_for()
    sending.send_due()
    page.goto(re.search(r"http://\S+/confirmer/\S+/", mail.outbox[-1].body)[0])
    press(page, re.compile("C.est bien le mien"))


def create_organization(page):
    follow(page, "Trouver mon organisation")
    page.get_by_role("searchbox").last.fill("Les Navets ronds")
    page.keyboard.press("Enter")
    follow(page, re.compile("Créer"))
    page.get_by_label("Secteur").select_option("community")
    press(page, re.compile("Créer"))
    page.get_by_text("L'organisation est créée.").or_(
        page.get_by_text("L’organisation est créée.")
    ).wait_for()


def go_on(page, to):
    press(page, "Enregistrer et continuer")
    page.wait_for_url(f"**/{to}/")


def fill_steps(page):
    page.get_by_label("Titre du projet").fill("Serres de quartier")
    page.get_by_label("Résumé", exact=True).fill("Trois serres dans des cours d'école.")
    page.get_by_label("Description", exact=True).fill(
        "Chaque école a la sienne.\n\nUne horticultrice y passe."
    )
    go_on(page, "plan")
    page.get_by_label("Objectif principal").select_option(index=1)
    page.get_by_label("Production").check()
    go_on(page, "partenaires")
    for number in range(3):
        if number:
            page.get_by_role("button", name="Ajouter une organisation").click()
        page.get_by_label("Organisation", exact=True).nth(number).fill(f"Coop inventée {number}")
    go_on(page, "territoire")
    page.get_by_label("Le projet agit sur toute l").check()
    page.get_by_label("Personne-ressource", exact=True).fill("Zoé Exemple")
    page.get_by_role("textbox", name="Son courriel").fill("zoe@example.org")
    go_on(page, "livrables")
    page.get_by_label("Début du projet").fill("automne 2026")
    for number in range(3):
        if number:
            page.get_by_role("button", name="Ajouter un livrable").click()
        page.get_by_label("Ce que le projet produira").nth(number).fill(f"Serre {number + 1}")
        page.get_by_label("Échéance").nth(number).fill("fin 2027")
    go_on(page, "indicateurs")
    go_on(page, "verification")


def test_a_newcomer_registers_a_project_with_the_site_alone(page, plan):
    page.context.set_default_timeout(PATIENCE)
    page.goto("/")
    open_account(page)
    page.goto("/")
    follow(page, "Inscrire un projet")
    create_organization(page)
    follow(page, "Inscrire un projet")
    press(page, re.compile("Commencer"))
    fill_steps(page)
    press(page, "Soumettre")
    page.get_by_text("Votre inscription est soumise.").wait_for()

    row = Registration.objects.get()
    assert (row.state, row.organization, row.created_by.email) == (
        "submitted",
        Organization.objects.get(name="Les Navets ronds"),
        "zoe@example.org",
    )
    assert (len(row.content["partners"]), len(row.content["deliverables"])) == (3, 3)
