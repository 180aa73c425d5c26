"""Coming to an organisation, holding a role there, leaving it."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from core.models import Mail
from partners import membership
from partners.membership import MembershipRefused
from partners.models import Invitation, JoinRequest, Membership, Organization, OrganizationActivity
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db

NOW = timezone.make_aware(dt.datetime(2026, 3, 2, 10, 0))
LEAD, EDITOR = Membership.Role.LEAD, Membership.Role.EDITOR


@pytest.fixture
def organization():
    return OrganizationFactory(name="Les Récoltes", slug="recoltes")


@pytest.fixture
def alice(organization):
    """Leads it."""
    user = UserFactory(name="Alice", email="alice@example.org")
    MembershipFactory(user=user, organization=organization, role=LEAD)
    return user


@pytest.fixture
def bob(organization):
    """Writes there."""
    user = UserFactory(name="Bob", email="bob@example.org", language="en")
    MembershipFactory(user=user, organization=organization, role=EDITOR)
    return user


@pytest.fixture
def charlie():
    """Belongs to nothing."""
    return UserFactory(name="Charlie", email="charlie@example.org", language="en")


@pytest.fixture
def council():
    user = UserFactory(name="Conseil", email="council@example.org", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_organization"))
    return user


def asked(user, organization):
    return membership.ask_to_join(user=user, organization=organization, message="Je jardine.", at=NOW)


def invited(organization, by, email="charlie@example.org", **options):
    return membership.invite(organization=organization, email=email, by=by, at=NOW, **options)


def role(user):
    return Membership.objects.filter(user=user).values_list("role", flat=True).first()


def seat(user, organization):
    return Membership.objects.get(user=user, organization=organization)


def mails():
    return set(Mail.objects.values_list("event", "address", "language"))


def activities(organization):
    rows = organization.activities.order_by("pk")
    return [(a.kind, str(a.actor), a.person, a.detail) for a in rows]


def token_in(mail):
    return re.search(r"/espace/invitation/([\w-]+)/", mail.secret_link)[1]


# Asking


def test_a_request_waits_and_every_lead_is_told(organization, alice, bob, charlie):
    dora = MembershipFactory(organization=organization, role=LEAD, user__email="dora@example.org").user

    request = asked(charlie, organization)

    assert request.state == JoinRequest.State.WAITING
    assert role(charlie) is None
    assert mails() == {("join_request", alice.email, "fr"), ("join_request", dora.email, "fr")}
    letter = Mail.objects.filter(address=alice.email).get()
    assert "Charlie demande à rejoindre Les Récoltes" in letter.subject
    assert "> Je jardine." in letter.text
    assert "/espace/organisations/recoltes/membres/" in letter.text


def test_where_nobody_leads_the_council_is_told(organization, charlie, settings):
    settings.CSAM_CONTACT_EMAIL = "conseil@example.org"

    asked(charlie, organization)

    assert mails() == {("join_request", "conseil@example.org", "fr")}


def test_an_accepted_person_is_a_member_and_told_in_their_language(organization, alice, charlie):
    request = asked(charlie, organization)

    membership.accept_request(request=request, by=alice, at=NOW)

    request.refresh_from_db()
    assert (request.state, request.decided_by, request.decided_at) == ("accepted", alice, NOW)
    assert role(charlie) == EDITOR
    assert ("join_accepted", charlie.email, "en") in mails()
    assert activities(organization) == [
        ("asked", "Charlie", "", ""),
        ("accepted", "Alice", "Charlie", "rédaction"),
    ]


def test_a_refused_person_is_told_and_may_ask_again(organization, alice, charlie):
    request = asked(charlie, organization)

    membership.refuse_request(request=request, by=alice, at=NOW)

    assert role(charlie) is None
    assert ("join_refused", charlie.email, "en") in mails()
    assert asked(charlie, organization).pk != request.pk


def test_a_person_asks_once(organization, alice, charlie):
    asked(charlie, organization)

    with pytest.raises(MembershipRefused, match="attend déjà"):
        asked(charlie, organization)

    assert Mail.objects.count() == 1


def test_a_member_does_not_ask(organization, bob):
    with pytest.raises(MembershipRefused, match="déjà membre"):
        asked(bob, organization)


def test_a_request_is_answered_once(organization, alice, charlie):
    request = asked(charlie, organization)
    membership.refuse_request(request=request, by=alice, at=NOW)

    with pytest.raises(MembershipRefused, match="refusée"):
        membership.accept_request(request=request, by=alice, at=NOW)

    assert role(charlie) is None


def test_a_person_withdraws_their_own_request_only(organization, bob, charlie):
    request = asked(charlie, organization)

    with pytest.raises(MembershipRefused):
        membership.withdraw_request(request=request, by=bob, at=NOW)
    membership.withdraw_request(request=request, by=charlie, at=NOW)

    request.refresh_from_db()
    assert request.state == JoinRequest.State.WITHDRAWN


def test_one_person_does_not_ask_everybody(charlie):
    for _n in range(membership.REQUESTS_WAITING):
        asked(charlie, OrganizationFactory())

    with pytest.raises(MembershipRefused, match="Trop"):
        asked(charlie, OrganizationFactory())


# Inviting


def test_an_invitation_is_mailed_in_the_language_chosen_and_keeps_only_a_hash(organization, alice):
    invitation = invited(organization, alice, email=" Dora@Example.org ", language="en", role=LEAD)

    assert mails() == {("invitation", "dora@example.org", "en")}
    token = token_in(Mail.objects.get())
    assert "/en/espace/invitation/" in Mail.objects.get().secret_link
    assert invitation.token_hash == membership.hash_of(token) != token
    assert len(token) >= 43
    assert invitation.expires_at == NOW + dt.timedelta(days=14)
    assert membership.invitation_of(token) == invitation
    assert membership.invitation_of("autre") is None


def test_who_has_an_account_is_invited_in_their_own_language(organization, alice, charlie):
    invited(organization, alice, language="fr")

    assert mails() == {("invitation", charlie.email, "en")}


def test_an_accepted_invitation_makes_a_member_with_that_role(organization, alice, charlie):
    invitation = invited(organization, alice, role=LEAD)

    membership.accept_invitation(
        invitation=invitation, user=charlie, addresses=["Charlie@Example.org"], at=NOW
    )

    assert role(charlie) == LEAD
    assert activities(organization)[-1] == ("joined", "Charlie", "", "responsable")


def test_an_invitation_serves_once(organization, alice, charlie):
    invitation = invited(organization, alice)
    membership.accept_invitation(invitation=invitation, user=charlie, addresses=[charlie.email], at=NOW)
    seat(charlie, organization).delete()

    with pytest.raises(MembershipRefused, match="déjà servi"):
        membership.accept_invitation(invitation=invitation, user=charlie, addresses=[charlie.email], at=NOW)

    assert role(charlie) is None


@pytest.mark.parametrize(
    ("addresses", "later", "reason"),
    [
        (["autre@example.org"], 0, "autre courriel"),
        ([], 0, "autre courriel"),
        (["charlie@example.org"], 14, "échue"),
    ],
)
def test_an_invitation_is_for_its_address_and_its_time(
    organization, alice, charlie, addresses, later, reason
):
    invitation = invited(organization, alice)

    with pytest.raises(MembershipRefused, match=reason):
        membership.accept_invitation(
            invitation=invitation, user=charlie, addresses=addresses, at=NOW + dt.timedelta(days=later)
        )


def test_a_revoked_invitation_serves_no_more_and_the_person_may_be_invited_anew(organization, alice, charlie):
    invitation = invited(organization, alice)
    membership.revoke(invitation=invitation, by=alice, at=NOW)

    with pytest.raises(MembershipRefused, match="annulée"):
        membership.accept_invitation(invitation=invitation, user=charlie, addresses=[charlie.email], at=NOW)
    assert invited(organization, alice).pk != invitation.pk


def test_sending_again_gives_a_new_link_and_kills_the_old_one(organization, alice, charlie):
    invitation = invited(organization, alice)
    old = token_in(Mail.objects.get())

    membership.invite_again(invitation=invitation, by=alice, at=NOW + dt.timedelta(days=20))

    new = token_in(Mail.objects.latest("pk"))
    assert membership.invitation_of(old) is None
    assert membership.invitation_of(new).expires_at == NOW + dt.timedelta(days=34)
    assert Mail.objects.count() == 2


def test_nobody_is_invited_twice_nor_when_they_are_in(organization, alice, bob):
    invited(organization, alice)

    with pytest.raises(MembershipRefused, match="déjà invitée"):
        invited(organization, alice, email="CHARLIE@example.org")
    with pytest.raises(MembershipRefused, match="déjà membre"):
        invited(organization, alice, email="BOB@example.org")
    assert Mail.objects.count() == 1


def test_mail_is_not_a_way_to_bother_people(organization, alice):
    for n in range(membership.INVITATIONS_A_DAY):
        invited(organization, alice, email=f"a{n}@example.org")

    with pytest.raises(MembershipRefused, match="Trop"):
        invited(organization, alice)


def test_who_was_asking_and_is_invited_waits_for_nothing_more(organization, alice, charlie):
    asked(charlie, organization)
    invitation = invited(organization, alice)

    membership.accept_invitation(invitation=invitation, user=charlie, addresses=[charlie.email], at=NOW)

    assert not JoinRequest.objects.waiting().exists()


def test_an_archived_organization_takes_nobody(organization, alice, charlie):
    invitation = invited(organization, alice)
    Organization.objects.update(stage=Organization.Stage.ARCHIVED)

    for attempt in (
        lambda: asked(charlie, organization),
        lambda: invited(organization, alice, email="x@example.org"),
        lambda: membership.accept_invitation(
            invitation=invitation, user=charlie, addresses=[charlie.email], at=NOW
        ),
    ):
        with pytest.raises(MembershipRefused, match="archivée"):
            attempt()


# Holding a role


def test_a_new_role_is_told_to_whoever_gets_it(organization, alice, bob):
    membership.change_role(membership=seat(bob, organization), role=LEAD, by=alice, at=NOW)

    assert role(bob) == LEAD
    assert mails() == {("role_changed", bob.email, "en")}
    assert activities(organization) == [("role", "Alice", "Bob", "rédaction → responsable")]


def test_the_same_role_again_changes_and_tells_nothing(organization, alice, bob):
    membership.change_role(membership=seat(bob, organization), role=EDITOR, by=alice, at=NOW)

    assert not Mail.objects.exists()
    assert not OrganizationActivity.objects.exists()


def test_stepping_back_is_not_told_to_oneself(organization, alice, bob):
    membership.change_role(membership=seat(bob, organization), role=LEAD, by=alice, at=NOW)
    Mail.objects.all().delete()

    membership.change_role(membership=seat(alice, organization), role=EDITOR, by=alice, at=NOW)

    assert role(alice) == EDITOR
    assert not Mail.objects.exists()


def test_a_removed_person_is_told(organization, alice, bob):
    membership.remove(membership=seat(bob, organization), by=alice, at=NOW)

    assert role(bob) is None
    assert mails() == {("member_removed", bob.email, "en")}
    assert activities(organization) == [("removed", "Alice", "Bob", "")]


def test_the_last_lead_stays(organization, alice, bob, council):
    mine = seat(alice, organization)

    for attempt in (
        lambda: membership.leave(membership=mine, at=NOW),
        lambda: membership.change_role(membership=mine, role=EDITOR, by=alice, at=NOW),
        lambda: membership.change_role(membership=mine, role=EDITOR, by=council, at=NOW),
        lambda: membership.remove(membership=mine, by=council, at=NOW),
    ):
        with pytest.raises(MembershipRefused, match="dernière personne responsable"):
            attempt()

    assert role(alice) == LEAD
    assert not Mail.objects.exists()


def test_a_lead_whose_account_is_closed_does_not_count(organization, alice):
    MembershipFactory(organization=organization, role=LEAD, user__is_active=False)

    with pytest.raises(MembershipRefused):
        membership.leave(membership=seat(alice, organization), at=NOW)


def test_the_last_lead_leaves_by_naming_another(organization, alice, bob):
    membership.leave(membership=seat(alice, organization), successor=seat(bob, organization), at=NOW)

    assert (role(alice), role(bob)) == (None, LEAD)
    assert mails() == {("role_changed", bob.email, "en")}
    assert [kind for kind, *_rest in activities(organization)] == ["role", "left"]


def test_a_successor_from_elsewhere_does_not_help_nor_rise(organization, alice):
    elsewhere = MembershipFactory(role=EDITOR)
    MembershipFactory(user=alice, organization=elsewhere.organization, role=LEAD)

    with pytest.raises(MembershipRefused):
        membership.leave(membership=seat(alice, organization), successor=elsewhere, at=NOW)

    elsewhere.refresh_from_db()
    assert elsewhere.role == EDITOR
    assert seat(alice, organization).role == LEAD


def test_an_editor_leaves_freely(organization, alice, bob):
    membership.leave(membership=seat(bob, organization), at=NOW)

    assert role(bob) is None
    assert not Mail.objects.exists()


# Who may


def attempts(organization, alice, bob):
    request = asked(UserFactory(), organization)
    invitation = invited(organization, alice, email="dora@example.org")
    theirs = seat(bob, organization)
    return {
        "accept_request": lambda by: membership.accept_request(request=request, by=by, at=NOW),
        "refuse_request": lambda by: membership.refuse_request(request=request, by=by, at=NOW),
        "invite": lambda by: invited(organization, by, email="eve@example.org"),
        "invite_again": lambda by: membership.invite_again(invitation=invitation, by=by, at=NOW),
        "revoke": lambda by: membership.revoke(invitation=invitation, by=by, at=NOW),
        "change_role": lambda by: membership.change_role(membership=theirs, role=LEAD, by=by, at=NOW),
        "remove": lambda by: membership.remove(membership=theirs, by=by, at=NOW),
    }


ACTIONS = ["accept_request", "refuse_request", "invite", "invite_again", "revoke", "change_role", "remove"]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("who", ["editor", "stranger", "lead elsewhere", "staff without the right"])
def test_others_decide_nothing(organization, alice, bob, who, action):
    dora = MembershipFactory(organization=organization, role=EDITOR).user
    by = {
        "editor": dora,
        "stranger": UserFactory(),
        "lead elsewhere": MembershipFactory(role=LEAD).user,
        "staff without the right": UserFactory(is_staff=True),
    }[who]
    attempt = attempts(organization, alice, bob)[action]
    before = (mails(), activities(organization), set(Membership.objects.values_list("user", "role")))

    with pytest.raises(MembershipRefused):
        attempt(by)

    assert (mails(), activities(organization), set(Membership.objects.values_list("user", "role"))) == before


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("who", ["alice", "council"])
def test_leads_and_the_council_decide(organization, alice, bob, council, request, who, action):
    by = request.getfixturevalue(who)
    attempt = attempts(organization, alice, bob)[action]

    attempt(by)

    assert activities(organization)[-1][1] == str(by)


def test_only_the_council_seats_a_person_without_asking_them(organization, alice, charlie, council):
    with pytest.raises(MembershipRefused):
        membership.add(organization=organization, user=charlie, role=EDITOR, by=alice, at=NOW)

    membership.add(organization=organization, user=charlie, role=EDITOR, by=council, at=NOW)

    assert role(charlie) == EDITOR


def test_a_rollback_leaves_no_mail(organization, alice, charlie):
    with pytest.raises(RuntimeError), transaction.atomic():
        asked(charlie, organization)
        raise RuntimeError

    assert not Mail.objects.exists()


# At the same time


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_leave_at_once_do_not_leave_it_without():
    organization = OrganizationFactory()
    seats = [MembershipFactory(organization=organization, role=LEAD) for _n in range(2)]

    results = at_once(*(lambda s=s: membership.leave(membership=s, at=NOW) for s in seats))

    assert organization.memberships.leads().count() == 1
    assert [type(result) for result in results if result is not None] == [MembershipRefused]


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_make_one_decision_and_one_mail():
    organization = OrganizationFactory()
    leads = [MembershipFactory(organization=organization, role=LEAD).user for _n in range(2)]
    request = asked(UserFactory(email="charlie@example.org"), organization)
    Mail.objects.all().delete()

    results = at_once(
        lambda: membership.accept_request(request=request, by=leads[0], at=NOW),
        lambda: membership.refuse_request(request=request, by=leads[1], at=NOW),
    )

    assert sum(isinstance(result, MembershipRefused) for result in results) == 1
    assert Mail.objects.filter(address="charlie@example.org").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_invitation_accepted_twice_at_once_seats_once():
    lead = MembershipFactory(role=LEAD)
    invitation = invited(lead.organization, lead.user)
    charlie = UserFactory(email="charlie@example.org")

    def accept():
        return membership.accept_invitation(
            invitation=invitation, user=charlie, addresses=[charlie.email], at=NOW
        )

    results = at_once(accept, accept)

    assert sum(isinstance(result, Membership) for result in results) == 1
    assert Membership.objects.filter(user=charlie).count() == 1


# Its pages are in test_people_views.py; an address that is confirmed is one of allauth's:


def test_only_confirmed_addresses_show_invitations_in_ones_space(client, organization, alice, charlie):
    membership.invite(organization=organization, email=charlie.email, by=alice, at=timezone.now())
    address = EmailAddress.objects.create(user=charlie, email=charlie.email, verified=False)
    client.force_login(charlie)

    assert "Les Récoltes" not in client.get("/espace/").content.decode()
    EmailAddress.objects.filter(pk=address.pk).update(verified=True)
    assert "Les Récoltes" in client.get("/espace/").content.decode()
    client.post(f"/espace/invitations/{Invitation.objects.get().pk}/accepter/")

    assert role(charlie) == EDITOR
