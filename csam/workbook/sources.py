"""The rows of a foreign table, with their headings understood, gaps filled and levels carried down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import column_index_from_string

from csam.workbook.mapping import Each, Source
from csam.workbook.problems import Problem, RefusedError, comparable, suggestion
from csam.workbook.raw import MAX_COLUMNS, RawBook, RawRow, RawSheet
from csam.workbook.values import Formula, as_text

EACH, POSITION, SHEET, ROW = "@each", "@position", "@sheet", "@row"
_LETTER = re.compile("@([A-Z]{1,3})")


@dataclass
class SourceRow:
    sheet: str
    number: int
    #: Index of the column, or a virtual name (carried, @each…), to the cell.
    cells: dict[int | str, Any]


@dataclass
class SourceTable:
    """All rows of a source; columns are named by heading, « heading#2 » for the second of that name, or « @C »."""

    headings: list[str]
    rows: list[SourceRow]
    virtual: set[str] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    problems: dict[str, Problem] = field(default_factory=dict)
    title: str = ""

    def place(self, name: str) -> int | str | None:
        """The column of that name; a name that is not there is told once."""
        if name in self.virtual or name in (EACH, POSITION, SHEET, ROW):
            return name
        if letter := _LETTER.fullmatch(name):
            index = column_index_from_string(letter[1]) - 1
            self.used.add(index)
            return index
        wanted, _hash, rank = name.partition("#")
        found = [i for i, heading in enumerate(self.headings) if comparable(wanted) in _names(heading)]
        if rank.isdigit() and 1 <= int(rank) <= len(found):
            found = [found[int(rank) - 1]]
        if len(found) == 1:
            self.used.add(found[0])
            return found[0]
        message = (
            _("Plusieurs colonnes portent ce titre. Écrivez « %(name)s#1 » pour la première.")
            % {"name": wanted}
            if found
            else _("Cette colonne n'est pas dans le fichier.%(near)s")
            % {"near": suggestion(wanted, filter(None, self.headings))}
        )
        self.problems.setdefault(name, Problem(message, self.title, None, name))
        return None

    def get(self, row: SourceRow, name: str) -> Any:
        place = self.place(name)
        return None if place is None else row.cells.get(place)

    def text(self, row: SourceRow, name: str) -> str:
        return as_text(self.get(row, name))

    def matches(self, row: SourceRow, when: dict[str, Any]) -> bool:
        """Every column of ``when`` has (one of) its values: a text, « * » for any, « » for none, « /regex/ »."""
        return all(_is_one_of(self.text(row, name), wanted) for name, wanted in when.items())

    def unused(self) -> Iterator[str]:
        """Headings of columns with content that no one asked for."""
        filled = {index for row in self.rows for index, cell in row.cells.items() if cell not in (None, "")}
        for index, heading in enumerate(self.headings):
            if heading and index in filled and index not in self.used:
                yield heading


def read_source(book: RawBook, source: Source) -> SourceTable:
    sheets = _sheets(book, source)
    headings = _headings(sheets[0], source)
    table = SourceTable(headings, [], virtual={c.name for c in source.carry}, title=sheets[0].title)
    first = source.first_row or max(source.header_rows) + 1
    for sheet in sheets:
        if [comparable(h) for h in _headings(sheet, source)] != [comparable(h) for h in headings]:
            raise RefusedError(
                [
                    Problem(
                        _("Les titres de colonnes ne sont pas ceux de « %(other)s ».")
                        % {"other": sheets[0].title},
                        sheet.title,
                    )
                ]
            )
        covered = _merged_values(sheet)
        for row in sheet.rows:
            if (
                row.number < first
                or (source.last_row and row.number > source.last_row)
                or row.number in source.skip_rows
            ):
                continue
            cells: dict[int | str, Any] = dict(enumerate(row.cells))
            cells |= {
                index: value
                for index, value in covered.get(row.number, {}).items()
                if cells.get(index) in (None, "")
            }
            if all(cell is None or cell == "" for cell in cells.values()):
                continue
            table.rows.append(
                SourceRow(sheet.title, row.number, cells | {SHEET: sheet.title, ROW: row.number})
            )
    _prepare(table, source)
    return table


