import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from csam.documents import building, drafts, publishing
from csam.documents.models import Document, DraftSchedule
from plans.models import Plan
from projects.models import Project

pytestmark = pytest.mark.django_db
#: Eastern time: two in the morning of the 25th, then three.
TWO, THREE = (dt.datetime(2026, 11, 25, hour, tzinfo=dt.UTC) for hour in (7, 8))


@pytest.fixture(autouse=True)
def no_bell(monkeypatch):
    monkeypatch.setattr("csam.documents.bells.ring", lambda: None)


@pytest.fixture
def quick(monkeypatch):
    """Layout takes seconds: these tests are about the rows around it."""
    monkeypatch.setattr(
        "csam.documents.rendering.render_pdf", lambda content, progress=None: content.to_bytes()
    )
    monkeypatch.setattr("csam.documents.checking.require_accessible", lambda pdf: 3)


def test_drafts_are_asked_for_at_three_and_once_a_night(plan):
    assert drafts.request_due(now=TWO) == 0
    assert DraftSchedule.objects.get().due_at == THREE

    assert drafts.request_due(now=THREE) == 4
    assert drafts.request_due(now=THREE) == 0

    assert DraftSchedule.objects.get().due_at == THREE + dt.timedelta(days=1)
    assert set(Document.objects.values_list("is_draft", "publish_when_ready")) == {(True, False)}


def test_missed_night_is_made_good(plan):
    drafts.request_due(now=TWO)

    assert drafts.request_due(now=THREE + dt.timedelta(days=3, hours=9)) == 4


def test_nothing_is_built_when_nothing_changed(plan, quick):
    DraftSchedule.objects.create(plan=plan, due_at=THREE)
    drafts.request_due(now=THREE)
    building.build_waiting()

    assert drafts.request_due(now=THREE + dt.timedelta(days=1)) == 0

    Project.objects.filter(slug="glanage").update(summary_fr="Autrement dit.", summary_en="Otherwise.")
    assert drafts.request_due(now=THREE + dt.timedelta(days=2)) == 4


def test_plan_in_preparation_has_no_draft(plan):
    Plan.objects.update(stage=Plan.Stage.PREPARATION, is_current=False)
    DraftSchedule.objects.create(plan=plan, due_at=THREE)

    assert drafts.request_due(now=THREE) == 0


def build(plan, name, **values):
    made = Document(
        plan=plan, kind="synthesis", language="fr", requested_at=timezone.now(), pages=1, state="ready"
    )
    for field, value in values.items():
        setattr(made, field, value)
    for field in (made.file, made.content):
        field.name = field.storage.save(f"documents/{name}", ContentFile(b"x")) if name else ""
    made.save()
    return made


def test_newest_draft_and_whatever_was_asked_for_are_kept(plan, django_capture_on_commit_callbacks):
    asked = build(plan, "asked.pdf")
    old = build(plan, "old.pdf", is_draft=True)
    failed = build(plan, "", is_draft=True, state="failed", pages=None)
    published = build(plan, "published.pdf", is_draft=True)
    publishing.publish(document=published, at=timezone.now())
    publishing.unpublish(document=published)
    newest = build(plan, "new.pdf", is_draft=True)

    with django_capture_on_commit_callbacks(execute=True):
        drafts.drop_old_drafts(plan=plan)

    assert set(Document.objects.all()) == {asked, published, newest}
    assert not old.file.storage.exists(old.file.name)
    assert newest.file.storage.exists(newest.file.name)
    assert failed not in Document.objects.all()


def test_file_that_another_build_has_is_kept(plan, django_capture_on_commit_callbacks):
    old = build(plan, "same.pdf", is_draft=True)
    twin = build(plan, "twin.pdf")
    Document.objects.filter(pk=twin.pk).update(file=old.file.name, content=old.content.name)

    with django_capture_on_commit_callbacks(execute=True):
        drafts.drop_old_drafts(plan=plan)

    assert list(Document.objects.all()) == [twin]
    assert old.file.storage.exists(old.file.name)
