"""Under /en/, a reader meets French only where it says that it is French."""

import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone

from indicators.models import Learning, ProgressReport, ReportingPeriod
from plans.models import Plan
from projects.models import Project, ProjectPartner
from scripts import catalogs
from tests.documents.periods import accept
from tests.factories import (
    CommonTargetFactory,
    ContributionFactory,
    CrossCuttingIssueFactory,
    DeliverableFactory,
    IndicatorFactory,
    MeasurementFactory,
    MilestoneFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    PlanningPhaseFactory,
    ProcessFigureFactory,
    ProjectFactory,
    ProjectFoodChainLinkFactory,
    ProjectPartnerFactory,
    TerritoryFactory,
    publish_edition,
)

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
SPOKEN = ("title", "aria-label", "alt", "placeholder", "data-label", "aria-description")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
MARKUP = re.compile(r"</?\w[^>]*>")


class EnglishTexts(HTMLParser):
    """The whole text nodes and spoken attributes of a page that are not said to be in French."""

    def __init__(self):
        super().__init__()
        self.found = []
        self._open = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        language = values.get("lang") or (self._open[-1][1] if self._open else "")
        if not language.startswith("fr"):
            self.found += [values[name] for name in SPOKEN if values.get(name)]
            if tag == "meta" and values.get("name") == "description":
                self.found.append(values["content"])
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tag, language = self._open[-1] if self._open else ("", "")
        if data.strip() and tag not in ("script", "style") and not language.startswith("fr"):
            self.found.append(data)


def texts_of(html):
    parser = EnglishTexts()
    parser.feed(html)
    return {plain(text) for text in parser.found}


def plain(text):
    text = re.sub(r"\s+", " ", text.replace("\u2019", "'")).strip()
    return text.removesuffix(":").strip().lower()


@pytest.fixture(scope="module")
def french():
    """What matches a French string of the catalogue that reads otherwise in English."""
    said, patterns = set(), []
    catalog = catalogs.update()
    english = {plain(text) for m in catalog if m.id for text in forms(m.string)}
    for message in catalog:
        for text in forms(message.id) if message.id else ():
            if plain(text) in english:
                continue
            if not PLACEHOLDER.search(text) and not MARKUP.search(text):
                said.add(plain(text))
            elif len(re.findall(r"\w{3,}", PLACEHOLDER.sub("", MARKUP.sub("", text)))) >= 2:
                patterns.append(pattern(text))
    whole = re.compile("|".join(patterns))
    return lambda text: text in said or bool(whole.fullmatch(text))


def pattern(text):
    parts = PLACEHOLDER.split(MARKUP.sub("", plain(text)))
    return "(?:" + ".+".join(re.escape(part) for part in parts) + ")"


