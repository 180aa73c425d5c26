import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from csam.api.views import OpenData
from indicators.models import Indicator
from partners.models import Organization
from tests.factories import (
    CommonTargetFactory,
    ContributionFactory,
    CrossCuttingIssueFactory,
    DeliverableFactory,
    IndicatorFactory,
    MeasurementFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    ProjectFactory,
    ProjectFoodChainLinkFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db

LISTS = ["plan", "project", "organization", "territory", "indicator", "common-target", "context"]


@pytest.fixture(autouse=True)
def on_15_january_2027(monkeypatch):
    """The clock of the pages stands still."""
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_args: dt.date(2027, 1, 15))


@pytest.fixture(autouse=True)
def nobody_asked_before():
    cache.clear()


@pytest.fixture
def plan():
    return PlanFactory(slug="2020-2022", is_current=True)


@pytest.fixture
def project(plan):
    objective = ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=1), number=2)
    return ProjectFactory(
        plan=plan,
        slug="serre",
        title_fr="Une serre",
        title_en="A greenhouse",
        summary_fr="Sur le toit.",
        starts_on="2021-10-01",
        starts_precision="season",
        contact_name="Alice",
        contact_email="alice@example.org",
        objective=objective,
        lead=OrganizationFactory(slug="jardin", name="Le Jardin"),
        territories=[TerritoryFactory(slug="verdun", name="Verdun")],
    )


