import datetime as dt
from unittest import mock

import psutil
import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from csam.documents import building, publishing, rendering, requesting, source_data
from csam.documents.errors import DocumentError, RenderingUnavailable
from csam.documents.models import Document
from plans.models import Plan
from projects.models import Project
from tests.processes import wait_for

State = Document.State


@pytest.fixture(autouse=True)
def bell():
    """What happens when a worker is told; the workers' own tests use a real one."""
    with mock.patch("csam.documents.bells.ring") as ring:
        yield ring


@pytest.fixture
def quick(monkeypatch):
    """Layout takes seconds: these tests are about the rows around it."""
    monkeypatch.setattr(rendering, "render_pdf", lambda content, progress=None: b"%PDF " + content.to_bytes())
    monkeypatch.setattr("csam.documents.checking.require_accessible", lambda pdf: 3)


def ask(plan, **values):
    return requesting.request(plan=plan, kind="synthesis", language="fr", **values)


def document(plan, **values):
    return Document.objects.create(
        **{"plan": plan, "kind": "synthesis", "language": "fr", "requested_at": timezone.now(), **values}
    )


def ready(plan, **values):
    made = document(plan)
    made.file.save("a.pdf", ContentFile(b"%PDF-1.7"), save=False)
    made.content.save("a.json.gz", ContentFile(b""), save=False)
    for name, value in {"state": State.READY, "pages": 1, "size": 8, "checksum": "c" * 64, **values}.items():
        setattr(made, name, value)
    made.save()
    return made


@pytest.mark.django_db
class TestRequest:
    def test_second_request_joins_the_first(self, plan, django_capture_on_commit_callbacks, bell):
        with django_capture_on_commit_callbacks(execute=True):
            first, started = ask(plan)
            second, started_again = ask(plan, publish_when_ready=True)

        assert (first, started, started_again) == (second, True, False)
        assert second.publish_when_ready
        assert bell.call_count == 1

    def test_equal_data_is_not_built_again(self, plan, quick):
        first, _started = ask(plan)
        building.build_waiting()

        again, started = ask(plan, publish_when_ready=True)

        assert (again, started) == (first, False)
        assert again.published_at

    def test_changed_data_is_built_again(self, plan, quick):
        first, _started = ask(plan)
        building.build_waiting()
        Project.objects.filter(slug="glanage").update(title_fr="Glanage en ville")

        again, started = ask(plan)

        assert (again == first, started) == (False, True)

    def test_plan_in_preparation_has_no_documents(self, plan):
        plan.stage = Plan.Stage.PREPARATION

        with pytest.raises(DocumentError, match="en préparation"):
            ask(plan)

    def test_database_refuses_a_second_open_build(self, plan):
        document(plan)

        with pytest.raises(IntegrityError), transaction.atomic():
            document(plan, state=State.RENDERING)


@pytest.mark.django_db
class TestBuild:
    def test_builds_every_waiting_document(self, plan, quick):
        ask(plan)
        requesting.request(plan=plan, kind="full", language="en")

        assert building.build_waiting() == 2

        assert set(Document.objects.values_list("state", "pages")) == {("ready", 3)}

    def test_ready_document_keeps_its_file_and_its_data(self, plan, quick):
        made, _started = ask(plan)

        building.build_waiting()

        made.refresh_from_db()
        with made.file.open("rb") as file:
            assert file.read().startswith(b"%PDF")
        assert made.size == made.file.size
        assert made.percent == 100
        assert (
            source_data.published_content(plan, "synthesis", "fr", on=dt.date(2026, 1, 1)).slug == "2020-2022"
        )
        assert _files(made) == []

    def test_real_build_goes_from_queued_to_published(self, plan):
        made, _started = ask(plan, publish_when_ready=True)

        building.build_waiting()

        made.refresh_from_db()
        assert (made.state, made.error, made.sections_done) == ("ready", "", made.sections)
        assert made.pages > 10
        assert made.published_at

    def test_same_build_asked_twice_at_once_is_made_once(self, plan, quick):
        first, _started = ask(plan)
        building.build_waiting()
        twin = document(plan)

        with mock.patch.object(rendering, "render_pdf") as render:
            building.build_waiting()

        twin.refresh_from_db()
        first.refresh_from_db()
        assert (twin.state, twin.file.name, render.called) == ("ready", first.file.name, False)

    def test_unforeseen_error_is_told_and_does_not_stop_the_next(self, plan, quick):
        ask(plan)
        requesting.request(plan=plan, kind="full", language="fr")

        with mock.patch.object(rendering, "render_pdf", side_effect=[ValueError("oups"), b"%PDF"]):
            building.build_waiting()

        failed = Document.objects.get(kind="synthesis")
        assert failed.state == "failed"
        assert "ValueError: oups" in failed.error
        assert "Redemandez le document" in failed.error
        assert Document.objects.get(kind="full").state == "ready"

    def test_missing_pango_fails_with_the_remedy(self, plan):
        made, _started = ask(plan)

        with mock.patch.object(rendering, "render_pdf", side_effect=RenderingUnavailable("Installez Pango.")):
            building.build_waiting()

        made.refresh_from_db()
        assert (made.state, made.error) == ("failed", "Installez Pango.")

    def test_build_that_was_taken_over_changes_nothing(self, plan, quick):
        made, _started = ask(plan)
        claimed = building._claim()
        Document.objects.filter(pk=made.pk).update(attempts=2)

        building.build(claimed)

        made.refresh_from_db()
        assert (made.state, made.attempts) == ("collecting", 2)

    def test_file_that_cannot_be_written_leaves_nothing_behind(self, plan, quick, settings):
        made, _started = ask(plan)

        with mock.patch(
            "django.core.files.storage.FileSystemStorage.save", side_effect=OSError("disque plein")
        ):
            building.build_waiting()

        made.refresh_from_db()
        assert made.state == "failed"
        assert "disque plein" in made.error
        assert _files(made) == []


