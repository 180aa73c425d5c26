"""Serving what people sent."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from partners.models import OrganizationChange
from tests.factories import (
    DeliverableFactory,
    MembershipFactory,
    OrganizationFactory,
    PlanFactory,
    ProjectFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def get(client, admin_client):
    """Ask for an address, as nobody or as staff, and let go of the file."""

    def ask(address, by=client):
        response = by.get(address)
        if response.streaming:
            b"".join(response.streaming_content)
        return response

    return ask


def png():
    written = BytesIO()
    Image.new("RGB", (8, 8)).save(written, "PNG")
    return ContentFile(written.getvalue(), name="abc.png")


def logo(**options):
    return OrganizationFactory(logo=png(), logo_alt_fr="Logo", **options)


def test_a_public_picture_is_shown_and_can_do_nothing_else(get):
    response = get(logo().logo.url)

    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script-src" not in response["Content-Security-Policy"]
    assert not response.get("Content-Disposition", "").startswith("attachment")


def test_a_file_is_handed_over_never_opened_in_the_page(get):
    deliverable = DeliverableFactory(evidence_file=ContentFile(b"%PDF-1.7", name="a.pdf"))

    response = get(deliverable.evidence_file.url)

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "row",
    [
        lambda: logo(stage="pending").logo,
        lambda: logo(stage="archived").logo,
        lambda: (
            ProjectFactory(image=png(), image_alt_fr="Image", plan=PlanFactory(stage="preparation")).image
        ),
        lambda: (
            ProjectFactory(
                image=png(), image_alt_fr="x", archived_at=timezone.now(), archive_reason_fr="Doublon."
            ).image
        ),
        lambda: (
            DeliverableFactory(
                project__plan=PlanFactory(stage="preparation"), evidence_file=ContentFile(b"x", name="a.pdf")
            ).evidence_file
        ),
        lambda: OrganizationChange.objects.create(organization=OrganizationFactory(), logo=png()).logo,
    ],
    ids=["pending", "archived", "project in preparation", "archived project", "evidence", "proposed"],
)
def test_what_is_not_public_is_for_the_staff(client, admin_client, get, row):
    file = row()
    assert file.storage.exists(file.name)

    assert get(file.url).status_code == 404
    client.force_login(UserFactory())
    assert get(file.url).status_code == 404
    response = get(file.url, by=admin_client)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


def test_a_proposed_logo_is_seen_by_its_organization(client, get):
    seat = MembershipFactory()
    change = OrganizationChange.objects.create(organization=seat.organization, logo=png())
    client.force_login(seat.user)

    assert get(change.logo.url).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "secret-key",
        "../secret-key",
        "organizations/../../secret-key",
        "organizations/..%2f..%2fsecret-key.png",
        "organizations/abc.svg",
        "organizations/abc.html",
        "organizations/",
        "organizations/inconnu.png",
        "documents/plan.pdf",
        "organizations/a\u202egnp.png",
        "organizations/%00.png",
    ],
)
def test_nothing_else_has_an_address(client, admin_client, path, settings):
    (settings.MEDIA_ROOT.parent / "secret-key").write_text("secret")

    assert admin_client.get(f"/media/{path}").status_code == 404


def test_a_file_that_went_missing_is_not_found(client):
    file = logo().logo
    file.storage.delete(file.name)

    assert client.get(file.url).status_code == 404