def read(client, name, query="", **arguments):
    answer = client.get(reverse(f"api:{name}", kwargs=arguments) + query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def names(page):
    return [row["slug"] for row in page["results"]]


def table(client, name, plan="2020-2022"):
    answer = client.get(reverse(f"data:{name}", kwargs={"plan": plan}))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


# What is told ----------------------------------------------------------------------------------------------


def test_a_project_is_told_in_both_languages_with_its_ties(client, project):
    ProjectFoodChainLinkFactory(project=project, link="production")
    project.issues.add(CrossCuttingIssueFactory(plan=project.plan, number=3))
    DeliverableFactory(project=project, number=1, title_fr="Un guide", due_on="2022-01-01")

    told = read(client, "project-detail", slug="serre")

    assert told["title"] == {"fr": "Une serre", "en": "A greenhouse"}
    assert told["summary"] == {"fr": "Sur le toit.", "en": None}
    assert told["starts"] == {"first_day": "2021-09-21", "last_day": "2021-12-31", "precision": "season"}
    assert told["ends"] is None
    assert (told["objectives"], told["issues"], told["territories"]) == (["1.2"], [3], ["verdun"])
    assert told["food_chain_links"] == ["production"]
    assert [(p["organization"], p["role"]) for p in told["partners"]] == [("jardin", "lead")]
    assert told["deliverables"][0]["is_overdue"] is True
    assert told["page"] == "http://testserver/projets/serre/"


def test_a_person_is_named_only_with_consent(client, project):
    before = read(client, "project-detail", slug="serre")["contact"]
    project.contact_consented_on = dt.date(2021, 1, 1)
    project.save()

    after = read(client, "project-detail", slug="serre")["contact"]

    assert (before, after) == (None, {"name": "Alice", "email": "alice@example.org"})


def test_a_plan_is_told_with_its_objectives(client, project):
    told = read(client, "plan-detail", slug="2020-2022")

    assert [o["number"] for o in told["orientations"]] == [1]
    assert [o["code"] for o in told["orientations"][0]["objectives"]] == ["1.2"]


@pytest.fixture
def followed(project):
    indicator = IndicatorFactory(project=project, slug="repas")
    MeasurementFactory(indicator=indicator, measured_on=dt.date(2026, 12, 31), value=Decimal("62.50"))
    MeasurementFactory(indicator=indicator, measured_on=dt.date(2026, 6, 30), value=Decimal("0"), version=1)
    target = CommonTargetFactory(plan=project.plan, slug="ensemble", objective=None)
    ContributionFactory(common_target=target, indicator=indicator)
    return Indicator.objects.get(pk=indicator.pk)  # with decimals, as read from the database


def test_progress_is_that_of_the_pages(client, followed):
    told = read(client, "indicator-detail", slug="repas")

    progress = followed.progress(on=dt.date(2027, 1, 15))
    assert told["progress"]["status"] == progress.status
    assert Decimal(told["progress"]["percent"]) == round(progress.percent, 4)
    assert told["progress"]["value"] == "62.5"
    page = client.get(followed.get_absolute_url()).content.decode()
    assert progress.label.replace(" ", "\N{NO-BREAK SPACE}") in page
    assert [m["figure"] for m in told["measurements"]] == [
        f"{m.figure.normalize():f}" for m in followed.measurements.all()
    ]
    assert "0" in [m["figure"] for m in told["measurements"]]


def test_the_table_of_measurements_holds_the_same_values(client, followed):
    told = read(client, "indicator-detail", slug="repas")["measurements"]

    rows = table(client, "measurements")

    assert sorted((r["date"], r["valeur"]) for r in rows) == sorted(
        (m["measured_on"], m["figure"]) for m in told
    )


def test_a_common_target_tells_its_coverage(client, followed):
    told = read(client, "common-target-detail", slug="ensemble")

    assert told["coverage"] == {"reported": 1, "expected": 1}
    assert [c["indicator"] for c in told["contributions"]] == ["repas"]
    assert told["objective"] is None


# What is not -----------------------------------------------------------------------------------------------


def test_nothing_is_told_that_is_not_public(client, followed):
    project = followed.project
    unaccepted = MeasurementFactory(indicator=followed, measured_on=dt.date(2027, 1, 1), value=99)
    unaccepted.__class__.objects.filter(pk=unaccepted.pk).update(state="submitted")
    hidden = ProjectFactory(
        plan=project.plan, slug="retire", archived_at=timezone.now(), archive_reason_fr="Doublon."
    )
    IndicatorFactory(project=hidden, slug="retire-aussi")
    early = ProjectFactory(plan=PlanFactory(slug="2030-2032", stage="preparation"), slug="trop-tot")
    OrganizationFactory(slug="en-attente", stage="pending")

    assert names(read(client, "project-list")) == ["serre"]
    assert names(read(client, "indicator-list")) == ["repas"]
    assert names(read(client, "plan-list")) == ["2020-2022"]
    assert "en-attente" not in names(read(client, "organization-list"))
    assert "99" not in [m["figure"] for m in read(client, "indicator-detail", slug="repas")["measurements"]]
    assert [r["identifiant"] for r in table(client, "projects")] == ["serre"]
    assert "99" not in [r["valeur"] for r in table(client, "measurements")]
    for kind, slug in (("project", hidden.slug), ("project", early.slug), ("organization", "en-attente")):
        assert client.get(reverse(f"api:{kind}-detail", kwargs={"slug": slug})).status_code == 404
    assert client.get(reverse("data:projects", kwargs={"plan": "2030-2032"})).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client, project, method):
    for address in (reverse("api:project-list"), reverse("api:project-detail", kwargs={"slug": "serre"})):
        assert getattr(client, method)(address, {}, content_type="application/json").status_code == 405


# How it is asked -------------------------------------------------------------------------------------------


