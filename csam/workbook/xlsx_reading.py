"""Reads XLSX workbooks that may come from anywhere: nothing is executed, fetched or unpacked without bound.

The sheets are read row by row, and not as a whole book: a book unfolds the cells that a merged range or a link
claims to cover, which can be all seventeen thousand million of a sheet.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.worksheet.cell_range import CellRange

from core.partial_dates import PartialDate, Precision
from csam.workbook.problems import Problem, RefusedError
from csam.workbook.raw import (
    MAX_COLUMNS,
    MAX_FILES,
    MAX_MARKS,
    MAX_ROWS,
    MAX_UNPACKED,
    RawBook,
    RawRow,
    RawSheet,
)
from csam.workbook.values import CellError, Formula

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_NO_DTD = (b"<!DOCTYPE", b"<!ENTITY")
#: Columns of a sheet, from A to XFD.
SPREADSHEET_COLUMNS = 16_384
#: The namespace of « classeur Strict Open XML », in which openpyxl sees no sheet.
_STRICT = b"purl.oclc.org/ooxml"


def read_xlsx(data: bytes) -> RawBook:
    archive = check_archive(data)
    if "xl/workbook.xml" in archive.namelist() and _STRICT in archive.read("xl/workbook.xml"):
        raise RefusedError(
            [
                _(
                    "C'est un « classeur Strict Open XML ». Enregistrez-le comme « Classeur Excel (.xlsx) » "
                    "ordinaire."
                )
            ]
        )
    try:
        with warnings.catch_warnings():
            # openpyxl warns of what it leaves out (data validation of other makers, macros): we read values
            # only.
            warnings.simplefilter("ignore")
            return _read_book(data)
    except RefusedError:
        raise
    except Exception as error:
        raise RefusedError(
            [
                _(
                    "Le classeur ne se lit pas : il est abîmé ou n'est pas un vrai .xlsx. Ouvrez-le dans "
                    "le tableur et enregistrez-le de nouveau."
                )
            ]
        ) from error


def _read_book(data: bytes) -> RawBook:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    raw = RawBook([])
    for sheet in map(book.__getitem__, book.sheetnames):
        if isinstance(sheet, ReadOnlyWorksheet):
            raw.sheets.append(_read_sheet(sheet))
        else:
            raw.notices.append(Problem(_("Cette feuille est un graphique; elle n'est pas lue."), sheet.title))
    return raw


def check_archive(data: bytes) -> zipfile.ZipFile:
    """Opens a zip archive; refuses what would unpack to too much and XML that declares entities."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise RefusedError([_damaged()]) from error
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise RefusedError([_("Le fichier est protégé par un mot de passe. Retirez la protection.")])
    if len(members) > MAX_FILES or sum(m.file_size for m in members) > MAX_UNPACKED:
        raise RefusedError([_too_voluminous()])
    marks = 0
    for member in members:
        try:
            content = archive.read(member)
        except Exception as error:
            raise RefusedError([_damaged()]) from error
        if member.filename.lower().endswith((".xml", ".rels", ".vml")):
            marks += content.count(b"<")
            _check_xml(content)
    if marks > MAX_MARKS:
        raise RefusedError([_too_voluminous()])
    return archive


def _check_xml(content: bytes) -> None:
    # In another encoding than those that a spreadsheet writes, the declarations would not be seen.
    if (
        any(mark in content for mark in _NO_DTD)
        or b"\0" in content[:4]
        or content[:2] in (b"\xff\xfe", b"\xfe\xff")
    ):
        raise RefusedError(
            [
                _(
                    "Le classeur contient des déclarations qu'un tableur n'écrit pas (entités "
                    "XML). Il n'a pas été ouvert."
                )
            ]
        )


def _damaged() -> str:
    return _("Le fichier est abîmé : il ne s'ouvre pas. Enregistrez-le de nouveau.")


def _too_voluminous() -> str:
    return _("Le fichier se déplie en un volume démesuré; il n'a pas été ouvert.")


