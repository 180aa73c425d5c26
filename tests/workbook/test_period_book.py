"""The reports of a period in a workbook: nothing is answered for anybody, nothing is misread, all or nothing."""

import datetime as dt
import html
import io
import re
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from csam.workbook.period_book.comparing import compare, write
from csam.workbook.period_book.opening import open_period_book
from csam.workbook.period_book.writing import period_book
from indicators.models import ProgressReport
from indicators.reports import workflow
from indicators.vocabulary import Kind
from tests.factories import DeliverableFactory, IndicatorFactory, MeasurementFactory
from tests.indicators.reports import NOW, Followed

pytestmark = pytest.mark.django_db

HOME = "/espace/bilans/classeur/"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def people():
    people = Followed()
    MeasurementFactory(indicator=people.indicator, measured_on=dt.date(2025, 12, 31), value=40)
    return people


@pytest.fixture
def editor(client, people):
    client.force_login(people.editor)
    return client


def download(client, row, language=""):
    response = client.get(f"{language}{HOME}bilan/{row.pk}/")
    assert response.status_code == 200, response.content
    return openpyxl.load_workbook(io.BytesIO(response.content))


def columns(sheet):
    return {cell.value: cell.column for cell in sheet[1]}


def put(book, sheet, row=2, **values):
    """Write under headings; ``livré_le`` stands for « livré le »."""
    for name, value in values.items():
        book[sheet].cell(row, columns(book[sheet])[name.replace("_", " ")]).value = value


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hand_in(client, content, name="bilans.xlsx"):
    if not isinstance(content, bytes):
        content = saved(content)
    return client.post(HOME, {"file": SimpleUploadedFile(name, content)}, follow=True)


def confirm(client, shown):
    page = shown.content.decode()
    address = re.search(r'action="([^"]*confirmer/)"', page)[1]
    digest = re.search(r'name="digest" value="([^"]*)"', page)[1]
    return client.post(address, {"digest": digest}, follow=True)


