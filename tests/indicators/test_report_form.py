"""The form of a report, as its people fill it: nothing typed is lost, nothing is answered for them."""

import datetime as dt
import html
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from indicators.models import Measurement, ProgressReport
from indicators.reports import workflow
from indicators.vocabulary import Kind
from projects.models import Project
from tests.factories import IndicatorFactory, MeasurementFactory
from tests.indicators.reports import NOW, Followed

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]


#: What `people` are here.
PEOPLE = Followed


@pytest.fixture
def editor(client, people):
    client.force_login(people.editor)
    return client


def address(row, part="remplir/"):
    return f"/espace/bilans/{row.pk}/{part}"


def text_of(response):
    return clean(response.content.decode())


def clean(page):
    """As it is read: without the marks of dates and names, its spaces and apostrophes plain."""
    page = re.sub(r"</?(time|span)[^>]*>", "", html.unescape(page))
    return re.sub(r"\s+", " ", page.replace("\u00a0", " ").replace("’", "'"))


def marks(client, row):
    return marks_in(client.get(address(row)))


def marks_in(response):
    """What the hidden fields of the form hold, as a browser sends them back."""
    page = response.content.decode()
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'name="(seen|writer)" value="([^"]*)"', page)
    }


def post(client, row, *, do="save", headers=None, marks_=None, **values):
    sent = {**(marks_ or marks(client, row)), "do": do, **values}
    return client.post(address(row), sent, headers=headers or {})


def typed(people, **values):
    """A complete form as it is sent."""
    prefix = f"deliverables-{people.deliverable.pk}"
    return {
        "narrative_fr": "Dix marchés ont eu lieu.",
        f"{prefix}-state": "delivered",
        f"{prefix}-delivered_on": "2026-10-30",
        "values-repas-value": "60",
        "values-repas-quality": "estimated",
        **values,
    }


def reread(row):
    return ProgressReport.objects.get(pk=row.pk)


# Who --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["", "remplir/", "verification/", "reprendre/", "corriger/", "abandonner/"])
@pytest.mark.parametrize("who", ["contributor", "approver"])
def test_a_stranger_finds_nothing(client, people, who, part):
    row = people.draft()
    client.force_login(getattr(people, who))

    assert client.get(address(row, part)).status_code == 404
    assert client.post(address(row, part), {}).status_code == (404 if part else 405)


def test_who_has_not_signed_in_is_asked_to(client, people):
    response = client.get(address(people.expected()))

    assert response.status_code == 302
    assert response.url.startswith("/compte/")


def test_staff_do_not_read_what_a_partner_is_writing(client, people):
    row = people.draft()
    client.force_login(people.reviewer)

    assert client.get(address(row, "")).status_code == 404


def test_staff_write_for_an_organisation_that_has_not_begun(client, people):
    row = people.expected()
    client.force_login(people.reviewer)

    post(client, row, narrative_fr="Reçu par téléphone.")

    row = reread(row)
    assert (row.state, row.is_on_behalf) == ("draft", True)


# Answers ----------------------------------------------------------------------------------------------------


def test_the_value_before_is_a_placeholder_and_never_an_answer(editor, people):
    MeasurementFactory(indicator=people.indicator, measured_on=dt.date(2025, 12, 31), value=42)
    row = people.expected()

    page = text_of(editor.get(address(row)))

    field = re.search(r'<input[^>]*name="values-repas-value"[^>]*>', page)[0]
    assert 'placeholder="avant : 42"' in field
    assert "value=" not in field.replace("values-", "")
    assert "Dernière valeur acceptée : 42 repas, au 31 décembre 2025." in page
    post(editor, row, narrative_fr="Dix marchés.")
    assert reread(row).content["values"] == []


def test_looking_and_saving_nothing_leaves_it_expected(editor, people):
    row = people.expected()

    assert post(editor, row).status_code == 302

    assert reread(row).state == "expected"


