"""The staff's desk: every page opens, what staff write is checked and kept, nothing public is deleted."""

import datetime as dt
import re

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone, translation

from core.partial_dates import Precision
from partners.models import Organization
from projects import archiving
from projects.models import Project
from tests.factories import (
    CrossCuttingIssueFactory,
    DeliverableFactory,
    MembershipFactory,
    MilestoneFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    PlanningPhaseFactory,
    ProcessFigureFactory,
    ProjectFactory,
    ProjectPartnerFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return PlanFactory(is_current=True)


@pytest.fixture
def objective(plan):
    return ObjectiveFactory(orientation=OrientationFactory(plan=plan, number=3), number=2)


@pytest.fixture
def filled(plan, objective):
    """One row of each kind, tied together."""
    organization = OrganizationFactory()
    organization.territories.add(TerritoryFactory())
    MembershipFactory(organization=organization)
    phase = PlanningPhaseFactory(plan=plan)
    ProcessFigureFactory(plan=plan, phase=phase)
    MilestoneFactory(plan=plan)
    CrossCuttingIssueFactory(plan=plan)
    project = ProjectFactory(plan=plan, objective=objective, lead=organization)
    DeliverableFactory(project=project)
    return project


def registered_models():
    return [pytest.param(model, id=model._meta.label) for model in admin.site._registry]


@pytest.mark.parametrize("model", registered_models())
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_list_and_form_opens(admin_client, filled, model, language):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model._default_manager.first()

    with translation.override(language):
        addresses = [reverse(f"{name}_changelist")]
        if row is not None:
            addresses.append(reverse(f"{name}_change", args=(row.pk,)))

    assert {admin_client.get(address).status_code for address in addresses} == {200}


@pytest.mark.parametrize("rows", [1, 3, 25])
def test_the_list_of_projects_takes_the_same_queries(
    admin_client, plan, objective, rows, django_assert_num_queries
):
    for _row in range(rows):
        ProjectFactory(plan=plan, objective=objective, lead=OrganizationFactory())
    Project.objects.reindex()
    admin_client.get(reverse("admin:projects_project_changelist"))

    with django_assert_num_queries(PROJECT_LIST_QUERIES):
        response = admin_client.get(reverse("admin:projects_project_changelist"))

    assert response.context["cl"].result_count == rows


PROJECT_LIST_QUERIES = 14


def project_form(plan, objective, organization, **changed):
    return {
        "plan": plan.pk,
        "title_fr": "Serre du marché",
        "slug": "serre-du-marche",
        "stage": "under_way",
        "primary_objective": objective.pk,
        "starts": "automne 2021",
        "ends": "mi-2022",
        "published_at_0": "2021-10-01",
        "published_at_1": "09:00",
        "links": ["production", "distribution"],
        "project_partners-TOTAL_FORMS": "1",
        "project_partners-INITIAL_FORMS": "0",
        "project_partners-0-organization": organization.pk,
        "project_partners-0-role": "lead",
        "project_partners-0-position": "0",
        "deliverables-TOTAL_FORMS": "1",
        "deliverables-INITIAL_FORMS": "0",
        "deliverables-0-number": "1",
        "deliverables-0-title_fr": "Plan de la serre",
        "deliverables-0-state": "to_do",
        "deliverables-0-due": "mars 2022",
        **changed,
    }


def test_staff_write_a_project_with_its_children(admin_client, plan, objective):
    organization = OrganizationFactory(name="Les Jardins inventés")

    response = admin_client.post(
        reverse("admin:projects_project_add"), project_form(plan, objective, organization)
    )

    assert response.status_code == 302, response.context["errors"]
    project = Project.objects.get()
    deliverable = project.deliverables.get()
    assert (project.primary_objective, project.lead) == (objective, organization)
    assert (project.starts.format("fr"), project.ends.format("fr")) == ("automne 2021", "mi-2022")
    assert sorted(row.link for row in project.food_chain_links.all()) == ["distribution", "production"]
    assert (deliverable.due_on, deliverable.due_precision) == (dt.date(2022, 3, 1), Precision.MONTH)
    assert list(Project.objects.search("serres jardin inventé")) == [project]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"starts": "03/04/2021"}, "« 03/04/2021 » a deux lectures"),
        ({"project_partners-0-role": "contributor"}, "Indiquez un porteur, et un seul"),
        ({"starts": "2022-05-01", "ends": "2022-04-01"}, "La fin ne peut pas précéder le début."),
        ({"primary_objective": ""}, "Ce champ est obligatoire."),
    ],
)
def test_a_mistake_is_told_and_nothing_is_half_written(admin_client, plan, objective, changed, message):
    form = project_form(plan, objective, OrganizationFactory(), **changed)

    response = admin_client.post(reverse("admin:projects_project_add"), form)

    assert message.replace("'", "&#x27;") in response.content.decode().replace("’", "&#x27;").replace(
        "\u00a0", " "
    )
    assert Project.objects.count() == 0


def test_an_objective_of_another_plan_is_refused(admin_client, plan):
    elsewhere = ObjectiveFactory()
    form = project_form(plan, elsewhere, OrganizationFactory())

    response = admin_client.post(reverse("admin:projects_project_add"), form)

    assert "primary_objective" in response.context["adminform"].form.errors
    assert Project.objects.count() == 0


