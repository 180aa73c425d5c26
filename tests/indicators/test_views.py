import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import ContextIndicator, Indicator
from plans.models import Plan
from tests.factories import (
    CommonTargetFactory,
    ContributionFactory,
    DeliverableFactory,
    IndicatorDefinitionFactory,
    IndicatorFactory,
    MeasurementFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_15_january_2027(monkeypatch):
    """The clock of the pages stands still."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args: dt.date(2027, 1, 15))


@pytest.fixture
def objective():
    plan = PlanFactory(slug="2020-2022", is_current=True)
    return ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=1), number=1)


def indicator_of(objective, *values, **content):
    plan = objective.orientation.plan
    project = content.pop("project", None) or ProjectFactory(
        plan=plan, objective=objective, lead=OrganizationFactory()
    )
    indicator = IndicatorFactory(project=project, **content)
    for year, value in enumerate(values, start=2025):
        MeasurementFactory(indicator=indicator, measured_on=dt.date(year, 12, 31), value=value)
    return indicator


def fill(objective, rows):
    for n in range(rows):
        own = ObjectiveFactory(orientation=OrientationFactory(plan=objective.orientation.plan))
        indicator = indicator_of(objective, 40, 50 + n)
        indicator.project.objective_ties.create(objective=own)
        DeliverableFactory(project=indicator.project, due_on="2021-01-01")
        for target_objective in (objective, own):
            target = CommonTargetFactory(plan=own.orientation.plan, objective=target_objective)
            ContributionFactory(common_target=target, indicator=indicator)


ADDRESSES = [
    "/indicateurs/",
    "/indicateurs/?orientation=1&etat=on_track",
    "/indicateurs/repas/",
    "/projets/le-projet/",
    "/plans/2020-2022/objectifs/1.1/",
    "/plans/2020-2022/orientations/1/",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_pages_are_open_to_all_in_both_languages(client, objective, address, prefix):
    project = ProjectFactory(plan=objective.orientation.plan, objective=objective, slug="le-projet")
    indicator_of(objective, 40, project=project, slug="repas")

    response = client.get(prefix + address)

    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1
    assert b"style=" not in response.content


@pytest.mark.same_on_any_database
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_asks_as_much_of_the_database_for_one_row_as_for_25(client, objective, address):
    project = ProjectFactory(plan=objective.orientation.plan, objective=objective, slug="le-projet")
    indicator = indicator_of(objective, 40, project=project, slug="repas")
    ContributionFactory(common_target=CommonTargetFactory(plan=project.plan), indicator=indicator)
    counts = []
    for rows in (1, 2, 22):
        fill(objective, rows)
        for year in range(rows):
            indicator_of(objective, project=project)
            MeasurementFactory(indicator=indicator, measured_on=dt.date(2000 + len(counts) * 30 + year, 1, 1))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))

    assert counts == [counts[0]] * 3
    assert counts[0] < 40


def test_the_dashboard_without_a_plan_or_without_indicators_says_so(client):
    assert "Le suivi paraîtra ici" in client.get("/indicateurs/").content.decode()
    PlanFactory(is_current=True)
    assert "Aucun indicateur ici" in client.get("/indicateurs/").content.decode()


def test_silence_is_counted_and_never_averaged(client, objective):
    indicator_of(objective, 60, title_fr="À moitié")
    indicator_of(objective, title_fr="Silencieux")

    page = client.get("/indicateurs/")

    assert page.context["tally"].counts == {"on_track": 1, "no_data": 1}
    assert (page.context["tally"].reported, page.context["tally"].followed) == (1, 2)
    assert "1 projet sur 2 a rapporté" in page.content.decode()


def test_a_project_of_two_orientations_counts_in_each_and_once_in_all(client, objective):
    indicator = indicator_of(objective, 60)
    other = ObjectiveFactory(orientation=OrientationFactory(plan=objective.orientation.plan, number=2))
    indicator.project.objective_ties.create(objective=other)

    page = client.get("/indicateurs/")

    assert [row.tally.total for row in page.context["orientations"]] == [1, 1]
    assert page.context["tally"].total == 1


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Bonne voie", "Recul"]),
        ("?etat=regressing", ["Recul"]),
        ("?orientation=2", ["Recul"]),
        ("?orientation=1&etat=regressing", []),
        ("?etat=mauvais&orientation=99", ["Bonne voie", "Recul"]),
    ],
)
def test_the_list_is_filtered_by_orientation_and_status(client, objective, query, titles):
    second = ObjectiveFactory(orientation=OrientationFactory(plan=objective.orientation.plan, number=2))
    indicator_of(objective, 60, title_fr="Bonne voie")
    indicator_of(second, 10, title_fr="Recul")

    page = client.get(f"/indicateurs/{query}")

    assert [row.indicator.title for row in page.context["page"].object_list] == titles
    assert bool(page.context["problems"]) is ("mauvais" in query)


@pytest.mark.parametrize(
    "hide",
    [
        lambda i: i.project.plan.__class__.objects.update(stage=Plan.Stage.PREPARATION, is_current=False),
        lambda i: i.project.__class__.objects.update(
            archived_at="2026-01-01T00:00Z", archive_reason_fr="Fini."
        ),
        lambda i: Indicator.objects.update(archived_at="2026-01-01T00:00Z", archive_reason="Doublon."),
        lambda i: Indicator.objects.update(definition=None),
    ],
)
def test_what_is_not_public_has_no_page(client, objective, hide):
    indicator = indicator_of(objective, 60, title_fr="Canari jaune", slug="canari")
    before = client.get("/indicateurs/canari/").status_code

    hide(indicator)

    assert before == 200
    assert client.get("/indicateurs/canari/").status_code == 404
    assert client.get("/indicateurs/canari/donnees.csv").status_code == 404
    for address in ("/indicateurs/", "/recherche/?q=canari", "/sitemap-indicateurs.xml"):
        page = client.get(address).content
        assert b"anari jaune" not in page
        assert b"/indicateurs/canari/" not in page


@pytest.mark.parametrize("state", ["draft", "submitted", "refused", "replaced"])
def test_a_value_that_is_not_accepted_is_nowhere(client, objective, state):
    indicator = indicator_of(objective, 60, slug="repas")
    MeasurementFactory(
        indicator=indicator, measured_on=dt.date(2024, 1, 1), value=987654, state=state, refusal="Non."
    )

    for address in ("/indicateurs/", "/indicateurs/repas/", "/indicateurs/repas/donnees.csv"):
        content = client.get(address).content.decode().replace("\xa0", "")
        assert "987654" not in content
    assert "60" in content


def test_the_page_tells_value_way_target_and_calculation(client, objective):
    indicator_of(objective, 40, 60, slug="repas")

    content = client.get("/indicateurs/repas/").content.decode().replace("\xa0", " ")

    assert "100 × (60 − 20) ÷ (100 − 20) = 50,0 %" in content
    assert "en bonne voie : au moins 85 % de ce qui est attendu" in content


def test_values_under_an_older_definition_stay_and_are_told_apart(client, objective):
    indicator = indicator_of(objective, 40, slug="repas")
    new = IndicatorDefinitionFactory(
        indicator=indicator,
        number=2,
        series_from=2,
        state="approved",
        unit_fr="kg",
        reason="On pèse maintenant.",
        breaks_series=True,
        decided_at="2026-02-01T12:00Z",
    )
    indicator.definitions.filter(number=1).update(decided_at="2024-02-01T12:00Z")
    Indicator.objects.update(definition=new)
    MeasurementFactory(indicator=indicator, definition=new, measured_on=dt.date(2026, 6, 30), value=55)

    page = client.get("/indicateurs/repas/")

    content = page.content.decode().replace("\xa0", " ")
    assert (page.context["progress"].value, page.context["progress"].reported) == (55, 1)
    assert "40 repas" in content
    assert "On pèse maintenant." in content


def test_the_data_is_given_as_csv(client, objective):
    indicator = indicator_of(objective, 40, slug="repas")
    MeasurementFactory(
        indicator=indicator, measured_on=dt.date(2026, 6, 30), value=None, absence="not_collected"
    )

    response = client.get("/indicateurs/repas/donnees.csv")

    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [(r["date"], r["valeur"], r["unité"], r["sans valeur parce que"]) for r in rows] == [
        ("2025-12-31", "40", "repas", ""),
        ("2026-06-30", "", "repas", "non recueillie"),
    ]


def test_statistics_show_both_sources_that_disagree(client):
    statistic = ContextIndicator.objects.create(slug="ia", title_fr="Insécurité", unit_fr="%", decimals=1)
    for code, value in (("A", "17.7"), ("B", "17.4")):
        statistic.values.create(
            code=code,
            territory_fr="Montréal",
            first_year=2022,
            last_year=2022,
            value=value,
            source=f"Source {code}",
            source_url="https://exemple.org/",
        )

    content = client.get("/indicateurs/").content.decode().replace("\xa0", " ")

    assert all(text in content for text in ("17,7 %", "17,4 %", "Source A", "Source B"))
    assert content.count("Sources en désaccord") == 2


def test_indicators_are_found_by_the_search(client, objective):
    indicator_of(objective, 60, title_fr="Récoltes des serres", slug="recoltes")

    content = client.get("/recherche/?q=recolte+serre").content.decode()

    assert "/indicateurs/recoltes/" in content