def _prepare(table: SourceTable, source: Source) -> None:
    last: dict[str, Any] = {}
    carried: dict[str, Any] = {}
    kept = []
    for row in table.rows:
        for name in source.fill_down:
            place = table.place(name)
            if place is None:
                continue
            if row.cells.get(place) in (None, ""):
                row.cells[place] = last.get(name)
            else:
                # A new value of an outer level ends the values of the levels inside it.
                changed = row.cells[place] != last.get(name)
                last[name] = row.cells[place]
                if changed:
                    inner = source.fill_down[source.fill_down.index(name) + 1 :]
                    last |= dict.fromkeys(inner)
        for name, value in source.defaults.items():
            place = table.place(name)
            if place is not None and row.cells.get(place) in (None, ""):
                row.cells[place] = value
        for carry in source.carry:
            if table.matches(row, carry.when) and table.text(row, carry.column):
                carried[carry.name] = table.text(row, carry.column)
                carried |= dict.fromkeys(carry.resets)
        row.cells.update(carried)
        if not (source.skip_when and table.matches(row, source.skip_when)):
            kept.append(row)
    table.rows = kept
    table.used |= {place for name in source.ignore if isinstance(place := table.place(name), int)}


def pieces(table: SourceTable, row: SourceRow, each: Each | None) -> Iterator[SourceRow]:
    """The row itself, or one row per piece of the cells named, without repeats."""
    if each is None:
        yield row
        return
    seen: list[str] = []
    for name in each.columns:
        for piece in _split(table.text(row, name), each.separators):
            if comparable(piece) in each.ignore or comparable(piece) in map(comparable, seen):
                continue
            seen.append(piece)
            yield SourceRow(
                row.sheet, row.number, row.cells | {EACH: piece, POSITION: len(seen), "@column": name}
            )


def _split(text: str, separators: Iterable[str]) -> list[str]:
    pattern = "|".join(re.escape(s) for s in separators)
    return [" ".join(piece.split()) for piece in re.split(pattern, text) if piece.strip()]


def _sheets(book: RawBook, source: Source) -> list[RawSheet]:
    visible = [sheet for sheet in book.sheets if not sheet.is_hidden and sheet.rows]
    if not visible:
        raise RefusedError([_("Le fichier ne contient aucune feuille visible et remplie.")])
    if not source.sheets:
        if len(visible) > 1:
            names = ", ".join(sheet.title for sheet in visible)
            raise RefusedError(
                [
                    _(
                        "Le fichier a plusieurs feuilles. Écrivez laquelle lire dans [source], sheet = … : "
                        "%(names)s."
                    )
                    % {"names": names}
                ]
            )
        return visible
    if source.sheets == ("*",):
        return visible
    by_name = {comparable(sheet.title): sheet for sheet in book.sheets}
    missing = [name for name in source.sheets if comparable(name) not in by_name]
    if missing:
        raise RefusedError(
            [
                _("La feuille « %(name)s » n'est pas dans le fichier.%(near)s")
                % {"name": name, "near": suggestion(name, [s.title for s in book.sheets])}
                for name in missing
            ]
        )
    return [by_name[comparable(name)] for name in source.sheets]


def _headings(sheet: RawSheet, source: Source) -> list[str]:
    """One heading per column; of several rows, the upper ones name groups that reach to the right."""
    rows = {row.number: row for row in sheet.rows}
    missing = [number for number in source.header_rows if number not in rows]
    if missing:
        raise RefusedError(
            [Problem(_("La ligne de titres %(row)d est vide.") % {"row": missing[0]}, sheet.title)]
        )
    width = max(len(rows[number].cells) for number in source.header_rows)
    parts: list[list[str]] = [[] for _column in range(width)]
    for rank, number in enumerate(source.header_rows):
        group = ""
        for index, text in enumerate(_texts(rows[number], width)):
            is_last = rank == len(source.header_rows) - 1
            group = text or group
            if shown := (text if is_last else group):
                parts[index].append(shown)
    return [" / ".join(dict.fromkeys(part)) for part in parts]


def _texts(row: RawRow, width: int) -> list[str]:
    cells = [*row.cells, *[None] * (width - len(row.cells))]
    return ["" if c is None or isinstance(c, Formula) else " ".join(str(c).split()) for c in cells]


def _names(heading: str) -> set[str]:
    return {comparable(heading), comparable(heading.rpartition(" / ")[2])}


def _merged_values(sheet: RawSheet) -> dict[int, dict[int, Any]]:
    """What the cells that a merged cell covers show: the value of its first."""
    rows = {row.number: row.cells for row in sheet.rows}
    covered: dict[int, dict[int, Any]] = {}
    for first_row, last_row, first_column, last_column in sheet.merged:
        cells = rows.get(first_row, [])
        value = cells[first_column - 1] if first_column <= len(cells) else None
        for number in range(first_row, min(last_row, first_row + 10_000) + 1):
            columns = range(first_column - 1, min(last_column, MAX_COLUMNS))
            covered.setdefault(number, {}).update(dict.fromkeys(columns, value))
    return covered


def _is_one_of(text: str, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_is_one_of(text, option) for option in wanted)
    option = str(wanted)
    if option == "*":
        return bool(text)
    if len(option) > 2 and option.startswith("/") and option.endswith("/"):
        return re.search(option[1:-1], text) is not None
    return comparable(text) == comparable(option)
