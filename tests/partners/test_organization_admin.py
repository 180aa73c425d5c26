"""The staff's pages over organisations."""

import pytest

from core.models import Mail
from partners import changes, membership
from partners.models import Membership, Organization, OrganizationChange
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

LEAD, EDITOR = Membership.Role.LEAD, Membership.Role.EDITOR


@pytest.fixture
def organization():
    return OrganizationFactory(name="Les Récoltes", slug="recoltes", stage="pending")


def events():
    return list(Mail.objects.order_by("pk").values_list("event", flat=True))


def form(organization, memberships, **changed):
    prefix = "memberships"
    data = {
        "name": organization.name,
        "slug": organization.slug,
        "sector": organization.sector,
        f"{prefix}-TOTAL_FORMS": len(memberships),
        f"{prefix}-INITIAL_FORMS": sum(1 for row in memberships if row.get("id")),
        "aliases-TOTAL_FORMS": 0,
        "aliases-INITIAL_FORMS": 0,
        "activities-TOTAL_FORMS": 0,
        "activities-INITIAL_FORMS": 0,
        **changed,
    }
    for number, row in enumerate(memberships):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
        data[f"{prefix}-{number}-organization"] = organization.pk
    return data


def row(seat, **changed):
    return {"id": seat.pk, "user": seat.user_id, "role": seat.role, **changed}


def test_verifying_by_its_button_tells_the_leads(admin_client, organization):
    MembershipFactory(organization=organization, role=LEAD)

    admin_client.post(f"/admin/partners/organization/{organization.pk}/verifier/")

    organization.refresh_from_db()
    assert organization.stage == Organization.Stage.VERIFIED
    assert events() == ["organization_verified"]


@pytest.mark.parametrize("action", ["verify", "archive"])
def test_several_at_once_go_through_the_same_function(admin_client, organization, action):
    MembershipFactory(organization=organization, role=LEAD)
    others = OrganizationFactory.create_batch(2, stage="pending")
    keys = [organization.pk, *(o.pk for o in others)]

    admin_client.post("/admin/partners/organization/", {"action": action, "_selected_action": keys})

    assert len(events()) == 1
    assert set(Organization.objects.values_list("stage", flat=True)) == {
        {"verify": "verified", "archive": "archived"}[action]
    }


def test_a_link_does_not_verify(admin_client, organization):
    assert admin_client.get(f"/admin/partners/organization/{organization.pk}/verifier/").status_code == 403


def test_the_form_does_not_move_the_stage(admin_client, organization):
    admin_client.post(
        f"/admin/partners/organization/{organization.pk}/change/", form(organization, [], stage="verified")
    )

    organization.refresh_from_db()
    assert organization.stage == Organization.Stage.PENDING


def test_members_are_changed_by_the_same_functions(admin_client, organization):
    alice = MembershipFactory(organization=organization, role=LEAD)
    bob = MembershipFactory(organization=organization, role=EDITOR)
    charlie = UserFactory()

    rows = [row(alice, DELETE="on"), row(bob, role=LEAD), {"user": charlie.pk, "role": EDITOR}]
    response = admin_client.post(
        f"/admin/partners/organization/{organization.pk}/change/", form(organization, rows)
    )

    assert response.status_code == 302
    assert set(Membership.objects.values_list("user", "role")) == {(bob.user_id, LEAD), (charlie.pk, EDITOR)}
    assert sorted(events()) == ["member_removed", "role_changed"]
    assert sorted(organization.activities.values_list("kind", flat=True)) == ["added", "removed", "role"]


@pytest.mark.parametrize("changed", [{"DELETE": "on"}, {"role": EDITOR}])
def test_the_form_keeps_a_lead_too(admin_client, organization, changed):
    alice = MembershipFactory(organization=organization, role=LEAD)

    response = admin_client.post(
        f"/admin/partners/organization/{organization.pk}/change/",
        form(organization, [row(alice, **changed)]),
    )

    assert "Il faut une personne responsable" in response.content.decode()
    alice.refresh_from_db()
    assert alice.role == LEAD
    assert events() == []


def test_a_page_change_is_read_and_answered(admin_client, organization):
    Organization.objects.update(stage="verified")
    seat = MembershipFactory(organization=organization, role=LEAD)
    organization.refresh_from_db()
    content = {**changes.content_of(organization), "description_fr": "Après."}
    change = changes.propose(
        organization=organization, content=content, by=seat.user, at=organization.created_at
    )
    address = f"/admin/partners/organizationchange/{change.pk}/repondre/"

    assert address in admin_client.get("/admin/partners/organizationchange/").content.decode()
    assert "Après." in admin_client.get(address).content.decode()
    admin_client.post(address, {"refuser": "1", "reason": ""})
    assert OrganizationChange.objects.waiting().exists()
    admin_client.post(address, {"accepter": "1"})

    organization.refresh_from_db()
    assert organization.description_fr == "Après."
    assert events() == ["change_accepted"]


def test_a_request_that_nobody_can_answer_is_answered_here(admin_client, organization):
    charlie = UserFactory()
    request = membership.ask_to_join(user=charlie, organization=organization, at=organization.created_at)
    listed = "/admin/partners/joinrequest/?sans_responsable=oui&state__exact=waiting"
    assert admin_client.get(listed).context["cl"].result_count == 1

    admin_client.post(listed, {"action": "accept_as_lead", "_selected_action": [request.pk]})

    assert Membership.objects.get().role == LEAD
    assert admin_client.get(listed).context["cl"].result_count == 0


def test_a_person_is_seated_from_the_organization_only(admin_client):
    seat = MembershipFactory()

    page = admin_client.get(f"/admin/partners/user/{seat.user_id}/change/").content.decode()

    assert seat.organization.name in page
    assert 'name="memberships-0-role"' not in page


@pytest.mark.parametrize("address", ["verifier/", "archiver/", "fusionner/{other}/"])
def test_staff_without_the_right_are_refused(client, organization, address):
    other = OrganizationFactory()
    client.force_login(UserFactory(is_staff=True))

    where = address.format(other=other.pk)
    assert client.post(f"/admin/partners/organization/{organization.pk}/{where}").status_code == 403

    assert set(Organization.objects.values_list("stage", flat=True)) == {"pending", "verified"}
