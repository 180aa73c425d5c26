"""How the rows of each sheet lie in the database: read in a fixed number of queries, written in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from django.db import models

from csam.workbook.keys import WHOLE_ISLAND, Keys
from csam.workbook.template import Record, Sheet
from csam.workbook.values import Choices, Pointer, Reference, References, Text
from plans.models import Plan

BATCH = 500
Key = tuple[Any, ...]
Tick = Callable[[int], None]


@dataclass
class Stored:
    obj: models.Model
    record: Record


@dataclass
class Written:
    """A row to write: its record, which fields to write, and its object when it exists."""

    record: Record
    fields: list[str]
    obj: models.Model | None = None
    key: Key = ()

    @property
    def instance(self) -> models.Model:
        """The object, which a row has from the moment it was found or made."""
        if self.obj is None:
            raise ValueError(f"{self.key} has no object yet")
        return self.obj


@dataclass
class Store:
    sheet: Sheet
    keys: Keys
    plan: Plan | None = None
    _current: dict[Key, Stored] = field(default_factory=dict)

    #: Columns that lie in tables of their own.
    lists: ClassVar[tuple[str, ...]] = ()

    # Reading ------------------------------------------------------------------------------------------------

    def rows(self) -> models.QuerySet[Any]:
        rows = self.sheet.model._default_manager.all()
        return rows.filter(plan=self.plan) if has_field(self.sheet.model, "plan") else rows

    def load(self) -> dict[Key, Stored]:
        # A plan that is not yet in the database has no rows.
        if self.plan is None and self.sheet.name not in ("territories", "plan", "organizations"):
            return {}
        objects = list(self.rows())
        lists = self.read_lists()
        for obj in objects:
            record = self.read(obj, lists)
            key = self.key_of(record)
            self._current[key] = Stored(obj, record)
            self.register(key, record, obj.pk)
        return self._current

    def read(self, obj: Any, lists: dict[str, dict[int, Any]]) -> Record:
        record: Record = {}
        for column in self.sheet.columns:
            if column.field in lists:
                found = lists[column.field].get(obj.pk)
                record[column.field] = column.kind.parse(None) if found is None else found
            elif isinstance(column.kind, Reference):
                pk = getattr(obj, f"{column.field}_id")
                record[column.field] = self.keys.key(column.kind.target, pk) if pk else ""
            else:
                record[column.field] = column.kind.read(obj, column.field)
        return record

    def read_lists(self) -> dict[str, dict[int, Any]]:
        """Per list column: the values of each row."""
        return {}

    def key_of(self, record: Record) -> Key:
        return tuple(record[name] for name in self.sheet.key)

    def register(self, key: Key, record: Record, pk: int | None = None) -> None:
        """Lets rows of later sheets name this one."""
        self.keys.add(
            self.sheet.name, key[0], pk=pk, names=(record.get("title_fr") or "", record.get("title_en") or "")
        )

    def label_of(self, record: Record) -> str:
        """What the preview calls the row."""
        return " · ".join(self.display(name, record[name]) for name in self.sheet.key)

    def display(self, name: str, value: Any, language: str = "fr") -> str:
        """A value as a person reads it: names for territories, labels for choices."""
        kind = self.sheet.column(name).kind
        if isinstance(kind, References):
            value = tuple(self._name(kind.target, key, language) for key in value)
        return str(kind.format(value, language))

    def _name(self, target: str, key: str, language: str) -> str:
        if key == WHOLE_ISLAND:
            return "whole island" if language == "en" else "toute l'île"
        return self.keys.label(target, key) if target == "territories" else key

    def default(self, name: str) -> Any:
        """The value of a column that the file does not have, for a new row."""
        kind = self.sheet.column(name).kind
        if not isinstance(kind, Text | Pointer | Choices) and has_field(self.sheet.model, name):
            model_field = cast("models.Field[Any, Any]", self.sheet.model._meta.get_field(name))
            if model_field.has_default() and not callable(model_field.default):
                return model_field.get_default()
        return kind.parse(None)

    # Writing ------------------------------------------------------------------------------------------------

    def create(self, rows: list[Written], tick: Tick) -> None:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            for row in batch:
                row.obj = self.sheet.model()
                self.fill_new(row)
                self.write_fields(row)
            self.sheet.model._default_manager.bulk_create([row.instance for row in batch])
            self.write_lists(batch)
            for row in batch:
                self.register(self.key_of(row.record), row.record, row.instance.pk)
            tick(len(batch))

    def update(self, rows: list[Written], tick: Tick) -> None:
        # Rows that change the same fields are written together: one row must not write back what it only
        # read.
        by_fields: dict[tuple[str, ...], list[Written]] = defaultdict(list)
        for row in rows:
            by_fields[tuple(self.write_fields(row))].append(row)
        for names, group in by_fields.items():
            for start in range(0, len(group), BATCH):
                batch = group[start : start + BATCH]
                if names:
                    self.sheet.model._default_manager.bulk_update([row.instance for row in batch], names)
                self.write_lists(batch)
                tick(len(batch))

    def write_fields(self, row: Written) -> list[str]:
        touched = []
        for name in row.fields:
            if name in self.lists:
                continue
            touched += self.write_field(row.instance, name, row.record[name])
        if touched or set(row.fields) & set(self.lists):
            touched += self.fill_derived(row.instance, row)
        return touched

    def write_field(self, obj: models.Model, name: str, value: Any) -> list[str]:
        kind = self.sheet.column(name).kind
        if isinstance(kind, Reference):
            setattr(obj, f"{name}_id", self.keys.pk(kind.target, value) if value else None)
            return [name]
        if value is None and not _nullable(self.sheet.model, name):
            return []
        return kind.write(obj, name, value)

    def fill_new(self, row: Written) -> None:
        """What a new row needs beside its columns."""
        if has_field(self.sheet.model, "plan"):
            cast("Any", row.instance).plan = self.plan

    def fill_derived(self, obj: models.Model, row: Written) -> list[str]:
        """What is computed from the columns, such as the time of the last change; returns the fields touched."""
        return []

    def write_lists(self, rows: list[Written]) -> None:
        """Writes the list columns of rows that are already in the database."""

    def pks(self) -> set[int]:
        return {s.obj.pk for s in self._current.values()}


def has_field(model: type[models.Model], name: str) -> bool:
    return any(f.name == name for f in model._meta.get_fields())


def _nullable(model: type[models.Model], name: str) -> bool:
    if name in ("starts", "ends", "due", "happened", "published_at"):
        return True
    return bool(cast("models.Field[Any, Any]", model._meta.get_field(name)).null)
