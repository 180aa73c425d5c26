"""The pages where people find their organisation, and look after who belongs to it."""

import re
from io import BytesIO

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from core.models import Mail
from partners import membership
from partners.models import Membership, Organization, OrganizationChange
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

LEAD, EDITOR = Membership.Role.LEAD, Membership.Role.EDITOR
PASSWORD = "trois-navets-bien-ronds"


@pytest.fixture
def organization():
    made = OrganizationFactory(name="Les Récoltes partagées", slug="recoltes", acronym="LRP")
    Organization.objects.reindex()
    return made


@pytest.fixture
def alice(organization):
    return MembershipFactory(user__name="Alice", organization=organization, role=LEAD).user


@pytest.fixture
def bob(organization):
    return MembershipFactory(user__name="Bob", organization=organization).user


@pytest.fixture
def charlie():
    user = UserFactory(name="Charlie", email="charlie@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("’", "'")


def token():
    return re.search(r"/espace/invitation/([\w-]+)/", Mail.objects.latest("pk").secret_link)[1]


def rows(organization, alice, bob):
    request = membership.ask_to_join(user=UserFactory(), organization=organization, at=timezone.now())
    invitation = membership.invite(
        organization=organization, email="x@example.org", by=alice, at=timezone.now()
    )
    return request, invitation, Membership.objects.get(user=bob)


PAGES = {
    "membres/": 200,
    "quitter/": 200,
    "membres/{member}/retirer/": 302,
    "page/": 404,
}
BUTTONS = [
    "membres/{member}/role/",
    "demandes/{request}/accepter/",
    "demandes/{request}/refuser/",
    "invitations/{invitation}/renvoyer/",
    "invitations/{invitation}/annuler/",
]


def filled(address, request, invitation, member):
    path = address.format(request=request.pk, invitation=invitation.pk, member=member.pk)
    return f"/espace/organisations/recoltes/{path}"


@pytest.mark.parametrize("address", [*PAGES, *BUTTONS])
def test_a_strangers_address_answers_404(client, organization, alice, bob, charlie, address):
    where = filled(address, *rows(organization, alice, bob))
    MembershipFactory(user=charlie, role=LEAD)  # leads another one
    client.force_login(charlie)

    assert client.post(where, {"role": "lead"}).status_code == 404
    assert client.get(where).status_code in (404, 405)


@pytest.mark.parametrize(("address", "status"), PAGES.items())
def test_an_editor_reads_the_members_and_decides_nothing(client, organization, alice, bob, address, status):
    where = filled(address, *rows(organization, alice, bob))
    client.force_login(MembershipFactory(organization=organization).user)

    assert client.get(where).status_code == status


@pytest.mark.parametrize("address", BUTTONS)
def test_an_editor_who_presses_a_button_is_told_no(client, organization, alice, bob, address):
    where = filled(address, *rows(organization, alice, bob))
    client.force_login(MembershipFactory(organization=organization).user)
    before = set(Membership.objects.values_list("user", "role"))

    page = client.post(where, {"role": "lead"}, follow=True)

    assert "Seules les personnes responsables" in text(page)
    assert set(Membership.objects.values_list("user", "role")) == before


def test_an_editor_sees_neither_addresses_nor_invitations(client, organization, alice, bob):
    rows(organization, alice, bob)
    client.force_login(bob)

    page = text(client.get("/espace/organisations/recoltes/membres/"))

    assert "Alice" in page
    assert alice.email not in page
    assert "x@example.org" not in page


@pytest.mark.parametrize("address", [*BUTTONS, "membres/{member}/retirer/"])
def test_a_lead_acts_by_buttons(client, organization, alice, bob, address):
    where = filled(address, *rows(organization, alice, bob))
    client.force_login(alice)
    before = organization.activities.count()

    response = client.post(where, {"role": "lead"})

    assert response.url == "/espace/organisations/recoltes/membres/"
    assert organization.activities.count() == before + 1


def test_rows_of_another_organization_are_out_of_reach(client, organization, alice, bob):
    elsewhere = MembershipFactory(organization__slug="ailleurs", role=EDITOR)
    request = membership.ask_to_join(
        user=UserFactory(), organization=elsewhere.organization, at=timezone.now()
    )
    client.force_login(alice)

    base = "/espace/organisations/recoltes"
    for where in (
        f"membres/{elsewhere.pk}/role/",
        f"demandes/{request.pk}/accepter/",
        f"membres/{elsewhere.pk}/retirer/",
    ):
        assert client.post(f"{base}/{where}", {"role": "lead"}).status_code == 404


@pytest.mark.parametrize(
    ("question", "is_found"),
    [("recoltes", True), ("RÉCOLTE partag", True), ("lrp", True), ("les récol", True), ("marché", False)],
)
def test_one_finds_by_name_beginning_or_acronym(client, organization, charlie, question, is_found):
    client.force_login(charlie)

    page = text(client.get("/espace/organisations/", {"q": question}))

    assert ("/espace/organisations/recoltes/rejoindre/" in page) == is_found
    assert "/espace/organisations/creer/?nom=" in page


def test_joining_is_asked_and_then_shown_in_ones_space(client, organization, alice, charlie):
    client.force_login(charlie)

    client.post("/espace/organisations/recoltes/rejoindre/", {"message": "Je jardine."})

    assert "Mes demandes en attente" in text(client.get("/espace/"))
    assert Mail.objects.get().address == alice.email
    client.post(f"/espace/demandes/{charlie.join_requests.get().pk}/retirer/")
    assert not charlie.join_requests.waiting().exists()


def test_a_likely_double_is_shown_before_a_new_one_is_created(client, organization, charlie):
    client.force_login(charlie)
    form = {"name": "Récoltes Partagées", "acronym": "", "sector": "community", "website": ""}

    page = text(client.post("/espace/organisations/creer/", form))

    assert "Est-ce l'une de celles-ci?" in page
    assert "/espace/organisations/recoltes/rejoindre/" in page
    assert Organization.objects.count() == 1

    created = client.post("/espace/organisations/creer/", {**form, "nouvelle": "1"})
    assert created.url == "/espace/"
    assert Membership.objects.get(user=charlie).role == LEAD


def test_a_new_name_is_created_at_once_and_the_same_name_never_twice(client, organization, charlie):
    client.force_login(charlie)
    form = {"name": "Tout à fait autre", "sector": "community"}

    assert client.post("/espace/organisations/creer/", form).status_code == 302
    again = client.post("/espace/organisations/creer/", {**form, "nouvelle": "1"})

    assert 'id="id_name_error"' in text(again)
    assert Organization.objects.filter(name="Tout à fait autre").count() == 1


def test_the_last_lead_says_who_takes_over(client, organization, alice, bob):
    client.force_login(alice)
    page = text(client.get("/espace/organisations/recoltes/quitter/"))
    assert "dites qui prend la suite" in page

    client.post("/espace/organisations/recoltes/quitter/", {"successor": Membership.objects.get(user=bob).pk})

    assert list(Membership.objects.values_list("user", "role")) == [(bob.pk, LEAD)]


def test_who_is_alone_is_told_what_to_do(client, organization, alice):
    client.force_login(alice)

    assert "la seule personne" in text(client.get("/espace/organisations/recoltes/quitter/"))
    client.post("/espace/organisations/recoltes/quitter/")
    assert Membership.objects.count() == 1


def test_a_wrong_address_is_told_beside_its_field(client, organization, alice):
    client.force_login(alice)

    page = text(client.post("/espace/organisations/recoltes/membres/", {"email": "x", "role": "editor"}))

    assert 'id="id_email_error"' in page
    assert re.search(r'role="alert" tabindex="-1" autofocus', page)
    assert not Mail.objects.exists()


def test_somebody_without_account_comes_by_the_link_in_one_sitting(client, organization, alice, mailoutbox):
    cache.clear()
    client.force_login(alice)
    client.post(
        "/espace/organisations/recoltes/membres/",
        {"email": "Dora@example.org", "role": "lead", "language": "fr"},
    )
    link = f"/espace/invitation/{token()}/"
    client.logout()

    page = text(client.get(link))
    assert "Alice vous invite à rejoindre « Les Récoltes partagées »" in page
    sign_up = re.search(r'href="(/compte/inscription/[^"]+)"', page)[1].replace("&amp;", "&")
    assert 'value="dora@example.org"' in text(client.get(sign_up))
    form = {
        "name": "Dora",
        "email": "dora@example.org",
        "language": "fr",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    back = client.post(sign_up, {**form, "next": link})
    assert back.url == link  # the link proves the address: no second mail to confirm it
    assert "Rejoindre l'organisation" in text(client.get(link))
    client.post(f"{link}accepter/")

    assert Membership.objects.get(user__email="dora@example.org").role == LEAD
    assert client.get(link).status_code == 410


def test_the_link_proves_its_own_address_only(client, organization, alice):
    cache.clear()
    membership.invite(organization=organization, email="dora@example.org", by=alice, at=timezone.now())
    client.get(f"/espace/invitation/{token()}/")
    form = {
        "name": "Eve",
        "email": "eve@example.org",
        "language": "fr",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }

    response = client.post("/compte/inscription/", form)

    assert response.url == "/compte/courriel/confirmer/"
    assert not EmailAddress.objects.get(email="eve@example.org").verified


def test_a_link_opened_by_another_account_is_explained_and_refused(client, organization, alice, charlie):
    membership.invite(organization=organization, email="dora@example.org", by=alice, at=timezone.now())
    link = f"/espace/invitation/{token()}/"
    client.force_login(charlie)

    assert "cette invitation en vise un autre" in text(client.get(link))
    client.post(f"{link}accepter/")

    assert not Membership.objects.filter(user=charlie).exists()


def test_a_link_that_does_not_exist_says_so(client):
    response = client.get("/espace/invitation/jamais-vu/")

    assert response.status_code == 410
    assert "Ce lien est inexact" in text(response)


def test_an_offered_place_of_somebody_else_is_out_of_reach(client, organization, alice, charlie):
    invitation = membership.invite(
        organization=organization, email="dora@example.org", by=alice, at=timezone.now()
    )
    client.force_login(charlie)

    assert client.post(f"/espace/invitations/{invitation.pk}/accepter/").status_code == 404


def page_form(**changed):
    return {"description_fr": "Nous cultivons.", "website": "recoltes.example.org", **changed}


def png():
    written = BytesIO()
    Image.new("RGB", (40, 30), (9, 99, 9)).save(written, "PNG")
    return SimpleUploadedFile("../logo\u202egnp.html", written.getvalue())


def test_a_lead_proposes_a_page_with_its_logo(client, organization, alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(alice)

    client.post("/espace/organisations/recoltes/page/", page_form(logo=png(), logo_alt_fr="Notre logo"))

    change = OrganizationChange.objects.waiting().get()
    assert change.content["website"] == "https://recoltes.example.org"
    assert re.fullmatch(r"propositions/[0-9a-f]{40}\.png", change.logo.name)
    organization.refresh_from_db()
    assert (organization.description_fr, organization.logo.name) == ("", "")
    assert "Une modification attend une réponse" in text(client.get("/espace/organisations/recoltes/page/"))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"logo": SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")}, "logo"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"territories": ["nulle-part"]}, "territories"),
    ],
)
def test_what_is_wrong_with_a_page_is_told_and_nothing_kept(client, organization, alice, changed, field):
    client.force_login(alice)

    page = text(client.post("/espace/organisations/recoltes/page/", page_form(**changed)))

    assert f'id="id_{field}_error"' in page
    assert not OrganizationChange.objects.exists()


def test_a_logo_without_its_words_is_refused(client, organization, alice):
    client.force_login(alice)

    page = text(client.post("/espace/organisations/recoltes/page/", page_form(logo=png())))

    assert 'id="id_logo_alt_fr_error"' in page
    assert not OrganizationChange.objects.exists()


@pytest.mark.parametrize("count", [1, 8])
def test_the_page_of_members_makes_the_same_number_of_queries(
    client, organization, alice, count, django_assert_num_queries
):
    for n in range(count):
        MembershipFactory(organization=organization)
        membership.ask_to_join(user=UserFactory(), organization=organization, at=timezone.now())
        membership.invite(organization=organization, email=f"x{n}@example.org", by=alice, at=timezone.now())
    client.force_login(alice)

    # Session, person; the organisation, whether I lead it; members, requests, invitations, activity.
    with django_assert_num_queries(8):
        client.get("/espace/organisations/recoltes/membres/")


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_page_has_one_title_and_no_inline_style(client, organization, alice, bob, prefix):
    client.force_login(alice)
    member = Membership.objects.get(user=bob).pk
    for where in (
        "organisations/?q=recoltes",
        "organisations/creer/",
        "organisations/recoltes/rejoindre/",
        "organisations/recoltes/membres/",
        "organisations/recoltes/page/",
        "organisations/recoltes/quitter/",
        f"organisations/recoltes/membres/{member}/retirer/",
    ):
        page = text(client.get(f"{prefix}/espace/{where}"))
        assert page.count("<h1") == 1, where
        assert "style=" not in page, where
