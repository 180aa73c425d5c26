from unittest import mock

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from csam.documents import building
from csam.documents.models import Document, Edition
from tests.factories import UserFactory, publish_edition

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("csam.documents.bells.ring", lambda: None)
    monkeypatch.setattr(
        "csam.documents.rendering.render_pdf", lambda content, progress=None: content.to_bytes()
    )
    monkeypatch.setattr("csam.documents.checking.require_accessible", lambda pdf: 3)


@pytest.fixture
def staff(client):
    person = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


@pytest.fixture
def edition(client, staff, plan):
    client.post(reverse("admin:documents_edition_add"), {"plan": plan.pk, "languages": ["fr", "en"]})
    return Edition.objects.get()


def address(name, edition):
    return reverse(f"admin:documents_edition_{name}", args=[edition.pk])


def test_prepared_edition_shows_its_documents(client, edition, staff):
    page = client.get(address("change", edition)).content.decode()

    assert page.count("En attente") == 4
    assert edition.prepared_by == staff


def test_confirmation_says_what_is_missing(client, edition):
    page = client.get(address("publish", edition)).content.decode()

    assert "ne peut pas encore être publiée" in page
    assert "synthèse (français)" in page
    client.post(address("publish", edition))
    edition.refresh_from_db()
    assert not edition.is_published


def test_edition_is_published_after_a_confirmation(client, edition, staff):
    building.build_waiting()

    page = client.get(address("publish", edition)).content.decode()
    edition.refresh_from_db()
    assert "Vous allez publier l'édition 1" in page.replace("’", "'")
    assert not edition.is_published

    client.post(address("publish", edition))
    edition.refresh_from_db()
    assert (edition.is_published, edition.published_by) == (True, staff)
    assert "publiée, figée" in client.get(address("change", edition)).content.decode()


def test_second_edition_of_the_same_data_is_refused(client, staff, plan):
    publish_edition(plan)

    answer = client.post(reverse("admin:documents_edition_add"), {"plan": plan.pk, "languages": ["fr", "en"]})

    assert "Rien n" in answer.content.decode()
    assert Edition.objects.count() == 1


def test_failed_documents_are_asked_for_again(client, edition):
    with mock.patch("csam.documents.rendering.render_pdf", side_effect=ValueError("oups")):
        building.build_waiting()
    assert "oups" in client.get(address("change", edition)).content.decode()

    client.post(address("retry", edition))

    assert set(Document.objects.values_list("state", flat=True)) == {"queued"}


def test_unpublished_edition_is_given_up_after_a_confirmation(client, edition):
    client.get(address("discard", edition))
    assert Edition.objects.exists()

    client.post(address("discard", edition))

    assert not Edition.objects.exists()
    assert not Document.objects.exists()


def test_published_edition_is_withdrawn_with_a_reason(client, staff, plan):
    edition = publish_edition(plan)

    client.post(address("withdraw", edition), {"reason": ""})
    edition.refresh_from_db()
    assert edition.withdrawn_at is None

    client.post(address("withdraw", edition), {"reason": "Une erreur de chiffres."})
    edition.refresh_from_db()
    assert edition.withdrawal_reason == "Une erreur de chiffres."


def test_published_edition_is_neither_given_up_nor_deleted(client, staff, plan):
    edition = publish_edition(plan)

    client.post(address("discard", edition))

    assert Edition.objects.get() == edition
    assert client.post(address("delete", edition), {"post": "yes"}).status_code == 403


def test_staff_who_may_only_look_change_nothing(client, plan):
    edition = publish_edition(plan)
    person = UserFactory(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_edition"))
    client.force_login(person)

    assert client.get(address("change", edition)).status_code == 200
    for name in ("publish", "discard", "retry", "withdraw"):
        assert client.post(address(name, edition)).status_code == 403
    assert client.get(reverse("admin:documents_edition_add")).status_code == 403
