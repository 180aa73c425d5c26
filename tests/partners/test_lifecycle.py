"""An organisation is created, verified, archived, and what its leads write of its page is answered."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.utils import timezone

from core.models import Mail
from partners import changes, lifecycle
from partners.changes import ChangeRefused
from partners.lifecycle import LifecycleRefused
from partners.models import Membership, Organization, OrganizationAlias, OrganizationChange
from tests.factories import MembershipFactory, OrganizationFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = timezone.make_aware(dt.datetime(2026, 3, 2, 10, 0))


@pytest.fixture
def council():
    user = UserFactory(name="Conseil", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_organization"))
    return user


@pytest.fixture
def seat():
    """Alice leads a verified organisation."""
    return MembershipFactory(
        role=Membership.Role.LEAD,
        user__name="Alice",
        user__email="alice@example.org",
        organization__name="Les Récoltes",
        organization__slug="recoltes",
        organization__description_fr="Avant.",
    )


def mails():
    return list(Mail.objects.values_list("event", "address").order_by("pk"))


def content(organization, **changed):
    return {**changes.content_of(organization), **changed}


def propose(seat, **changed):
    organization = Organization.objects.get(pk=seat.organization_id)
    files = {name: changed.pop(name) for name in ("logo", "removes_logo") if name in changed}
    return changes.propose(
        organization=organization, content=content(organization, **changed), by=seat.user, at=NOW, **files
    )


def test_a_created_organization_waits_with_its_lead():
    alice = UserFactory(name="Alice")

    organization = lifecycle.create(by=alice, at=NOW, name="Élan vert", sector="community", acronym="ÉV")

    assert (organization.stage, organization.slug) == (Organization.Stage.PENDING, "elan-vert")
    assert organization.memberships.get().role == Membership.Role.LEAD
    assert not Organization.objects.public().exists()
    assert Organization.objects.search("élan").get() == organization
    assert organization.activities.get().kind == "created"


def test_addresses_never_collide_with_present_or_former_ones():
    OrganizationFactory(slug="elan-vert")
    OrganizationAlias.objects.create(organization=OrganizationFactory(), name="Élan vert", slug="elan-vert-2")

    assert lifecycle.free_slug("Élan vert") == "elan-vert-3"
    assert lifecycle.free_slug("！？") == "organisation"


def test_one_person_does_not_fill_the_councils_desk():
    alice = UserFactory()
    for n in range(lifecycle.PENDING):
        lifecycle.create(by=alice, at=NOW, name=f"Organisme {n}", sector="other")

    with pytest.raises(LifecycleRefused):
        lifecycle.create(by=alice, at=NOW, name="Un de plus", sector="other")


def test_verifying_and_archiving_tell_the_leads_once(council, seat):
    MembershipFactory(organization=seat.organization)
    Organization.objects.update(stage="pending")

    assert lifecycle.verify(organization=seat.organization, by=council, at=NOW)
    assert not lifecycle.verify(organization=seat.organization, by=council, at=NOW)
    assert lifecycle.archive(organization=seat.organization, by=council, at=NOW)

    assert mails() == [
        ("organization_verified", "alice@example.org"),
        ("organization_archived", "alice@example.org"),
    ]


def test_only_the_council_verifies(seat):
    Organization.objects.update(stage="pending")
    for by in (seat.user, UserFactory(is_staff=True)):
        with pytest.raises(LifecycleRefused):
            lifecycle.verify(organization=seat.organization, by=by, at=NOW)

    assert not Organization.objects.public().exists()


def test_what_a_lead_writes_of_a_verified_page_changes_nothing_public(client, council, seat):
    verdun = TerritoryFactory(name="Verdun", slug="verdun")
    before = client.get("/partenaires/recoltes/").content

    change = propose(seat, description_fr="MOTCANARI après.", website="https://e.org", territories=["verdun"])

    assert client.get("/partenaires/recoltes/").content == before
    for address in ("/partenaires/", "/recherche/?q=MOTCANARI"):
        assert "MOTCANARI après" not in client.get(address).content.decode()

    changes.accept(change=change, by=council, at=NOW)

    after = client.get("/partenaires/recoltes/").content.decode()
    assert "MOTCANARI après." in after
    assert list(seat.organization.territories.all()) == [verdun]
    assert Organization.objects.search("motcanari").exists()
    assert mails() == [("change_accepted", "alice@example.org")]


def test_a_pending_organization_is_written_at_once(seat):
    Organization.objects.update(stage="pending")

    change = propose(seat, description_fr="Après.")

    seat.organization.refresh_from_db()
    assert (change.state, seat.organization.description_fr) == ("accepted", "Après.")
    assert not Mail.objects.exists()


def test_staff_accept_what_was_on_their_screen_or_nothing(council, seat):
    read = propose(seat, description_fr="Lu par le Conseil.")
    propose(seat, description_fr="Écrit pendant ce temps.")

    with pytest.raises(ChangeRefused, match="remplacée"):
        changes.accept(change=read, by=council, at=NOW)

    seat.organization.refresh_from_db()
    assert seat.organization.description_fr == "Avant."
    assert OrganizationChange.objects.waiting().get().content["description_fr"] == "Écrit pendant ce temps."


def test_a_refusal_has_a_reason_that_is_mailed(council, seat):
    change = propose(seat, description_fr="Après.")

    with pytest.raises(ChangeRefused):
        changes.refuse(change=change, reason="  ", by=council, at=NOW)
    changes.refuse(change=change, reason="Trop long.", by=council, at=NOW)

    assert mails() == [("change_refused", "alice@example.org")]
    assert "> Trop long." in Mail.objects.get().text
    with pytest.raises(ChangeRefused):
        changes.accept(change=change, by=council, at=NOW)


def test_who_left_is_not_told(council, seat):
    change = propose(seat, description_fr="Après.")
    seat.delete()

    changes.accept(change=change, by=council, at=NOW)

    assert mails() == []


@pytest.mark.parametrize("who", ["editor", "stranger", "council"])
def test_only_a_lead_writes_the_page(seat, council, who):
    by = {"editor": MembershipFactory(organization=seat.organization).user, "stranger": UserFactory()}
    organization = seat.organization

    with pytest.raises(ChangeRefused):
        changes.propose(
            organization=organization, content=content(organization), by=by.get(who, council), at=NOW
        )


def test_a_lead_does_not_answer_their_own_change(seat):
    change = propose(seat, description_fr="Après.")

    with pytest.raises(ChangeRefused):
        changes.accept(change=change, by=seat.user, at=NOW)


def test_a_logo_waits_apart_is_carried_over_and_comes_when_accepted(council, seat, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    propose(seat, logo=ContentFile(b"image", name="abc.png"), logo_alt_fr="Logo")

    change = propose(seat, description_fr="Autre texte.", logo_alt_fr="Logo")

    seat.organization.refresh_from_db()
    assert (change.logo.name, seat.organization.logo.name) == ("propositions/abc.png", "")
    changes.accept(change=change, by=council, at=NOW)
    seat.organization.refresh_from_db()
    assert seat.organization.logo.name == "organizations/abc.png"

    changes.accept(change=propose(seat, removes_logo=True), by=council, at=NOW)
    seat.organization.refresh_from_db()
    assert seat.organization.logo.name == ""


def test_differences_are_told_field_by_field_in_words(seat):
    TerritoryFactory(name="Verdun", slug="verdun")
    change = propose(seat, description_fr="Après.", covers_whole_island=True, territories=["verdun"])

    found = {d.label: (d.before, d.after) for d in changes.differences(change)}

    assert found == {
        "Description": ("Avant.", "Après."),
        "Toute l'île": ("non", "oui"),
        "Territoires": ("", "Verdun"),
    } or set(found.values()) == {("Avant.", "Après."), ("non", "oui"), ("", "Verdun")}
