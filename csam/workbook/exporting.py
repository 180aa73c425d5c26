"""Writes a plan as a workbook or as a folder of CSV files, which read back as they were."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import Workbook as XlsxBook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from core.spreadsheets import neutralised
from csam.workbook.keys import Keys
from csam.workbook.problems import Problem, RefusedError
from csam.workbook.reading import README_TITLES
from csam.workbook.sheet_stores import store_for
from csam.workbook.template import SHEETS, TEMPLATE_SHEETS, Column, Sheet
from csam.workbook.values import Choice, Choices, Flag, Integer
from plans.models import Plan
from projects.models import Project

#: What a cell of a spreadsheet can hold.
LONGEST_CELL = 32_767
HEADER_FILL = PatternFill("solid", fgColor="EFE7D8")
WRAP = Alignment(vertical="top", wrap_text=True)
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class Page:
    sheet: Sheet
    headings: list[str]
    rows: list[list[Any]]

    def title(self, language: str) -> str:
        return self.sheet.title(language)


def pages(plan: Plan | None, *, language: str) -> list[Page]:
    """Every sheet of the template with the plan's rows, in a fixed number of queries; without a plan, no rows."""
    keys = Keys()
    archived = (
        set(Project.objects.exclude(archived_at=None).values_list("slug", flat=True)) if plan else set()
    )
    found = []
    for sheet in SHEETS:
        store = store_for(sheet, keys=keys, plan=plan)
        records = [stored.record for stored in store.load().values()] if plan else []
        if not sheet.in_template:
            continue
        if sheet.name == "plan" and plan:
            records = [r for r in records if r["slug"] == plan.slug]
        records = [r for r in records if not _is_of(sheet, r, archived)]
        rows = [[_cell(store, column, record, language) for column in sheet.columns] for record in records]
        found.append(Page(sheet, [column.heading(language) for column in sheet.columns], rows))
    return found


def export(plan: Plan | None, path: Path, *, language: str = "fr") -> None:
    """Writes the plan (or the empty template) to ``path``: .xlsx, .zip of CSV, or a folder of CSV."""
    if path.suffix.lower() in (".xlsx", ".zip"):
        made = (
            xlsx(plan, language=language)
            if path.suffix.lower() == ".xlsx"
            else csv_zip(plan, language=language)
        )
        _write_whole(path, made)
        return
    if path.suffix:
        raise RefusedError([_("Écrivez un nom qui finit par .xlsx ou .zip, ou celui d'un dossier.")])
    path.mkdir(parents=True, exist_ok=True)
    for name, content in csv_files(plan, language=language):
        _write_whole(path / name, content)


def csv_files(plan: Plan | None, *, language: str) -> Iterator[tuple[str, bytes]]:
    for page in pages(plan, language=language):
        out = io.StringIO(newline="")
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerow(page.headings)
        writer.writerows([neutralised(c) if isinstance(c, str) else c for c in row] for row in page.rows)
        yield f"{page.title(language)}.csv", out.getvalue().encode("utf-8-sig")


def csv_zip(plan: Plan | None, *, language: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in csv_files(plan, language=language):
            archive.writestr(name, content)
    return out.getvalue()


def xlsx(plan: Plan | None, *, language: str) -> bytes:
    found = pages(plan, language=language)
    # Looked for first: a book half written cannot be put away tidily.
    if problems := [problem for page in found for problem in _too_long(page, language)]:
        raise RefusedError(problems)
    book = XlsxBook(write_only=True)
    with override(language):
        _write_readme(book, language)
    for page in found:
        _write_page(book, page, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _is_of(sheet: Sheet, record: dict[str, Any], slugs: set[str]) -> bool:
    return bool(slugs) and record.get({"projects": "slug"}.get(sheet.name, "project"), "") in slugs


def _cell(store: Any, column: Column, record: dict[str, Any], language: str) -> Any:
    value = record[column.field]
    return (
        value
        if isinstance(column.kind, Integer) and value is not None
        else store.display(column.field, value, language)
    )


def _write_page(book: XlsxBook, page: Page, language: str) -> None:
    sheet = book.create_sheet(page.title(language))
    sheet.freeze_panes = "B2"
    for index, column in enumerate(page.sheet.columns, start=1):
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = _width(column)
        if options := _options(column, language):
            rule = DataValidation(type="list", formula1=f'"{",".join(options)}"', allow_blank=True)
            rule.add(f"{letter}2:{letter}{max(500, len(page.rows) + 100)}")
            sheet.data_validations.append(rule)
    sheet.append([heading_cell(sheet, text) for text in page.headings])
    for row in page.rows:
        sheet.append([_value(sheet, value) for value in row])
    if page.rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(page.headings))}{len(page.rows) + 1}"


