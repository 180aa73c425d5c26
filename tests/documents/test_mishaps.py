"""What goes wrong with a build is told clearly, and what was published before is served as before."""

import errno
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from csam.documents import building, press, requesting
from projects.models import Project
from tests.factories import publish_edition

pytestmark = pytest.mark.django_db
EDITION = "/documents/2020-2022/editions/1/synthese/fr.pdf"
CURRENT = "/documents/2020-2022/synthese/fr.pdf"


@pytest.fixture(autouse=True)
def no_bell(monkeypatch):
    monkeypatch.setattr("csam.documents.bells.ring", lambda: None)


@pytest.fixture(autouse=True)
def as_a_process_just_started():
    """The files of ours do not change under a process at work: it reads their content once."""
    press.fingerprint.cache_clear()
    yield
    press.fingerprint.cache_clear()


@pytest.fixture
def failure(client, plan, tmp_path, settings):
    """The row of a build that fails after an edition was published and a project changed."""

    def built():
        edition = publish_edition(plan)
        Project.objects.filter(slug="glanage").update(title_fr="Titre changé")
        before = {address: b"".join(client.get(address)) for address in (EDITION, CURRENT)}
        document, started = requesting.request(
            plan=plan, kind="synthesis", language="fr", publish_when_ready=True
        )
        building.build_waiting()
        document.refresh_from_db()
        assert (started, document.state) == (True, "failed")
        assert {address: b"".join(client.get(address)) for address in (EDITION, CURRENT)} == before
        assert set(plan.documents.published(plan)) == set(edition.documents.all())
        assert list((Path(settings.MEDIA_ROOT) / "documents").glob(".*.part")) == []
        return document.error

    return built


def test_missing_font(failure, monkeypatch):
    monkeypatch.setattr(press, "FONTS", ("vendor/fonts/disparue.woff2",))

    assert "vendor/fonts/disparue.woff2 manque" in failure()


def test_broken_image(failure, settings, tmp_path):
    """Everything is as in static/, but for the drawing of the cover, which is cut short."""
    static = tmp_path / "static"
    (static / "documents").mkdir(parents=True)
    [own] = django_settings.STATICFILES_DIRS
    for path in Path(own).iterdir():
        if path.name != "documents":
            (static / path.name).symlink_to(path)
    for path in (Path(own) / "documents").iterdir():
        (static / "documents" / path.name).symlink_to(path)
    cover = static / "documents" / "cover.svg"
    text = cover.read_bytes()
    cover.unlink()
    cover.write_bytes(text[: len(text) // 2])
    settings.STATICFILES_DIRS = [static]

    error = failure()

    assert error.startswith("Couverture : la mise en page a échoué")
    assert "cover.svg" in error


def test_full_disk(failure, monkeypatch):
    write = Path.write_bytes

    def full(path, data):
        if path.suffix == ".part":
            write(path, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr("csam.documents.rendering.render_pdf", lambda content, progress=None: b"%PDF" * 99)
    monkeypatch.setattr("csam.documents.checking.require_accessible", lambda pdf: 3)
    monkeypatch.setattr(Path, "write_bytes", full)
    # The edition's own files are kept before the disk is full.
    monkeypatch.setattr("tests.documents.test_mishaps.publish_edition", _with(write, publish_edition))

    assert "disque du serveur est plein" in failure()


def _with(write, publish):
    def published(plan):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "write_bytes", write)
            return publish(plan)

    return published