def text_of(response):
    page = re.sub(r"</?(time|span|ins|del|mark)[^>]*>", "", html.unescape(response.content.decode()))
    return re.sub(r"\s+", " ", page.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'"))


def problems(shown):
    assert shown.status_code == 422, text_of(shown)
    cells = [re.sub(r"\s+", " ", c).strip() for c in re.findall(r"<td>(.*?)</td>", text_of(shown))]
    return [tuple(cells[i : i + 4]) for i in range(0, len(cells), 4)]


def content(row):
    return ProgressReport.objects.get(pk=row.pk).content


# Going out --------------------------------------------------------------------------------------------------


def test_what_was_before_is_told_and_never_answers(editor, people):
    book = download(editor, people.expected())

    assert book.sheetnames == ["Lisez-moi", "Livrables", "Indicateurs", "Récits"]
    sheet = book["Indicateurs"]
    told = {heading: sheet.cell(2, column).value for heading, column in columns(sheet).items()}
    assert (told["indicateur"], told["valeur précédente"], told["valeur"]) == ("Repas servis", "40", None)
    assert told["date de la valeur précédente"] == "2025-12-31"
    assert book["Livrables"].cell(2, columns(book["Livrables"])["où en est-il"]).value is None


def test_only_the_answers_can_be_written(editor, people):
    sheet = download(editor, people.expected())["Indicateurs"]
    unlocked = {name for name, c in columns(sheet).items() if not sheet.cell(2, c).protection.locked}

    assert sheet.protection.sheet
    assert "valeur" in unlocked
    assert not unlocked & {"bilan", "valeur précédente", "repère", "numérateur", "appréciation"}


def test_what_the_draft_says_is_there_as_numbers_and_dates(editor, people):
    book = download(editor, people.draft())

    sheet = book["Livrables"]
    assert sheet.cell(2, columns(sheet)["livré le"]).value == dt.datetime(2026, 10, 30)
    assert sheet.cell(2, columns(sheet)["où en est-il"]).value == "livré"
    sheet = book["Indicateurs"]
    assert sheet.cell(2, columns(sheet)["valeur"]).value == 60


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2 arbres", "@nous", "'=A1"])
def test_no_cell_is_a_formula_and_the_text_comes_back(editor, people, text):
    people.deliverable.title_fr = text
    people.deliverable.save()
    row = people.draft(narrative_fr=text)

    book = download(editor, row)

    types = {cell.data_type for name in book.sheetnames for line in book[name] for cell in line}
    assert "f" not in types
    put(book, "Récits", difficultés="La neige.")
    confirm(editor, hand_in(editor, book))
    assert (content(row)["narrative_fr"], content(row)["difficulties"]) == (text, "La neige.")


def test_an_english_workbook_reads_back(editor, people):
    row = people.expected()
    book = download(editor, row, "/en")

    assert book.sheetnames == ["Read me", "Deliverables", "Indicators", "Narratives"]
    put(book, "Deliverables", where_it_stands="delivered")
    confirm(editor, hand_in(editor, book))

    assert content(row)["deliverables"][0]["state"] == "delivered"


# Coming in --------------------------------------------------------------------------------------------------


def test_a_filled_workbook_is_previewed_then_written_into_the_draft(editor, people):
    row = people.expected()
    book = download(editor, row)
    put(book, "Livrables", ce_qui_le_montre="Photos.", livré_le=dt.date(2026, 10, 30))
    sheet = book["Livrables"]
    sheet.cell(2, columns(sheet)["où en est-il"]).value = "Livré"
    put(book, "Indicateurs", valeur=60.5, source="Registre", qualité="estimée")
    put(book, "Récits", ce_qui_a_été_fait="Dix marchés.", besoins="Un camion.")

    shown = hand_in(editor, book)
    assert "Dix marchés." in text_of(shown)
    assert content(row) == {}

    confirm(editor, shown)

    after = ProgressReport.objects.get(pk=row.pk)
    assert (after.state, after.begun_by) == ("draft", people.editor)
    assert after.content["narrative_fr"] == "Dix marchés."
    assert after.content["values"][0]["value"] == "60.5"
    assert after.content["deliverables"][0]["delivered_on"] == "2026-10-30"


def test_it_is_what_the_form_would_have_written(editor, people):
    by_form = people.draft()
    wanted = content(by_form)
    ProgressReport.objects.filter(pk=by_form.pk).update(content={}, state="expected", version=0)
    book = download(editor, by_form)
    put(book, "Livrables", ce_qui_le_montre="Photos au bureau.", livré_le="30 octobre 2026")
    book["Livrables"].cell(2, columns(book["Livrables"])["où en est-il"]).value = "livré"
    put(book, "Indicateurs", valeur="60", source="Registre", qualité="mesurée")
    put(book, "Récits", ce_qui_a_été_fait="Dix marchés ont eu lieu.", difficultés="La pluie.")
    put(book, "Récits", ce_que_vous_avez_appris="Le jeudi convient mieux.")

    confirm(editor, hand_in(editor, book))

    def said(told):
        rows = {name: [{k: v for k, v in row.items() if v} for row in told[name]] for name in ("values",)}
        texts = {k: v for k, v in told.items() if isinstance(v, str) and v}
        (deliverable,) = told["deliverables"]
        return rows, texts, {k: v for k, v in deliverable.items() if v and k != "title"}

    assert said(content(by_form)) == said(wanted)


def test_an_empty_cell_leaves_the_draft_as_it_is(editor, people):
    row = people.draft()
    before = content(row)
    book = download(editor, row)
    for name in ("Livrables", "Indicateurs", "Récits"):
        for heading, column in columns(book[name]).items():
            if not book[name].cell(2, column).protection.locked:
                book[name].cell(2, column).value = None
                assert heading not in ("bilan", "repère")

    shown = hand_in(editor, book)

    assert "Ce fichier ne change rien aux brouillons." in text_of(shown)
    assert content(row) == before


def test_a_zero_is_a_value(editor, people):
    row = people.expected()
    book = download(editor, row)
    put(book, "Indicateurs", valeur=0)

    confirm(editor, hand_in(editor, book))

    assert content(row)["values"][0]["value"] == "0"


def test_a_reason_takes_the_place_of_the_value_and_back(editor, people):
    row = people.draft()
    book = download(editor, row)
    sheet = book["Indicateurs"]
    absence = columns(sheet)["pas de valeur parce qu'elle est"]
    options = next(
        rule.formula1.strip('"').split(",")
        for rule in sheet.data_validations.dataValidation
        if any(r.min_col == absence for r in rule.sqref.ranges)
    )
    sheet.cell(2, absence).value = options[0]
    sheet.cell(2, columns(sheet)["valeur"]).value = None
    confirm(editor, hand_in(editor, book))
    assert (content(row)["values"][0]["value"], bool(content(row)["values"][0]["absence"])) == ("", True)

    book = download(editor, row)
    put(book, "Indicateurs", valeur="1 200,5")
    book["Indicateurs"].cell(2, absence).value = None
    confirm(editor, hand_in(editor, book))

    assert (content(row)["values"][0]["value"], content(row)["values"][0]["absence"]) == ("1200.5", "")


def test_several_projects_come_in_one_book(editor, people):
    people.published("Deuxième")
    people.expected()

    response = editor.get(f"{HOME}periode/{people.period.pk}/{people.organization.slug}/")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    for line in (2, 3):
        put(book, "Récits", line, ce_qui_a_été_fait=f"Récit {line}.")
    confirm(editor, hand_in(editor, book))

    told = {row.content["narrative_fr"] for row in ProgressReport.objects.all()}
    assert told == {"Récit 2.", "Récit 3."}


@pytest.mark.parametrize("number", [1, 3, 25])
def test_many_reports_are_read_in_as_few_queries_as_one(people, number, django_assert_num_queries):
    for extra in range(number - 1):
        project = people.published(f"Projet {extra}")
        MeasurementFactory(indicator=IndicatorFactory(project=project))
        DeliverableFactory(project=project)
    people.expected()
    reports = ProgressReport.objects.with_names().order_by("pk")
    by = people.editor

    with django_assert_num_queries(4):
        written = period_book(list(reports), language="fr")
    book = openpyxl.load_workbook(io.BytesIO(written))
    for line in range(2, number + 2):
        put(book, "Récits", line, besoins="Un camion.")
        put(book, "Indicateurs", line, valeur=12)
    filled = saved(book)

    with django_assert_num_queries(7):
        comparison = compare(open_period_book(filled, "bilans.xlsx"), user=by, on=NOW.date())
        assert len(comparison.shown) == number
    # A move for each report: lock it, look at the part, the project and the last activity, write it and its log.
    with django_assert_num_queries(2 + (2 + 6) * number):
        write(comparison, by=by, at=NOW)
    assert {row.content["needs"] for row in reports.all()} == {"Un camion."}


# Refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "column", "value", "told"),
    [
        ("Indicateurs", "valeur", "=20+40", "formule"),
        ("Indicateurs", "valeur", "soixante", "n'est pas un nombre"),
        ("Indicateurs", "valeur", "1,234", "deux lectures"),
        ("Indicateurs", "valeur", dt.date(2026, 3, 5), "n'est pas un nombre"),
        ("Indicateurs", "valeur", "45 %", "n'est pas un nombre"),
        ("Indicateurs", "valeur", 1.23456, "quatre décimales"),
        ("Indicateurs", "valeur", True, "n'est pas un nombre"),
        ("Indicateurs", "numérateur", 3, "se rapporte autrement"),
        ("Indicateurs", "qualité", "bonne", "n'est pas un choix possible"),
        ("Indicateurs", "à la date du", "2026", "au jour près"),
        ("Livrables", "où en est-il", "presque", "n'est pas un choix possible"),
        ("Livrables", "livré le", "31 février 2026", "date"),
        ("Livrables", "lien", "javascript:alert(1)", "https://"),
        ("Livrables", "bilan", 999999, "n'est pas à vous"),
        ("Livrables", "numéro du livrable", 999999, "ne demande rien de ce livrable"),
        ("Indicateurs", "adresse de l'indicateur", "autre", "ne demande rien de cet indicateur"),
        ("Récits", "bilan", None, "Le numéro du bilan manque"),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_stands(editor, people, sheet, column, value, told):
    row = people.expected()
    book = download(editor, row)
    put(book, "Récits", ce_qui_a_été_fait="Dix marchés.")
    put(book, "Livrables", ce_qui_le_montre="Photos.")
    book[sheet].cell(2, columns(book[sheet])[column]).value = value

    found = problems(hand_in(editor, book))

    assert [(place[0], place[1], place[2]) for place in found] == [(sheet, "2", column)]
    assert told in found[0][3]
    assert content(row) == {}


def test_one_mistake_keeps_everything_out(editor, people):
    people.published("Deuxième")
    people.expected()
    book = openpyxl.load_workbook(
        io.BytesIO(editor.get(f"{HOME}periode/{people.period.pk}/{people.organization.slug}/").content)
    )
    put(book, "Récits", 2, ce_qui_a_été_fait="Bon.")
    put(book, "Indicateurs", valeur="faux")

    assert len(problems(hand_in(editor, book))) == 1
    assert not ProgressReport.objects.exclude(content={}).exists()


def test_a_line_twice_is_refused(editor, people):
    book = download(editor, people.expected())
    sheet = book["Récits"]
    for column in range(1, sheet.max_column + 1):
        sheet.cell(3, column).value = sheet.cell(2, column).value
    put(book, "Récits", 3, besoins="Un camion.")

    assert problems(hand_in(editor, book)) == [
        ("Récits", "3", "", "Cette ligne est deux fois dans la feuille.")
    ]


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7", b"\xd0\xcf\x11\xe0abc", b"PK\x03\x04abc", b"rien du tout", b"\x00" * 50]
)
def test_what_is_no_such_workbook_is_told(editor, people, data):
    people.expected()

    assert problems(hand_in(editor, data))


def test_a_bomb_is_not_unpacked(editor, people):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"0" * 40_000_000)

    (found,) = problems(hand_in(editor, out.getvalue()))

    assert "trop gros" in found[3]


