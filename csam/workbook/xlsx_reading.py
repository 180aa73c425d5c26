"""Reads XLSX workbooks that may come from anywhere: nothing is executed, fetched or unpacked without bound."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from core.partial_dates import PartialDate, Precision
from csam.workbook.problems import Problem, RefusedError
from csam.workbook.raw import MAX_COLUMNS, MAX_FILES, MAX_ROWS, MAX_UNPACKED, RawBook, RawRow, RawSheet
from csam.workbook.values import CellError, Formula

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_NO_DTD = (b"<!DOCTYPE", b"<!ENTITY")


def read_xlsx(data: bytes) -> RawBook:
    check_archive(data)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of what it leaves out (data validation of other makers, macros): we read values
            # only.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=False, keep_links=False)
    except Exception as error:
        raise RefusedError(
            [
                _(
                    "Le classeur ne se lit pas : il est abîmé ou n'est pas un vrai .xlsx. Ouvrez-le dans "
                    "le tableur et enregistrez-le de nouveau."
                )
            ]
        ) from error
    raw = RawBook([])
    for sheet in book.sheetnames:
        if isinstance(book[sheet], Worksheet):
            raw.sheets.append(_read_sheet(book[sheet]))
        else:
            raw.notices.append(Problem(_("Cette feuille est un graphique; elle n'est pas lue."), sheet))
    return raw


def check_archive(data: bytes) -> zipfile.ZipFile:
    """Opens a zip archive; refuses what would unpack to too much and XML that declares entities."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise RefusedError(
            [_("Le fichier est abîmé : il ne s'ouvre pas. Enregistrez-le de nouveau.")]
        ) from error
    members = archive.infolist()
    if len(members) > MAX_FILES or sum(m.file_size for m in members) > MAX_UNPACKED:
        raise RefusedError([_("Le fichier se déplie en un volume démesuré; il n'a pas été ouvert.")])
    for member in members:
        if member.flag_bits & 1:
            raise RefusedError([_("Le fichier est protégé par un mot de passe. Retirez la protection.")])
        if member.filename.lower().endswith((".xml", ".rels", ".vml")):
            try:
                content = archive.read(member)
            except Exception as error:
                raise RefusedError(
                    [_("Le fichier est abîmé : il ne s'ouvre pas. Enregistrez-le de nouveau.")]
                ) from error
            if any(mark in content for mark in _NO_DTD) or (content[:2] in (b"\xff\xfe", b"\xfe\xff")):
                raise RefusedError(
                    [
                        _(
                            "Le classeur contient des déclarations qu'un tableur n'écrit pas (entités "
                            "XML). Il n'a pas été ouvert."
                        )
                    ]
                )
    return archive


def _read_sheet(sheet: Worksheet) -> RawSheet:
    # The cells that exist, and not the extent that the file claims: one stray cell at the far end costs
    # nothing.
    cells = {place: cell for place, cell in sheet._cells.items() if cell.value is not None}
    last_row = max((row for row, _column in cells), default=0)
    last_column = max((column for _row, column in cells), default=0)
    if len({row for row, _column in cells}) > MAX_ROWS or last_column > MAX_COLUMNS:
        raise RefusedError(
            [
                Problem(
                    _(
                        "La feuille est trop grande : au plus %(rows)d lignes et %(columns)d colonnes. "
                        "Supprimez ce qui est loin du tableau."
                    )
                    % {"rows": MAX_ROWS, "columns": MAX_COLUMNS},
                    sheet.title,
                )
            ]
        )
    rows: dict[int, list[Any]] = {}
    for (row, column), cell in cells.items():
        rows.setdefault(row, [None] * last_column)[column - 1] = _value(cell)
    raw = RawSheet(
        sheet.title,
        [RawRow(number, rows[number]) for number in sorted(rows) if number <= last_row],
        merged=[(r.min_row, r.max_row, r.min_col, r.max_col) for r in sheet.merged_cells.ranges],
        is_hidden=sheet.sheet_state != "visible",
    )
    hidden_rows = (
        sum(1 for number in rows if sheet.row_dimensions[number].hidden) if sheet.row_dimensions else 0
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


def _value(cell: Cell) -> Any:
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
    return value


def _shown_date(value: dt.datetime, number_format: str) -> Any:
    """A date as precise as the cell shows it: « yyyy » is a year."""
    shown = re.sub(r'\[[^\]]*\]|"[^"]*"|\\.', "", number_format).lower()
    if "d" in shown or "j" in shown:
        return value
    if "m" in shown and ("y" in shown or "a" in shown):
        return PartialDate(value.date(), Precision.MONTH)
    return PartialDate(value.date(), Precision.YEAR) if "y" in shown or "a" in shown else value
