"""Turns a foreign file into the template's sheets, as a mapping says; problems keep the place in the foreign file."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.partial_dates import PartialDate, UnreadableDateError
from csam.workbook.mapping import Mapping, TableMapping
from csam.workbook.problems import Problem, UnreadableError, comparable
from csam.workbook.raw import RawBook
from csam.workbook.sources import EACH, POSITION, SourceRow, SourceTable, pieces, read_source
from csam.workbook.tables import Row, Table, Workbook
from csam.workbook.template import PLAN, SHEETS, sheet_named
from csam.workbook.values import SEPARATOR, as_text, split

#: A number in front of a title, « 3. Title » or « 1.2 – Title »; « 1-2 » is a code and stays whole.
_NUMBERING = re.compile(r"^\s*(?:\d+(?:\.\d+)*\s*[.)°:–-]+|[A-Za-z]\))(?:\s+|(?=[^\W\d]))")
_SPACED_NUMBERING = re.compile(r"^\s*\d+(?:\.\d+)*\s*[.)°:–-]+\s+")
_EXCEL_EPOCH = dt.date(1899, 12, 30)
SLUG_LENGTH = 80


def mapped_workbook(book: RawBook, mapping: Mapping) -> Workbook:
    workbook = Workbook([], notices=list(book.notices))
    sources = {
        name: read_source(book, source) for name, source in mapping.sources.items() if _is_read(name, mapping)
    }
    if mapping.plan:
        workbook.tables.append(_plan_table(mapping, workbook))
    maker = _Maker(workbook, sources)
    for table in mapping.tables:
        maker.add(table)
    for source in sources.values():
        workbook.problems += source.problems.values()
        if unused := list(source.unused()):
            workbook.notices.append(
                Problem(
                    _("Colonnes du fichier non reprises : %(columns)s.")
                    % {"columns": ", ".join(dict.fromkeys(unused))},
                    source.title,
                )
            )
    workbook.tables.sort(key=lambda t: SHEETS.index(t.sheet))
    return workbook


def _is_read(name: str, mapping: Mapping) -> bool:
    return any(table.source == name for table in mapping.tables)


def _plan_table(mapping: Mapping, workbook: Workbook) -> Table:
    table = Table(PLAN, "plan", {}, [], is_mapped=True)
    cells: dict[str, Any] = {}
    for heading, value in mapping.plan.items():
        column = PLAN.column_for_heading(heading)
        if column is None:
            workbook.problems.append(
                Problem(
                    _("« %(heading)s » n'est pas une colonne de la feuille « plan ».") % {"heading": heading},
                    "[plan]",
                )
            )
            continue
        table.headings[column.field] = heading
        cells[column.field] = value
    table.rows.append(Row(0, cells))
    return table


@dataclass
class _Made:
    """A row in the making: its cells, where each came from, and what goes into its long text besides."""

    row: Row
    before: dict[str, list[str]] = field(default_factory=dict)
    after: list[str] = field(default_factory=list)


class _Maker:
    def __init__(self, workbook: Workbook, sources: dict[str, SourceTable]) -> None:
        self.workbook, self.sources = workbook, sources
        #: Sheet and source row to the key made for it, for « key_of ».
        self.keys: dict[tuple[str, str, int], str] = {}
        self.slugs: dict[str, set[str]] = {}
        self.levels: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], int]] = {}
        self.seen: dict[str, set[tuple[str, ...]]] = {}

    def add(self, mapping: TableMapping) -> None:
        source = self.sources[mapping.source]
        table = self._table(mapping, source)
        seen = self.seen.setdefault(f"{mapping.sheet.name} {mapping.distinct}", set())
        for origin in source.rows:
            if not self._applies(source, origin, mapping, table):
                continue
            for row in pieces(source, origin, mapping.each):
                made = self._row(mapping, source, row, table)
                if mapping.distinct:
                    key = tuple(comparable(str(made.row.cells.get(name))) for name in mapping.distinct)
                    if key in seen:
                        continue
                    seen.add(key)
                table.rows.append(made.row)

    def _applies(self, source: SourceTable, row: SourceRow, mapping: TableMapping, table: Table) -> bool:
        try:
            return source.matches(row, mapping.when)
        except UnreadableError as error:
            self.workbook.problems.append(Problem(str(error), table.title, row.number))
            return False

    def _table(self, mapping: TableMapping, source: SourceTable) -> Table:
        table = self.workbook.table(mapping.sheet.name)
        if table is None:
            table = Table(mapping.sheet, f"{source.title} → {mapping.sheet.fr}", {}, [], is_mapped=True)
            self.workbook.tables.append(table)
        for name, spec in mapping.columns.items():
            table.headings.setdefault(name, mapping.sheet.column(name).fr)
            if spec.get("on_too_long") == "move":
                overflow = mapping.sheet.column(name).overflow
                table.headings.setdefault(overflow, mapping.sheet.column(overflow).fr)
            if spec.get("date") == "move":
                table.headings.setdefault("description_fr", "description")
        return table

    def _row(self, mapping: TableMapping, source: SourceTable, row: SourceRow, table: Table) -> _Made:
        made = _Made(Row(row.number, {}))
        for name, spec in mapping.columns.items():
            heading = _heading(spec, row)
            if heading:
                made.row.headings[name] = heading
            try:
                made.row.cells[name] = self._cell(mapping, source, row, name, spec, made)
            except UnreadableError as error:
                self.workbook.problems.append(table.problem(str(error), made.row, name))
        for name, texts in made.before.items():
            made.row.cells[name] = "\n\n".join([*texts, *filter(None, [as_text(made.row.cells.get(name))])])
        if made.after:
            made.row.cells["description_fr"] = "\n\n".join(
                filter(None, [as_text(made.row.cells.get("description_fr")), *made.after])
            )
        if "slug" in mapping.sheet.key:
            self.keys[mapping.sheet.name, row.sheet, row.number] = made.row.cells.get("slug", "")
        return made

    def _cell(
        self,
        mapping: TableMapping,
        source: SourceTable,
        row: SourceRow,
        name: str,
        spec: dict[str, Any],
        made: _Made,
    ) -> Any:
        value = self._given(mapping, source, row, spec)
        if {"match", "strip_number", "map", "split", "default", "on_too_long"} & set(spec):
            value = _changed(as_text(value), spec)
        if "date" in spec or "serial" in spec:
            value = self._date(value, spec, made, _heading(spec, row), mapping)
        if spec.get("on_too_long") == "move":
            value = _shortened(value, mapping, name, made)
        return value

    def _given(self, mapping: TableMapping, source: SourceTable, row: SourceRow, spec: dict[str, Any]) -> Any:
        if "column" in spec:
            return source.get(row, spec["column"])
        if "value" in spec:
            return spec["value"]
        if "join" in spec:
            return _joined(source, row, spec)
        if "slug" in spec:
            return self._slug(mapping, source, row, spec)
        if "key_of" in spec:
            return self._key_of(row, spec["key_of"])
        if "hierarchy" in spec:
            return self._hierarchy(mapping.source, source, row, tuple(spec["hierarchy"]))
        ranks = spec["by_position"]
        return ranks[min(int(row.cells.get(POSITION, 1)), len(ranks)) - 1]

    def _slug(self, mapping: TableMapping, source: SourceTable, row: SourceRow, spec: dict[str, Any]) -> str:
        """Made of the text: the same text gives the same key. Where rows are not merged, equal keys get a number."""
        names = [spec["slug"]] if isinstance(spec["slug"], str) else spec["slug"]
        texts = (_SPACED_NUMBERING.sub("", source.text(row, name)) for name in names)
        text = slugify(" ".join([spec.get("prefix", ""), *texts]))
        slug = _cut(text, SLUG_LENGTH)
        if mapping.distinct or mapping.each or mapping.sheet.key != ("slug",):
            return slug
        taken, rank, unique = self.slugs.setdefault(mapping.sheet.name, set()), 1, slug
        while unique in taken:
            rank += 1
            unique = f"{_cut(slug, SLUG_LENGTH - 4)}-{rank}"
        taken.add(unique)
        return unique

    def _key_of(self, row: SourceRow, sheet: str) -> str:
        target = sheet_named(sheet)
        found = self.keys.get((target.name if target else sheet, row.sheet, row.number))
        if found is None:
            raise UnreadableError(
                _("Cette ligne n'a rien donné dans la feuille « %(sheet)s ».") % {"sheet": sheet}
            )
        return found

    def _hierarchy(self, name: str, source: SourceTable, row: SourceRow, columns: tuple[str, ...]) -> str:
        """« 2.1 »: the rank of each level among the values seen, in the order of the file."""
        ranks = []
        for depth in range(1, len(columns) + 1):
            levels = self._levels(name, source, columns[:depth])
            path = tuple(comparable(source.text(row, column)) for column in columns[:depth])
            if path not in levels:
                return ""
            ranks.append(str(levels[path]))
        return ".".join(ranks)

    def _levels(self, name: str, source: SourceTable, columns: tuple[str, ...]) -> dict[tuple[str, ...], int]:
        if (name, columns) not in self.levels:
            levels: dict[tuple[str, ...], int] = {}
            siblings: dict[tuple[str, ...], int] = {}
            for row in source.rows:
                path = tuple(comparable(source.text(row, column)) for column in columns)
                if all(path) and path not in levels:
                    siblings[path[:-1]] = siblings.get(path[:-1], 0) + 1
                    levels[path] = siblings[path[:-1]]
            self.levels[name, columns] = levels
        return self.levels[name, columns]

    def _date(
        self, value: Any, spec: dict[str, Any], made: _Made, heading: str, mapping: TableMapping
    ) -> Any:
        if isinstance(value, PartialDate | dt.date) or value in (None, ""):
            return value
        text = as_text(value)
        if spec.get("serial") and re.fullmatch(r"[34]\d{4}", text):
            return PartialDate(_EXCEL_EPOCH + dt.timedelta(days=int(text)))
        try:
            return PartialDate.parse(text)
        except UnreadableDateError as error:
            if spec.get("date", "refuse") == "refuse":
                raise UnreadableError(str(error)) from error
        if spec["date"] == "move":
            made.after.append(f"{heading} : {text}")
            message = _("« %(text)s » n'est pas une date : le texte passe à la fin de la description.")
        else:
            message = _("« %(text)s » n'est pas une date : la cellule reste vide.")
        self.workbook.notices.append(
            Problem(message % {"text": _cut_text(text, 80)}, mapping.sheet.fr, made.row.number, heading)
        )
        return None


def _heading(spec: dict[str, Any], row: SourceRow) -> str:
    given = spec.get("column") or spec.get("slug") or spec.get("join") or spec.get("hierarchy") or ""
    name = given if isinstance(given, str) else ", ".join(given)
    return str(row.cells.get("@column", name)) if name == EACH else name


def _joined(source: SourceTable, row: SourceRow, spec: dict[str, Any]) -> str:
    parts: list[str] = []
    for name in spec["join"]:
        if text := source.text(row, name):
            parts.append(f"{name.strip()} : {text}" if spec.get("with_headings") and parts else text)
    return str(spec.get("separator", "\n\n")).join(parts)


def _changed(text: str, spec: dict[str, Any]) -> str:
    if "match" in spec:
        found = re.search(spec["match"], text)
        text = found.expand(spec.get("write", r"\g<0>")) if found else ""
    if spec.get("strip_number"):
        text = _plain(text)
    if "map" in spec:
        by_folded = {comparable(old): new for old, new in spec["map"].items()}
        text = by_folded.get(comparable(text), text)
    if "split" in spec:
        text = f"{SEPARATOR} ".join(split(text, spec["split"]))
    return text or str(spec.get("default", ""))


def _plain(text: str) -> str:
    """Without the number in front: « 3. Title » is « Title »; on one line."""
    return " ".join(_NUMBERING.sub("", text).split())


def _shortened(text: str, mapping: TableMapping, name: str, made: _Made) -> str:
    """A text within the limit of its field; the whole then stands at the head of the long text beside it."""
    limit = getattr(mapping.sheet.model._meta.get_field(name), "max_length", None)
    text = " ".join(text.split())
    if not limit or len(text) <= limit:
        return text
    made.before.setdefault(mapping.sheet.column(name).overflow, []).append(text)
    return _cut_text(text, limit)


def _cut_text(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    if not text[limit - 1].isspace() and " " in cut:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:.–-(«") + "…"


def _cut(slug: str, limit: int) -> str:
    if len(slug) <= limit:
        return slug
    cut = slug[: limit + 1]
    return (cut[: cut.rindex("-")] if "-" in cut else slug[:limit]).strip("-")
