"""What staff change of public projects without a registration: by whom, logged, and never the state of one."""

import pytest
from django.urls import reverse

from projects.models import Activity, Project
from projects.registrations import workflow
from tests.desk.test_admin import project_form
from tests.projects.registrations import NOW, People

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return People()


def form_of(people, project, **changed):
    part, deliverable = project.project_partners.get(), project.deliverables.get()
    return project_form(
        people.plan,
        people.objective,
        people.organization,
        **{
            "title_fr": project.title_fr,
            "slug": project.slug,
            "summary_fr": project.summary_fr,
            "description_fr": project.description_fr,
            "contact_name": project.contact_name,
            "contact_email": project.contact_email,
            "covers_whole_island": "on",
            "stage": "planned",
            "starts": "automne 2026",
            "ends": "",
            "links": ["distribution"],
            "project_partners-INITIAL_FORMS": "1",
            "project_partners-0-id": part.pk,
            "project_partners-0-confirmed_on": part.confirmed_on,
            "deliverables-INITIAL_FORMS": "1",
            "deliverables-0-id": deliverable.pk,
            "deliverables-0-title_fr": deliverable.title_fr,
            "deliverables-0-due": "juin 2027",
            **changed,
        },
    )


def test_a_direct_edit_is_logged_with_old_and_new_values(people, client):
    row = people.approved()
    project = row.project
    client.force_login(people.administrator)

    response = client.post(
        reverse("admin:projects_project_change", args=(project.pk,)),
        form_of(people, project, title_fr="Deux marchés", links=["distribution", "production"]),
    )

    assert response.status_code == 302, response.context["errors"]
    edit = Activity.objects.get(action="edit")
    assert edit.changes == {
        "title_fr": ["Un marché dans la ruelle", "Deux marchés"],
        "links": [["distribution"], ["distribution", "production"]],
    }
    assert (edit.by, edit.project, edit.registration, edit.is_by_staff) == (
        people.administrator,
        project,
        None,
        True,
    )
    row.refresh_from_db()
    assert (row.state, row.title) == ("approved", "Un marché dans la ruelle")


def test_saving_without_a_change_logs_nothing(people, client):
    project = people.approved().project
    client.force_login(people.administrator)

    client.post(reverse("admin:projects_project_change", args=(project.pk,)), form_of(people, project))

    assert not Activity.objects.filter(action="edit").exists()


@pytest.mark.parametrize("role", ["reviewer", "approver", "lead"])
def test_only_administrators_edit_and_unpublish(people, client, role):
    project = people.approved().project
    client.force_login(getattr(people, role))

    answers = [
        client.post(reverse(f"admin:projects_project_{name}", args=(project.pk,)), {"reason_fr": "Motif."})
        for name in ("change", "archive", "restore")
    ]

    assert {answer.status_code for answer in answers} <= {302, 403}
    project.refresh_from_db()
    assert (project.title, project.archived_at) == ("Un marché dans la ruelle", None)


def test_unpublishing_and_publishing_again_are_in_the_log(people, client):
    project = people.approved().project
    client.force_login(people.administrator)

    client.post(reverse("admin:projects_project_archive", args=(project.pk,)), {"reason_fr": "Fusionné."})
    gone = client.get(project.get_absolute_url())
    client.post(reverse("admin:projects_project_restore", args=(project.pk,)))

    assert gone.status_code == 410
    assert Project.objects.published().filter(pk=project.pk).exists()
    log = Activity.objects.filter(project=project, action__in=("unpublish", "republish")).order_by("pk")
    assert [(line.action, line.by, line.message) for line in log] == [
        ("unpublish", people.administrator, "Fusionné."),
        ("republish", people.administrator, ""),
    ]


def test_publishing_again_what_is_public_logs_nothing(people):
    project = people.approved().project

    workflow.republish(project=project, by=people.administrator, at=NOW)

    assert not Activity.objects.filter(action="republish").exists()