def test_what_is_missing_may_come_later(editor, people):
    row = people.expected()
    book = download(editor, row)
    put(book, "Indicateurs", source="Registre")

    confirm(editor, hand_in(editor, book))

    assert content(row)["values"][0]["source"] == "Registre"


# Others write too -------------------------------------------------------------------------------------------


def test_what_nobody_changed_in_the_file_does_not_undo_what_was_written_since(editor, people):
    row = people.draft()
    book = download(editor, row)
    people.draft(ProgressReport.objects.get(pk=row.pk), narrative_fr="Onze marchés, en fait.")
    put(book, "Récits", besoins="Un camion.")

    shown = hand_in(editor, book)
    confirm(editor, shown)

    after = content(row)
    assert (after["narrative_fr"], after["needs"]) == ("Onze marchés, en fait.", "Un camion.")


def test_what_both_wrote_is_told_in_the_preview(editor, people):
    row = people.draft()
    book = download(editor, row)
    people.draft(ProgressReport.objects.get(pk=row.pk), narrative_fr="Onze marchés, en fait.")
    put(book, "Récits", ce_qui_a_été_fait="Douze marchés.")

    shown = text_of(hand_in(editor, book))

    assert "feuille « Récits », ligne 2, colonne « ce qui a été fait » : Quelqu'un a écrit ici" in shown