def test_lists_take_the_filters_of_the_pages(client, project):
    ProjectFactory(
        plan=project.plan,
        slug="four",
        stage="completed",
        objective=ObjectiveFactory(orientation=OrientationFactory(plan=project.plan, number=4)),
    )

    project.plan.projects.reindex()
    Organization.objects.reindex()

    assert names(read(client, "project-list", "?orientation=1")) == ["serre"]
    assert names(read(client, "project-list", "?etape=completed")) == ["four"]
    assert names(read(client, "project-list", "?q=serres")) == ["serre"]
    assert names(read(client, "organization-list", "?q=jardins")) == ["jardin"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?orientatoin=1", "orientatoin"),
        ("?plan=1999-2001", "plan"),
        ("?orientation=9", "non_field_errors"),
        ("?tri=hasard", "non_field_errors"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(client, project, query, field):
    answer = client.get(reverse("api:project-list") + query)

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_a_mistake_is_told_in_the_language_of_the_program(client, project):
    address = reverse("api:project-list") + "?couleur=vert"

    french = client.get(address).json()["couleur"][0]
    english = client.get(address, headers={"accept-language": "en"}).json()["couleur"][0]

    assert french.startswith("Ce paramètre n'existe pas.")
    assert english.startswith("This parameter does not exist.")


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=99", "?page=x", "?q=%00", "?plan=%00", "?page_size=99999"]
)
def test_odd_questions_do_no_harm(client, project, query):
    assert client.get(reverse("api:project-list") + query).status_code in (200, 400, 404)


def test_other_sites_may_read_it(client, project):
    assert client.get(reverse("api:project-list"))["Access-Control-Allow-Origin"] == "*"


def test_who_asks_too_often_is_told_to_wait(client, project, monkeypatch):
    (throttle,) = OpenData.throttle_classes
    monkeypatch.setattr(throttle, "rate", "2/minute", raising=False)
    answers = [client.get(reverse("api:territory-list")) for _ in range(3)]

    assert [a.status_code for a in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) <= 60


def fill(plan, rows):
    objective = ObjectiveFactory(orientation=OrientationFactory(plan=plan))
    target = CommonTargetFactory(plan=plan, objective=objective)
    for _ in range(rows):
        project = ProjectFactory(
            plan=plan, objective=objective, lead=OrganizationFactory(), territories=[TerritoryFactory()]
        )
        DeliverableFactory(project=project)
        ProjectFoodChainLinkFactory(project=project)
        project.issues.add(CrossCuttingIssueFactory(plan=plan))
        indicator = IndicatorFactory(project=project)
        MeasurementFactory(indicator=indicator)
        ContributionFactory(common_target=target, indicator=indicator)


def test_lists_take_as_many_queries_for_many_rows_as_for_one(client, plan):
    counts = {name: [] for name in (*LISTS, "projects", "organizations", "measurements")}
    for added in (1, 2, 22):
        fill(plan, added)
        for name in counts:
            address = (
                reverse(f"api:{name}-list") if name in LISTS else reverse(f"data:{name}", args=[plan.slug])
            )
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
                if answer.streaming:
                    list(answer.streaming_content)
            counts[name].append(len(queries))

    assert {name: found for name, found in counts.items() if len(set(found)) > 1} == {}


# How it is described ---------------------------------------------------------------------------------------


def test_the_description_is_complete(tmp_path):
    call_command("spectacular", file=str(tmp_path / "schema.yml"), validate=True, fail_on_warn=True)

    described = (tmp_path / "schema.yml").read_text()
    for kind in (
        "plans",
        "projects",
        "organizations",
        "territories",
        "indicators",
        "reports",
        "common-targets",
        "context",
    ):
        assert f"/api/v1/{kind}/" in described


def test_a_number_below_zero_stays_a_number(client, followed):
    MeasurementFactory(indicator=followed, measured_on=dt.date(2026, 9, 30), value=Decimal("-2.5"))

    assert "-2.5" in [row["valeur"] for row in table(client, "measurements")]


def test_no_cell_is_a_formula(client, project):
    project.title_fr = "=cmd|' /C calc'!A0"
    project.save()

    assert table(client, "projects")[0]["titre_fr"] == "'=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("language", "told"),
    [("fr", "Rien n'est publié à cette adresse."), ("en", "Nothing is published at this address.")],
)
def test_what_is_not_there_is_told_in_the_language_of_the_reader(client, language, told):
    address = reverse("api:project-detail", kwargs={"slug": "inconnu"})

    answer = client.get(address, headers={"accept-language": language})

    assert (answer.status_code, answer.json()) == (404, {"detail": told})
