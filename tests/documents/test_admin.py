import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from csam.documents.models import Document
from tests.documents.test_views import published
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_bell(monkeypatch):
    monkeypatch.setattr("csam.documents.bells.ring", lambda: None)


@pytest.fixture
def staff(client):
    person = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def test_staff_ask_for_all_documents_at_once(client, staff, plan):
    values = {"plan": plan.pk, "kinds": ["synthesis", "full"], "languages": ["fr", "en"], "publish": "on"}

    client.post(reverse("admin:documents_document_add"), values)

    rows = Document.objects.values_list("state", "requested_by", "publish_when_ready")
    assert list(rows) == [("queued", staff.pk, True)] * 4


def test_asking_again_says_that_it_is_under_way(client, staff, plan):
    values = {"plan": plan.pk, "kinds": ["synthesis"], "languages": ["fr"]}
    client.post(reverse("admin:documents_document_add"), values)

    answer = client.post(reverse("admin:documents_document_add"), values, follow=True)

    assert "déjà en préparation" in answer.content.decode()
    assert Document.objects.count() == 1


def test_form_without_a_choice_is_refused(client, staff, plan):
    answer = client.post(reverse("admin:documents_document_add"), {"plan": plan.pk})

    assert answer.status_code == 200
    assert not Document.objects.exists()


def test_progress_is_shown(client, staff, plan):
    made = Document.objects.create(
        plan=plan, kind="full", state="rendering", sections_done=7, sections=14, requested_at=timezone.now()
    )

    for address in (
        reverse("admin:documents_document_changelist"),
        reverse("admin:documents_document_change", args=[made.pk]),
    ):
        page = client.get(address).content.decode()
        assert "7 sections sur 14" in page
        assert 'value="47"' in page
        assert "documents/progress.js" in page


def test_ready_document_is_downloaded_published_and_withdrawn(client, staff, plan):
    made = published(plan)
    Document.objects.update(published_at=None)

    download = client.get(reverse("admin:documents_document_download", args=[made.pk]))
    assert b"".join(download.streaming_content).startswith(b"%PDF")
    assert "private" in download["Cache-Control"]

    client.post(reverse("admin:documents_document_publish", args=[made.pk]))
    made.refresh_from_db()
    assert made.published_at

    client.post(reverse("admin:documents_document_unpublish", args=[made.pk]))
    made.refresh_from_db()
    assert made.published_at is None


def test_reading_a_page_changes_nothing(client, staff, plan):
    made = published(plan)

    for name in ("publish", "unpublish", "again"):
        client.get(reverse(f"admin:documents_document_{name}", args=[made.pk]))

    made.refresh_from_db()
    assert made.published_at
    assert Document.objects.count() == 1


def test_unready_document_is_not_downloaded(client, staff, plan):
    made = Document.objects.create(plan=plan, kind="full", requested_at=timezone.now())

    assert client.get(reverse("admin:documents_document_download", args=[made.pk])).status_code == 404


def test_staff_who_may_only_look_cannot_publish(client, plan):
    person = UserFactory(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_document"))
    client.force_login(person)
    made = published(plan)
    Document.objects.update(published_at=None)

    assert client.post(reverse("admin:documents_document_publish", args=[made.pk])).status_code == 403
    assert client.post(reverse("admin:documents_document_again", args=[made.pk])).status_code == 403
    assert client.get(reverse("admin:documents_document_add")).status_code == 403


def test_chosen_documents_are_published_and_the_others_named(client, staff, plan):
    made = published(plan)
    Document.objects.update(published_at=None)
    waiting = Document.objects.create(plan=plan, kind="full", requested_at=timezone.now())

    values = {"action": "publish_chosen", "_selected_action": [made.pk, waiting.pk]}
    answer = client.post(reverse("admin:documents_document_changelist"), values, follow=True)

    made.refresh_from_db()
    assert made.published_at
    assert "1 document publié" in answer.content.decode()
    assert "Seul un document prêt se publie" in answer.content.decode()