def test_a_draft_that_changed_since_the_preview_is_previewed_again(editor, people):
    row = people.draft()
    book = download(editor, row)
    put(book, "Récits", besoins="Un camion.")
    shown = hand_in(editor, book)
    people.draft(ProgressReport.objects.get(pk=row.pk), narrative_fr="Onze marchés.")

    again = confirm(editor, shown)

    assert "Un brouillon a changé depuis l'aperçu." in text_of(again)
    assert content(row)["needs"] == ""
    confirm(editor, again)
    assert content(row)["needs"] == "Un camion."


def test_a_second_click_writes_nothing_twice(editor, people):
    row = people.expected()
    book = download(editor, row)
    put(book, "Récits", besoins="Un camion.")
    shown = hand_in(editor, book)
    confirm(editor, shown)
    version = ProgressReport.objects.get(pk=row.pk).version

    assert confirm(editor, shown).status_code == 404
    assert ProgressReport.objects.get(pk=row.pk).version == version


def test_abandoning_writes_nothing(editor, people):
    row = people.expected()
    book = download(editor, row)
    put(book, "Récits", besoins="Un camion.")
    page = hand_in(editor, book).content.decode()

    editor.post(re.search(r'action="([^"]*abandonner/)"', page)[1])

    assert content(row) == {}


