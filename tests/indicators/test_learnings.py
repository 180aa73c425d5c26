"""« Apprentissages »: what accepted reports say was learned, for everybody to find."""

import html
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Learning, ProgressReport
from indicators.reports import workflow
from tests.factories import ObjectiveFactory, OrientationFactory
from tests.indicators.reports import NOW, Followed

pytestmark = pytest.mark.django_db

PAGE = "/apprentissages/"


@pytest.fixture
def people():
    return Followed()


def learned(people, title, text, english="", **values):
    """A published project whose report of the period says so."""
    project = people.published(title, **values)
    report = ProgressReport.objects.create(
        project=project, period=people.period, state=ProgressReport.State.EXPECTED
    )
    learning = Learning.objects.create(report=report, text_fr=text, text_en=english)
    Learning.objects.filter(pk=learning.pk).reindex()
    return project


def text_of(response):
    page = re.sub(r"</?(time|span)[^>]*>", "", html.unescape(response.content.decode()))
    return re.sub(r"\s+", " ", page.replace("\u00a0", " ").replace("’", "'"))


def projects_on(response):
    return re.findall(r'class="learning-project"><a [^>]*>(?:<span lang="fr">)?([^<]+)', text_of(response))


# What is public ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["expected", "draft", "submitted", "changes_requested", "waived"])
def test_nothing_is_learned_before_it_is_accepted(client, people, state):
    people.in_state(state)

    assert "Le jeudi convient mieux." not in text_of(client.get(PAGE))
    assert not Learning.objects.exists()


def test_what_was_learned_is_public_once_accepted_and_the_rest_is_not(client, people):
    people.accepted(needs="Un camion.")

    page = text_of(client.get(PAGE))

    assert "Le jeudi convient mieux." in page
    assert "Bilan 2026" in page
    assert "La pluie." not in page
    assert "Un camion." not in page


def test_a_correction_replaces_it_once_accepted(client, people):
    row = people.correction(learned_fr="Le vendredi, finalement.")
    assert "Le jeudi convient mieux." in text_of(client.get(PAGE))

    row = people.submitted(row)
    workflow.accept(report=row, number=2, by=people.approver, at=NOW)

    page = text_of(client.get(PAGE))
    assert ("Le jeudi convient mieux." in page, "Le vendredi, finalement." in page) == (False, True)


def test_a_correction_that_says_nothing_of_it_takes_it_away(people):
    row = people.submitted(people.correction(learned_fr=""))

    workflow.accept(report=row, number=2, by=people.approver, at=NOW)

    assert not Learning.objects.exists()


def test_that_of_an_archived_project_is_hidden(client, people):
    project = learned(people, "Serre", "Aérer davantage.")
    assert projects_on(client.get(PAGE)) == ["Serre"]

    project.archived_at, project.archive_reason_fr = NOW, "Terminé."
    project.save()

    assert projects_on(client.get(PAGE)) == []


def test_reports_accepted_before_are_found_by_the_migration(people):
    people.accepted()
    Learning.objects.all().delete()
    migration = import_module("indicators.migrations.0005_learnings_of_accepted_reports")

    migration.fill(apps, None)

    filled = Learning.objects.get()
    columns = [getattr(filled, name) for name in Learning.search_columns()]
    filled.fill_search_columns()
    assert columns == [getattr(filled, name) for name in Learning.search_columns()]
    assert filled.text_fr == "Le jeudi convient mieux."


# Finding ----------------------------------------------------------------------------------------------------


@pytest.fixture
def three(people):
    """Of the objective of everybody, and of one under another orientation."""
    people.plan.orientations.update(number=1)  # whatever number the factory was at
    other = ObjectiveFactory(orientation=OrientationFactory(plan=people.plan, number=7), number=2)
    learned(people, "Serre", "Il faut aérer davantage.")
    learned(people, "Frigos", "Chercher la personne qui a la clé.")
    orchard = learned(people, "Verger", "Un nom sur chaque étiquette.")
    orchard.objective_ties.all().delete()
    orchard.objective_ties.create(objective=other, is_primary=True)
    return people


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Verger", "Frigos", "Serre"]),
        ("?q=etiquettes", ["Verger"]),
        ("?q=serres", ["Serre"]),
        ("?q=introuvable", []),
        ("?orientation=7", ["Verger"]),
        ("?objectif=7.2", ["Verger"]),
        ("?objectif=7.2&q=serre", []),
        ("?periode=hors-periode", []),
    ],
)
def test_the_list_is_searched_and_filtered(client, three, query, found):
    three.project.__class__.objects.reindex()

    assert projects_on(client.get(PAGE + query)) == found


def test_a_period_is_chosen(client, three):
    response = client.get(f"{PAGE}?periode={three.period.pk}")

    assert len(projects_on(response)) == 3