class _Parser(WorkSheetParser):
    """Refuses a row that no spreadsheet has, before its cells are unfolded."""

    def parse_row(self, row: Any) -> Any:
        if len(row) > SPREADSHEET_COLUMNS:
            raise RefusedError([_too_voluminous()])
        return super().parse_row(row)


def _read_sheet(sheet: ReadOnlyWorksheet) -> RawSheet:
    rows: dict[int, list[Any]] = {}
    width = 0
    with sheet._get_source() as source:
        book = sheet.parent
        parser = _Parser(
            source,
            sheet._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, found in parser.parse():
            cells = {
                cell["column"]: ReadOnlyCell(sheet, **cell) for cell in found if cell["value"] is not None
            }
            if not cells:
                continue
            width = max(width, *cells)
            if len(rows) >= MAX_ROWS or width > MAX_COLUMNS:
                raise RefusedError([Problem(_too_large(), sheet.title)])
            row = rows.setdefault(number, [])
            row += [None] * (max(cells) - len(row))
            for column, cell in cells.items():
                row[column - 1] = _value(cell)
    raw = RawSheet(
        sheet.title,
        [RawRow(number, row + [None] * (width - len(row))) for number, row in sorted(rows.items())],
        merged=[(r.min_row, r.max_row, r.min_col, r.max_col) for r in _merged(parser)],
        is_hidden=sheet.sheet_state != "visible",
    )
    hidden_rows = sum(
        parser.row_dimensions.get(str(number), {}).get("hidden") in ("1", "true") for number in rows
    )
    if hidden_rows:
        raw.notices.append(
            ngettext(
                "%(count)d ligne masquée a été lue aussi.",
                "%(count)d lignes masquées ont été lues aussi.",
                hidden_rows,
            )
            % {"count": hidden_rows}
        )
    return raw


def _merged(parser: WorkSheetParser) -> list[CellRange]:
    return [CellRange(cell.ref) for cell in parser.merged_cells.mergeCell] if parser.merged_cells else []


def _too_large() -> str:
    return _(
        "La feuille est trop grande : au plus %(rows)d lignes et %(columns)d colonnes. "
        "Supprimez ce qui est loin du tableau."
    ) % {"rows": MAX_ROWS, "columns": MAX_COLUMNS}


def _value(cell: ReadOnlyCell) -> Any:
    value = cell.value
    if cell.data_type == "f":
        return Formula(str(value))
    if cell.data_type == "e":
        return CellError(str(value))
    if isinstance(value, str):
        return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), value)
    if isinstance(value, dt.datetime):
        return _shown_date(value, str(cell.number_format))
    if isinstance(value, dt.date):
        return _shown_date(dt.datetime.combine(value, dt.time()), str(cell.number_format))
    if isinstance(value, int | float) and not isinstance(value, bool) and cell.has_style:
        return _shown_number(value, str(cell.number_format))
    return value


def _shown_number(value: float, number_format: str) -> Any:
    """The text that the cell shows, where the number alone says something else: « 007 », « 3.10 », « 50 % »."""
    if re.fullmatch("00+", number_format) and value >= 0 and value == int(value):
        return str(int(value)).zfill(len(number_format))
    if (places := re.fullmatch(r"0\.(0+)", number_format)) and value != int(value):
        shown = f"{value:.{len(places[1])}f}"
        return shown if Decimal(shown) == Decimal(repr(value)) else value
    if "%" in re.sub(r'"[^"]*"|\\.', "", number_format):
        return f"{(Decimal(repr(value)) * 100).normalize():f} %"
    return value


def _shown_date(value: dt.datetime, number_format: str) -> Any:
    """A date as precise as the cell shows it: « yyyy » is a year."""
    shown = re.sub(r'\[[^\]]*\]|"[^"]*"|\\.', "", number_format).lower()
    if "d" in shown or "j" in shown:
        return value
    if "m" in shown and ("y" in shown or "a" in shown):
        return PartialDate(value.date(), Precision.MONTH)
    return PartialDate(value.date(), Precision.YEAR) if "y" in shown or "a" in shown else value
