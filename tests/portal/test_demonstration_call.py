"""The invented call by which a visitor tries how projects are registered."""

from collections import Counter

import pytest

from csam.demonstration_accounts import ensure_accounts
from csam.workbook.loading import load_demonstration, load_plan, remove_demonstration
from partners.models import Organization
from plans.models import Plan
from projects.models import Activity, Project, Registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts():
    load_plan()
    load_demonstration()
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


def test_it_leaves_with_the_rest_of_the_demonstration(accounts):
    remove_demonstration()

    assert not Registration.objects.exists()
    assert not Activity.objects.exists()
    assert list(Plan.objects.values_list("slug", flat=True)) == ["2020-2022"]
    assert not Organization.objects.filter(is_demonstration=True).exists()
