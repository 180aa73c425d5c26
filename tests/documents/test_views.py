import re

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from csam.documents.collecting import collect
from csam.documents.models import Document
from plans.models import Plan
from projects.models import Project
from tests.factories import (
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db


def published(plan, kind="synthesis", language="fr"):
    content = collect(plan=plan, kind=kind, language=language, on=timezone.localdate(), full=kind == "full")
    made = Document(plan=plan, kind=kind, language=language, requested_at=timezone.now())
    made.file.save(f"{kind}-{language}.pdf", ContentFile(b"%PDF-1.7 " + b"x" * 500), save=False)
    made.content.save(f"{kind}-{language}.json.gz", ContentFile(content.to_bytes()), save=False)
    made.state, made.pages, made.size, made.checksum = "ready", 34, 1_234_567, "c" * 64
    made.data_as_of = made.published_at = timezone.now()
    made.finished_at = timezone.now()
    made.save()
    return made


class TestList:
    def test_tells_language_size_pages_and_date(self, client, plan):
        made = published(plan)
        Document.objects.update(data_as_of="2026-10-01")

        page = client.get("/documents/").content.decode()

        assert "1,2\u00a0Mo, 34\u00a0pages" in page or "1,2 Mo, 34 pages" in page
        assert "1er octobre 2026" in re.sub(r"<[^>]+>", "", page)
        assert made.download_url in page
        assert "/documents/2020-2022/integral/" in page

    def test_says_when_nothing_is_published_yet(self, client, plan):
        assert "pas encore publié" in client.get("/documents/").content.decode()

    def test_without_any_plan(self, client):
        assert "Aucun plan" in client.get("/documents/").content.decode()

    @pytest.mark.parametrize("count", [1, 3, 25])
    def test_takes_a_fixed_number_of_queries(self, client, count, django_assert_num_queries):
        for _ in range(count):
            published(PlanFactory())

        with django_assert_num_queries(3):
            assert client.get("/documents/").status_code == 200


class TestRead:
    @pytest.mark.parametrize("kind", ["synthese", "integral"])
    @pytest.mark.parametrize("prefix", ["", "/en"])
    def test_says_what_the_document_says(self, client, plan, kind, prefix):
        page = client.get(f"{prefix}/documents/2020-2022/{kind}/?partie=tout").content.decode()

        assert page.count("<h1") == 1
        assert "Glanage" in page
        assert 'style="' not in page

    def test_shows_the_data_of_the_published_document(self, client, plan):
        published(plan)
        Project.objects.filter(slug="glanage").update(title_fr="Titre changé depuis")

        page = client.get("/documents/2020-2022/synthese/").content.decode()

        assert "Titre changé depuis" not in page
        assert "Glanage" in page

    def test_long_document_is_read_part_by_part(self, client, plan):
        first = client.get("/documents/2020-2022/integral/").content.decode()
        second = client.get("/documents/2020-2022/integral/?partie=orientation-2").content.decode()

        assert 'href="?partie=orientation-1#orientation-1"' in first
        assert 'id="projet-glanage"' not in first
        assert 'id="projet-glanage"' in second
        assert 'href="?partie=partenaires#partenaire-la-louche"' in second

    def test_every_link_between_parts_has_its_target(self, client, plan):
        whole = client.get("/documents/2020-2022/integral/?partie=tout").content.decode()
        parts = set(
            re.findall(
                r'rel="next"[^>]*|\?partie=([\w-]+)#',
                client.get("/documents/2020-2022/integral/").content.decode(),
            )
        )
        pages = {
            p: client.get(f"/documents/2020-2022/integral/?partie={p}").content.decode() for p in parts if p
        }

        for page in pages.values():
            for part, anchor in re.findall(r'href="\?partie=([\w-]+)#([\w.-]+)"', page):
                assert f'id="{anchor}"' in pages.get(part, "") or part == "contexte"
        assert set(re.findall(r'href="#([\w.-]+)"', whole)) <= set(re.findall(r'id="([\w.-]+)"', whole))

    @pytest.mark.parametrize(
        "address",
        [
            "/documents/2020-2022/integral/?partie=inconnue",
            "/documents/1999-2001/synthese/",
            "/documents/2020-2022/autre/",
        ],
    )
    def test_unknown_address_is_not_found(self, client, plan, address):
        assert client.get(address).status_code == 404

    def test_plan_in_preparation_is_not_found(self, client, plan):
        Plan.objects.update(stage=Plan.Stage.PREPARATION, is_current=False)

        assert client.get("/documents/2020-2022/synthese/").status_code == 404

    @pytest.mark.parametrize(("kind", "queries"), [("synthese", 23), ("integral", 25)])
    @pytest.mark.parametrize("count", [1, 3, 25])
    def test_takes_a_fixed_number_of_queries(self, client, kind, queries, count, django_assert_num_queries):
        row = PlanFactory(slug="essai")
        objective = ObjectiveFactory(orientation=OrientationFactory(plan=row))
        for _ in range(count):
            ProjectFactory(plan=row, objective=objective, lead=OrganizationFactory())

        with django_assert_num_queries(queries):
            assert client.get(f"/documents/essai/{kind}/").status_code == 200


class TestDownload:
    def test_gives_the_published_file(self, client, plan):
        made = published(plan)

        answer = client.get("/documents/2020-2022/synthese/fr.pdf", headers={"accept-encoding": "gzip"})

        assert b"".join(answer.streaming_content).startswith(b"%PDF")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Length"] == str(made.file.size)
        assert (
            answer["Content-Disposition"] == 'inline; filename="plan-action-integre-2020-2022-synthese.pdf"'
        )
        assert answer["Cache-Control"] == "public, max-age=600"
        assert answer["Content-Language"] == "fr-CA"

    def test_reader_who_has_it_gets_none_again(self, client, plan):
        published(plan)

        answer = client.get(
            "/documents/2020-2022/synthese/fr.pdf", headers={"if-none-match": f'"{"c" * 64}"'}
        )

        assert answer.status_code == 304

    def test_what_is_not_published_is_not_found(self, client, plan):
        published(plan)
        Document.objects.update(published_at=None)

        assert client.get("/documents/2020-2022/synthese/fr.pdf").status_code == 404

    def test_file_that_has_vanished_is_not_found(self, client, plan):
        made = published(plan)
        made.file.storage.delete(made.file.name)

        assert client.get("/documents/2020-2022/synthese/fr.pdf").status_code == 404

    def test_only_reads(self, client, plan):
        assert client.post("/documents/2020-2022/synthese/fr.pdf").status_code == 405
