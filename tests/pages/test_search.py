import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from csam.pages.kinds import KINDS
from csam.pages.search import search, single_words
from indicators.models import CommonTarget, Learning, ProgressReport, ReportingPeriod
from partners.models import Organization
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan, PlanningPhase
from projects.models import Project
from tests.factories import (
    CommonTargetFactory,
    CrossCuttingIssueFactory,
    IndicatorFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    PlanningPhaseFactory,
    ProjectFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


def reindex():
    models = (Project, Organization, Orientation, Objective, CrossCuttingIssue, PlanningPhase, Learning)
    for model in models:
        model.objects.all().reindex()


def learned(project, text="", english="", title="Bilan 2026"):
    """What the accepted report of a period of its own says."""
    period = ReportingPeriod.objects.create(
        plan=project.plan,
        title_fr=title,
        starts_on=(first := dt.date(2026, 1, 1) + dt.timedelta(ReportingPeriod.objects.count())),
        ends_on=first,
        opens_on=first,
        due_on=first,
    )
    report = ProgressReport.objects.create(project=project, period=period)
    return Learning.objects.create(report=report, text_fr=text, text_en=english)


def titles(text, **options):
    return [(hit.kind.code, hit.title) for hit in search(text, language="fr", **options).hits]


@pytest.fixture
def plan():
    return PlanFactory(is_current=True, slug="2020-2022")


@pytest.fixture
def one_of_each(plan):
    orientation = OrientationFactory(plan=plan, number=3, title_fr="Les marchés de proximité")
    ObjectiveFactory(orientation=orientation, number=2, title_fr="Ouvrir des marchés")
    CrossCuttingIssueFactory(plan=plan, title_fr="Des marchés résilients")
    ProjectFactory(plan=plan, title_fr="Marché mobile")
    garden = ProjectFactory(plan=plan, title_fr="Jardin", summary_fr="Au pied du marché.")
    IndicatorFactory(project=garden, title_fr="Kilos vendus", meaning_fr="Au marché.")
    CommonTargetFactory(plan=plan, title_fr="Cent marchés")
    learned(garden, "Un marché se tient le jeudi.")
    OrganizationFactory(name="Amis du marché")
    PlanningPhaseFactory(plan=plan, title_fr="Le forum", text_fr="Tenu au marché.")
    TerritoryFactory(name="Marché-Sud")
    reindex()


def test_titles_come_first_then_kinds_then_the_alphabet(one_of_each):
    assert titles("marches") == [
        ("orientations", "Les <mark>marchés</mark> de proximité"),
        ("objectifs", "Ouvrir des <mark>marchés</mark>"),
        ("enjeux", "Des <mark>marchés</mark> résilients"),
        ("projets", "<mark>Marché</mark> mobile"),
        ("organisations", "Amis du <mark>marché</mark>"),
        ("cibles", "Cent <mark>marchés</mark>"),
        ("territoires", "<mark>Marché</mark>-Sud"),
        ("projets", "Jardin"),
        ("indicateurs", "Kilos vendus"),
        ("apprentissages", "Jardin"),
        ("phases", "Le forum"),
    ]


def test_counts_are_of_every_kind_even_when_one_is_chosen(one_of_each):
    results = search("marché", language="fr", kind="projets")

    assert {c.kind.code: c.count for c in results.counts} == {
        "orientations": 1,
        "objectifs": 1,
        "enjeux": 1,
        "projets": 2,
        "organisations": 1,
        "indicateurs": 1,
        "cibles": 1,
        "apprentissages": 1,
        "phases": 1,
        "territoires": 1,
    }
    assert (results.total, results.found) == (11, 2)
    assert [hit.title for hit in results.hits] == ["<mark>Marché</mark> mobile", "Jardin"]


@pytest.mark.parametrize(
    "typed", ["Cote des neiges", "côte-des-neiges", "COTE DES NEIGES NOTRE DAME DE GRACE"]
)
def test_a_territory_leads_to_its_projects(typed):
    TerritoryFactory(name="Côte-des-Neiges–Notre-Dame-de-Grâce", slug="cdn-ndg")

    (hit,) = search(typed, language="fr").hits

    assert hit.url == f"{reverse('projects:list')}?territoire=cdn-ndg"


def test_a_project_is_found_by_its_partners_territories_and_deliverables(plan):
    project = ProjectFactory(plan=plan, lead=OrganizationFactory(name="Les Récoltes solidaires"))
    project.territories.add(TerritoryFactory(name="Lachine"))
    project.deliverables.create(number=1, title_fr="Un guide des semences")
    reindex()

    found = [
        search(text, language="fr", kind="projets").hits[0].excerpt.html
        for text in ("recolte", "lachine", "semence")
    ]

    assert found == [
        "Les <mark>Récoltes</mark> solidaires",
        "<mark>Lachine</mark>",
        "Un guide des <mark>semences</mark>",
    ]


def test_what_is_not_public_is_not_found(plan):
    hidden = PlanFactory(stage=Plan.Stage.PREPARATION)
    orientation = OrientationFactory(plan=hidden, title_fr="Secret")
    ObjectiveFactory(orientation=orientation, title_fr="Secret")
    CrossCuttingIssueFactory(plan=hidden, title_fr="Secret")
    PlanningPhaseFactory(plan=hidden, title_fr="Secret")
    unborn = ProjectFactory(plan=hidden, title_fr="Secret")
    withdrawn = ProjectFactory(
        plan=plan, title_fr="Secret", archived_at="2024-01-01T00:00Z", archive_reason_fr="Doublon."
    )
    for project in (unborn, withdrawn):
        learned(project, "Secret")
        IndicatorFactory(project=project, title_fr="Secret")
    CommonTargetFactory(plan=hidden, title_fr="Secret")
    CommonTargetFactory(plan=plan, title_fr="Secret", archived_at="2024-01-01T00:00Z")
    OrganizationFactory(name="Secret un", stage=Organization.Stage.PENDING)
    OrganizationFactory(name="Secret deux", stage=Organization.Stage.ARCHIVED)
    reindex()

    assert titles("secret") == []


def test_french_text_on_an_english_page_is_told(plan):
    ProjectFactory(plan=plan, title_fr="Marché", summary_fr="Un marché.")
    reindex()

    (hit,) = search("marche", language="en").hits

    assert (hit.title_language, hit.excerpt.language) == ("fr", "fr")


# Lessons and common targets --------------------------------------------------------------------------------


def lessons(text, language="fr"):
    return search(text, language=language, kind="apprentissages").hits


def test_a_lesson_is_found_by_its_passage_and_by_the_title_of_its_project(plan):
    project = ProjectFactory(plan=plan, title_fr="Marché mobile")
    learned(project, "Le jeudi convient mieux.")
    learned(ProjectFactory(plan=plan, title_fr="Serre"), "Un marché attire du monde.", title="Printemps")
    reindex()

    found = {text: [(h.title, h.detail.text) for h in lessons(text)] for text in ("jeudi", "marche jeudi")}
    by_title_first = [hit.title for hit in lessons("marché")]

    assert found == {
        "jeudi": [("Marché mobile", "Bilan 2026")],
        "marche jeudi": [("<mark>Marché</mark> mobile", "Bilan 2026")],
    }
    assert by_title_first == ["<mark>Marché</mark> mobile", "Serre"]


def test_a_lesson_follows_the_title_of_its_project(plan):
    project = ProjectFactory(plan=plan, title_fr="Marché")
    learned(project, "Le jeudi convient mieux.")
    reindex()

    project.title_fr = "Kiosque"
    project.save()
    Project.objects.reindex()

    assert [len(lessons(text)) for text in ("marché", "kiosque")] == [0, 1]


def test_a_lesson_shows_where_it_answers_in_the_language_it_was_written_in(plan):
    project = ProjectFactory(plan=plan, title_fr="Serre", title_en="Greenhouse")
    learned(project, "Aérer davantage.", title="Printemps")
    learned(project, "", "Ventilate more.", title="Automne")
    reindex()

    (french,), (english,) = lessons("aerer", "en"), lessons("ventilate")

    assert (french.title, french.excerpt.html, french.excerpt.language) == (
        "Greenhouse",
        "<mark>Aérer</mark> davantage.",
        "fr",
    )
    assert (english.title, english.excerpt.html, english.excerpt.language) == (
        "Serre",
        "<mark>Ventilate</mark> more.",
        "en",
    )


def test_a_lesson_and_a_target_lead_to_their_places(client, plan):
    learning = learned(ProjectFactory(plan=plan), "Le jeudi convient mieux.")
    CommonTargetFactory(plan=PlanFactory(slug="2015-2018"), slug="repas", title_fr="Repas du jeudi")
    reindex()

    addresses = {hit.kind.code: hit.url for hit in search("jeudi", language="fr").hits}

    assert addresses == {
        "apprentissages": f"/apprentissages/{learning.report_id}/",
        "cibles": "/indicateurs/?plan=2015-2018#cible-repas",
    }
    page = client.get(addresses["cibles"]).content.decode()
    assert 'id="cible-repas"' in page


def test_targets_kept_before_are_found_by_the_migration(plan):
    CommonTargetFactory(plan=plan, title_fr="Repas servis", title_en="Meals served")
    kept = CommonTarget.search_columns()
    CommonTarget.objects.update(**dict.fromkeys(kept, ""))
    migration = import_module("indicators.migrations.0008_common_targets_are_found")

    migration.fill(apps, None)

    columns = CommonTarget.objects.values(*kept).get()
    CommonTarget.objects.reindex()
    assert columns == CommonTarget.objects.values(*kept).get()
    assert columns["search_title_en"] == " meal serv "


def test_pages_follow_one_another_and_end_at_the_last(plan):
    for number in range(45):
        ProjectFactory(plan=plan, title_fr=f"Marché {number:02}")
    reindex()

    assert [len(search("marché", language="fr", page=n).hits) for n in (1, 2, 3, 99, "x")] == [
        20,
        20,
        5,
        5,
        20,
    ]
    assert titles("marché", page=3)[0] == ("projets", "<mark>Marché</mark> 40")


@pytest.mark.parametrize("count", [1, 3, 25])
def test_the_number_of_queries_does_not_grow(plan, count, django_assert_num_queries):
    territory, lead = TerritoryFactory(), OrganizationFactory(name="Porteuse")
    for number in range(count):
        project = ProjectFactory(plan=plan, title_fr="Marché", lead=lead, territories=[territory])
        learned(project, "Le jeudi.", title=f"Bilan {number}")
        CommonTargetFactory(plan=plan, title_fr="Jeudi au marché")
        IndicatorFactory(project=project, title_fr="Jeudis de marché")
    reindex()

    # One for each of the ten kinds, and the rows of the page; projects with partners, territories, deliverables.
    for kind, queries in {"projets": 14, "indicateurs": 11, "cibles": 11, "apprentissages": 11}.items():
        with django_assert_num_queries(queries):
            assert search("marché", language="fr", kind=kind).found == count


def test_the_number_of_queries_with_every_kind_is_bounded(one_of_each, django_assert_max_num_queries):
    with django_assert_max_num_queries(2 * len(KINDS) + 4):
        search("marché", language="fr")


@pytest.mark.parametrize("text", ["", "de la", "%", "\0", "'; drop table", "<img src=x onerror=alert(1)>"])
def test_a_hostile_query_finds_nothing_and_harms_nothing(one_of_each, text):
    assert titles(text) == []


def test_words_to_try_one_by_one_are_those_that_count():
    assert single_words("les marchés de Verdun", "fr") == ["marches", "verdun"]
    assert single_words("marché", "fr") == []
