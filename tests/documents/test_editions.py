import datetime as dt
import json
from pathlib import Path
from unittest import mock

import pytest
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from csam.documents import building, drafts, editions, publishing, requesting
from csam.documents.content import PlanContent
from csam.documents.errors import DocumentError
from csam.documents.models import Document, Edition
from plans.models import Plan
from projects.models import Project
from tests.documents.periods import reported
from tests.factories import ProjectFactory, publish_document, publish_edition

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 24, 17, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def bell():
    with mock.patch("csam.documents.bells.ring") as ring:
        yield ring


@pytest.fixture
def quick(monkeypatch):
    """Layout takes seconds: these tests are about the rows around it."""
    monkeypatch.setattr(
        "csam.documents.rendering.render_pdf", lambda content, progress=None: content.to_bytes()
    )
    monkeypatch.setattr("csam.documents.checking.require_accessible", lambda pdf: 3)


def prepare(plan, languages=("fr", "en")):
    return editions.prepare(plan=plan, languages=languages, by=None, at=AT)


def publish(edition):
    editions.publish(edition=edition, by=None, at=AT)


def stored(document):
    with document.content.open("rb") as file:
        return PlanContent.from_bytes(file.read())


class TestPrepare:
    def test_asks_for_both_documents_in_each_language_from_one_snapshot(
        self, plan, bell, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            edition = prepare(plan)

        rows = edition.documents.values_list("kind", "language", "state")
        assert set(rows) == {(k, lang, "queued") for k in ("synthesis", "full") for lang in ("fr", "en")}
        assert (edition.number, edition.as_of, bell.called) == (1, dt.date(2026, 11, 24), True)

    def test_documents_are_built_from_the_data_of_that_moment(self, plan, quick):
        edition = prepare(plan)
        Project.objects.filter(slug="glanage").update(title_fr="Titre changé depuis")

        building.build_waiting()

        for document in edition.documents.filter(language="fr"):
            content = stored(document)
            assert document.state == "ready"
            assert "Titre changé depuis" not in {str(project.title) for project in content.projects}
            assert (content.edition, content.as_of) == (1, "2026-11-24")
            with document.file.open("rb") as file:
                assert PlanContent.from_bytes(file.read()) == content

    def test_nothing_is_public_before_it_is_published(self, plan, quick, client):
        edition = prepare(plan)
        building.build_waiting()

        assert client.get(edition.get_absolute_url()).status_code == 404
        assert not Document.objects.published().exists()

    def test_a_working_build_is_asked_for_beside_it(self, plan):
        prepare(plan)

        document, started = requesting.request(plan=plan, kind="full", language="fr")

        assert (started, document.edition) == (True, None)

    def test_only_one_is_in_preparation(self, plan):
        prepare(plan)

        with pytest.raises(DocumentError, match="déjà en préparation"):
            prepare(plan)
        assert Document.objects.count() == 4

    def test_french_cannot_be_left_out(self, plan):
        with pytest.raises(DocumentError, match="toujours en français"):
            prepare(plan, ["en"])

    def test_plan_in_preparation_has_no_edition(self, plan):
        plan.stage = Plan.Stage.PREPARATION

        with pytest.raises(DocumentError, match="encore en préparation"):
            prepare(plan)

    def test_unchanged_data_make_no_new_edition(self, plan):
        publish_edition(plan)

        with pytest.raises(DocumentError, match="Rien n'a changé depuis l'édition 1"):
            prepare(plan)

    def test_failed_document_is_built_again_from_the_same_data(self, plan, quick):
        edition = prepare(plan)
        with mock.patch("csam.documents.rendering.render_pdf", side_effect=ValueError):
            building.build_waiting()
        before = set(edition.documents.values_list("content", flat=True))

        assert editions.retry(edition=edition) == 4
        building.build_waiting()

        assert set(edition.documents.values_list("state", flat=True)) == {"ready"}
        assert set(edition.documents.values_list("content", flat=True)) == before


class TestPublish:
    def test_freezes_it_and_offers_its_documents(self, plan, quick):
        publish_document(plan, "full")
        edition = prepare(plan)
        building.build_waiting()

        publish(edition)

        assert set(edition.documents.values_list("is_frozen", flat=True)) == {True}
        assert set(Document.objects.published(plan)) == set(edition.documents.all())
        assert edition.published_at == AT

    def test_waits_for_every_document(self, plan, quick):
        edition = prepare(plan)

        with pytest.raises(DocumentError, match=r"synthèse \(français\) : en attente"):
            publish(edition)

        edition.refresh_from_db()
        assert not edition.is_published

    def test_refuses_a_file_that_is_not_the_one_checked(self, plan, quick):
        edition = prepare(plan)
        building.build_waiting()
        document = edition.documents.get(kind="full", language="en")
        path = Path(document.file.path)
        path.write_bytes(path.read_bytes() + b"more")

        with pytest.raises(DocumentError, match=r"plan intégral \(anglais\) : son fichier"):
            publish(edition)

    def test_document_of_an_unpublished_edition_is_not_published_alone(self, plan, quick):
        edition = prepare(plan)
        building.build_waiting()

        with pytest.raises(DocumentError, match="avec son édition"):
            publishing.publish(document=edition.documents.first(), at=AT)

    def test_numbers_follow_each_other(self, plan):
        publish_edition(plan)
        ProjectFactory(plan=plan)

        assert publish_edition(plan).number == 2


class TestFrozen:
    def test_is_published_once(self, plan):
        edition = publish_edition(plan)

        with pytest.raises(DocumentError, match="déjà publiée"):
            publish(edition)

    @pytest.mark.parametrize(
        ("model", "values"),
        [
            (Document, {"file": "documents/autre.pdf"}),
            (Document, {"content": "documents/autre.json.gz"}),
            (Document, {"checksum": "d" * 64}),
            (Document, {"state": "queued", "published_at": None, "is_frozen": False}),
            (Edition, {"number": 9}),
            (Edition, {"as_of": dt.date(2020, 1, 1)}),
            (Edition, {"published_at": None}),
            (Edition, {"period": None}),
            (Document, {"period": None, "kind": "full"}),
        ],
    )
    def test_the_database_itself_refuses_to_change_it(self, plan, model, values):
        publish_edition(plan, period=reported(plan) if "period" in values else None)

        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            model.objects.update(**values)

    def test_neither_it_nor_its_documents_can_be_erased(self, plan):
        edition = publish_edition(plan)

        for erase in (
            edition.delete,
            edition.documents.first().delete,
            edition.documents.all().delete,
            Edition.objects.all().delete,
        ):
            with pytest.raises(models.ProtectedError):
                erase()
        assert Document.objects.count() == 4

    def test_nothing_builds_it_again(self, plan, quick):
        edition = publish_edition(plan)
        before = list(edition.documents.values())

        editions.retry(edition=edition)
        building.requeue_stale(now=timezone.now() + dt.timedelta(days=1))
        building.build_waiting()
        drafts.drop_old_drafts(plan=plan)

        assert list(edition.documents.values()) == before

    def test_cannot_be_given_up(self, plan):
        with pytest.raises(DocumentError, match="se retire"):
            editions.discard(edition=publish_edition(plan))


def test_discarded_edition_leaves_no_file(plan, quick, django_capture_on_commit_callbacks):
    edition = prepare(plan)
    building.build_waiting()
    storage = edition.documents.first().file.storage
    names = [name for row in edition.documents.all() for name in (row.file.name, row.content.name)]

    with django_capture_on_commit_callbacks(execute=True):
        editions.discard(edition=edition)

    assert not any(storage.exists(name) for name in names)
    assert prepare(plan).number == 1


class TestWithdraw:
    def test_tells_the_reason_at_every_address(self, plan, client):
        edition = publish_edition(plan)
        document = edition.documents.get(kind="full", language="fr")

        editions.withdraw(edition=edition, reason="Une adresse personnelle y paraissait.", at=AT)

        for address in (
            edition.get_absolute_url(),
            document.edition_download_url,
            document.edition_data_url,
            edition.changes_url,
        ):
            answer = client.get(address)
            assert answer.status_code == 410
            assert "Une adresse personnelle y paraissait." in answer.content.decode()
        assert not Document.objects.published().exists()
        assert edition.documents.count() == 4

    def test_demands_a_reason(self, plan):
        with pytest.raises(DocumentError, match="motif"):
            editions.withdraw(edition=publish_edition(plan), reason="  ", at=AT)


class TestPages:
    def test_list_leads_to_every_edition(self, client, plan):
        first = publish_edition(plan)
        ProjectFactory(plan=plan)
        second = publish_edition(plan)

        page = client.get("/documents/").content.decode()

        assert page.index(second.get_absolute_url()) < page.index(first.get_absolute_url())
        assert second.changes_url in page
        assert first.changes_url not in page

    def test_page_offers_every_file_with_its_checksum(self, client, plan):
        edition = publish_edition(plan)

        page = client.get(edition.get_absolute_url()).content.decode()

        for document in edition.documents.all():
            assert document.edition_download_url in page
            assert document.edition_data_url in page
            assert document.checksum in page

    def test_address_is_permanent(self, client, plan):
        edition = publish_edition(plan)
        Project.objects.filter(slug="glanage").update(title_fr="Titre changé depuis")
        publish_edition(plan)

        page = client.get(f"{edition.get_absolute_url()}synthese/").content.decode()
        answer = client.get("/documents/2020-2022/editions/1/integral/fr.pdf")

        assert "Titre changé depuis" not in page
        assert "Glanage" in page
        assert b"".join(answer.streaming_content).startswith(b"%PDF")
        assert (
            'filename="plan-action-integre-2020-2022-integral-edition-1.pdf"' in answer["Content-Disposition"]
        )

    def test_data_are_offered_as_json(self, client, plan):
        publish_edition(plan)

        answer = client.get("/documents/2020-2022/editions/1/integral/en.json")

        assert json.loads(answer.content)["edition"] == 1
        assert answer["Content-Type"] == "application/json"

    def test_edition_without_english_is_read_in_french(self, client, plan):
        publish_edition(plan, ["fr"])

        page = client.get("/en/documents/2020-2022/editions/1/synthese/").content.decode()

        assert '<div class="document-body" lang="fr-CA">' in page
        assert client.get("/en/documents/2020-2022/editions/1/synthese/en.pdf").status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_takes_a_fixed_number_of_queries(self, client, plan, count, django_assert_num_queries):
        for _ in range(count):
            ProjectFactory(plan=plan)
            edition = publish_edition(plan)

        with django_assert_num_queries(4):
            assert client.get(edition.get_absolute_url()).status_code == 200
        with django_assert_num_queries(3):
            assert client.get("/documents/").status_code == 200
