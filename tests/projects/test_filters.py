import datetime as dt

import pytest
from django.http import QueryDict
from django.utils import timezone

from projects.facets import facets_of
from projects.filters import ProjectFilter
from projects.models import Project
from tests.factories import (
    CrossCuttingIssueFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    ProjectFactory,
    ProjectFoodChainLinkFactory,
    ProjectObjectiveFactory,
    ProjectPartnerFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return PlanFactory(is_current=True)


@pytest.fixture
def projects(plan):
    """Four projects that differ along every dimension; « caché » is archived."""
    access = OrientationFactory(plan=plan, number=1, title_fr="Accès")
    waste = OrientationFactory(plan=plan, number=2, title_fr="Empreinte")
    markets = ObjectiveFactory(orientation=access, number=1)
    kitchens = ObjectiveFactory(orientation=access, number=2)
    compost = ObjectiveFactory(orientation=waste, number=1)
    resilience = CrossCuttingIssueFactory(plan=plan, number=1)
    verdun = TerritoryFactory(name="Verdun", slug="verdun")
    anjou = TerritoryFactory(name="Anjou", slug="anjou")
    club = OrganizationFactory(name="Le Panier vert", slug="panier-vert", sector="community")
    firm = OrganizationFactory(name="Compost Alpha", slug="compost-alpha", sector="private")
    now = timezone.now()

    market = ProjectFactory(
        plan=plan, slug="marche", title_fr="Marché d'été", objective=markets, lead=club, territories=[verdun, anjou],
        stage="under_way", starts_on=dt.date(2021, 1, 1), updated_at=now,
    )  # fmt: skip
    ProjectObjectiveFactory(project=market, objective=kitchens)
    market.issues.add(resilience)
    ProjectFoodChainLinkFactory(project=market, link="distribution")
    ProjectPartnerFactory(project=market, organization=firm, role="contributor")
    ProjectPartnerFactory(project=market, organization=firm, role="funder")
    bins = ProjectFactory(
        plan=plan, slug="bacs", title_fr="Bacs à compost", objective=compost, lead=firm, territories=[anjou],
        stage="planned", starts_on=dt.date(2020, 1, 1), updated_at=now - dt.timedelta(days=1),
    )  # fmt: skip
    ProjectFoodChainLinkFactory(project=bins, link="post_consumption")
    ProjectFactory(
        plan=plan, slug="ile", title_fr="Avis de marché", objective=kitchens, lead=club, covers_whole_island=True,
        stage="under_way", updated_at=now - dt.timedelta(days=2),
    )  # fmt: skip
    ProjectFactory(
        plan=plan, slug="cache", title_fr="Marché caché", objective=markets, lead=club, territories=[verdun],
        archived_at=now, archive_reason_fr="Doublon",
    )  # fmt: skip
    Project.objects.reindex()


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["marche", "bacs", "ile"]),
        ("orientation=1", ["marche", "ile"]),
        ("orientation=1&orientation=2", ["marche", "bacs", "ile"]),
        ("objectif=1.2", ["marche", "ile"]),
        ("objectif=1.1&objectif=2.1", ["marche", "bacs"]),
        ("enjeu=1", ["marche"]),
        ("territoire=anjou", ["marche", "bacs"]),
        ("territoire=verdun&territoire=toute-l-ile", ["marche", "ile"]),
        ("maillon=distribution", ["marche"]),
        ("secteur=private", ["bacs"]),
        ("etape=under_way", ["marche", "ile"]),
        ("partenaire=compost-alpha", ["marche", "bacs"]),
        ("territoire=anjou&etape=under_way", ["marche"]),
        ("q=MARCHES", ["ile", "marche"]),
        ("q=marches&tri=recent", ["marche", "ile"]),
        ("tri=titre", ["ile", "bacs", "marche"]),
        ("tri=debut", ["bacs", "marche", "ile"]),
        ("q=introuvable", []),
    ],
)
def test_the_facets_and_the_query_find_the_same_projects(plan, projects, query, slugs):
    filters = ProjectFilter(QueryDict(query), plan=plan)

    found = facets_of(filters).found

    assert [project.slug for project in filters.qs] == slugs
    assert [Project.objects.get(pk=pk).slug for pk in found] == slugs
    assert filters.problems == []


def test_each_facet_counts_with_the_choices_of_the_others(plan, projects):
    facets = facets_of(ProjectFilter(QueryDict("territoire=anjou&etape=under_way"), plan=plan))

    assert facets.counts("territoire") == {"toute-l-ile": 1, "anjou": 1, "verdun": 1}
    assert facets.counts("etape") == {"under_way": 1, "planned": 1}
    assert facets.counts("orientation") == {"1": 1, "2": 0}
    assert facets.counts("objectif") == {"1.1": 1, "1.2": 1, "2.1": 0}
    assert facets.counts("secteur") == {"community": 1, "private": 0}


def test_an_orientation_counts_a_project_of_two_of_its_objectives_once(plan, projects):
    facets = facets_of(ProjectFilter(QueryDict(""), plan=plan))

    assert facets.counts("orientation") == {"1": 2, "2": 1}


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("orientation=9", "Orientation : « 9 » n'existe pas et n'a pas été pris en compte."),
        ("objectif=../etc", "Objectif général : « ../etc » n'existe pas et n'a pas été pris en compte."),
        ("objectif=1.2.3", "Objectif général : « 1.2.3 » n'existe pas et n'a pas été pris en compte."),
        ("territoire=atlantide", "Territoire : « atlantide » n'existe pas et n'a pas été pris en compte."),
        ("partenaire=personne", "Partenaire : « personne » n'existe pas et n'a pas été pris en compte."),
        ("tri=hasard", "Tri : « hasard » n'existe pas et n'a pas été pris en compte."),
        ("etape=%00", "Étape : « \x00 » n'existe pas et n'a pas été pris en compte."),
    ],
)
def test_an_unknown_value_is_told_and_left_aside(plan, projects, query, problem):
    filters = ProjectFilter(QueryDict(query), plan=plan)

    assert filters.problems == [problem]
    assert len(facets_of(filters).found) == 3


def test_a_known_value_beside_an_unknown_one_still_filters(plan, projects):
    filters = ProjectFilter(QueryDict("orientation=2&orientation=99"), plan=plan)

    assert [project.slug for project in filters.qs] == ["bacs"]