def test_a_whole_report_is_filled_checked_and_submitted(editor, people):
    row = people.expected()

    answer = post(editor, row, do="check", **typed(people))
    page = editor.get(answer.url)
    token = re.search(r'name="token" value="([^"]*)"', page.content.decode())[1]
    row = reread(row)
    sent = {"version": row.version, "token": token}
    editor.post(address(row, "verification/"), sent)
    editor.post(address(row, "verification/"), sent)

    row = reread(row)
    assert (row.state, row.versions.count()) == ("submitted", 1)
    assert row.content["values"] == [
        {
            "key": "repas",
            "value": "60",
            "numerator": "",
            "denominator": "",
            "assessment": "",
            "absence": "",
            "measured_on": "",
            "quality": "estimated",
            "source": "",
            "note": "",
        }
    ]
    assert not Measurement.objects.exists()


def test_what_is_missing_is_told_beside_its_field(editor, people):
    row = people.draft(values=[], narrative_fr="")

    page = text_of(editor.get(address(row) + "?verifier=1"))

    assert "Repas servis : Donnez la valeur, ou dites plus bas pourquoi il n'y en a pas." in page
    assert 'href="#id_values-repas-value"' in page
    assert 'href="#id_narrative_fr"' in page
    refused = editor.post(
        address(row, "verification/"), {"version": row.version, "token": row.submission_token}
    )
    assert refused.status_code == 422
    assert reread(row).state == "draft"


def test_a_ratio_asks_for_both_parts_and_a_judgement_for_words(editor, people):
    IndicatorFactory(project=people.project, slug="part", position=2, kind=Kind.RATIO, unit_fr="%", target=80)
    IndicatorFactory(project=people.project, slug="avis", position=3, kind=Kind.QUALITATIVE, target=None)
    row = people.expected()

    page = editor.get(address(row)).content.decode()

    names = set(re.findall(r'name="values-(part|avis)-(\w+)"', page))
    assert {name for key, name in names if key == "part"} >= {"numerator", "denominator"}
    assert ("part", "value") not in names
    assert ("avis", "assessment") in names
    assert ("avis", "value") not in names
    post(editor, row, **{"values-part-numerator": "30", "values-avis-assessment": "Bien reçu."})
    assert {v["key"] for v in reread(row).content["values"]} == {"part", "avis"}


def test_a_choice_that_was_never_offered_is_refused_and_the_rest_is_kept(editor, people):
    row = people.expected()

    response = post(editor, row, **{"narrative_fr": "Dix.", "values-repas-absence": "vacances"})

    assert response.status_code == 422
    assert reread(row).content["narrative_fr"] == "Dix."
    assert reread(row).content["values"] == []


def test_what_the_organisation_wrote_for_the_council_is_said_not_to_be_published(editor, people):
    page = text_of(editor.get(address(people.expected())))

    assert page.count("Pour le Conseil seulement : jamais publié.") == 2


# Files ------------------------------------------------------------------------------------------------------


def picture():
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(content, "PNG")
    return SimpleUploadedFile("photo.png", content.getvalue(), content_type="image/png")


