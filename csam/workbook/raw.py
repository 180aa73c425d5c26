"""What the readers hand over: sheets of rows of cells, before anything is known of headings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from csam.workbook.problems import Problem

MAX_BYTES = 25 * 1024 * 1024
MAX_UNPACKED = 300 * 1024 * 1024
#: Of « < » in the XML of a workbook: about four for a cell, so that a full sheet of fifty columns is taken.
MAX_MARKS = 8_000_000
MAX_FILES = 2_000
MAX_ROWS = 60_000
MAX_COLUMNS = 300
#: Signs of a text whose field sets no limit: some forty pages. A page of the site shows the whole of it.
MAX_TEXT = 100_000


@dataclass
class RawRow:
    number: int
    cells: list[Any]

    @property
    def is_empty(self) -> bool:
        return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in self.cells)


@dataclass
class RawSheet:
    title: str
    rows: list[RawRow]
    #: Ranges of merged cells: first and last row, first and last column, from 1.
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    is_hidden: bool = False
    notices: list[str] = field(default_factory=list)


@dataclass
class RawBook:
    sheets: list[RawSheet]
    notices: list[Problem] = field(default_factory=list)