def forms(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


@pytest.fixture
def project():
    """A plan with one of everything, all of it in English too."""
    plan = PlanFactory(
        slug="2020-2022",
        title_en="Integrated Action Plan 2020-2022",
        is_current=True,
        stage=Plan.Stage.UNDER_WAY,
    )
    orientation = OrientationFactory(
        plan=plan, number=1, title_en="Local products", problem_en="Few of them."
    )
    objective = ObjectiveFactory(orientation=orientation, number=1, title_en="More markets")
    issue = CrossCuttingIssueFactory(plan=plan, number=1, title_en="Resilience")
    PlanningPhaseFactory(plan=plan, title_en="SAM Forum")
    ProcessFigureFactory(plan=plan, label_en="partners at the Forum")
    MilestoneFactory(plan=plan, title_en="Launch")
    project = ProjectFactory(
        plan=plan,
        slug="serre",
        title_en="Greenhouse",
        summary_en="A greenhouse on a roof.",
        objective=objective,
        lead=OrganizationFactory(slug="jardin", name="Garden"),
        territories=[TerritoryFactory(name="Verdun")],
    )
    project.issues.add(issue)
    DeliverableFactory(project=project, title_en="Guide", due_on="2021-01-31")
    ProjectFoodChainLinkFactory(project=project)
    ProjectPartnerFactory(
        project=project, organization=OrganizationFactory(name="Oven"), role=ProjectPartner.Role.FUNDER
    )
    english = {"title_en": "Meals served", "unit_en": "meals", "reason": "More of them."}
    indicator = IndicatorFactory(project=project, slug="repas", **english)
    MeasurementFactory(indicator=indicator, measured_on="2025-12-31", value=60)
    period = ReportingPeriod.objects.create(
        plan=plan,
        title_fr="Bilan",
        title_en="Report",
        starts_on="2025-01-01",
        ends_on="2025-12-31",
        opens_on="2026-01-12",
        due_on="2026-02-27",
    )
    report = ProgressReport.objects.create(project=project, period=period)
    Learning.objects.create(report=report, text_fr="Aérer.", text_en="Ventilate.")
    target = CommonTargetFactory(plan=plan, objective=objective, title_en="Meals together", unit_en="meals")
    ContributionFactory(common_target=target, indicator=indicator)
    return project


ADDRESSES = {
    "home": ("pages:home", {}),
    "plan": ("plans:plan", {"plan": "2020-2022"}),
    "plans": ("plans:list", {}),
    "approach": ("plans:approach", {"plan": "2020-2022"}),
    "orientation": ("plans:orientation", {"plan": "2020-2022", "number": 1}),
    "objective": ("plans:objective", {"plan": "2020-2022", "code": "1.1"}),
    "issue": ("plans:issue", {"plan": "2020-2022", "number": 1}),
    "process": ("plans:process", {}),
    "projects": ("projects:list", {}),
    "map": ("projects:map", {}),
    "project": ("projects:detail", {"slug": "serre"}),
    "progress": ("indicators:dashboard", {}),
    "learnings": ("indicators:learnings", {}),
    "indicator": ("indicators:detail", {"slug": "repas"}),
    "partners": ("partners:list", {}),
    "partner": ("partners:detail", {"slug": "jardin"}),
    "search": ("pages:search", {}),
    "documents": ("documents:list", {}),
    "open data": ("data:page", {}),
    "accessibility": ("pages:accessibility", {}),
    "privacy": ("pages:privacy", {}),
    "legal": ("pages:legal", {}),
    "sign in": ("account_login", {}),
    "forgotten password": ("account_reset_password", {}),
}


def leftovers(response, french):
    return sorted(text for text in texts_of(response.content.decode()) if french(text))


@pytest.mark.parametrize("page", ADDRESSES)
def test_the_english_page_says_nothing_in_french(client, project, french, page):
    name, arguments = ADDRESSES[page]

    response = client.get("/en" + reverse(name, kwargs=arguments))

    assert response.status_code == 200
    assert leftovers(response, french) == []


@pytest.mark.parametrize("query", ["?q=greenhouse", "?q=introuvable", "?q=le"])
def test_english_searches_answer_in_english(client, project, french, query):
    for name in ("pages:search", "projects:list", "partners:list"):
        assert leftovers(client.get("/en" + reverse(name) + query), french) == []


def test_english_readers_get_an_english_page_for_a_wrong_address(client, project, french):
    response = client.get("/en/nulle-part/")

    assert response.status_code == 404
    assert leftovers(response, french) == []


@pytest.mark.parametrize("page", ["", "synthese/?partie=tout", "changements/"])
def test_the_pages_of_an_edition_say_nothing_in_french(client, project, french, page):
    publish_edition(project.plan)
    Project.objects.filter(pk=project.pk).update(title_en="Glass greenhouse")
    publish_edition(project.plan)

    response = client.get("/en" + reverse("documents:list") + "2020-2022/editions/2/" + page)

    assert response.status_code == 200
    assert leftovers(response, french) == []


@pytest.mark.parametrize("page", ["", "editions/2/", "editions/2/lire/", "editions/2/changements/"])
def test_the_pages_of_a_progress_edition_say_nothing_in_french(client, project, french, page):
    ReportingPeriod.objects.update(opened_at=timezone.now())
    period = project.plan.reporting_periods.get()
    for narrative in ("We build it.", "We built it."):
        accept(period, project, narrative_fr="", narrative_en=narrative, learned_en="Ventilate.")
        publish_edition(project.plan, period=period)

    response = client.get("/en" + reverse("documents:list") + f"2020-2022/bilans/{period.pk}/{page}")

    assert response.status_code == 200
    assert leftovers(response, french) == []


@pytest.mark.parametrize("kind", ["synthese", "integral"])
def test_the_english_documents_say_nothing_in_french(client, project, french, kind):
    address = "/en" + reverse("documents:list") + f"2020-2022/{kind}/?partie=tout"

    response = client.get(address)

    assert response.status_code == 200
    assert leftovers(response, french) == []


def test_french_is_recognized(client, project, french):
    """The check itself: a French page that claims to be English is full of what it looks for."""
    page = client.get("/").content.decode().replace('<html lang="fr-CA"', '<html lang="en-CA"')

    assert len([text for text in texts_of(page) if french(text)]) > 20


def test_a_text_without_english_is_marked_as_french(client, project):
    project.title_en = project.summary_en = ""
    project.title_fr, project.summary_fr = "Serre sans gaz", "Une serre sans gaz naturel."
    project.save()

    page = client.get("/en" + reverse("projects:detail", kwargs={"slug": project.slug})).content.decode()
    body = page.partition("<body")[2]

    assert "(in French)" in body
    assert not [text for text in texts_of("<body" + body) if "serre sans gaz" in text]
