import datetime as dt
import shutil
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from indicators.models import ContextIndicator, ContextValue, IndicatorDefinition
from projects.models import Project, ProjectPartner
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
    ProjectObjectiveFactory,
    ProjectPartnerFactory,
    TerritoryFactory,
)

MEDIA = Path(django_settings.VAR_DIR) / "media-of-documents"
TEXT = (
    "Un premier paragraphe : d'abord les marchés, à 40 % des quartiers.\n\n"
    "Un second.\n\n- une serre\n- un four"
)


@pytest.fixture
def plan():
    """A small plan with one of everything; some texts have no English."""
    plan = PlanFactory(
        slug="2020-2022",
        title_fr="Plan d'action intégré 2020-2022",
        title_en="Integrated Action Plan 2020-2022",
        is_current=True,
        vision_fr="Une alimentation saine.",
        introduction_fr="Le plan paraît le 1er octobre 2020.",
        systemic_approach_fr=TEXT,
        implementation_fr=TEXT,
        limits_fr=TEXT,
    )
    phase = PlanningPhaseFactory(plan=plan, number=1, title_fr="Forum SAM", text_fr=TEXT)
    ProcessFigureFactory(plan=plan, phase=phase, position=1)
    ProcessFigureFactory(plan=plan, position=1, value=200)
    MilestoneFactory(plan=plan, title_fr="Lancement")
    issue = CrossCuttingIssueFactory(plan=plan, number=1, title_fr="La résilience", description_fr=TEXT)
    first = OrientationFactory(
        plan=plan, number=1, title_fr="Rapprocher", title_en="Bring closer", problem_fr=TEXT
    )
    second = OrientationFactory(plan=plan, number=2, title_fr="Réduire", colour="fleuve")
    markets = ObjectiveFactory(orientation=first, number=1, title_fr="Multiplier les marchés")
    ObjectiveFactory(orientation=first, number=2, title_fr="Objectif sans projet")
    waste = ObjectiveFactory(orientation=second, number=1, title_fr="Réduire le gaspillage")
    lead = OrganizationFactory(name="La Louche", acronym="LLC", slug="la-louche", description_fr=TEXT)
    project = ProjectFactory(
        plan=plan,
        title_fr="Marché d'hiver",
        slug="marche-d-hiver",
        description_fr=TEXT,
        populations_fr="Familles",
        summary_fr="anticonstitutionnellement " * 15,
        starts_on="2020-10-01",
        ends_on="2022-01-01",
        ends_precision="year",
        contact_name="Alice Tremblay",
        contact_email="alice@example.org",
        objective=markets,
        lead=lead,
        territories=[TerritoryFactory(name="Verdun")],
        is_demonstration=True,
    )
    project.issues.add(issue)
    ProjectObjectiveFactory(project=project, objective=waste)
    ProjectFoodChainLinkFactory(project=project)
    ProjectPartnerFactory(
        project=project, organization=OrganizationFactory(), role=ProjectPartner.Role.FUNDER
    )
    DeliverableFactory(project=project, number=1, title_fr="Guide", due_on="2021-01-01")
    DeliverableFactory(project=project, number=2, title_fr="Bilan", due_on="2030-01-01")
    ProjectFactory(
        plan=plan, title_fr="Glanage", slug="glanage", objective=waste, lead=lead, covers_whole_island=True
    )
    ProjectFactory(plan=plan, title_fr="Sans objectif", slug="sans-objectif", lead=lead)
    follow(plan, project)
    return plan


def follow(plan, project):
    """What is measured: on track, kept within a band, silent; two common targets; a statistic of others."""
    meals = IndicatorFactory(
        project=project, slug="repas", position=1, title_fr="Repas servis", title_en="Meals served"
    )
    MeasurementFactory(indicator=meals, measured_on=dt.date(2026, 6, 30), value=1260)
    IndicatorDefinition.objects.filter(indicator=meals).update(target=2000, unit_en="meals")
    band = {"direction": "maintain", "band_low": 80, "tolerance": 2, "target": None, "unit_fr": "%"}
    kept = IndicatorFactory(project=project, slug="presence", position=2, title_fr="Présence", **band)
    for month, value in ((3, 83), (6, 79)):
        MeasurementFactory(indicator=kept, measured_on=dt.date(2026, month, 30), value=value)
    IndicatorFactory(project=Project.objects.get(slug="glanage"), slug="kilos", title_fr="Kilos glanés")
    markets = project.objective_ties.first().objective
    for objective, slug, title in (
        (None, "repas-du-plan", "Repas du plan"),
        (markets, "vendus", "Paniers vendus"),
    ):
        target = CommonTargetFactory(plan=plan, objective=objective, slug=slug, title_fr=title, target=5000)
        ContributionFactory(common_target=target, indicator=meals)
    statistic = ContextIndicator.objects.create(
        slug="insecurite", title_fr="Insécurité alimentaire", unit_fr="%", decimals=1
    )
    for code, value in (("a", "22.5"), ("b", "11")):
        ContextValue.objects.create(
            indicator=statistic, code=code, territory_fr="Montréal", first_year=2022, last_year=2022,
            value=value, source=f"Enquête {code}", source_url=f"https://exemple.org/{code}",
        )  # fmt: skip


@pytest.fixture(autouse=True)
def media(settings):
    """An empty folder, the same for every test: typesetters stay at work as long as their folders are the same."""
    settings.MEDIA_ROOT = MEDIA
    shutil.rmtree(MEDIA, ignore_errors=True)
    MEDIA.mkdir()
