"""Progress editions at the desk and on the site: prepared, published, frozen, withdrawn by the code of all editions."""

import datetime as dt
import json
import re
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from csam.documents import building, checking, editions, rendering, requesting
from csam.documents.errors import DocumentError
from csam.documents.models import Document, Edition
from csam.documents.period_collecting import collect_period
from indicators import demonstration_reports
from indicators.models import ReportingPeriod
from plans.models import Plan
from projects.models import Project
from tests.documents.periods import accept, open_period, reported
from tests.documents.test_hostile import HOSTILE, with_texts
from tests.factories import PlanFactory, ProjectFactory, UserFactory, publish_edition

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 24, 17, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def bell():
    with mock.patch("csam.documents.bells.ring"):
        yield


@pytest.fixture
def period(plan):
    return reported(plan)


@pytest.fixture
def edition(plan, period):
    return publish_edition(plan, period=period, at=AT)


def prepare(period, plan=None, languages=("fr", "en"), at=AT):
    return editions.prepare(plan=plan or period.plan, period=period, languages=languages, by=None, at=at)


class TestPrepare:
    def test_asks_for_the_one_document_in_each_language(self, period):
        edition = prepare(period)

        rows = edition.documents.values_list("kind", "language", "period", "state")
        assert set(rows) == {("progress", code, period.pk, "queued") for code in ("fr", "en")}
        assert str(edition) == "Plan d'action intégré 2020-2022 – Bilan de l'année 2026 – édition 1"

    def test_is_numbered_apart_from_the_plan_and_from_other_periods(self, plan, period, edition):
        publish_edition(plan)
        accept(period, Project.objects.get(slug="glanage"))

        assert prepare(period).number == 2
        assert prepare(open_period(plan, year=2025)).number == 1
        ProjectFactory(plan=plan)
        assert editions.prepare(plan=plan, languages=["fr"], by=None, at=AT).number == 2

    @pytest.mark.parametrize("days", [0, 1])
    def test_unchanged_data_make_no_new_edition(self, period, edition, days):
        """Not on the next day either, though the figures of a period that is not over are then of that day."""
        with pytest.raises(DocumentError, match="Rien n'a changé depuis l'édition 1"):
            prepare(period, at=AT + dt.timedelta(days=days))

    def test_only_one_of_a_period_is_in_preparation(self, period):
        prepare(period)

        with pytest.raises(DocumentError, match="bilan de cette période est déjà en préparation"):
            prepare(period)

    def test_period_of_another_plan_is_refused(self, period):
        with pytest.raises(DocumentError, match="d'un autre plan"):
            prepare(period, plan=PlanFactory())

    def test_period_that_is_not_open_is_refused(self, plan):
        with pytest.raises(DocumentError, match="n'est pas ouverte"):
            prepare(open_period(plan, opened_at=None))

    def test_a_document_has_a_period_when_it_is_about_one(self, plan, period):
        for kind, of in (("progress", None), ("full", period)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Document.objects.create(plan=plan, kind=kind, period=of, requested_at=AT)


class TestPublish:
    def test_takes_no_place_of_the_documents_of_the_plan(self, plan, period):
        whole = publish_edition(plan)
        first = publish_edition(plan, period=period)
        accept(period, Project.objects.get(slug="glanage"))
        second = publish_edition(plan, period=period)

        published = set(Document.objects.published(plan))
        assert published == {*whole.documents.all(), *second.documents.all()}
        assert not published & set(first.documents.all())

    def test_a_working_one_is_asked_for_once(self, plan, period):
        asked = {"plan": plan, "kind": "progress", "language": "fr", "period": period}

        first, started = requesting.request(**asked)
        again, restarted = requesting.request(**asked)

        assert (first, started, restarted) == (again, True, False)

    def test_withdrawn_one_tells_its_reason_at_every_address(self, client, edition):
        document = edition.documents.get(language="fr")
        editions.withdraw(edition=edition, reason="Une erreur grave.", at=AT)

        for address in (
            edition.get_absolute_url(),
            edition.read_url("progress"),
            document.edition_download_url,
            document.edition_data_url,
        ):
            answer = client.get(address)
            assert answer.status_code == 410
            assert "Une erreur grave." in answer.content.decode()
        assert client.get(document.get_absolute_url()).status_code == 404


class TestPages:
    def test_lists_and_the_follow_up_lead_to_it(self, client, period, edition):
        address = f"/documents/2020-2022/bilans/{period.pk}/"

        documents = client.get("/documents/").content.decode()
        follow_up = client.get("/indicateurs/").content.decode()
        plan = client.get("/plans/2020-2022/").content.decode()

        assert f'href="{address}"' in documents
        assert edition.get_absolute_url() in documents
        assert f'href="{address}"' in follow_up
        assert "bilan-etape" not in plan
        assert "/bilans/" not in plan.partition('id="documents"')[2].partition("</section>")[0]

    def test_follow_up_offers_none_before_it_is_published(self, client, period):
        assert "/bilans/" not in client.get("/indicateurs/").content.decode()
        assert client.get(f"/documents/2020-2022/bilans/{period.pk}/").status_code == 404

    def test_page_says_what_the_pdf_says(self, client, period, edition):
        accept(period, Project.objects.get(slug="glanage"), narrative_fr="Accepté depuis.")

        for address in (f"/documents/2020-2022/bilans/{period.pk}/", edition.read_url("progress")):
            page = client.get(address).content.decode()
            assert "Dix marchés ont eu lieu" in page
            assert "Accepté depuis." not in page
            assert "Motcanari" not in page

    def test_every_link_within_the_page_leads_somewhere(self, client, edition):
        page = client.get(edition.read_url("progress")).content.decode()

        anchors = set(re.findall(r'id="([\w.-]+)"', page))
        assert set(re.findall(r'href="#([\w.-]+)"', page)) <= anchors

    def test_files_and_data_stay_at_the_address_of_the_edition(self, client, period, edition):
        page = client.get(edition.get_absolute_url()).content.decode()
        root = f"/documents/2020-2022/bilans/{period.pk}/editions/1/"

        answer = client.get(f"{root}fr.pdf")
        data = client.get(f"{root}fr.json")

        assert edition.get_absolute_url() == root
        assert {f"{root}{name}" for name in ("lire/", "fr.pdf", "en.json")} <= set(
            re.findall(r'href="([^"]+)"', page)
        )
        assert b"".join(answer.streaming_content).startswith(b"%PDF")
        name = 'filename="bilan-etape-2020-2022-2026-01-01-2026-12-31-edition-1.pdf"'
        assert name in answer["Content-Disposition"]
        assert json.loads(data.content)["period"]["whole"]["expected"] == 2

    def test_it_is_downloaded_in_both_languages(self, client, period, edition):
        for language in ("fr", "en"):
            answer = client.get(f"/documents/2020-2022/bilans/{period.pk}/{language}.pdf")
            assert b"".join(answer.streaming_content).startswith(b"%PDF")

    def test_period_of_another_plan_is_not_found(self, client, period, edition):
        PlanFactory(slug="2023-2025")

        for page in ("", "fr.pdf", "editions/1/"):
            assert client.get(f"/documents/2023-2025/bilans/{period.pk}/{page}").status_code == 404

    def test_plan_in_preparation_hides_it(self, client, period, edition):
        Plan.objects.update(stage=Plan.Stage.PREPARATION, is_current=False)

        assert client.get(f"/documents/2020-2022/bilans/{period.pk}/").status_code == 404
        assert client.get(edition.get_absolute_url()).status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_takes_a_fixed_number_of_queries(self, client, plan, period, count, django_assert_num_queries):
        for _ in range(count):
            accept(period, ProjectFactory(plan=plan))
            edition = publish_edition(plan, period=period)

        with django_assert_num_queries(4):
            assert client.get(edition.get_absolute_url()).status_code == 200
        with django_assert_num_queries(1):
            assert client.get(f"/documents/2020-2022/bilans/{period.pk}/").status_code == 200
        with django_assert_num_queries(3):
            assert client.get("/documents/").status_code == 200


class TestChanges:
    """Between two editions of a period: here one report is corrected, one is accepted, one project leaves."""

    @pytest.fixture
    def page(self, client, plan, period, edition):
        accept(
            period,
            Project.objects.get(slug="marche-d-hiver"),
            narrative_fr="Douze marchés ont eu lieu : d'abord à Verdun.",
            values=[{"key": "repas", "value": "1300", "measured_on": "2026-06-30"}],
        )
        accept(period, Project.objects.get(slug="glanage"))
        second = publish_edition(plan, period=period)
        assert second.changes_url in client.get(second.get_absolute_url()).content.decode()
        assert second.changes_url in client.get("/documents/").content.decode()
        return client.get(second.changes_url).content.decode()

    def test_tells_what_was_accepted_and_what_was_corrected(self, page):
        added = page.partition('id="ajoutes"')[2].partition("</section>")[0]
        changed = page.partition('id="changes"')[2].partition("</section>")[0]

        assert "Bilans acceptés depuis" in added
        assert "Glanage" in added
        assert re.search(r"<del>.*?Dix</del>.*?<ins>.*?Douze</ins>", changed, re.DOTALL)
        assert "1 300 repas" in changed.replace("\u00a0", " ").replace("\u202f", " ")
        assert "Ce que le projet a appris" in changed
        assert "Motcanari" not in page

    def test_links_lead_into_the_editions(self, client, page):
        for address, anchor in re.findall(r'href="([^"]+/lire/)#([\w-]+)"', page):
            assert f'id="{anchor}"' in client.get(address).content.decode()
        assert page.count("/lire/#projet-") == 2

    def test_a_report_that_is_gone_is_told_with_the_words_of_then(self, client, plan, period, edition):
        Project.objects.filter(slug="marche-d-hiver").update(archived_at=AT, archive_reason_fr="Fini")
        second = publish_edition(plan, period=period)

        page = client.get(second.changes_url).content.decode()

        assert "Marché d’hiver" in page.partition('id="retires"')[2].replace("'", "’").replace("&#x27;", "’")

    def test_the_first_has_nothing_to_be_compared_with(self, client, plan, edition):
        publish_edition(plan)

        page = client.get(edition.changes_url).content.decode()

        assert "première édition" in page


class TestDesk:
    @pytest.fixture(autouse=True)
    def staff(self, client):
        client.force_login(UserFactory(is_staff=True, is_superuser=True))

    def test_the_page_of_the_period_leads_to_its_preparation(self, client, period):
        page = client.get(reverse("admin:indicators_reportingperiod_change", args=[period.pk]))
        address = f"{reverse('admin:documents_edition_add')}?periode={period.pk}"

        assert f'href="{address}"' in page.content.decode()
        form = client.get(address).content.decode()
        assert f'<option value="{period.pk}" selected>' in form

    def test_prepares_then_publishes_it(self, client, plan, period, monkeypatch):
        monkeypatch.setattr(
            "csam.documents.rendering.render_pdf", lambda content, progress=None: content.to_bytes()
        )
        monkeypatch.setattr("csam.documents.checking.require_accessible", lambda pdf: 3)
        values = {"plan": plan.pk, "period": period.pk, "languages": ["fr", "en"]}

        client.post(reverse("admin:documents_edition_add"), values)
        edition = Edition.objects.get()
        building.build_waiting()
        client.post(reverse("admin:documents_edition_publish", args=[edition.pk]))

        edition.refresh_from_db()
        assert (edition.period, edition.is_published) == (period, True)
        assert "Bilan de l&#x27;année 2026" in str(
            client.get(reverse("admin:documents_document_changelist")).content.decode()
        ).replace("’", "&#x27;")

    def test_says_when_the_period_is_of_another_plan(self, client, period):
        other = PlanFactory(slug="autre")
        values = {"plan": other.pk, "period": period.pk, "languages": ["fr"]}

        page = client.post(reverse("admin:documents_edition_add"), values).content.decode()

        assert "celle d’un autre plan" in page.replace("'", "’").replace("&#x27;", "’")
        assert not Edition.objects.exists()


class TestCommands:
    def test_builds_the_last_period_that_is_over(self, plan, period, tmp_path, monkeypatch):
        open_period(plan, year=2025)
        monkeypatch.setattr(timezone, "localdate", lambda *_at: TODAY)
        monkeypatch.setattr(
            "csam.documents.rendering.render_pdf", lambda content, **_o: str(content.period.title).encode()
        )
        monkeypatch.setattr("csam.documents.checking.require_accessible", lambda pdf: 3)

        call_command("build_document", "progress", output=tmp_path / "a.pdf")
        call_command("build_document", "progress", period=period.pk, output=tmp_path / "b.pdf")

        assert (tmp_path / "a.pdf").read_text() == "Bilan de l'année 2025"
        assert (tmp_path / "b.pdf").read_text() == "Bilan de l'année 2026"

    def test_names_the_periods_there_are(self, plan, period, tmp_path):
        with pytest.raises(CommandError, match=rf"{period.pk} \(Bilan de l'année 2026\)"):
            call_command("build_document", "progress", period=99999, output=tmp_path / "a.pdf")

    @pytest.mark.parametrize("is_demonstration", [True, False])
    def test_the_last_demonstration_period_that_is_over_is_asked_for(self, plan, is_demonstration):
        over = open_period(plan, year=2024, is_demonstration=is_demonstration)
        open_period(plan, year=2023, is_demonstration=is_demonstration)
        open_period(plan, year=timezone.localdate().year, is_demonstration=is_demonstration)
        for _ in range(2):
            call_command("request_documents", if_missing=True, publish=True)

        found = Document.objects.filter(kind="progress").values_list("period", "language")
        assert set(found) == ({(over.pk, "fr"), (over.pk, "en")} if is_demonstration else set())
        # After the documents of the plan, which readers ask for first.
        kinds = Document.objects.order_by("requested_at", "pk").values_list("kind", flat=True)
        assert list(kinds)[:4] == ["synthesis"] * 2 + ["full"] * 2


@pytest.mark.parametrize("is_frozen", [False, True])
def test_a_demonstration_period_leaves_with_its_working_documents(plan, is_frozen):
    """A published edition keeps its period: it is frozen."""
    period = open_period(plan, year=2025, is_demonstration=True)
    requesting.request(plan=plan, kind="progress", language="fr", period=period)
    if is_frozen:
        publish_edition(plan, period=period)

    demonstration_reports.remove()

    assert ReportingPeriod.objects.filter(pk=period.pk).exists() == is_frozen
    assert Document.objects.filter(period=period.pk, edition=None).exists() == is_frozen
    assert Edition.objects.count() == is_frozen


def problems(content):
    return checking.check(rendering.render_pdf(content))[1]


@pytest.mark.same_on_any_database
def test_period_of_which_nothing_was_reported(client, plan):
    content = collect_period(period=open_period(plan, year=2025), language="en", on=TODAY)

    assert (content.period.reports, content.period.whole.expected) == ((), 0)
    assert problems(content) == []


@pytest.mark.same_on_any_database
def test_hostile_texts_everywhere(plan, period):
    content = collect_period(period=period, language="fr", on=TODAY)

    assert problems(with_texts(content, lambda text: f"{text[:40]} {HOSTILE}")) == []
