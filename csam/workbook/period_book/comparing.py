"""What a workbook that was handed in would write into which drafts, and what of it is refused."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from csam.workbook.period_book import marks
from csam.workbook.period_book.rows import closed_answers, said
from csam.workbook.period_book.template import DELIVERABLES, INDICATORS, TEXTS, AnswerNumber, answers
from csam.workbook.problems import Problem, RefusedError, UnreadableError
from csam.workbook.tables import Row, Table, Workbook
from csam.workbook.template import Column, Sheet
from csam.workbook.values import as_text
from indicators.models import ProgressReport
from indicators.reports import editing, reading
from indicators.reports.completeness import problems as report_problems
from indicators.reports.content import Content, complete, row_of
from indicators.reports.questions import Questions
from indicators.reports.reading import Difference
from projects.models import Deliverable

_ANSWERS = ("value", "numerator", "denominator", "assessment")


@dataclass
class Entry:
    """A draft, what it says and what it would say."""

    report: ProgressReport
    questions: Questions
    after: Content
    #: Of each row that the file changes: where it stands in the file.
    places: dict[tuple[str, str], tuple[Table, Row]] = field(default_factory=dict)


@dataclass
class Comparison:
    entries: list[Entry]
    problems: list[Problem]
    notices: list[Problem]
    unchanged: int

    @cached_property
    def shown(self) -> list[tuple[Entry, list[Difference]]]:
        """Each draft and what changes in it, in two queries for all."""
        sides = [(entry.report.content, entry.after) for entry in self.entries]
        names = reading.Names.of([content for pair in sides for content in pair])
        changed = [reading.differences(before, after, names) for before, after in sides]
        return list(zip(self.entries, changed, strict=True))

    @property
    def digest(self) -> str:
        """Of what the preview shows; another one means that a draft has changed since."""
        text = ";".join(f"{e.report.pk}:{e.report.version}:{e.report.state}" for e in self.entries)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def compare(workbook: Workbook, *, user: Any, on: dt.date) -> Comparison:
    """Nothing is written. Every problem is found, in the order of the file."""
    return _Comparing(workbook, user, on).made()


def write(comparison: Comparison, *, by: Any, at: dt.datetime) -> None:
    """All of it or nothing, as the form would save it. Raises RefusedError where there are problems, and what
    :func:`indicators.reports.editing.save` raises.
    """
    if comparison.problems:
        raise RefusedError(comparison.problems)
    with transaction.atomic():
        for entry in comparison.entries:
            mark = editing.seen(entry.report.content)
            editing.save_onto(present=entry.report, values=entry.after, mark=mark, by=by, at=at)


class _Comparing:
    def __init__(self, workbook: Workbook, user: Any, on: dt.date) -> None:
        self.workbook, self.user, self.on = workbook, user, on
        self.problems, self.notices = list(workbook.problems), list(workbook.notices)
        self.entries: dict[int, Entry] = {}
        self.seen: set[tuple[str, int, str]] = set()
        self.unchanged = 0

    def made(self) -> Comparison:
        self.entries = _entries(self._named(), self.user)
        for table in self.workbook.tables:
            if missing := [key for key in table.sheet.key if key not in table.headings]:
                told = _("Cette colonne manque : elle dit de quoi chaque ligne parle. Repartez du modèle.")
                self.problems.append(table.problem(told, column=missing[0]))
                continue
            for row in table.rows:
                self._row(table, row)
        changed = [entry for entry in self.entries.values() if entry.places]
        for entry in changed:
            entry.after = entry.questions.arranged(entry.after)
            self.problems += self._of_answers(entry)
        return Comparison(changed, self.problems, self.notices, self.unchanged)

    def _named(self) -> set[int]:
        """The numbers of the reports that the file speaks of, as far as they can be read."""
        found = set()
        for table in self.workbook.tables:
            for row in table.rows:
                with suppress(UnreadableError):
                    found.add(table.sheet.column("report").kind.parse(row.cells.get("report")))
        return {pk for pk in found if pk and 0 < pk < 2**63}

    def _row(self, table: Table, row: Row) -> None:
        typed = dict(self._typed(table, row))
        entry = self._entry(table, row)
        if entry is None:
            return
        key = "" if table.sheet is TEXTS else self._key(table, row)
        if key is None or not self._is_asked(table, row, entry, key):
            return
        if (table.sheet.name, entry.report.pk, key) in self.seen:
            self.problems.append(table.problem(_("Cette ligne est deux fois dans la feuille."), row))
            return
        self.seen.add((table.sheet.name, entry.report.pk, key))
        self._merge(table, row, entry, key, typed)

    # Reading a row ------------------------------------------------------------------------------------------

    def _typed(self, table: Table, row: Row) -> Iterator[tuple[str, str]]:
        for column in answers(table.sheet):
            try:
                if text := _read(column, row.cells.get(column.field), as_text(row.cells.get("unit"))):
                    yield column.field, text
            except UnreadableError as error:
                self.problems.append(table.problem(str(error), row, column.field))

    def _entry(self, table: Table, row: Row) -> Entry | None:
        try:
            pk = table.sheet.column("report").kind.parse(row.cells.get("report"))
        except UnreadableError as error:
            self.problems.append(table.problem(str(error), row, "report"))
            return None
        if not pk:
            told = _("Le numéro du bilan manque. Repartez du modèle, sans ajouter de ligne.")
            self.problems.append(table.problem(told, row, "report"))
            return None
        entry = self.entries.get(pk)
        if entry is None:
            told = _("Ce bilan n'est pas à vous, ou ne se modifie pas en ce moment. Retirez cette ligne.")
            self.problems.append(table.problem(told, row, "report"))
        return entry

    def _key(self, table: Table, row: Row) -> str | None:
        try:
            return str(table.sheet.column("key").kind.parse(row.cells.get("key")) or "")
        except UnreadableError as error:
            self.problems.append(table.problem(str(error), row, "key"))
            return None

    def _is_asked(self, table: Table, row: Row, entry: Entry, key: str) -> bool:
        if table.sheet is TEXTS:
            return True
        asked = {str(pk) for pk in entry.questions.deliverable_ids}
        told = _("Ce bilan ne demande rien de ce livrable. Retirez la ligne.")
        if table.sheet is INDICATORS:
            asked = entry.questions.value_keys
            told = _("Ce bilan ne demande rien de cet indicateur. Retirez la ligne.")
        if key not in asked:
            self.problems.append(table.problem(told, row, "key"))
        return key in asked

    # Merging it ---------------------------------------------------------------------------------------------

    def _merge(self, table: Table, row: Row, entry: Entry, key: str, typed: dict[str, str]) -> None:
        stored = _stored(table.sheet, entry.report.content, key)
        now = said(table.sheet, stored)
        known = self._marks(row)
        new: dict[str, str] = {}
        for name, text in typed.items():
            if text == now[name] or (known is not None and marks.of(text) == known.get(name, "")):
                continue
            if known is not None and marks.of(now[name]) != known.get(name, ""):
                told = _("Quelqu'un a écrit ici dans le portail depuis que le classeur a été téléchargé.")
                self.notices.append(table.problem(told, row, name))
            new[name] = text
        if table.sheet is INDICATORS:
            self._refuse_closed(table, row, entry, key, new)
        if not new:
            self.unchanged += 1
            return
        entry.places[table.sheet.name, key] = table, row
        _put(table.sheet, entry.after, key, {**stored, **_implied(table.sheet, new), **new})

    def _marks(self, row: Row) -> dict[str, str] | None:
        if "mark" not in row.cells:
            return None
        try:
            return marks.read(as_text(row.cells["mark"]))
        except UnreadableError:
            return None

    def _refuse_closed(self, table: Table, row: Row, entry: Entry, key: str, new: Mapping[str, str]) -> None:
        question = next(q for q in entry.questions.values if q.key == key)
        closed = closed_answers(question)
        asked = [c.heading() for c in answers(INDICATORS) if c.field in set(_ANSWERS) - closed]
        for name in new:
            if name in closed:
                told = _(
                    "Cet indicateur se rapporte autrement. Videz cette cellule et écrivez : %(columns)s."
                )
                self.problems.append(table.problem(told % {"columns": ", ".join(asked)}, row, name))

    def _of_answers(self, entry: Entry) -> Iterator[Problem]:
        """Of the rows that the file changes: what cannot be handed in; what is merely missing may come later."""
        for found in report_problems(entry.after, entry.questions, on=self.on):
            place = entry.places.get((found.table, found.key))
            if place is None:
                continue
            stored = row_of(entry.after, found.table, _as_key(found.table, found.key))
            if stored.get(found.name):
                table, row = place
                yield table.problem(str(found.message), row, found.name)


def _entries(named: set[int], user: Any) -> dict[int, Entry]:
    """Those of these reports in which that person may write."""
    found = ProgressReport.objects.writable_by(user).with_names().in_bulk(named)
    return {
        questions.report.pk: Entry(questions.report, questions, questions.arranged(questions.report.content))
        for questions in Questions.of_all(found.values())
    }


def _read(column: Column, cell: Any, unit: str) -> str:
    if isinstance(column.kind, AnswerNumber) and unit == "%" and isinstance(cell, str):
        cell = cell.strip().removesuffix("%").strip()
    value = column.kind.parse(cell)
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value or "")


def _stored(sheet: Sheet, content: Mapping[str, Any], key: str) -> dict[str, Any]:
    full = complete(content)
    return full if sheet is TEXTS else dict(row_of(full, sheet.name, _as_key(sheet.name, key)))


def _as_key(table: str, key: str) -> Any:
    return int(key) if table == "deliverables" else key


def _put(sheet: Sheet, content: Content, key: str, row: dict[str, Any]) -> None:
    if sheet is TEXTS:
        content |= {column.field: row[column.field] for column in answers(TEXTS)}
        return
    name = "id" if sheet is DELIVERABLES else "key"
    own = _as_key(sheet.name, key)
    others = [other for other in content[sheet.name] if other[name] != own]
    content[sheet.name] = [*others, {**row, name: own}]


def _implied(sheet: Sheet, new: Mapping[str, str]) -> dict[str, str]:
    """A new answer takes away the reason of its absence, and the other way round; so does another state the date."""
    if sheet is INDICATORS and "absence" in new:
        return dict.fromkeys(_ANSWERS, "")
    if sheet is INDICATORS and set(new) & set(_ANSWERS):
        return {"absence": ""}
    if sheet is DELIVERABLES and new.get("state", Deliverable.State.DELIVERED) != Deliverable.State.DELIVERED:
        return {"delivered_on": ""}
    return {}
