"""The preview of an import, as its page and its report print it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.spreadsheets import neutralised
from csam.workbook.plan_changes import FieldChange, PlanChanges, SheetChanges

#: Rows of each kind that the page shows per sheet; the report has them all.
SHOWN = 100


@dataclass(frozen=True)
class PreviewRow:
    number: int
    label: str
    fields: list[FieldChange]


@dataclass(frozen=True)
class PreviewSheet:
    title: str
    created_count: int
    changed_count: int
    unchanged_count: int
    created: list[PreviewRow]
    changed: list[PreviewRow]
    unchanged: list[str]
    hidden: int

    @property
    def is_open(self) -> bool:
        return bool(self.created_count or self.changed_count)


def preview_sheets(changes: PlanChanges, *, language: str) -> list[PreviewSheet]:
    return [_preview_sheet(sheet, language) for sheet in changes.sheets]


def report(changes: PlanChanges, *, language: str) -> str:
    """Every change, a line per field, as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(
        [_("feuille"), _("ligne"), _("entrée"), _("action"), _("colonne"), _("avant"), _("après")]
    )
    for line in _report_lines(changes, language):
        writer.writerow([neutralised(cell) for cell in line])
    return "\ufeff" + out.getvalue()


def _report_lines(changes: PlanChanges, language: str) -> Iterator[list[str]]:
    for sheet in changes.sheets:
        for action, rows in ((_("créée"), sheet.created), (_("modifiée"), sheet.changed)):
            for row in rows:
                for change in sheet.details(row, language):
                    yield [
                        sheet.title,
                        str(row.row),
                        row.label,
                        action,
                        change.heading,
                        change.old,
                        change.new,
                    ]
        for label in sheet.unchanged:
            yield [sheet.title, "", label, _("inchangée"), "", "", ""]


def _preview_sheet(sheet: SheetChanges, language: str) -> PreviewSheet:
    shown = [
        [PreviewRow(r.row, r.label, list(sheet.details(r, language))) for r in rows[:SHOWN]]
        for rows in (sheet.created, sheet.changed)
    ]
    counts = (len(sheet.created), len(sheet.changed), len(sheet.unchanged))
    return PreviewSheet(
        sheet.title,
        *counts,
        created=shown[0],
        changed=shown[1],
        unchanged=sheet.unchanged[:SHOWN],
        hidden=sum(max(0, count - SHOWN) for count in counts),
    )