# Who --------------------------------------------------------------------------------------------------------


def test_a_stranger_neither_downloads_nor_writes(client, people):
    row = people.expected()
    client.force_login(people.editor)
    book = download(client, row)
    put(book, "Récits", besoins="Un camion.")
    shown = hand_in(client, book)
    client.force_login(people.contributor)

    assert client.get(f"{HOME}bilan/{row.pk}/").status_code == 404
    period = f"{HOME}periode/{people.period.pk}/{people.organization.slug}/"
    assert client.get(period).status_code == 404
    assert confirm(client, shown).status_code == 404
    found = problems(hand_in(client, book))
    assert all("n'est pas à vous" in place[3] for place in found)
    assert content(row) == {}


def test_who_has_not_signed_in_is_asked_to(client, people):
    row = people.expected()

    for address in (HOME, f"{HOME}bilan/{row.pk}/", f"{HOME}periode/{people.period.pk}/x/"):
        assert client.get(address).url.startswith("/compte/")


@pytest.mark.parametrize("state", ["submitted", "accepted", "waived"])
def test_a_report_that_is_not_to_be_written_is_neither_given_nor_taken(editor, people, state):
    row = people.expected()
    book = download(editor, row)
    put(book, "Récits", besoins="Un camion.")
    if state == "waived":
        workflow.waive(report=row, reason="Jeune.", by=people.approver, at=NOW)
    elif state == "submitted":
        people.submitted(people.draft(row))
    else:
        workflow.accept(report=people.submitted(people.draft(row)), number=1, by=people.approver, at=NOW)

    assert editor.get(f"{HOME}bilan/{row.pk}/").status_code == 404
    assert "n'est pas à vous" in problems(hand_in(editor, book))[0][3]


def test_the_space_leads_there(editor, people):
    people.expected()

    assert HOME in editor.get("/espace/").content.decode()
    page = text_of(editor.get(HOME))
    assert f"{people.period.title_fr} – {people.organization.name_with_acronym}" in page
    assert "1 bilan à remplir" in page


def test_a_ratio_is_asked_as_two_numbers(editor, people):
    IndicatorFactory(project=people.project, slug="part", title_fr="Part", kind=Kind.RATIO)
    row = people.expected()
    book = download(editor, row)
    line = next(n for n in (2, 3) if book["Indicateurs"].cell(n, 2).value == "part")
    put(book, "Indicateurs", line, numérateur=30, dénominateur=50)

    confirm(editor, hand_in(editor, book))

    told = next(value for value in content(row)["values"] if value["key"] == "part")
    assert (told["numerator"], told["denominator"]) == ("30", "50")
