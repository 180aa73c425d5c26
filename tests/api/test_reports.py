"""The accepted reports in the API: the same words as the pages."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.indicators.reports import NOW, Followed

pytestmark = pytest.mark.django_db

TEXTS = {
    "narrative_fr": "Dix marchés ont eu lieu.",
    "narrative_en": "Ten markets were held.",
    "learned_fr": "Le jeudi convient mieux.",
    "learned_en": "Thursday works better.",
}


@pytest.fixture(autouse=True)
def nobody_asked_before():
    cache.clear()


@pytest.fixture
def people():
    people = Followed()
    people.plan.is_current = True
    people.plan.save()
    return people


def reports(client):
    return client.get(reverse("api:report-list")).json()["results"]


def test_a_report_is_told_in_both_languages_and_without_what_is_for_the_council(client, people):
    row = people.accepted(**TEXTS, needs="Un camion.")

    (told,) = reports(client)

    assert told == {
        "id": row.pk,
        "plan": people.plan.slug,
        "project": people.project.slug,
        "period": {
            "title": {"fr": "Bilan 2026", "en": "Report for 2026"},
            "starts_on": "2026-01-01",
            "ends_on": "2026-12-31",
            "is_own": False,
        },
        "narrative": {"fr": TEXTS["narrative_fr"], "en": TEXTS["narrative_en"]},
        "learned": {"fr": TEXTS["learned_fr"], "en": TEXTS["learned_en"]},
        "indicators": ["repas"],
        "accepted_at": told["accepted_at"],
        "is_demonstration": False,
        "page": f"http://testserver{people.project.get_absolute_url()}#bilan-{row.pk}",
    }


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_pages_say_the_same(client, people, language):
    people.accepted(**TEXTS)
    prefix = "" if language == "fr" else "/en"
    address = prefix + people.project.get_absolute_url()

    (told,) = reports(client)
    learnings = client.get(prefix + "/apprentissages/").content.decode()
    project = client.get(address).content.decode()

    assert re.findall(r'class="learning-text"><p>([^<]+)</p>', learnings) == [told["learned"][language]]
    assert told["narrative"][language] in project
    assert told["learned"][language] in project
    assert f'id="bilan-{told["id"]}"' in project


@pytest.mark.parametrize("state", ["expected", "draft", "submitted", "changes_requested", "waived"])
def test_nothing_is_told_before_it_is_accepted(client, people, state):
    row = people.in_state(state)

    assert reports(client) == []
    assert client.get(reverse("api:report-detail", kwargs={"pk": row.pk})).status_code == 404


def test_a_correction_is_not_told_before_it_is_accepted(client, people):
    people.correction(learned_fr="Autre chose.")

    assert [told["learned"]["fr"] for told in reports(client)] == ["Le jeudi convient mieux."]


def test_that_of_an_archived_project_is_gone(client, people):
    row = people.accepted()
    row.project.archived_at, row.project.archive_reason_fr = NOW, "Terminé."
    row.project.save()

    assert reports(client) == []


def test_many_reports_take_as_many_queries_as_one(client, people):
    people.accepted()
    reports(client)
    with CaptureQueriesContext(connection) as one:
        assert len(reports(client)) == 1
    for number in range(3):
        project = people.published(f"Projet {number}")
        clone = people.period.reports.get(project=people.project)
        clone.pk, clone._state.adding, clone.project = None, True, project
        clone.save()

    with CaptureQueriesContext(connection) as many:
        assert len(reports(client)) == 4
    assert len(many) == len(one)