def test_projects_and_organizations_are_archived_not_deleted(admin_client, filled):
    for name, row in (("projects_project", filled), ("partners_organization", filled.lead)):
        response = admin_client.post(reverse(f"admin:{name}_delete", args=(row.pk,)), {"post": "yes"})
        assert response.status_code == 403

    assert (Project.objects.count(), Organization.objects.count()) == (1, 1)


def test_archiving_asks_for_a_reason_and_can_be_undone(admin_client, filled):
    address = reverse("admin:projects_project_archive", args=(filled.pk,))

    without_reason = admin_client.post(address, {"reason_fr": "  "})
    assert without_reason.context["form"].errors
    assert Project.objects.published().count() == 1

    admin_client.post(address, {"reason_fr": "Fusionné avec un autre projet."})
    filled.refresh_from_db()
    assert (Project.objects.published().count(), filled.archive_reason_fr) == (
        0,
        "Fusionné avec un autre projet.",
    )

    admin_client.post(reverse("admin:projects_project_restore", args=(filled.pk,)))
    assert Project.objects.published().count() == 1


def test_archiving_twice_keeps_the_first_reason(filled):
    archiving.archive(project=filled, reason_fr="Premier motif.", at=timezone.now())

    with pytest.raises(archiving.AlreadyArchivedError):
        archiving.archive(project=filled, reason_fr="Second motif.", at=timezone.now())

    filled.refresh_from_db()
    assert filled.archive_reason_fr == "Premier motif."


def test_the_index_counts_what_needs_attention_and_links_to_it(admin_client, plan, objective):
    OrganizationFactory(stage=Organization.Stage.PENDING)
    late = ProjectFactory(plan=plan, objective=objective, stage="under_way", ends_on="2020-01-01")
    DeliverableFactory(project=late, due_on="2020-01-01")
    DeliverableFactory(project=late, due_on="2020-01-01")
    ProjectPartnerFactory(project=late)
    ProjectFactory(
        plan=plan, objective=objective, title_en="In English", stage="completed", ends_on="2020-01-01"
    )

    matters = admin_client.get(reverse("admin:index")).context["matters"]

    assert [matter.count for matter in matters] == [1, 1, 1, 1, 1]
    for matter in matters:
        listed = admin_client.get(matter.url).context["cl"].result_count
        assert listed == matter.count, matter.label


def test_a_stranger_does_not_enter(client, filled):
    client.force_login(UserFactory())

    response = client.get(reverse("admin:projects_project_changelist"))

    assert response.status_code in {302, 403, 404}


def test_the_desk_shows_staff_only_what_they_may_do(client, filled):
    OrganizationFactory(stage=Organization.Stage.PENDING)
    client.force_login(UserFactory(is_staff=True))

    assert client.get(reverse("admin:index")).context["matters"] == []


def test_the_index_leads_to_the_workbook(admin_client, client, plan):
    address = reverse("workbook:index")
    client.force_login(UserFactory(is_staff=True))

    assert f'href="{address}"' in admin_client.get(reverse("admin:index")).content.decode()
    assert f'href="{address}"' not in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("typed", ["epicerie", "ÉPICERIES", "Épic", "cote des neiges", "solidaires epicerie"])
def test_lists_are_searched_as_the_site_is(admin_client, typed):
    place = TerritoryFactory(name="Côte-des-Neiges–Notre-Dame-de-Grâce")
    OrganizationFactory(name="Épicerie solidaire").territories.add(place)
    OrganizationFactory(name="Boulangerie")
    Organization.objects.reindex()

    shown = admin_client.get(reverse("admin:partners_organization_changelist"), {"q": typed}).context["cl"]

    assert [organization.name for organization in shown.result_list] == ["Épicerie solidaire"]


def test_no_form_asks_for_the_number_of_a_row():
    asking = {
        model._meta.label: shown.raw_id_fields
        for model, shown in admin.site._registry.items()
        for shown in (shown, *(inline(model, admin.site) for inline in shown.inlines))
        if shown.raw_id_fields
    }

    assert asking == {}


def test_the_second_steps_have_a_french_name(admin_client, db):
    names = [
        (app["name"], [model["name"] for model in app["models"]])
        for app in admin_client.get(reverse("admin:index")).context["app_list"]
        if app["app_label"] == "mfa"
    ]

    assert names == [("Deuxième étape", ["Moyens de validation"])]
    assert heading(admin_client, reverse("admin:mfa_authenticator_changelist"))[0] == "Moyens de validation"


def test_the_console_wears_the_icon_of_the_portal(admin_client, db):
    assert (
        '<link rel="icon" href="/static/img/favicon.svg"'
        in admin_client.get(reverse("admin:index")).content.decode()
    )


def test_the_workbook_is_there_before_the_first_plan(admin_client, db):
    assert f'href="{reverse("workbook:index")}"' in admin_client.get(reverse("admin:index")).content.decode()


def heading(client, address):
    page = client.get(address).content.decode().replace("\u00a0", " ")
    return re.search(r"<h1>(.*?)</h1>", page)[1], re.search(r"<title>(.*?)</title>", page)[1]


def test_pages_of_rows_are_named_in_plain_french(admin_client, filled):
    assert heading(admin_client, reverse("admin:partners_organization_changelist")) == (
        "Organisations",
        "Organisations | Console",
    )
    assert heading(admin_client, reverse("admin:partners_organization_add"))[0] == "Ajouter : organisation"
    assert heading(admin_client, reverse("admin:documents_document_changelist"))[0] == "Documents"
