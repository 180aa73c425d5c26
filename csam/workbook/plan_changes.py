"""What importing a workbook would create, change and leave alone; nothing is written here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from csam.workbook.checking import RowChecker
from csam.workbook.keys import Keys
from csam.workbook.problems import Problem, RefusedError, UnreadableError
from csam.workbook.sheet_stores import store_for
from csam.workbook.stores import Key, Store, Stored
from csam.workbook.tables import Row, Table, Workbook
from csam.workbook.template import PLAN, SHEETS, Column, Record, Sheet, sheet_named
from csam.workbook.values import Reference, References, as_text
from plans.models import Plan


@dataclass(frozen=True)
class FieldChange:
    heading: str
    old: str
    new: str


@dataclass
class RowChange:
    row: int
    key: Key
    label: str
    record: Record
    #: The fields to write.
    fields: list[str]
    old: Record | None = None
    stored: Stored | None = None


@dataclass
class SheetChanges:
    sheet: Sheet
    title: str
    store: Store
    created: list[RowChange] = field(default_factory=list)
    changed: list[RowChange] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)

    def details(self, change: RowChange, language: str = "fr") -> Iterator[FieldChange]:
        """Field by field, the old text and the new."""
        for name in change.fields:
            old = self.store.display(name, change.old[name], language) if change.old else ""
            new = self.store.display(name, change.record[name], language)
            if old != new:
                yield FieldChange(self.sheet.column(name).heading(language), old, new)


@dataclass
class PlanChanges:
    plan_slug: str
    keys: Keys
    sheets: list[SheetChanges] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def created(self) -> int:
        return sum(len(s.created) for s in self.sheets)

    @property
    def changed(self) -> int:
        return sum(len(s.changed) for s in self.sheets)

    @property
    def unchanged(self) -> int:
        return sum(len(s.unchanged) for s in self.sheets)

    @property
    def digest(self) -> str:
        """The same for the same changes to the same rows: what was previewed is what is applied."""
        seen = hashlib.sha256(self.plan_slug.encode())
        for sheet in self.sheets:
            for change in (*sheet.created, *sheet.changed):
                old = {name: change.old[name] for name in change.fields} if change.old else None
                new = {name: change.record[name] for name in change.fields}
                seen.update(repr((sheet.sheet.name, change.key, old, new)).encode())
        return seen.hexdigest()


def compare(workbook: Workbook, *, plan_slug: str = "", as_demonstration: bool = False) -> PlanChanges:
    """Compares a workbook with the database; problems are gathered, never raised, but for a missing plan.

    ``plan_slug`` is needed when the workbook has no sheet for the plan. With ``as_demonstration`` each entry that can
    carry the flag does, and an entry of the database without it is never touched.
    """
    slug = _plan_slug(workbook, plan_slug)
    changes = PlanChanges(slug, Keys(), notices=list(workbook.notices), problems=list(workbook.problems))
    plan = Plan.objects.filter(slug=slug).first()
    for sheet in SHEETS:
        store = store_for(sheet, keys=changes.keys, plan=plan)
        # Always loaded: rows of later sheets may name its rows.
        current = store.load()
        if table := workbook.table(sheet.name):
            changes.sheets.append(_compare_table(table, store, current, changes.problems, as_demonstration))
            changes.notices += _absent_columns(table)
    changes.problems.sort(key=_by_place(workbook))
    return changes


def _compare_table(
    table: Table, store: Store, current: dict[Key, Stored], problems: list[Problem], as_demonstration: bool
) -> SheetChanges:
    result = SheetChanges(table.sheet, table.title, store)
    checker = RowChecker(table, store, current, as_demonstration=as_demonstration)
    missing = [
        c
        for c in table.sheet.columns
        if c.field in table.sheet.key and c.required and c.field not in table.headings
    ]
    if missing:
        problems += [
            table.problem(
                _("La colonne « %(heading)s » manque : elle repère les lignes. Ajoutez-la.")
                % {"heading": c.heading()}
            )
            for c in missing
        ]
        return result
    for row in table.rows:
        before = len(problems)
        record = _read_row(table, store, row, problems)
        if as_demonstration and "is_demonstration" in (c.field for c in table.sheet.columns):
            record["is_demonstration"] = True
        if any(record.get(name) is None or record.get(name) == "" for name in _required_key(table.sheet)):
            if len(problems) == before:
                problems += checker.empty_key(row, record)
            continue
        key = store.key_of(record | _key_defaults(store, record))
        stored = current.get(key)
        if stored is None:
            store.register(key, record)
        full, fields = _merge(store, record, stored)
        problems += checker.check(row, key, record, full, fields, stored)
        change = RowChange(
            row.number, key, store.label_of(full), full, fields, stored.record if stored else None, stored
        )
        if stored is None:
            result.created.append(change)
        elif fields:
            result.changed.append(change)
        else:
            result.unchanged.append(change.label)
    problems += checker.check_all()
    return result


def _required_key(sheet: Sheet) -> list[str]:
    return [name for name in sheet.key if sheet.column(name).required]


def _key_defaults(store: Store, record: Record) -> Record:
    return {name: store.default(name) for name in store.sheet.key if name not in record}


def _merge(store: Store, record: Record, stored: Stored | None) -> tuple[Record, list[str]]:
    """The whole record, and the fields to write: all that the file gives a new row, else those that differ."""
    if stored is None:
        full = {
            c.field: record[c.field] if c.field in record else store.default(c.field)
            for c in store.sheet.columns
        }
        # An empty cell of a new row takes the default where the model needs a value (a stage, a role).
        full |= {name: store.default(name) for name, value in full.items() if value is None}
        return full, list(full)
    kept = {
        name: value for name, value in record.items() if not _leaves_alone(store.sheet.column(name), value)
    }
    full = stored.record | kept
    return full, [name for name in kept if full[name] != stored.record[name]]


def _leaves_alone(column: Column, value: Any) -> bool:
    """An empty cell where the database must have a value leaves it; everywhere else it empties it."""
    return value is None and column.field in ("stage", "state", "colour", "published_at", "position")


def _read_row(table: Table, store: Store, row: Row, problems: list[Problem]) -> Record:
    record: Record = {}
    for column in table.sheet.columns:
        if column.field not in table.headings:
            continue
        try:
            record[column.field] = _read_cell(column, row.cells.get(column.field), store.keys)
        except UnreadableError as error:
            problems.append(table.problem(str(error), row, column.field))
    return record


def _read_cell(column: Column, raw: Any, keys: Keys) -> Any:
    value = column.kind.parse(raw)
    if isinstance(column.kind, References):
        return tuple(sorted({keys.resolve(column.kind.target, text) for text in value}))
    if isinstance(column.kind, Reference):
        return keys.resolve(column.kind.target, value) if value else ""
    return value


def _plan_slug(workbook: Workbook, given: str) -> str:
    table = workbook.table("plan")
    if table is None or not table.rows:
        if not given:
            raise RefusedError(_why_no_plan(workbook))
        if not Plan.objects.filter(slug=given).exists():
            known = ", ".join(Plan.objects.order_by("slug").values_list("slug", flat=True))
            raise RefusedError(
                [
                    _("Le plan « %(plan)s » n'existe pas. Plans du portail : %(known)s.")
                    % {"plan": given, "known": known or "–"}
                ]
            )
        return given
    if len(table.rows) > 1:
        raise RefusedError(
            [
                table.problem(
                    _("La feuille décrit un seul plan. Gardez une ligne, un fichier par plan."), table.rows[1]
                )
            ]
        )
    try:
        slug = as_text(table.rows[0].cells.get("slug"))
    except UnreadableError as error:
        raise RefusedError([table.problem(str(error), table.rows[0], "slug")]) from error
    if not slug:
        raise RefusedError(
            [
                table.problem(
                    _("L'identifiant du plan manque. Écrivez par exemple 2020-2022."), table.rows[0], "slug"
                )
            ]
        )
    if given and given != slug:
        raise RefusedError(
            [
                table.problem(
                    _("Le fichier décrit le plan « %(slug)s », et non « %(given)s ».")
                    % {"slug": slug, "given": given},
                    table.rows[0],
                    "slug",
                )
            ]
        )
    return slug


def _why_no_plan(workbook: Workbook) -> list[Problem | str]:
    if table := workbook.table("plan"):
        return [
            *workbook.problems,
            table.problem(_("La feuille n'a que ses titres. Décrivez-y le plan, sur une ligne.")),
        ]
    if any(sheet_named(problem.sheet) is PLAN for problem in workbook.problems):
        return list(workbook.problems)
    return [
        *workbook.problems,
        _(
            "Le fichier n'a pas de feuille « plan ». Ajoutez-la, ou dites à quel plan "
            "appartiennent les données."
        ),
    ]


def _absent_columns(table: Table) -> list[Problem]:
    absent = [c.heading() for c in table.sheet.columns if c.field not in table.headings]
    if not absent or table.is_mapped:
        return []
    message = _("Colonnes absentes du fichier, laissées telles quelles : %(columns)s.") % {
        "columns": ", ".join(absent)
    }
    return [table.problem(message)]


def _by_place(workbook: Workbook) -> Any:
    order = {table.title: index for index, table in enumerate(workbook.tables)}
    return lambda p: (order.get(p.sheet, -1), p.row or 0)
