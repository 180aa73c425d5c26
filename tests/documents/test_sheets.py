import datetime as dt
import io
from unittest import mock

import pikepdf
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from csam.documents import checking, rendering, sheets
from csam.documents.collecting import collect_sheet
from csam.documents.errors import DocumentError
from plans.models import Plan
from projects.models import Deliverable, Project
from tests.documents.pdf_text import text_of
from tests.factories import ObjectiveFactory, ProjectFactory, ProjectPartnerFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 24)
ADDRESS = "/documents/fiches/marche-d-hiver/fr.pdf"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    cache.clear()


@pytest.fixture
def press(monkeypatch):
    """Counts what is laid out, without the seconds that it takes."""
    made = mock.Mock(side_effect=lambda content: b"%PDF " + content.to_bytes())
    monkeypatch.setattr(rendering, "render_sheet", made)
    monkeypatch.setattr(checking, "require_accessible", lambda pdf: 1)
    return made


def content(slug="marche-d-hiver", language="fr"):
    project = Project.objects.select_related("plan").get(slug=slug)
    return collect_sheet(project=project, language=language, on=DAY)


def words(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return " ".join(text_of(page) for page in opened.pages).replace("\u00a0", " "), len(opened.pages)


@pytest.mark.same_on_any_database
class TestPdf:
    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_is_accessible_and_says_what_the_project_is(self, plan, language):
        pdf = rendering.render_sheet(content(language=language))

        assert checking.check(pdf) == (1, [])
        text, _pages = words(pdf)
        for said in ("Marché d’hiver", "Verdun", "La Louche", "Guide", "marche-d-hiver/"):
            assert said in text
        assert "Alice" not in text  # no consent is recorded
        assert ("Rapprocher" if language == "fr" else "Bring closer") in text

    def test_same_data_make_the_same_bytes(self, plan):
        assert rendering.render_sheet(content()) == rendering.render_sheet(content())

    @pytest.mark.parametrize(("paper", "size"), [("letter", (612, 792)), ("a4", (595, 842))])
    def test_is_printed_on_the_paper_of_the_settings(self, plan, settings, paper, size):
        settings.DOCUMENT_PAPER = paper

        with pikepdf.open(io.BytesIO(rendering.render_sheet(content()))) as pdf:
            assert tuple(round(float(edge)) for edge in pdf.pages[0].MediaBox[2:]) == size

    def test_what_would_take_three_pages_is_set_closer(self, plan):
        text = "Un paragraphe ordinaire, qui dit ce que fait le projet et pour qui il le fait. " * 5
        for number in range(3, 16):
            Deliverable.objects.create(
                project=Project.objects.get(slug="glanage"), number=number, title_fr=f"Livrable {number}"
            )
        Project.objects.filter(slug="glanage").update(description_fr="\n\n".join([text] * 14))

        _words, pages = words(rendering.render_sheet(content("glanage")))

        assert pages == 2

    def test_second_page_names_the_project(self, plan):
        Project.objects.filter(slug="glanage").update(
            title_fr="Glaner l'automne", description_fr="\n\n".join(["Un paragraphe ordinaire. " * 20] * 10)
        )

        with pikepdf.open(io.BytesIO(rendering.render_sheet(content("glanage")))) as pdf:
            heads = [text_of(page.Resources.XObject["/Margins"]) for page in pdf.pages]

        assert ["Glaner l’automne" in head for head in heads] == [False, True]

    def test_project_without_objective_or_anything_else(self, plan):
        assert checking.check(rendering.render_sheet(content("sans-objectif")))[1] == []


class TestContent:
    def test_holds_nothing_of_other_projects(self, plan):
        found = content()

        assert [project.slug for project in found.projects] == ["marche-d-hiver"]
        assert [o.code for o in found.objectives] == ["1.1", "2.1"]
        assert [t.name for t in found.territories] == ["Verdun"]

    def test_another_project_leaves_it_as_it_is(self, plan):
        before = sheets.sheet_key(content())
        ProjectFactory(plan=plan, objective=ObjectiveFactory(orientation=plan.orientations.first()))
        Project.objects.filter(slug="glanage").update(title_fr="Autre titre")

        assert sheets.sheet_key(content()) == before

    def test_takes_as_many_queries_whatever_the_project_has(self, plan):
        counts = []
        for rows in (0, 1, 8):
            project = ProjectFactory(plan=plan, territories=TerritoryFactory.create_batch(rows))
            ProjectPartnerFactory.create_batch(rows, project=project)
            with CaptureQueriesContext(connection) as queries:
                content(project.slug)
            counts.append(len(queries))

        # Without any partner or territory, their own rows are not asked for.
        assert counts[1] == counts[2] >= counts[0]


class TestView:
    def test_is_made_once_and_kept(self, client, plan, press):
        first, second = client.get(ADDRESS), client.get(ADDRESS)

        assert b"".join(first).startswith(b"%PDF")
        assert b"".join(second).startswith(b"%PDF")
        assert press.call_count == 1
        assert first["Content-Disposition"] == 'inline; filename="fiche-marche-d-hiver.pdf"'
        assert first["Content-Language"] == "fr-CA"

    def test_is_made_anew_when_its_data_change(self, client, plan, press):
        b"".join(client.get(ADDRESS))
        Project.objects.filter(slug="marche-d-hiver").update(title_fr="Marché d'été")

        b"".join(client.get(ADDRESS))

        assert press.call_count == 2

    def test_who_has_it_gets_no_file(self, client, plan, press):
        answer = client.get(ADDRESS)
        b"".join(answer)

        again = client.get(ADDRESS, headers={"If-None-Match": answer["ETag"]})

        assert (again.status_code, again.content) == (304, b"")

    def test_project_page_leads_to_it(self, client, plan):
        assert f'href="{ADDRESS}"' in client.get("/projets/marche-d-hiver/").content.decode()
        english = client.get("/en/projets/marche-d-hiver/").content.decode()
        assert "/en/documents/fiches/marche-d-hiver/en.pdf" in english

    @pytest.mark.parametrize("hidden", ["archived", "preparation", "unknown"])
    def test_what_is_not_public_has_no_sheet(self, client, plan, press, hidden):
        if hidden == "archived":
            Project.objects.update(archived_at="2026-01-01T12:00Z", archive_reason_fr="Doublon")
        elif hidden == "preparation":
            Plan.objects.update(stage=Plan.Stage.PREPARATION, is_current=False)
        address = ADDRESS.replace("hiver", "ete") if hidden == "unknown" else ADDRESS

        assert client.get(address).status_code == 404
        assert not press.called

    def test_one_is_made_at_a_time(self, client, plan, press, monkeypatch):
        monkeypatch.setattr(sheets, "_PATIENCE", 0.0)

        with sheets._turn():
            answer = client.get(ADDRESS)

        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert not press.called
        b"".join(client.get(ADDRESS))
        assert press.called

    def test_no_crowd_waits(self, client, plan, press, monkeypatch):
        """A stranger who asks for many at once holds up no more than two requests of a process."""
        monkeypatch.setattr(sheets, "_PATIENCE", 60.0)
        assert sheets._queue.acquire(blocking=False)
        assert sheets._queue.acquire(blocking=False)
        try:
            assert client.get(ADDRESS).status_code == 503
        finally:
            sheets._queue.release(2)

    def test_kept_sheet_is_given_while_another_is_made(self, client, plan, press):
        b"".join(client.get(ADDRESS))

        with sheets._turn():
            assert client.get(ADDRESS).status_code == 200

    def test_what_goes_wrong_is_told(self, client, plan, press):
        press.side_effect = DocumentError("Pango manque")

        answer = client.get(ADDRESS)

        assert answer.status_code == 503
        assert "/projets/marche-d-hiver/" in answer.content.decode()
