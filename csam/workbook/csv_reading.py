"""Reads delimited text: its encoding and separator are found out, or refused by name."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from csam.workbook.problems import Problem, RefusedError, comparable
from csam.workbook.raw import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, RawRow, RawSheet
from csam.workbook.template import SHEETS

SEPARATORS = (",", ";", "\t")
#: The separators' names, for messages and mapping files.
SEPARATOR_NAMES = {
    "comma": ",",
    "virgule": ",",
    "semicolon": ";",
    "point-virgule": ";",
    "tab": "\t",
    "tabulation": "\t",
}

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: An accented letter of another code page, read as Windows-1252, ends up inside a word as one of these.
_OTHER_CODE_PAGE = re.compile("[A-Za-z][‚ŽŠˆ½][a-z]|[a-z][‚Žˆ](?=[\\s,;])|\\b½uvre|¤")
#: UTF-8 that was once read as Windows-1252 and saved so.
_SPOILED = re.compile("Ã[\u0080-\u00bf©¨ª«®´§¢¹¯€‰]|â€[™œ\u009d“”¦]|Å“")
#: The first line by which Excel is told the separator; it does not show it as a row.
_TOLD_SEPARATOR = re.compile('"?sep=([,;\t])"?\r?\n')
_KNOWN_HEADINGS = frozenset(
    comparable(heading) for s in SHEETS for c in s.columns for heading in (c.fr, c.en)
)

csv.field_size_limit(MAX_BYTES)


def read_csv(data: bytes, title: str, *, encoding: str = "", separator: str = "") -> RawSheet:
    text = decode(data, title, encoding=encoding)
    if told := _TOLD_SEPARATOR.match(text):
        text, separator = text[told.end() :], separator or told[1]
    separator = SEPARATOR_NAMES.get(separator, separator) or find_separator(text)
    rows: list[RawRow] = []
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), start=1
        ):
            if len(cells) > MAX_COLUMNS or number > MAX_ROWS:
                raise RefusedError([_too_large(title)])
            rows.append(RawRow(number, list(cells)))
    except csv.Error as error:
        raise RefusedError(
            [
                Problem(
                    _(
                        "Un guillemet est mal placé ou n'est pas refermé à partir d'ici. Doublez les "
                        "guillemets à l'intérieur d'un texte (\"\") ou enregistrez de nouveau depuis le "
                        "tableur."
                    ),
                    title,
                    len(rows) + 1,
                )
            ]
        ) from error
    return RawSheet(title, rows)


def decode(data: bytes, title: str, *, encoding: str = "") -> str:
    """The text, from UTF-8, UTF-16 or Windows-1252; raises :class:`RefusedError` rather than give a text with wrong letters."""
    if not data.strip():
        raise RefusedError([Problem(_("Le fichier est vide."), title)])
    if not encoding:
        encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "")
    try:
        if encoding:
            text = data.decode(encoding)
        elif b"\0" in data:
            raise RefusedError(
                [
                    Problem(
                        _("Ce n'est pas du texte. Enregistrez le fichier en CSV UTF-8 ou en classeur .xlsx."),
                        title,
                    )
                ]
            )
        else:
            text = _utf8_or_windows(data)
    except (UnicodeDecodeError, LookupError) as error:
        raise RefusedError([_unknown_encoding(title, encoding)]) from error
    if _SPOILED.search(text):
        raise RefusedError(
            [
                Problem(
                    _(
                        "Les accents sont déjà abîmés dans le fichier (« Ã© » pour « é »). Repartez du "
                        "fichier d'origine et enregistrez-le en CSV UTF-8."
                    ),
                    title,
                )
            ]
        )
    if "\ufffd" in text:
        raise RefusedError([_unknown_encoding(title, encoding)])
    return text


def _utf8_or_windows(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
        if _OTHER_CODE_PAGE.search(text):
            raise
        return text


def _unknown_encoding(title: str, encoding: str) -> Problem:
    tried = encoding or "UTF-8, Windows-1252"
    return Problem(
        _("L'encodage du texte n'est pas reconnu (essayé : %(tried)s). Enregistrez le fichier en CSV UTF-8.")
        % {"tried": tried},
        title,
    )


def find_separator(text: str) -> str:
    """The separator that makes the first row the template's headings, else the one that makes rows of equal length."""
    return max(SEPARATORS, key=lambda separator: _fit(text, separator))


def _fit(text: str, separator: str) -> tuple[float, ...]:
    rows = [row for row in _leniently(text, separator) if any(cell.strip() for cell in row)]
    if not rows:
        return (0.0, 0.0, 0.0)
    known = sum(comparable(heading) in _KNOWN_HEADINGS for heading in rows[0])
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    return (known if known > 1 else 0, count / len(rows) if width > 1 else 0.0, width)


def _leniently(text: str, separator: str) -> Sequence[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(row)
            if len(rows) == 500:
                break
    except csv.Error:
        pass
    return rows


def _too_large(title: str) -> Problem:
    return Problem(
        _(
            "Le fichier est trop grand : au plus %(rows)d lignes et %(columns)d colonnes. Partagez-le en "
            "plusieurs fichiers."
        )
        % {"rows": MAX_ROWS, "columns": MAX_COLUMNS},
        title,
    )
