"""Writes the workbook of a period. What is only read is locked and grey; no cell is ever a formula."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook as XlsxBook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from csam.workbook.exporting import LONGEST_CELL, WRAP, heading_cell, text_cell
from csam.workbook.period_book import marks
from csam.workbook.period_book.rows import BookRow, rows_of
from csam.workbook.period_book.template import ONLY_READ, SHEETS, AnswerNumber
from csam.workbook.problems import Problem, RefusedError
from csam.workbook.reading import README_TITLES
from csam.workbook.template import Column, Sheet
from csam.workbook.values import Choice, Day
from indicators.models import ProgressReport

_ONLY_READ_FILL = PatternFill("solid", fgColor="EEEEEE")
_OPEN = Protection(locked=False)
_WIDE = frozenset({"note", "assessment", "narrative_fr", "narrative_en", "learned_fr", "learned_en"}) | {
    "difficulties",
    "needs",
}
_NARROW = frozenset({"report", "key", "unit", "due", "present", "value", "numerator", "denominator"})


def period_book(reports: Collection[ProgressReport], *, language: str) -> bytes:
    """In the language that is active. RefusedError where an answer is longer than a cell."""
    rows = list(rows_of(reports))
    _check_lengths(rows, language)
    book = XlsxBook(write_only=True)
    _write_readme(book, language)
    for sheet in SHEETS:
        _write_sheet(book, sheet, [row for row in rows if row.sheet is sheet], language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _check_lengths(rows: list[BookRow], language: str) -> None:
    for row in rows:
        for field, text in row.said.items():
            if len(text) + 1 > LONGEST_CELL:
                raise RefusedError(
                    [
                        Problem(
                            _(
                                "Ce texte est trop long pour une cellule : écrivez ce bilan dans son formulaire."
                            ),
                            row.sheet.title(language),
                            column=row.sheet.column(field).heading(language),
                        )
                    ]
                )


def _write_readme(book: XlsxBook, language: str) -> None:
    sheet = book.create_sheet(README_TITLES[language == "en"])
    sheet.column_dimensions["A"].width = 110
    title = WriteOnlyCell(sheet, _("Les bilans d'étape d'une période"))
    title.font = Font(bold=True, size=14)
    sheet.append([title])
    for line in (
        _("Remplissez les cellules blanches; les grises ne se changent pas."),
        _("La valeur précédente est là pour comparer : elle n'est jamais reprise comme réponse."),
        _(
            "Une cellule vide laisse le bilan comme il est. Pour effacer une réponse, passez par son formulaire."
        ),
        _("Un zéro est une valeur; s'il n'y en a pas, dites pourquoi dans la colonne prévue."),
        _("Dates : 2027-06-30. Nombres : 1 234,5. Les formules ne sont pas lues : collez des valeurs."),
        _(
            "Déposez ensuite le fichier dans votre espace : un aperçu dit ce qui sera écrit dans les brouillons. "
            "Rien n'est soumis au Conseil avant que vous le fassiez dans le portail."
        ),
    ):
        cell = text_cell(sheet, line)
        cell.alignment = WRAP
        sheet.append([cell])


def _write_sheet(book: XlsxBook, sheet: Sheet, rows: list[BookRow], language: str) -> None:
    page = book.create_sheet(sheet.title(language).capitalize())
    page.freeze_panes = "A2"
    _protect(page)
    for index, column in enumerate(sheet.columns, start=1):
        letter = get_column_letter(index)
        page.column_dimensions[letter].width = _width(column)
        page.column_dimensions[letter].hidden = column.field == "mark"
        if isinstance(column.kind, Choice) and rows:
            options = ",".join(column.kind.labels(language))
            rule = DataValidation(type="list", formula1=f'"{options}"', allow_blank=True)
            rule.add(f"{letter}2:{letter}{len(rows) + 1}")
            page.data_validations.append(rule)
    page.append([heading_cell(page, column.heading(language)) for column in sheet.columns])
    for row in rows:
        page.append([_cell(page, row, column, language) for column in sheet.columns])


def _protect(page: Any) -> None:
    """Without a password: it keeps from slips, not from whoever wants to."""
    page.protection.enable()
    for allowed in ("formatColumns", "formatRows", "formatCells", "sort", "autoFilter"):
        setattr(page.protection, allowed, False)


def _cell(page: Any, row: BookRow, column: Column, language: str) -> WriteOnlyCell:
    field = column.field
    if field == "mark":
        return text_cell(page, marks.write(row.said))
    if field in ONLY_READ or field in row.closed:
        told = row.told.get(field, "")
        cell = text_cell(page, told) if isinstance(told, str) else WriteOnlyCell(page, told)
        cell.fill, cell.alignment = _ONLY_READ_FILL, WRAP
        return cell
    cell = _answer(page, column, row.said[field], language)
    cell.protection, cell.alignment = _OPEN, WRAP
    return cell


def _answer(page: Any, column: Column, text: str, language: str) -> WriteOnlyCell:
    if isinstance(column.kind, Choice) and text in column.kind.choices.values:
        return text_cell(page, column.kind.format(text, language))
    if isinstance(column.kind, AnswerNumber):
        return WriteOnlyCell(page, float(text)) if _is_exact(text) else _open_or_text(page, text)
    if isinstance(column.kind, Day):
        cell = _day(page, text)
        cell.number_format = "yyyy-mm-dd"
        return cell
    return _open_or_text(page, text)


def _open_or_text(page: Any, text: str) -> WriteOnlyCell:
    return text_cell(page, text) if text else WriteOnlyCell(page, None)


def _is_exact(text: str) -> bool:
    try:
        return bool(text) and Decimal(repr(float(text))) == Decimal(text)
    except (ValueError, ArithmeticError):
        return False


def _day(page: Any, text: str) -> WriteOnlyCell:
    try:
        return WriteOnlyCell(page, dt.date.fromisoformat(text))
    except ValueError:
        return _open_or_text(page, text)


def _width(column: Column) -> int:
    return 60 if column.field in _WIDE else 14 if column.field in _NARROW else 26
