"""Texts that name an organisation which was merged into another since: drafts, versions handed in, and the log."""

import pytest

from partners import merging
from projects.models import ProjectPartner
from projects.registrations import reading, workflow
from projects.registrations.completeness import problems
from projects.registrations.content import followed
from projects.registrations.differences import differences
from projects.registrations.naming import Directory
from projects.registrations.preview import project_of
from tests.factories import OrganizationFactory, UserFactory
from tests.projects.registrations import NOW, People

pytestmark = pytest.mark.django_db

ROLE = ProjectPartner.Role.CONTRIBUTOR.value


@pytest.fixture
def people():
    found = People()
    found.absorbed = OrganizationFactory(name="Récoltes Verdun")
    found.kept = OrganizationFactory(name="Les Récoltes partagées")
    return found


def names(people, *organizations):
    return [{"organization": o.pk, "name": "", "role": ROLE} for o in organizations]


def merge(kept, absorbed):
    merging.merge(kept=kept, absorbed=absorbed, by=UserFactory(is_staff=True, is_superuser=True), at=NOW)


def parts(project):
    rows = project.project_partners.order_by("position").values_list("organization__name", flat=True)
    return list(rows)


def said(content):
    lines = {line.name: line.items for _step, step in reading.by_step(content) for line in step}
    return lines["partners"]


def test_a_draft_that_names_it_is_complete_and_read_under_the_name_it_has_now(people):
    row = people.draft(partners=names(people, people.absorbed))
    merge(people.kept, people.absorbed)

    assert problems(row.content, plan=row.plan, organization=row.organization) == []
    assert said(row.content) == ["Les Récoltes partagées (collaborateur)"]
    assert Directory.of([people.absorbed.pk]).name(people.absorbed.pk) == "Les Récoltes partagées"
    shown = [part.organization.name for part in project_of(row, row.content).project_partners.all()]
    assert shown == ["Chez Alice", "Les Récoltes partagées"]


def test_a_version_handed_in_before_the_merge_is_approved_with_what_it_is_now(people):
    row = people.submitted(partners=names(people, people.absorbed))
    frozen = row.versions.get()
    merge(people.kept, people.absorbed)

    project = workflow.approve(registration=row, number=1, by=people.approver, at=NOW).project

    assert parts(project) == ["Chez Alice", "Les Récoltes partagées"]
    frozen.refresh_from_db()
    assert frozen.content["partners"][0]["organization"] == people.absorbed.pk


def test_both_named_are_one_partner_afterwards(people):
    row = people.submitted(partners=names(people, people.absorbed, people.kept))
    merge(people.kept, people.absorbed)

    project = workflow.approve(registration=row, number=1, by=people.approver, at=NOW).project

    assert parts(project) == ["Chez Alice", "Les Récoltes partagées"]


def test_a_partner_that_became_the_organisation_itself_is_no_partner_of_its_own(people):
    row = people.submitted(
        partners=[{"organization": people.absorbed.pk, "name": "", "role": ROLE}], own_role="lead"
    )
    rows = followed(
        {**row.content, "own_role": ROLE},
        {people.absorbed.pk: people.organization.pk},
        own=row.organization_id,
    )

    assert rows["partners"] == []


def test_merges_are_followed_to_their_end(people):
    last = OrganizationFactory(name="La dernière")
    row = people.draft(partners=names(people, people.absorbed))
    merge(people.kept, people.absorbed)
    merge(last, people.kept)

    assert merging.successors([people.absorbed.pk, people.kept.pk, last.pk]) == {
        people.absorbed.pk: last.pk,
        people.kept.pk: last.pk,
    }
    assert said(row.content) == ["La dernière (collaborateur)"]


def test_a_merge_is_no_change_of_the_text(people):
    before = people.content(partners=names(people, people.absorbed))
    after = people.content(partners=names(people, people.kept))
    merge(people.kept, people.absorbed)

    assert differences(before, after) == []
    assert followed(before, {people.absorbed.pk: people.kept.pk})["partners"] == after["partners"]


def test_a_form_opened_and_saved_again_names_what_it_is_now(client, people):
    row = people.draft(partners=names(people, people.absorbed))
    merge(people.kept, people.absorbed)
    client.force_login(people.editor)

    page = client.get(f"/espace/inscriptions/{row.pk}/partenaires/")
    form = page.context["form"]
    seen = page.context["seen"]
    client.post(
        f"/espace/inscriptions/{row.pk}/partenaires/",
        {
            "own_role": "lead",
            "partners-0-name": form.rows["partners"][0]["name"].value(),
            "partners-0-role": ROLE,
            "seen": seen,
        },
    )

    row.refresh_from_db()
    assert [part["organization"] for part in row.content["partners"]] == [people.kept.pk]
