import datetime as dt
import re

import pytest
from django.utils import timezone

from partners.models import Organization
from plans.models import Plan
from projects.models import Project
from tests.factories import (
    CrossCuttingIssueFactory,
    DeliverableFactory,
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
    return PlanFactory(slug="2020-2022", is_current=True)


@pytest.fixture
def objective(plan):
    return ObjectiveFactory(
        orientation=OrientationFactory(plan=plan, number=3, title_fr="Accès", colour="carotte"), number=2
    )


def make_projects(plan, objective, number):
    """Projects that share an objective, each with a lead, a partner, a territory and a deliverable."""
    for _ in range(number):
        project = ProjectFactory(
            plan=plan, objective=objective, lead=OrganizationFactory(), territories=[TerritoryFactory()]
        )
        ProjectPartnerFactory(project=project)
        ProjectFoodChainLinkFactory(project=project)
        DeliverableFactory(project=project)
        project.issues.add(CrossCuttingIssueFactory(plan=plan))
    Project.objects.reindex()
    Organization.objects.reindex()


def text(response):
    """The page as read: no tags, plain spaces."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0]+", " ", plain)


@pytest.mark.parametrize("number", [1, 3, 25])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/projets/", 18),
        ("/projets/?vue=liste", 18),
        ("/projets/?q=projet&etape=planned&tri=titre", 18),
        ("/projets/?partenaire_nom=organisation", 18),
        ("/projets/carte/", 18),
        ("/en/projets/", 18),
    ],
)
def test_lists_make_the_same_number_of_queries(
    client, plan, objective, django_assert_num_queries, number, address, queries
):
    make_projects(plan, objective, number)

    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("number", [1, 3, 25])
def test_a_project_makes_the_same_number_of_queries(
    client, plan, objective, django_assert_num_queries, number
):
    make_projects(plan, objective, 2)
    project = Project.objects.first()
    for _ in range(number):
        ProjectPartnerFactory(project=project)
        DeliverableFactory(project=project)
        ProjectObjectiveFactory(project=project, objective__orientation__plan=plan)
        project.territories.add(TerritoryFactory())
        project.issues.add(CrossCuttingIssueFactory(plan=plan))

    with django_assert_num_queries(15):
        assert client.get(project.get_absolute_url()).status_code == 200


def test_the_list_says_how_many_and_shows_them(client, plan, objective):
    ProjectFactory(plan=plan, objective=objective, title_fr="Serre du quai", slug="serre")

    response = client.get("/projets/")

    assert "1 projet " in text(response)
    assert '<a href="/projets/serre/">Serre du quai</a>' in response.content.decode()


def test_what_is_not_published_is_nowhere(client, plan, objective):
    ProjectFactory(plan=plan, title_fr="Canari visible")
    now = timezone.now()
    ProjectFactory(
        plan=plan, title_fr="Canari archivé", archived_at=now, archive_reason_fr="x", objective=objective
    )
    ProjectFactory(plan=PlanFactory(stage=Plan.Stage.PREPARATION), title_fr="Canari préparé")
    Project.objects.reindex()

    for address in ("/projets/?q=canari", "/projets/carte/?q=canari"):
        page = text(client.get(address))

        assert "Canari visible" in page
        assert "Canari archivé" not in page
        assert "Canari préparé" not in page


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("orientation=douze", "« douze » n’existe pas"),
        ("plan=2099", "« 2099 » n’existe pas"),
        ("page=9", "La page « 9 » n’existe pas"),
        ("page=-1", "La page « -1 » n’existe pas"),
        ("page=٣", "La page « ٣ » n’existe pas"),
        ("vue=mosaique", "« mosaique » n’existe pas"),
        ("tri='; DROP TABLE", "n’existe pas"),
        ("partenaire=%00", "n’existe pas"),
        ("territoire=%3Cscript%3E", "« &lt;script&gt; » n’existe pas"),
    ],
)
def test_a_bad_value_gets_a_message_and_the_list(client, plan, query, message):
    ProjectFactory(plan=plan, title_fr="Toujours là")

    response = client.get(f"/projets/?{query}")

    assert response.status_code == 200
    assert message in text(response)
    assert "Toujours là" in text(response)


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "a" * 5000, "q=%F0%9F%8D%85", "partenaire_nom=%00", "q=l%27"]
)
def test_strange_questions_are_answered(client, plan, query):
    ProjectFactory(plan=plan)

    assert client.get(f"/projets/?{query}").status_code == 200


def test_a_chip_takes_its_filter_away_and_keeps_the_others(client, plan, objective):
    TerritoryFactory(name="Verdun", slug="verdun")
    ProjectFactory(plan=plan, objective=objective)

    page = client.get("/projets/?orientation=3&territoire=verdun&vue=liste&inconnu=1").content.decode()

    chips = re.findall(r'chip-removable" href="([^"]+)"', page)
    assert chips == ["/projets/?territoire=verdun&amp;vue=liste", "/projets/?orientation=3&amp;vue=liste"]


def test_pages_keep_the_filters(client, plan, objective):
    make_projects(plan, objective, 25)

    page = client.get("/projets/?orientation=3").content.decode()

    assert 'rel="next" href="/projets/?orientation=3&amp;page=2"' in page


def test_nothing_found_says_what_to_do(client, plan):
    ProjectFactory(plan=plan)

    page = text(client.get("/projets/?q=introuvable"))

    assert "0 projet" in page
    assert "Aucun projet ne répond à ces critères." in page
    assert "Voir tous les projets" in page


def test_without_any_public_plan_the_list_still_answers(client):
    assert "Aucun plan n’est encore public." in text(client.get("/projets/"))
    assert "Aucun plan n’est encore public." in text(client.get("/projets/carte/"))


def test_another_plan_is_read_by_its_name(client, plan):
    old = PlanFactory(slug="2015-2019", stage=Plan.Stage.CLOSED)
    ProjectFactory(plan=plan, title_fr="Du plan courant")
    ProjectFactory(plan=old, title_fr="Du plan ancien")

    page = text(client.get("/projets/?plan=2015-2019"))

    assert "Du plan ancien" in page
    assert "Du plan courant" not in page


def test_the_map_and_its_table_say_the_same(client, plan, objective):
    verdun = TerritoryFactory(name="Verdun", slug="verdun", abbreviation="VD")
    TerritoryFactory(name="Anjou", slug="anjou", abbreviation="AJ")
    ProjectFactory.create_batch(3, plan=plan, territories=[verdun])
    ProjectFactory(plan=plan, covers_whole_island=True)

    page = client.get("/projets/carte/").content.decode()

    tiles = dict(re.findall(r'aria-label="(\w+)\W+(\d+) projets?"', page))
    table = re.findall(
        r'<th scope="row"><a href="[^"]+">([^<]+)</a></th>.*?<td class="numeric">(\d+)</td>', page
    )
    assert tiles == {"Verdun": "3", "Anjou": "0"}
    assert table == [("Toute l’île", "1"), ("Verdun", "3"), ("Anjou", "0")]


def test_a_tile_chooses_its_territory_and_lets_it_go(client, plan):
    verdun = TerritoryFactory(name="Verdun", slug="verdun", abbreviation="VD")
    ProjectFactory(plan=plan, territories=[verdun], title_fr="Au bord de l'eau")
    ProjectFactory(plan=plan, title_fr="Ailleurs")

    before = client.get("/projets/carte/?etape=planned").content.decode()
    after = client.get("/projets/carte/?etape=planned&territoire=verdun")

    assert 'class="tile level-5" href="/projets/carte/?etape=planned&amp;territoire=verdun"' in before
    assert 'class="tile level-5 is-selected" href="/projets/carte/?etape=planned"' in after.content.decode()
    assert "Au bord de l’eau" in text(after)
    assert "Ailleurs" not in text(after)


@pytest.fixture
def project(plan, objective):
    return ProjectFactory(
        plan=plan,
        objective=objective,
        slug="serre",
        title_fr="Serre du quai",
        lead=OrganizationFactory(name="Le Panier vert", slug="panier-vert"),
        contact_name="Camille Fictif",
        contact_email="camille@example.org",
    )


def test_a_project_page_tells_everything(client, project):
    pending = OrganizationFactory(name="Toute nouvelle", slug="toute-nouvelle", stage="pending")
    ProjectPartnerFactory(project=project, role="funder", organization=pending)
    ProjectFoodChainLinkFactory(project=project, link="post_consumption")
    project.issues.add(CrossCuttingIssueFactory(plan=project.plan, title_fr="Résilience"))
    project.territories.add(TerritoryFactory(name="Verdun"))

    response = client.get("/projets/serre/")

    page, html = text(response), response.content.decode()
    for told in (
        "Serre du quai",
        "3.2",
        "Le Panier vert",
        "Postconsommation",
        "Résilience",
        "Verdun",
        "Prévu",
    ):
        assert told in page
    assert 'href="/partenaires/panier-vert/"' in html
    assert "/partenaires/toute-nouvelle/" not in html


def test_partners_are_confirmed_or_not(client, project):
    ProjectPartnerFactory(
        project=project, organization__name="Confirmée inc.", confirmed_on=dt.date(2021, 1, 1)
    )

    page = text(client.get("/projets/serre/"))

    assert re.search(r"Le Panier vert à confirmer", page)
    assert re.search(r"Confirmée inc\. confirmé", page)


def test_the_contact_is_hidden_without_consent(client, project):
    assert "camille@example.org" not in client.get("/projets/serre/").content.decode()
    assert "Camille" not in client.get("/projets/serre/").content.decode()

    Project.objects.update(contact_consented_on=dt.date(2021, 1, 1))

    assert "camille@example.org" in client.get("/projets/serre/").content.decode()


def test_a_late_deliverable_is_told(client, project):
    DeliverableFactory(project=project, title_fr="Plans", due_on=dt.date(2021, 1, 1), due_precision="year")
    DeliverableFactory(project=project, title_fr="Bilan", due_on=dt.date(2199, 1, 1), due_precision="year")

    page = text(client.get("/projets/serre/"))

    assert re.search(r"Plans 2021 En retard", page)
    assert re.search(r"Bilan 2199 À faire", page)


def test_neighbours_serve_the_same_primary_objective(client, project, objective):
    ProjectFactory(plan=project.plan, objective=objective, title_fr="Tout proche")
    other = ObjectiveFactory(orientation=objective.orientation, number=4)
    ProjectFactory(plan=project.plan, objective=other, title_fr="Plus loin")

    page = text(client.get("/projets/serre/"))

    assert "Tout proche" in page
    assert "Plus loin" not in page


def test_an_archived_project_is_gone_with_its_reason(client, project):
    project.archived_at = timezone.now()
    project.archive_reason_fr = "Fusionné avec un autre projet."
    project.save()

    response = client.get("/projets/serre/")

    assert response.status_code == 410
    assert "Fusionné avec un autre projet." in text(response)


def test_a_project_of_a_plan_in_preparation_does_not_exist(client, project):
    Plan.objects.update(stage=Plan.Stage.PREPARATION, is_current=False)

    assert client.get("/projets/serre/").status_code == 404


@pytest.mark.parametrize("address", ["/projets/", "/projets/carte/", "/projets/serre/"])
def test_demonstration_rows_are_told(client, project, address):
    assert "Données de démonstration" not in text(client.get(address))

    Project.objects.update(is_demonstration=True)

    assert "Données de démonstration" in text(client.get(address))


def test_lists_are_for_reading_only(client, plan):
    assert client.post("/projets/").status_code == 405
