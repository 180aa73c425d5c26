import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from openpyxl.chart import BarChart
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from core.partial_dates import PartialDate, Precision
from csam.workbook import raw
from csam.workbook.opening import open_bytes
from csam.workbook.problems import RefusedError
from csam.workbook.reading import read_bytes, read_path
from csam.workbook.values import CellError, Formula
from csam.workbook.xlsx_reading import read_xlsx
from tests.workbook.builders import PLAN_ROWS, xlsx_of

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def first_cells(data):
    return [row.cells for row in read_xlsx(data).sheets[0].rows]


def rewritten(data, name, content):
    """The same archive with one member replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
        if name not in old.namelist():
            new.writestr(name, content)
    return out.getvalue()


def test_formulas_are_seen_and_never_computed():
    data = xlsx_of(plan=[["=1+1", "=cmd|' /C calc'!A0", "#REF!"]])

    assert first_cells(data) == [[Formula("=1+1"), Formula("=cmd|' /C calc'!A0"), CellError("#REF!")]]


def test_dates_are_as_precise_as_they_show():
    def formats(book):
        for cell, shown in zip(
            book["plan"][1], ("yyyy-mm-dd", "mmmm yyyy", "yyyy", "[$-C0C]d mmm yyyy;@"), strict=True
        ):
            cell.number_format = shown

    day = dt.datetime(2021, 3, 15)
    assert first_cells(xlsx_of(formats, plan=[[day] * 4])) == [
        [
            day,
            PartialDate(dt.date(2021, 3, 1), Precision.MONTH),
            PartialDate(dt.date(2021, 1, 1), Precision.YEAR),
            day,
        ]
    ]


def test_a_stray_cell_far_away_costs_nothing():
    data = xlsx_of(lambda book: book["plan"].cell(1_048_576, 3, "x"), plan=[["a"]])

    assert [row.number for row in read_xlsx(data).sheets[0].rows] == [1, 1_048_576]


def test_too_many_columns_are_refused():
    with pytest.raises(RefusedError, match="La feuille est trop grande"):
        read_xlsx(xlsx_of(lambda book: book["plan"].cell(1, 16_384, "x"), plan=[["a"]]))


def test_a_zip_bomb_is_not_opened(monkeypatch):
    monkeypatch.setattr("csam.workbook.xlsx_reading.MAX_UNPACKED", 1_000_000)
    data = rewritten(xlsx_of(plan=[["a"]]), "xl/media/big.bin", b"\0" * 2_000_000)

    with pytest.raises(RefusedError, match="volume démesuré"):
        read_bytes(data, "plan.xlsx")


@pytest.mark.parametrize(
    "mark", ['<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', '<!ENTITY lol "lol">']
)
def test_external_entities_are_refused(mark):
    sheet = f'<?xml version="1.0"?>{mark}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    data = rewritten(xlsx_of(plan=[["a"]]), "xl/worksheets/sheet1.xml", sheet.encode())

    with pytest.raises(RefusedError, match="entités XML"):
        read_bytes(data, "plan.xlsx")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0rest", "ancien classeur .xls"),
        (b"%PDF-1.7", "C'est un PDF"),
        (b"PK\x03\x04broken", "ne s'ouvre pas"),
        (rewritten(xlsx_of(plan=[["a"]]), "xl/workbook.xml", b"<nothing"), "abîmé"),
    ],
)
def test_what_is_not_a_workbook_is_refused_by_name(data, words):
    with pytest.raises(RefusedError, match=words):
        read_bytes(data, "plan.xlsx")


def test_opendocument_is_refused_by_name():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")

    with pytest.raises(RefusedError, match=r"OpenDocument \(.ods\)"):
        read_bytes(out.getvalue(), "plan.ods")


def test_a_heavy_file_in_a_light_zip_is_refused_by_name(monkeypatch):
    monkeypatch.setattr("csam.workbook.reading.MAX_BYTES", 10_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("plan.csv", "identifiant\n")
        archive.writestr("projets.csv", "a\n" * 10_000)

    with pytest.raises(RefusedError) as refused:
        read_bytes(out.getvalue(), "plan.zip")

    assert [p.sheet for p in refused.value.problems] == ["projets"]
    assert "dépasse" in str(refused.value.problems[0])


def test_a_heavy_file_in_a_folder_is_refused_by_name(monkeypatch, tmp_path):
    monkeypatch.setattr("csam.workbook.reading.MAX_BYTES", 10_000)
    (tmp_path / "plan.csv").write_text("identifiant\n")
    (tmp_path / "projets.csv").write_text("a\n" * 10_000)

    with pytest.raises(RefusedError) as refused:
        read_path(tmp_path)

    assert [p.sheet for p in refused.value.problems] == ["projets"]


def test_a_file_too_heavy_is_refused(monkeypatch):
    monkeypatch.setattr("csam.workbook.reading.MAX_BYTES", 10)

    with pytest.raises(RefusedError, match="dépasse"):
        read_bytes(b"x" * 11, "plan.csv")


def test_merged_cells_are_refused_in_the_template():
    data = xlsx_of(lambda book: book["plan"].merge_cells("A2:A3"), plan=[*PLAN_ROWS, ["b"]])

    assert [str(p) for p in open_bytes(data, "plan.xlsx").problems] == [
        "feuille « plan », ligne 2 : Des cellules sont fusionnées. Défusionnez-les et répétez la valeur "
        "dans chaque ligne."
    ]


def test_a_hidden_sheet_of_the_template_is_refused_and_another_is_told():
    def hide(book):
        book["projets"].sheet_state = "hidden"

    workbook = open_bytes(
        xlsx_of(hide, plan=PLAN_ROWS, projets=[["identifiant"]], brouillon=[["x"]]), "plan.xlsx"
    )

    assert [p.sheet for p in workbook.problems] == ["projets"]
    assert [n.sheet for n in workbook.notices] == ["brouillon"]


def test_hidden_rows_are_read_and_told():
    def hide(book):
        book["plan"].row_dimensions[2].hidden = True

    workbook = open_bytes(xlsx_of(hide, plan=PLAN_ROWS), "plan.xlsx")

    assert [str(n) for n in workbook.notices] == ["feuille « plan » : 1 ligne masquée a été lue aussi."]


def test_a_chart_sheet_is_told():
    def draw(book):
        book.create_chartsheet("Graphique").add_chart(BarChart())

    data = xlsx_of(draw, plan=PLAN_ROWS)

    assert [n.sheet for n in open_bytes(data, "plan.xlsx").notices] == ["Graphique"]


def test_escaped_characters_are_read_as_a_spreadsheet_shows_them():
    assert first_cells(xlsx_of(plan=[["un_x000D_\ndeux _x005F_x0041_"]])) == [["un\r\ndeux _x0041_"]]


def test_numbers_are_read_as_their_cell_shows_them():
    def formats(book):
        for cell, shown in zip(book["plan"][1], ("000", "0.00", "0.00", "0%", "0.0%"), strict=True):
            cell.number_format = shown

    data = xlsx_of(formats, plan=[[7, 3.1, 45.50884, 1, 0.125]])

    # What the format would round away is kept.
    assert first_cells(data) == [["007", "3.10", 45.50884, "100 %", "12.5 %"]]


def test_dates_of_the_calendar_of_1904_are_the_same_days():
    def count_from_1904(book):
        book.epoch = CALENDAR_MAC_1904

    day = dt.datetime(2021, 3, 15)

    assert first_cells(xlsx_of(count_from_1904, plan=[[day]])) == [[day]]


def test_a_range_that_claims_the_whole_sheet_costs_nothing():
    data = xlsx_of(lambda book: book["plan"].merged_cells.add("A1:XFD1048576"), plan=[["a"]])

    assert read_xlsx(data).sheets[0].merged == [(1, 1_048_576, 1, 16_384)]


def test_a_row_that_no_spreadsheet_has_is_not_unfolded():
    cells = "<c/>" * 16_385
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'

    with pytest.raises(RefusedError, match="volume démesuré"):
        read_xlsx(rewritten(xlsx_of(plan=[["a"]]), "xl/worksheets/sheet1.xml", sheet.encode()))


def test_more_cells_than_a_plan_can_have_are_not_unfolded(monkeypatch):
    monkeypatch.setattr("csam.workbook.xlsx_reading.MAX_MARKS", 1_000)

    with pytest.raises(RefusedError, match="volume démesuré"):
        read_xlsx(xlsx_of(plan=[["a"] * 300]))


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr("csam.workbook.xlsx_reading.MAX_ROWS", 3)

    with pytest.raises(RefusedError, match="La feuille est trop grande"):
        read_xlsx(xlsx_of(plan=[["a"]] * 4))


def test_declarations_in_another_encoding_are_refused():
    sheet = "<!DOCTYPE x [<!ENTITY e 'lol'>]><worksheet/>".encode("utf-16-le")
    data = rewritten(xlsx_of(plan=[["a"]]), "xl/worksheets/sheet1.xml", sheet)

    with pytest.raises(RefusedError, match="entités XML"):
        read_bytes(data, "plan.xlsx")


def test_a_strict_workbook_is_refused_by_name():
    book = xlsx_of(plan=[["a"]])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        strict = archive.read("xl/workbook.xml").replace(
            MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main"
        )

    with pytest.raises(RefusedError, match="Strict Open XML"):
        read_bytes(rewritten(book, "xl/workbook.xml", strict), "plan.xlsx")


def test_limits_are_those_that_messages_tell():
    assert (raw.MAX_ROWS, raw.MAX_COLUMNS) == (60_000, 300)
    assert openpyxl.DEFUSEDXML
