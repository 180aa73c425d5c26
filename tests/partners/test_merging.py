"""Likely doubles are seen, and merged without losing anything."""

import datetime as dt

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.utils import timezone

from partners import changes, duplicates, membership, merging
from partners.duplicates import Named
from partners.models import (
    Invitation,
    JoinRequest,
    Membership,
    Organization,
    OrganizationActivity,
    OrganizationChange,
)
from projects.models import CallExtension, Project, ProjectPartner
from tests.factories import (
    MembershipFactory,
    OrganizationFactory,
    PlanFactory,
    ProjectFactory,
    ProjectPartnerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = timezone.make_aware(dt.datetime(2026, 3, 2, 10, 0))
LEAD, EDITOR = Membership.Role.LEAD, Membership.Role.EDITOR


@pytest.fixture
def council():
    user = UserFactory(name="Conseil", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_organization"))
    return user


@pytest.fixture
def kept():
    return OrganizationFactory(name="Les Récoltes partagées", slug="recoltes", acronym="LRP")


@pytest.fixture
def absorbed():
    return OrganizationFactory(name="Récoltes Verdun", slug="recoltes-verdun", acronym="RV")


def merge(kept, absorbed, by):
    return merging.merge(kept=kept, absorbed=absorbed, by=by, at=NOW)


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        (Named("Les Récoltes Partagées"), Named("LES RECOLTES PARTAGEES"), True),
        (Named("Moisson Montréal"), Named("La Moisson Montréal inc."), True),
        (Named("Récoltes partagées"), Named("Récoltes partagée"), True),
        (Named("Carrefour alimentaire", "CACS"), Named("CACS"), True),
        (Named("A", website="https://www.exemple.org/fr/"), Named("B", website="http://exemple.org"), True),
        (Named("A", website="https://facebook.com/a"), Named("B", website="https://facebook.com/b"), False),
        (Named("Marché Jean-Talon"), Named("Marché Atwater"), False),
        (Named("Moisson Montréal"), Named("Moisson Laval"), False),
        (Named("Élan", "E"), Named("Autre chose"), False),
        (Named("", ""), Named("", ""), False),
    ],
)
def test_what_looks_alike(a, b, alike):
    assert (duplicates.likeness(a, b) is not None) == alike
    assert (duplicates.likeness(b, a) is not None) == alike


def test_likely_ones_come_best_first_and_archived_ones_not_at_all(kept, absorbed):
    exact = OrganizationFactory(name="Récoltes partagées Verdun")
    OrganizationFactory(name="Récoltes partagées de Verdun", stage="archived")

    found = [organization for organization, _likeness in duplicates.like(Named("RÉCOLTES PARTAGÉES VERDUN"))]

    assert found[0] == exact
    assert set(found) <= {exact, kept, absorbed}


def test_every_pair_is_told_once(kept):
    twin = OrganizationFactory(name="Récoltes partagées (Les)")
    OrganizationFactory(name="Tout autre chose")

    assert [{p.first, p.second} for p in duplicates.pairs()] == [{kept, twin}]


@pytest.mark.parametrize("count", [3, 30])
def test_looking_for_pairs_makes_the_same_number_of_queries(count, django_assert_num_queries):
    for n in range(count):
        OrganizationFactory(name=f"Jardin numéro {n}", website=f"https://jardin{n}.org")
        OrganizationFactory(name=f"Le jardin numéro {n}", website=f"https://www.jardin{n}.org")

    with django_assert_num_queries(4):
        duplicates.pairs()


