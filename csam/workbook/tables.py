"""A file as the template understands it: sheets, rows numbered as the person sees them, cells not yet read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from csam.workbook.problems import Problem
from csam.workbook.template import Sheet


@dataclass
class Row:
    number: int
    cells: dict[str, Any]
    #: Where a cell was taken from, when that is not the heading of its column (a mapped file).
    headings: dict[str, str] = field(default_factory=dict)


@dataclass
class Table:
    sheet: Sheet
    title: str
    #: Field to heading, as the file has it; a column that the file lacks is not there.
    headings: dict[str, str]
    rows: list[Row]
    #: Whether the columns were chosen in a mapping: what is absent then was left out on purpose.
    is_mapped: bool = False

    def problem(self, message: str, row: Row | None = None, column: str = "") -> Problem:
        heading = (row.headings.get(column) if row else None) or self.headings.get(column)
        if heading is None:
            # A column that the file lacks is called as the template calls it.
            heading = next((c.heading() for c in self.sheet.columns if c.field == column), column)
        return Problem(message, self.title, row.number if row else None, heading)


@dataclass
class Workbook:
    tables: list[Table]
    notices: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def table(self, name: str) -> Table | None:
        return next((t for t in self.tables if t.sheet.name == name), None)
