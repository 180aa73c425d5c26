"""What was public keeps its address, which people cite, print and link to, and by which editions know it."""

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse

from indicators.models import ContextIndicator
from partners.models import Organization
from plans.models import Plan
from tests.factories import (
    CommonTargetFactory,
    IndicatorFactory,
    OrganizationFactory,
    PlanFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db

PUBLIC = {
    "plan": lambda: PlanFactory(stage=Plan.Stage.UNDER_WAY),
    "project": ProjectFactory,
    "organization": lambda: OrganizationFactory(stage=Organization.Stage.VERIFIED),
    "indicator": IndicatorFactory,
    "target": CommonTargetFactory,
    "statistic": lambda: ContextIndicator.objects.create(slug="revenu", title_fr="Revenu", unit_fr="$"),
}
NOT_YET = {
    "plan": lambda: PlanFactory(stage=Plan.Stage.PREPARATION),
    "organization": lambda: OrganizationFactory(stage=Organization.Stage.PENDING),
}


def form_of(row, request):
    return site.get_model_admin(type(row)).get_form(request, row)


def change_page(client, row):
    return client.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))


@pytest.mark.parametrize("kind", PUBLIC)
def test_public_address_is_shown_and_cannot_be_written(kind, admin_client, rf, admin_user):
    row = PUBLIC[kind]()

    page = change_page(admin_client, row)

    assert row.slug in page.content.decode()
    assert 'name="slug"' not in page.content.decode()
    request = rf.get("/")
    request.user = admin_user
    assert "slug" not in form_of(row, request).base_fields


@pytest.mark.parametrize("kind", NOT_YET)
def test_address_that_nobody_has_seen_can_be_mended(kind, admin_client):
    page = change_page(admin_client, NOT_YET[kind]())

    assert 'name="slug"' in page.content.decode()


def test_new_row_takes_its_address_from_its_title(admin_client):
    page = admin_client.get(reverse("admin:projects_project_add")).content.decode()

    assert 'name="slug"' in page
    assert "prepopulated" in page