def test_everything_goes_over_and_the_old_name_still_leads_there(client, kept, absorbed, council):
    project = ProjectFactory(lead=absorbed, title_fr="Le verger")
    alice = MembershipFactory(organization=absorbed, role=LEAD).user
    membership.ask_to_join(user=UserFactory(), organization=absorbed, at=NOW)
    membership.invite(organization=absorbed, email="x@example.org", by=alice, at=NOW)
    Organization.objects.reindex()

    merge(kept, absorbed, council)

    assert project.project_partners.get().organization == kept
    assert kept.memberships.get().user == alice
    assert kept.join_requests.waiting().count() == kept.invitations.unanswered().count() == 1
    assert merging.what_moves(absorbed) == []
    absorbed.refresh_from_db()
    assert (absorbed.stage, absorbed.merged_into) == (Organization.Stage.ARCHIVED, kept)
    response = client.get("/en/partenaires/recoltes-verdun/")
    assert (response.status_code, response.url) == (301, "/en/partenaires/recoltes/")
    assert Organization.objects.public().search("récoltes verdun").get() == kept
    assert Project.objects.search("récoltes partagées").get() == project
    assert ("merged", "Récoltes Verdun") in OrganizationActivity.objects.values_list("kind", "person")


def test_a_person_in_both_stays_once_with_the_higher_role(kept, absorbed, council):
    alice, bob = UserFactory(), UserFactory()
    MembershipFactory(user=alice, organization=kept, role=EDITOR)
    MembershipFactory(user=alice, organization=absorbed, role=LEAD)
    MembershipFactory(user=bob, organization=kept, role=LEAD)
    MembershipFactory(user=bob, organization=absorbed, role=EDITOR)

    merge(kept, absorbed, council)

    assert set(Membership.objects.values_list("user", "organization", "role")) == {
        (alice.pk, kept.pk, LEAD),
        (bob.pk, kept.pk, LEAD),
    }


@pytest.mark.parametrize(
    ("theirs", "other", "left"),
    [
        ("contributor", "lead", {"lead"}),
        ("lead", "contributor", {"lead"}),
        ("contributor", "contributor", {"contributor"}),
        ("funder", "co_lead", {"funder", "co_lead"}),
        ("funder", "funder", {"funder"}),
    ],
)
def test_two_parts_in_one_project_become_the_one_that_says_more(kept, absorbed, council, theirs, other, left):
    project = ProjectFactory()
    ProjectPartnerFactory(project=project, organization=kept, role=theirs, confirmed_on="2026-01-02")
    ProjectPartnerFactory(project=project, organization=absorbed, role=other)

    merge(kept, absorbed, council)

    parts = project.project_partners.all()
    assert {part.role for part in parts} == left
    assert {part.organization for part in parts} == {kept}
    assert any(part.confirmed_on for part in parts)


def test_three_parts_in_one_project_leave_one(kept, absorbed, council):
    project = ProjectFactory()
    ProjectPartnerFactory(project=project, organization=kept, role="contributor")
    for role in ("lead", "co_lead"):
        ProjectPartnerFactory(project=project, organization=absorbed, role=role)

    merge(kept, absorbed, council)

    assert [p.role for p in ProjectPartner.objects.filter(organization=kept)] == ["lead"]


def test_requests_and_invitations_that_both_had_wait_once(kept, absorbed, council):
    leads = [MembershipFactory(organization=o, role=LEAD).user for o in (kept, absorbed)]
    charlie = UserFactory()
    for organization, lead in zip((kept, absorbed), leads, strict=True):
        membership.ask_to_join(user=charlie, organization=organization, at=NOW)
        membership.invite(organization=organization, email="x@example.org", by=lead, at=NOW)

    merge(kept, absorbed, council)

    assert JoinRequest.objects.waiting().get().organization == kept
    assert Invitation.objects.unanswered().get().organization == kept
    assert (JoinRequest.objects.count(), Invitation.objects.count()) == (2, 2)


@pytest.mark.parametrize("longer", ["kept", "absorbed"])
def test_of_two_extensions_of_a_call_the_longer_one_stays(kept, absorbed, council, longer):
    plan = PlanFactory()
    for name, organization in (("kept", kept), ("absorbed", absorbed)):
        until = NOW + dt.timedelta(days=9 if name == longer else 2)
        CallExtension.objects.create(plan=plan, organization=organization, until_at=until, granted_by=council)

    merge(kept, absorbed, council)

    left = CallExtension.objects.get()
    assert (left.organization, left.until_at) == (kept, NOW + dt.timedelta(days=9))


