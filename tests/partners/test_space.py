import pytest
from django.utils import timezone

from partners import membership
from partners.models import Membership, Organization
from projects.models import ProjectPartner
from tests.factories import (
    MembershipFactory,
    OrganizationFactory,
    PlanFactory,
    ProjectFactory,
    ProjectPartnerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return UserFactory(email="alice@example.org", name="Alice Tremblay")


def space(client, user, address="/espace/"):
    client.force_login(user)
    return client.get(address).content.decode().replace("\u00a0", " ").replace("’", "'")


def test_a_stranger_is_asked_to_sign_in(client):
    assert client.get("/espace/").url == "/compte/connexion/?next=/espace/"


def test_somebody_without_organisation_learns_what_to_do(client, alice):
    page = space(client, alice)

    assert "Vous n'êtes membre d'aucune organisation" in page


def test_my_organisations_are_there_with_their_people(client, alice):
    organization = OrganizationFactory(name="Les Récoltes", acronym="LR")
    MembershipFactory(user=alice, organization=organization, role=Membership.Role.LEAD)
    MembershipFactory(user__name="Bob Gagnon", organization=organization)

    page = space(client, alice)

    assert "Les Récoltes (LR)" in page
    assert "Alice Tremblay (responsable) — vous" in page.replace("\n", "")
    assert "Bob Gagnon (rédaction)" in page


def test_other_organisations_are_not_there(client, alice):
    MembershipFactory(user=alice, organization__name="La mienne")
    other = OrganizationFactory(name="Une autre")
    MembershipFactory(user__name="Charlie Roy", organization=other)
    ProjectFactory(lead=other, title_fr="Leur projet")

    page = space(client, alice)

    assert "Une autre" not in page
    assert "Charlie" not in page
    assert "Leur projet" not in page


def test_published_projects_are_there_with_my_part_and_what_is_to_confirm(client, alice):
    organization = OrganizationFactory()
    MembershipFactory(user=alice, organization=organization)
    ProjectPartnerFactory(
        organization=organization, project__title_fr="Confirmé", role="funder", confirmed_on="2021-05-01"
    )
    ProjectPartnerFactory(organization=organization, project__title_fr="À confirmer", role="contributor")
    ProjectFactory(lead=organization, title_fr="Caché", plan=PlanFactory(stage="preparation"))
    ProjectFactory(
        lead=organization, title_fr="Archivé", archived_at="2024-01-01T00:00Z", archive_reason_fr="Doublon."
    )

    page = space(client, alice)

    assert "1 participation n'est pas confirmée." in page
    assert "confirmée le" in page
    assert str(ProjectPartner.Role.FUNDER.label) in page
    assert "Caché" not in page
    assert "Archivé" not in page


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Organization.Stage.PENDING, "n'a pas encore vérifié"),
        (Organization.Stage.ARCHIVED, "est archivée"),
        (Organization.Stage.VERIFIED, "Voir sa page publique"),
    ],
)
def test_the_stage_of_my_organisation_is_told(client, alice, stage, words):
    MembershipFactory(user=alice, organization__stage=stage)

    assert words in space(client, alice)


def test_demonstration_data_says_so(client, alice):
    MembershipFactory(user=alice, organization__is_demonstration=True)

    assert "Données de démonstration" in space(client, alice)


def test_staff_without_organisation_are_shown_the_way_to_their_desk(client):
    assert "Ouvrir la console" in space(client, UserFactory(is_staff=True))


def test_the_space_is_kept_by_no_cache(client, alice):
    client.force_login(alice)

    assert "no-store" in client.get("/espace/")["Cache-Control"]


@pytest.mark.parametrize("count", [1, 3, 25])
def test_the_number_of_queries_does_not_grow(client, alice, count, django_assert_num_queries):
    for _ in range(count):
        organization = MembershipFactory(user=alice, role="lead").organization
        MembershipFactory(organization=organization)
        ProjectFactory(lead=organization)
        membership.ask_to_join(user=UserFactory(), organization=organization, at=timezone.now())
    client.force_login(alice)

    # Session, person; my memberships, all members, the parts in projects, who asks to join, what I
    # asked for, and what I am invited to; registrations, plans, extensions.
    with django_assert_num_queries(13):
        client.get("/espace/")
