import pytest

from csam.workbook.csv_reading import decode, read_csv
from csam.workbook.problems import RefusedError
from tests.workbook.builders import csv_bytes

ROWS = [["numéro", "titre", "description"], ["1", "Goûter, manger; boire", "À l'été…\nsur deux lignes"]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_and_separators_are_found_out(encoding, separator):
    sheet = read_csv(csv_bytes(ROWS, separator=separator, encoding=encoding), "enjeux")

    assert [row.cells for row in sheet.rows] == ROWS


def test_commas_in_unquoted_text_do_not_make_columns():
    data = "numéro;titre\n1;Fruits, légumes, noix\n2;Pain, lait\n3;Sel, eau\n".encode()

    assert [row.cells for row in read_csv(data, "enjeux").rows][1] == ["1", "Fruits, légumes, noix"]


def test_rows_are_numbered_as_a_spreadsheet_does():
    data = b'code,titre\n\n1,"deux\nlignes"\n2,fin\n'

    assert [(row.number, row.cells) for row in read_csv(data, "x").rows if row.cells] == [
        (1, ["code", "titre"]),
        (3, ["1", "deux\nlignes"]),
        (4, ["2", "fin"]),
    ]


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_other_code_pages_are_refused_and_not_misread(encoding):
    with pytest.raises(RefusedError, match="encodage du texte n'est pas reconnu"):
        decode("Le marché préféré des fermières".encode(encoding), "projets")


def test_text_spoiled_earlier_is_refused():
    with pytest.raises(RefusedError, match="Les accents sont déjà abîmés"):
        decode("marché".encode().decode("cp1252").encode(), "projets")


@pytest.mark.parametrize("text", ["À Laval", "« Éloïse »", "Ça va à l'œuvre", "ÎLE, Ü et ß", "Âge"])
def test_french_capitals_are_not_taken_for_spoiled_text(text):
    assert decode(text.encode(), "x") == text
    assert decode(text.encode("cp1252"), "x") == text


def test_binary_and_empty_files_are_refused_by_name():
    with pytest.raises(RefusedError, match="Ce n'est pas du texte"):
        decode(b"abc\0\0def", "x")
    with pytest.raises(RefusedError, match="Le fichier est vide"):
        decode(b" \n", "x")


def test_a_quote_left_open_is_told_with_its_row():
    with pytest.raises(RefusedError) as refused:
        read_csv(b'a,b\n1,2\n3,"quatre\n5,6\n', "projets")

    assert refused.value.problems[0].place == "feuille « projets », ligne 3"


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"'])
def test_the_line_that_tells_excel_the_separator_is_no_row(first):
    sheet = read_csv(f"{first}\r\ntitre;numéro\r\nun, deux;3\r\n".encode(), "plan")

    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, ["titre", "numéro"]),
        (2, ["un, deux", "3"]),
    ]


@pytest.mark.parametrize("text", ["titre;prix\nCœur;1", "titre;prix\nUn;5 €"])
def test_latin_9_is_refused_and_not_misread(text):
    with pytest.raises(RefusedError, match="encodage"):
        read_csv(f"{text}\né;1".encode("iso8859-15"), "plan")