def test_what_was_proposed_for_the_page_that_goes_is_not_written_on_the_other(kept, absorbed, council):
    alice = MembershipFactory(organization=absorbed, role=LEAD).user
    content = {**changes.content_of(absorbed), "description_fr": "Pour l'autre page."}
    changes.propose(organization=absorbed, content=content, by=alice, at=NOW)

    merge(kept, absorbed, council)

    assert not OrganizationChange.objects.waiting().exists()
    assert OrganizationChange.objects.get().organization == kept


def test_every_relation_is_walked_those_of_tomorrow_too():
    walked = {(r.related_model, r.field.name) for r in merging.relations()}
    pointing = {
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and not field.many_to_many
        if field.related_model is Organization and model._meta.auto_created is not Organization
    }

    assert walked == pointing
    assert (ProjectPartner, "organization") in walked


@pytest.mark.parametrize("who", ["lead", "staff without the right"])
def test_others_do_not_merge(kept, absorbed, who):
    by = MembershipFactory(organization=kept, role=LEAD).user if who == "lead" else UserFactory(is_staff=True)

    with pytest.raises(merging.MergeRefused):
        merge(kept, absorbed, by)

    absorbed.refresh_from_db()
    assert absorbed.stage == Organization.Stage.VERIFIED


def test_it_is_merged_once_and_never_with_itself(kept, absorbed, council):
    with pytest.raises(merging.MergeRefused):
        merge(kept, kept, council)
    merge(kept, absorbed, council)

    with pytest.raises(merging.MergeRefused):
        merge(kept, absorbed, council)


def test_what_cannot_come_along_stops_everything(kept, absorbed, council, monkeypatch):
    monkeypatch.delattr(Membership, "join_organizations")
    alice = UserFactory()
    MembershipFactory(user=alice, organization=kept)
    MembershipFactory(user=alice, organization=absorbed)
    ProjectFactory(lead=absorbed)

    with pytest.raises(merging.MergeRefused, match="membres"):
        merge(kept, absorbed, council)

    assert ProjectPartner.objects.get().organization == absorbed


def test_the_chain_of_former_names_is_kept(client, kept, absorbed, council):
    last = OrganizationFactory(name="Réseau des récoltes", slug="reseau")

    merge(kept, absorbed, council)
    merge(last, kept, council)

    assert client.get("/partenaires/recoltes-verdun/").url == "/partenaires/reseau/"
    assert client.get("/partenaires/recoltes/").url == "/partenaires/reseau/"
    absorbed.refresh_from_db()
    assert absorbed.merged_into == last


def test_the_staff_page_names_what_will_move_and_then_does_it(admin_client, kept, absorbed):
    ProjectFactory(lead=absorbed, title_fr="Le verger")
    MembershipFactory(organization=absorbed, user__name="Alice Tremblay")
    address = f"/admin/partners/organization/{kept.pk}/fusionner/{absorbed.pk}/"

    page = admin_client.get(address).content.decode()
    assert "Alice Tremblay" in page
    assert "Le verger (porteur)" in page
    assert Membership.objects.get().organization == absorbed

    assert admin_client.post(address).url == f"/admin/partners/organization/{kept.pk}/change/"
    assert Membership.objects.get().organization == kept


def test_the_desk_lists_doubles_and_each_organization_shows_its_own(admin_client, kept):
    twin = OrganizationFactory(name="Récoltes partagées")

    merge_address = f"/admin/partners/organization/{kept.pk}/fusionner/{twin.pk}/"

    assert merge_address in admin_client.get("/admin/partners/organization/doublons/").content.decode()
    page = admin_client.get(f"/admin/partners/organization/{kept.pk}/change/").content.decode()
    assert merge_address in page