def test_a_file_is_kept_for_the_readers_of_the_report_until_it_is_accepted(
    client, people, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(people.editor)
    row, name = people.draft(), f"deliverables-{people.deliverable.pk}-file_sent"

    post(client, row, **{**typed(people), name: picture()})
    stored = reread(row).content["deliverables"][0]["file"]

    def readers():
        found = []
        for who in ("editor", "reviewer", "contributor"):
            client.force_login(getattr(people, who))
            response = client.get(f"/media/{stored}")
            if response.streaming:
                b"".join(response.streaming_content)
            found += [who] if response.status_code == 200 else []
        return found

    assert stored.startswith(f"reports/{row.pk}/")
    assert readers() == ["editor"]
    row = people.submitted(reread(row))
    assert readers() == ["editor", "reviewer"]
    workflow.accept(report=row, number=1, by=people.approver, at=NOW)
    assert readers() == ["editor", "reviewer", "contributor"]


def test_a_file_is_never_named_by_the_browser(editor, people):
    row = people.draft()
    name = f"deliverables-{people.deliverable.pk}-file"

    post(editor, row, **typed(people, **{name: "registrations/1/secret.png"}))

    assert reread(row).content["deliverables"][0]["file"] == ""


def test_a_file_of_another_kind_is_refused_and_the_text_is_kept(editor, people):
    row, name = people.expected(), f"deliverables-{people.deliverable.pk}-file_sent"
    script = SimpleUploadedFile("x.pdf", b"<script>alert(1)</script>")

    response = post(editor, row, **{"narrative_fr": "Dix.", name: script})

    assert response.status_code == 422
    assert "Ce fichier est refusé" in text_of(response)
    assert reread(row).content["narrative_fr"] == "Dix."


# Two people, and ended sessions -----------------------------------------------------------------------------


def whole(people, row):
    """The form as it stands, to be sent with a change."""
    from indicators.reports.forms import ReportForm
    from indicators.reports.questions import Questions

    return ReportForm.data_of(row.content, Questions.of(row))


def test_two_people_who_write_different_parts_lose_nothing(editor, people):
    row = people.draft()
    seen, form = marks(editor, row), whole(people, row)
    people.draft(row, by=people.lead, learned_fr="Écrit par l'autre.")

    response = post(editor, row, marks_=seen, **{**form, "narrative_fr": "Écrit par moi."})

    assert response.status_code == 302
    content = reread(row).content
    assert (content["narrative_fr"], content["learned_fr"]) == ("Écrit par moi.", "Écrit par l'autre.")


def test_two_people_who_write_the_same_part_see_both_texts(editor, people):
    row = people.draft()
    seen, form = marks(editor, row), whole(people, row)
    people.draft(row, by=people.lead, narrative_fr="Écrit par l'autre.")

    response = post(editor, row, marks_=seen, **{**form, "narrative_fr": "Écrit par moi."})

    page = text_of(response)
    assert response.status_code == 409
    assert "Écrit par l'autre." in page
    assert "Écrit par moi." in page
    assert reread(row).content["narrative_fr"] == "Écrit par l'autre."
    again = marks_in(response)
    post(editor, row, marks_=again, **{**form, "narrative_fr": "Écrit par moi."})
    assert reread(row).content["narrative_fr"] == "Écrit par moi."


def test_the_stored_text_can_be_taken(editor, people):
    row = people.draft()
    seen, form = marks(editor, row), whole(people, row)
    people.draft(row, by=people.lead, narrative_fr="Écrit par l'autre.")
    response = post(editor, row, marks_=seen, **{**form, "narrative_fr": "Écrit par moi."})
    seen["seen"] = html.unescape(re.search(r'name="seen" value="([^"]*)"', response.content.decode())[1])

    page = post(
        editor, row, do="take:narrative_fr", marks_=seen, **{**form, "narrative_fr": "Écrit par moi."}
    )

    assert page.status_code == 200
    assert "Écrit par moi." not in text_of(page)
    assert "Écrit par l'autre." in text_of(page)


def autosave(client, row, seen, **values):
    return post(client, row, marks_=seen, headers={"X-Autosave": "1"}, **values)


def test_the_script_saves_and_goes_on_from_what_its_form_shows(editor, people):
    row = people.draft()
    seen, form = marks(editor, row), whole(people, row)
    people.draft(row, by=people.lead, learned_fr="Écrit par l'autre.")

    first = autosave(editor, row, seen, **{**form, "narrative_fr": "Un"})
    seen = seen | {"seen": first.json()["seen"]}
    second = autosave(editor, row, seen, **{**form, "narrative_fr": "Un deux"})

    assert (first.status_code, second.status_code) == (200, 200)
    assert "Enregistré à" in second.json()["saved"]
    content = reread(row).content
    assert (content["narrative_fr"], content["learned_fr"]) == ("Un deux", "Écrit par l'autre.")


def test_the_script_is_told_of_a_conflict_an_ended_session_and_a_closed_report(client, people):
    row = people.draft()
    client.force_login(people.editor)
    seen, form = marks(client, row), whole(people, row)
    people.draft(row, by=people.lead, narrative_fr="Écrit par l'autre.")

    conflict = autosave(client, row, seen, **{**form, "narrative_fr": "Moi"})
    people.submitted(reread(row))
    closed = autosave(client, row, seen, **{**form, "narrative_fr": "Moi"})
    client.logout()
    ended = autosave(client, row, seen, **{**form, "narrative_fr": "Moi"})

    assert [r.status_code for r in (conflict, closed, ended)] == [409, 410, 401]
    assert "Écrit par l'autre." in clean(conflict.json()["html"])


def test_the_script_is_told_that_the_project_was_taken_off_the_site(editor, people):
    row = people.draft()
    seen, form = marks(editor, row), whole(people, row)
    Project.objects.filter(pk=row.project_id).update(archived_at=NOW, archive_reason_fr="Terminé.")

    answer = autosave(editor, row, seen, **{**form, "narrative_fr": "Un"})

    assert (answer.status_code, answer.json()) == (410, {"problem": "closed"})


def test_what_was_typed_before_the_session_ended_is_there_after_signing_in(client, people):
    row = people.draft()
    client.force_login(people.editor)
    seen = marks(client, row)
    client.logout()

    sent = post(client, row, marks_=seen, **typed(people, narrative_fr="Tapé avant."))
    client.force_login(people.editor)
    page = text_of(client.get(address(row)))

    assert sent.status_code == 302
    assert "Tapé avant." in page
    assert "Voici le texte que vous écriviez" in page


def test_what_was_typed_in_a_report_that_moved_on_is_shown_to_be_copied(editor, people):
    row = people.draft()
    seen, form = marks(editor, row), whole(people, row)
    people.submitted(row)

    response = post(editor, row, marks_=seen, **{**form, "narrative_fr": "Trop tard."})

    assert response.status_code in (302, 409)
    assert reread(row).state == "submitted"


# Reading and moving -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ProgressReport.State.values)
def test_each_state_has_its_page(editor, people, state):
    row = people.in_state(state)

    page = text_of(editor.get(address(row, "")))

    assert "Bilan 2026" in page
    assert ("Précisez." in page) == (state == "changes_requested")
    assert ("Il vient de commencer." in page) == (state == "waived")


def test_partners_move_a_report_from_their_pages(editor, people):
    row = people.submitted()

    assert editor.get(address(row, "reprendre/")).status_code == 200
    editor.post(address(row, "reprendre/"))
    assert reread(row).state == "draft"


def test_a_correction_is_begun_and_given_up(editor, people):
    row = people.accepted()

    editor.post(address(row, "corriger/"))
    assert reread(row).state == "draft"
    editor.post(address(row, "abandonner/"))
    assert reread(row).state == "accepted"


def test_notes_of_the_staff_are_not_told_to_partners(editor, people):
    row = people.submitted()
    workflow.note(report=row, text="Note interne secrète.", by=people.reviewer, at=NOW)

    assert "secrète" not in text_of(editor.get(address(row, "")))


def test_a_version_says_what_it_changed(editor, people):
    row = people.submitted(people.draft(people.changes_requested(), narrative_fr="Onze marchés."))

    page = text_of(editor.get(address(row, "versions/2/")))

    assert "Ce qui change depuis la version 1" in page
    assert "Onze" in page


def test_a_report_between_the_periods_is_begun_from_the_project(editor, people):
    sent = {"title": "Première saison", "starts_on": "2026-05-01", "ends_on": "2026-09-30"}
    start = f"/espace/projets/{people.project.slug}/bilan/"

    refused = editor.post(start, {**sent, "ends_on": "2026-04-01"})
    response = editor.post(start, sent)

    row = ProgressReport.objects.get()
    assert refused.status_code == 422
    assert (response.url, row.state, row.title) == (address(row), "draft", "Première saison")


# The space --------------------------------------------------------------------------------------------------


def test_the_space_lists_reports_with_whose_turn_it_is_and_by_when(editor, people):
    people.expected()

    page = text_of(editor.get("/espace/"))

    assert "Bilan 2026 – Marché suivi" in page
    assert "À écrire" in page
    assert "À remettre d'ici le 26 février 2027" in page


def test_a_contributor_is_not_asked_for_reports(client, people):
    people.expected()
    client.force_login(people.contributor)

    assert "Bilan 2026" not in text_of(client.get("/espace/"))


def test_the_space_asks_as_many_questions_for_one_report_as_for_three(
    editor, people, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    people.expected()
    editor.get("/espace/")
    with CaptureQueriesContext(connection) as one:
        editor.get("/espace/")
    for _more in range(2):
        ProgressReport.objects.create(
            project=people.project, own_title="Autre", own_starts_on=NOW, own_ends_on=NOW
        )

    with CaptureQueriesContext(connection) as three:
        editor.get("/espace/")

    assert len(three) == len(one)
