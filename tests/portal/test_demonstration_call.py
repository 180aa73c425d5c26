"""The invented call and period by which a visitor tries how projects are registered and followed."""

from collections import Counter

import pytest
from django.utils import timezone

from csam.demonstration_accounts import ensure_accounts
from csam.workbook.loading import remove_demonstration
from indicators.models import ProgressReport, ReportingPeriod
from indicators.reports.doubts import doubtful
from partners.models import Membership, Organization
from plans.models import Plan
from projects.models import Activity, Project, Registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(demonstration_set):
    ensure_accounts()


def test_every_stage_of_a_registration_is_shown_once_and_flagged(accounts):
    ensure_accounts()  # a second start makes nothing twice

    states = Counter(Registration.objects.values_list("state", flat=True))
    assert states == {"draft": 1, "submitted": 2, "changes_requested": 1, "approved": 1, "declined": 1}
    plan = Plan.objects.get(slug="2026-2028")
    assert plan.is_demonstration
    assert not plan.is_current
    assert not Project.objects.filter(plan=plan, is_demonstration=False).exists()
    assert Registration.objects.filter(is_change=True, state="submitted").count() == 1


def test_a_period_is_open_with_something_to_do_for_everybody(accounts):
    ensure_accounts()

    period = ReportingPeriod.objects.get(is_demonstration=True, due_on__gte=timezone.localdate())
    organization = Membership.objects.get(user__email="partenaire@example.org").organization
    theirs = period.reports.filter(project__project_partners__organization=organization)
    states = Counter(period.reports.values_list("state", flat=True))
    assert states == {"expected": 90, "changes_requested": 1, "submitted": 1}
    assert theirs.filter(state="expected", project__project_partners__role="lead").exists()
    assert theirs.filter(state="changes_requested").count() == 1
    waiting = period.reports.get(state="submitted")
    assert doubtful([waiting], "", on=timezone.localdate()) == [waiting.pk]


def test_it_leaves_with_the_rest_of_the_demonstration(accounts):
    remove_demonstration()

    assert not Registration.objects.exists()
    assert not Activity.objects.exists()
    assert not ProgressReport.objects.exists()
    assert not ReportingPeriod.objects.exists()
    assert list(Plan.objects.values_list("slug", flat=True)) == ["2020-2022"]
    assert not Organization.objects.filter(is_demonstration=True).exists()
