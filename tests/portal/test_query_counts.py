"""Every public address makes as many queries for many rows as for one; the exact numbers of pages stand in the
tests of their apps.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators.models import Learning, ProgressReport, ReportingPeriod
from partners.models import Organization
from projects.models import Project
from tests.browser import addresses
from tests.factories import (
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

#: Addresses whose exact number is asserted nowhere else.
EXACT = {
    "account_login": 0,
    "pages:accessibility": 0,
    "pages:legal": 0,
    "pages:privacy": 0,
    "robots": 0,
    "security": 0,
    "documents:download": 1,
    "plans:current": 1,
    "sitemap": 10,
    "sitemap_section": 2,
}


@pytest.fixture
def first():
    """What every row added later is tied to."""
    plan = PlanFactory(slug=addresses.PLAN, is_current=True)
    objective = ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=1), number=1)
    organization = OrganizationFactory()
    project = ProjectFactory(plan=plan, objective=objective, lead=organization)
    ProjectPartnerFactory.create_batch(2, project=project)
    for values, _query in addresses.PUBLIC_PAGES["indicators:detail"]:
        IndicatorFactory(project=project, **values)
    period = ReportingPeriod.objects.create(
        plan=plan,
        title_fr="Bilan",
        starts_on="2021-01-01",
        ends_on="2021-12-31",
        opens_on="2022-01-12",
        due_on="2022-02-27",
        opened_at=timezone.now(),
    )
    return {
        "period": period,
        "plan": plan,
        "objective": objective,
        "issue": CrossCuttingIssueFactory(plan=plan, number=1),
        "organization": organization,
        "territory": TerritoryFactory(),
        "project": project,
    }


def fill(first, rows):
    """As many of each kind as told: each project tied to the first ones and to new ones."""
    plan, hub = first["plan"], first["project"]
    for _ in range(rows):
        objective = ObjectiveFactory(orientation=OrientationFactory(plan=plan))
        project = ProjectFactory(
            plan=plan,
            objective=first["objective"],
            lead=first["organization"],
            territories=[first["territory"], TerritoryFactory()],
        )
        ObjectiveFactory(orientation=first["objective"].orientation)
        for one in (project, hub):
            one.objective_ties.create(objective=objective)
            one.issues.add(first["issue"], CrossCuttingIssueFactory(plan=plan))
            one.territories.add(TerritoryFactory())
            ProjectPartnerFactory(project=one)
            DeliverableFactory(project=one)
            MeasurementFactory(indicator=IndicatorFactory(project=one))
        ProjectFoodChainLinkFactory(project=project)
        report = ProgressReport.objects.create(project=project, period=first["period"])
        Learning.objects.create(report=report, text_fr="Commencer tôt.")
        phase = PlanningPhaseFactory(plan=plan)
        ProcessFigureFactory(plan=plan, phase=phase)
        MilestoneFactory(plan=plan)
        ProjectFactory(plan=PlanFactory())
    for model in (Project, Organization):
        model.objects.reindex()


def public_addresses():
    pages = addresses.examples(addresses.PUBLIC_PAGES)
    # The number of health's depends on the mode; the API counts its own, in tests/api.
    files = [(name, 0) for name in addresses.FILES if name != "health" and not name.startswith("api:")]
    return [*pages, *files, ("plans:current", 0)]


def address_of(name, number):
    if name in addresses.FILES:
        return addresses.reverse_in("fr", name, addresses.FILES[name][0])
    if name in addresses.PUBLIC_PAGES:
        return addresses.address_of(name, number)
    return addresses.reverse_in("fr", name, {})


def test_no_number_of_queries_depends_on_the_rows(client, first):
    publish_edition(first["plan"])
    ProjectFactory(plan=first["plan"])
    publish_edition(first["plan"])
    publish_edition(first["plan"], period=first["period"])
    counts = {}
    for added in (1, 2, 22):
        fill(first, added)
        for name, number in public_addresses():
            address = address_of(name, number)
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            if answer.streaming:
                list(answer.streaming_content)  # to its end, so that the file is closed
            assert answer.status_code in (200, 302), address
            counts.setdefault((name, number), []).append(len(queries))

    assert {name: found for name, found in counts.items() if len(set(found)) > 1} == {}
    assert {name: counts[name, 0][0] for name in EXACT} == EXACT