@pytest.mark.django_db
class TestStale:
    def test_silent_build_is_queued_again(self, plan):
        now = timezone.now()
        silent = document(plan, state=State.RENDERING, attempts=1, heartbeat_at=now - dt.timedelta(minutes=6))

        assert building.requeue_stale(now=now) == 1

        silent.refresh_from_db()
        assert silent.state == "queued"

    def test_living_build_is_left_alone(self, plan):
        now = timezone.now()
        document(plan, state=State.RENDERING, attempts=1, heartbeat_at=now - dt.timedelta(seconds=30))

        assert building.requeue_stale(now=now) == 0

    def test_build_that_never_ends_is_given_up(self, plan):
        now = timezone.now()
        hopeless = document(plan, state=State.RENDERING, attempts=3, heartbeat_at=now - dt.timedelta(hours=1))

        building.requeue_stale(now=now)

        hopeless.refresh_from_db()
        assert hopeless.state == "failed"
        assert "mémoire" in hopeless.error


@pytest.mark.django_db
class TestPublish:
    def test_takes_the_place_of_the_one_before(self, plan):
        old = ready(plan, published_at=timezone.now())
        new = ready(plan)

        publishing.publish(document=new, at=timezone.now())

        old.refresh_from_db()
        assert old.published_at is None
        assert list(Document.objects.published(plan)) == [new]

    def test_only_a_ready_document_is_published(self, plan):
        with pytest.raises(DocumentError, match="prêt"):
            publishing.publish(document=document(plan), at=timezone.now())

    def test_withdrawn_document_is_not_public(self, plan):
        made = ready(plan, published_at=timezone.now())

        publishing.unpublish(document=made)

        assert not Document.objects.published(plan).exists()

    def test_documents_of_a_plan_in_preparation_are_not_public(self, plan):
        ready(plan, published_at=timezone.now())
        Plan.objects.update(stage=Plan.Stage.PREPARATION, is_current=False)

        assert not Document.objects.published().exists()


@pytest.mark.django_db(transaction=True)
def test_worker_builds_what_is_asked(plan, celery_worker_process):
    made, _started = ask(plan, publish_when_ready=True)
    from csam.documents.tasks import build_waiting_task

    build_waiting_task.delay()

    wait_for(lambda: Document.objects.get(pk=made.pk).state == State.READY, log=celery_worker_process.log)
    assert Document.objects.published(plan).get() == made


@pytest.mark.django_db(transaction=True)
def test_library_is_loaded_where_documents_are_built(celery_worker_process):
    """A build does not wait for it; a worker that sends mail does not pay for it."""
    mail = celery_worker_process.start_another(queues="celery")

    wait_for(lambda: psutil.Process(celery_worker_process.process.pid).children())
    assert psutil.Process(mail.process.pid).children() == []


@pytest.mark.django_db(transaction=True)
def test_build_of_a_killed_worker_is_made_by_another(plan, celery_worker_process):
    """Killed for good in the middle of the layout: typesetters end with it, nothing half is left."""
    before = ready(plan, published_at=timezone.now())
    made, _started = ask(plan, publish_when_ready=True)
    from csam.documents.tasks import build_waiting_task, requeue_task

    build_waiting_task.delay()
    wait_for(lambda: Document.objects.get(pk=made.pk).sections_done, log=celery_worker_process.log)
    typesetters = psutil.Process(celery_worker_process.process.pid).children(recursive=True)

    celery_worker_process.kill()

    assert typesetters
    wait_for(lambda: not any(process.is_running() for process in typesetters))
    assert Document.objects.get(pk=made.pk).state in (State.RENDERING, State.CHECKING)
    assert Document.objects.published(plan).get() == before
    assert _files(made) == []
    Document.objects.filter(pk=made.pk).update(heartbeat_at=timezone.now() - 2 * building.SILENCE)

    another = celery_worker_process.start_another()
    requeue_task.delay()

    wait_for(lambda: Document.objects.get(pk=made.pk).state == State.READY, log=another.log)
    made.refresh_from_db()
    assert (made.attempts, Document.objects.published(plan).get()) == (2, made)
    assert _files(made) == []


def test_documents_have_a_queue_of_their_own():
    from csam.celery import app

    assert app.amqp.router.route({}, "documents.build_waiting")["queue"].name == "documents"
    assert app.amqp.router.route({}, "core.send_mail")["queue"].name == "celery"


def _files(made):
    """Unfinished files in the store."""
    from pathlib import Path

    return sorted(Path(made.file.storage.path("documents")).glob(".*.part"))
