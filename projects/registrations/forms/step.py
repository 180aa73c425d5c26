"""What every step of the form does: its fields and the tables that it holds, read and told together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms

from projects.registrations.completeness import Problem
from projects.registrations.content import EMPTY, Content, complete
from projects.registrations.forms.layout import helper
from projects.registrations.forms.offer import Offer
from projects.registrations.forms.rows import RowForm


class StepForm(forms.Form):
    """One step. ``tables`` names the tables of rows that it holds."""

    tables: ClassVar[dict[str, type[RowForm]]] = {}

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        offer: Offer,
        blanks: Iterable[str] = (),
        files: Any = None,
    ) -> None:
        super().__init__(data, files)
        self.offer = offer
        self.rows = {name: self._rows(name, name in blanks) for name in self.tables}
        self.prepare()
        self.helper = helper(*self.layout())

    def prepare(self) -> None:
        """Give the fields the choices of this registration."""

    def layout(self) -> tuple[Any, ...]:
        return tuple(self.fields)

    def _rows(self, name: str, with_blank: bool) -> list[RowForm]:
        numbers = row_numbers(self.data, name)
        if with_blank or not numbers:
            numbers.append(numbers[-1] + 1 if numbers else 0)
        row = self.tables[name]
        return [row(self.data, prefix=f"{name}-{number}", offer=self.offer) for number in numbers]

    @property
    def row_sets(self) -> list[tuple[str, list[RowForm], RowForm]]:
        """Per table: its name, its rows, and an empty one to copy."""
        return [
            (name, self.rows[name], row({}, prefix=f"{name}-__n__", offer=self.offer))
            for name, row in self.tables.items()
        ]

    def is_valid(self) -> bool:
        rows = [row.is_valid() for rows in self.rows.values() for row in rows if not row.is_blank]
        return super().is_valid() and all(rows)

    def values(self) -> Content:
        """What can be kept: what was refused stays out."""
        self.is_valid()
        found = {name: value for name, value in self.cleaned_data.items() if name in EMPTY}
        for name, rows in self.rows.items():
            filled = [row for row in rows if not row.is_blank]
            if all(row.is_valid() for row in filled):
                found[name] = [row.values() for row in filled]
        return found

    def tell(self, problems: Iterable[Problem]) -> None:
        """Show the problems beside their fields. The values are read before."""
        self.is_valid()
        for problem in problems:
            form, name = self._place(problem)
            if name not in form.errors:
                form.add_error(name, str(problem.message))

    def _place(self, problem: Problem) -> tuple[forms.Form, str | None]:
        rows = self.rows.get(problem.name, [])
        if problem.row is not None and problem.row < len(rows):
            column = "name" if problem.column == "organization" else problem.column
            return rows[problem.row], column if column in rows[problem.row].fields else None
        return self, problem.name if problem.name in self.fields else None

    @classmethod
    def data_of(cls, content: Mapping[str, Any], offer: Offer) -> dict[str, Any]:
        """What is stored, as a browser would send it."""
        full = complete(content)
        names = [name for name in cls.base_fields if name in EMPTY]
        data = {name: full[name] for name in names if full[name] is not None}
        for name, row in cls.tables.items():
            for number, values in enumerate(full[name]):
                data |= {f"{name}-{number}-{key}": v for key, v in row.data_of(values, offer).items()}
        return data


def row_numbers(data: Mapping[str, Any], name: str) -> list[int]:
    """The numbers of the rows that were sent, in order."""
    pattern = re.compile(rf"{name}-(\d{{1,4}})-")
    return sorted({int(match[1]) for key in data if (match := pattern.match(key))})