def heading_cell(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, text)
    cell.font, cell.fill, cell.alignment = Font(bold=True), HEADER_FILL, WRAP
    return cell


def _value(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value if not isinstance(value, str) else None
    cell = text_cell(sheet, value)
    cell.alignment = WRAP
    return cell


def _too_long(page: Page, language: str) -> Iterator[Problem]:
    for number, row in enumerate(page.rows, start=2):
        for heading, value in zip(page.headings, row, strict=True):
            if isinstance(value, str) and len(_as_written(value)) > LONGEST_CELL:
                message = _(
                    "Le texte compte %(count)d caractères : une cellule en contient au plus %(limit)d. "
                    "Exportez plutôt un dossier CSV."
                ) % {"count": len(value), "limit": LONGEST_CELL}
                yield Problem(message, page.title(language), number, heading)


def text_cell(sheet: Any, text: str) -> WriteOnlyCell:
    """A text cell that stays text: never a formula, a number, a date or an error value."""
    cell = WriteOnlyCell(sheet, "")
    cell._value, cell.data_type = _as_written(text), "s"
    cell.number_format = "@"
    cell.quotePrefix = neutralised(text) != text
    return cell


def _as_written(text: str) -> str:
    # What already looks neutralised gets one more apostrophe, which reading takes away.
    return _LOOKS_ESCAPED.sub("_x005F_", neutralised(text) if text.startswith("'") else text)


def _width(column: Column) -> int:
    if isinstance(column.kind, Integer | Flag):
        return 12
    long = column.field.startswith(
        (
            "description",
            "summary",
            "text",
            "problem",
            "introduction",
            "vision",
            "systemic",
            "limits",
            "implementation",
        )
    )
    return 60 if long else 40 if column.field.startswith(("title", "label", "name")) else 22


def _options(column: Column, language: str) -> Sequence[str]:
    if isinstance(column.kind, Flag):
        return [column.kind.format(value, language) for value in (True, False)]
    if isinstance(column.kind, Choice):
        return column.kind.labels(language)
    return []


def _write_readme(book: XlsxBook, language: str) -> None:
    sheet = book.create_sheet(README_TITLES[language == "en"])
    for letter, width in zip("ABCD", (20, 30, 14, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    title = WriteOnlyCell(sheet, _("Le plan d'action intégré : modèle d'importation"))
    title.font = Font(bold=True, size=14)
    sheet.append([title])
    sheet.append(
        [
            _(
                "Une feuille par sorte d'entrée, une ligne par entrée. Une ligne absente du fichier n'est "
                "jamais supprimée du portail."
            )
        ]
    )
    sheet.append(
        [
            _(
                "Les formules ne sont pas calculées : collez des valeurs. Vérifiez l'aperçu avant de "
                "confirmer l'importation."
            )
        ]
    )
    sheet.append([])
    sheet.append(
        [
            heading_cell(sheet, text)
            for text in (_("Feuille"), _("Colonne"), _("Obligatoire"), _("Ce qu'on y écrit"))
        ]
    )
    for part in TEMPLATE_SHEETS:
        sheet.append([part.title(language), "", "", str(part.help)])
        for column in part.columns:
            help_text = " ".join(filter(None, (str(column.help), _choices_help(column, language))))
            sheet.append(["", column.heading(language), _("oui") if column.required else "", help_text])


def _choices_help(column: Column, language: str) -> str:
    if isinstance(column.kind, Choice | Choices):
        return _("Choix : %(options)s.") % {"options": ", ".join(column.kind.labels(language))}
    return _("oui ou non.") if isinstance(column.kind, Flag) and not column.help else ""


def _write_whole(path: Path, content: bytes) -> None:
    """The file appears whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