def test_counts_stand_beside_the_choices(client, three):
    response = client.get(f"{PAGE}?q=etiquettes")

    groups = {group.name: {c.value: c.count for c in group.choices} for group in response.context["groups"]}
    assert groups["orientation"]["7"] == 1
    assert groups["periode"] == {str(three.period.pk): 1, "hors-periode": 0}


@pytest.mark.parametrize(
    "query", ["?orientation=99&periode=9999&objectif=x", "?page=99", "?plan=nul", "?q=%00"]
)
def test_an_address_that_means_nothing_is_told(client, three, query):
    response = client.get(PAGE + query)

    assert response.status_code == 200
    assert len(projects_on(response)) == 3
    assert ("n'a pas pu être comprise" in text_of(response)) == (query != "?q=%00")


def test_a_long_list_has_pages(client, people):
    for number in range(23):
        learned(people, f"Projet {number}", "Commencer tôt.")

    first, second = client.get(PAGE), client.get(f"{PAGE}?page=2")

    assert (len(projects_on(first)), len(projects_on(second))) == (20, 3)


def test_each_has_an_address_that_leads_to_its_place(client, people):
    for number in range(23):
        learned(people, f"Projet {number}", "Commencer tôt.")
    first, last = Learning.objects.order_by("pk").first(), Learning.objects.order_by("pk").last()
    place = f"{PAGE}?plan={people.plan.slug}"

    answers = [client.get(row.get_absolute_url())["Location"] for row in (last, first)]

    assert answers == [
        f"{place}#apprentissage-{last.report_id}",
        f"{place}&page=2#apprentissage-{first.report_id}",
    ]
    assert f'id="apprentissage-{first.report_id}"' in client.get(answers[1]).content.decode()


def test_that_of_the_current_plan_does_not_name_it(client, people):
    people.plan.is_current = True
    people.plan.save()
    people.accepted()
    report = Learning.objects.get().report_id

    answer = client.get(f"/en{PAGE}{report}/")

    assert answer["Location"] == f"/en{PAGE}#apprentissage-{report}"


def test_the_address_of_what_is_hidden_or_was_never_said_is_not_found(client, people):
    project = learned(people, "Serre", "Aérer davantage.")
    address = Learning.objects.get().get_absolute_url()
    assert client.get(address).status_code == 302

    project.archived_at, project.archive_reason_fr = NOW, "Terminé."
    project.save()

    assert [client.get(a).status_code for a in (address, f"{PAGE}999999/")] == [404, 404]


def test_without_a_plan_the_page_says_so(client):
    assert "Aucun plan n'est encore public." in text_of(client.get(PAGE))


# Languages --------------------------------------------------------------------------------------------------


def test_a_french_text_on_the_english_page_is_marked(client, people):
    learned(people, "Serre", "Aérer davantage.")

    page = client.get("/en" + PAGE).content.decode()

    assert '<div lang="fr"><p>Aérer davantage.</p></div>' in page


def test_each_reader_reads_their_language(client, people):
    learned(people, "Serre", "Aérer davantage.", "Ventilate more.")

    french, english = text_of(client.get(PAGE)), text_of(client.get("/en" + PAGE))

    assert ("Aérer davantage." in french, "Ventilate more." in french) == (True, False)
    assert ("Aérer davantage." in english, "Ventilate more." in english) == (False, True)


def test_what_was_written_in_english_alone_is_shown_and_marked(client, people):
    learned(people, "Serre", "", "Ventilate more.")

    page = client.get(PAGE).content.decode()

    assert '<div lang="en"><p>Ventilate more.</p></div>' in page


# Other pages ------------------------------------------------------------------------------------------------


def test_objective_and_orientation_show_the_latest_and_lead_to_all(client, people):
    for number in range(4):
        learned(people, f"Projet {number}", f"Leçon {number}.")
    objective = people.objective

    for address, query in (
        (objective.get_absolute_url(), f"?objectif={objective.code}"),
        (objective.orientation.get_absolute_url(), f"?orientation={objective.orientation.number}"),
    ):
        response = client.get(address)
        assert projects_on(response) == ["Projet 3", "Projet 2", "Projet 1"]
        assert f"{PAGE}{query}" in response.content.decode()


def test_the_dashboard_leads_there(client, people):
    people.plan.is_current = True
    people.plan.save()

    assert f'href="{PAGE}"' in client.get("/indicateurs/").content.decode()


def test_the_number_of_queries_does_not_depend_on_the_rows(client, people):
    addresses = [PAGE, f"{PAGE}?q=tot", people.objective.get_absolute_url(), "/en" + PAGE]
    counts = {address: [] for address in addresses}
    for batch in range(3):
        for number in range(1 + 5 * batch):
            learned(people, f"Projet {batch}-{number}", "Commencer tôt.", stage="under_way")
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts[address].append(len(queries))

    assert {address: len(set(found)) for address, found in counts.items()} == dict.fromkeys(addresses, 1)
    assert counts[PAGE][0] <= 10


# The demonstration ------------------------------------------------------------------------------------------
