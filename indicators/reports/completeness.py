"""What keeps a report from being handed in. Of values that look wrong it says nothing: somebody looks at those."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators.models import Measurement
from indicators.numbers import read_number
from indicators.reports.content import complete, row_of
from indicators.reports.questions import Questions, ValueQuestion
from projects.models import Deliverable

#: Twenty digits, four of them decimals: what a column of figures holds.
LARGEST = Decimal(10) ** 16


@dataclass(frozen=True)
class Problem:
    """What is missing or wrong. ``table`` and ``key`` name the row that it concerns; ``name`` its field."""

    name: str
    message: str | Promise
    table: str = ""
    key: str = ""
    label: str = ""

    @property
    def field(self) -> str:
        """The name of the field in the form."""
        return f"{self.table}-{self.key}-{self.name}" if self.table else self.name


def problems(content: Mapping[str, Any], questions: Questions, *, on: dt.date) -> list[Problem]:
    """Everything, in the order of the form."""
    full = complete(content)
    found = [
        Problem(name, message, "deliverables", str(deliverable.pk), deliverable.title)
        for deliverable in questions.deliverables
        for name, message in _of_deliverable(
            row_of(full, "deliverables", deliverable.pk), questions.needs_answer(deliverable), on
        )
    ]
    for question in questions.values:
        row = row_of(full, "values", question.key)
        found += [
            Problem(name, message, "values", question.key, question.label)
            for name, message in _of_value(row, question)
        ]
    if not full["narrative_fr"].strip():
        found.append(Problem("narrative_fr", _("Racontez en quelques phrases ce qui a été fait.")))
    return found


def _of_deliverable(
    row: Mapping[str, Any], is_needed: bool, on: dt.date
) -> Iterator[tuple[str, str | Promise]]:
    state = row.get("state", "")
    if not state and is_needed:
        yield "state", _("Dites où en est ce livrable.")
    elif state and state not in Deliverable.State.values:
        yield "state", _("Choisissez un état.")
    if typed := row.get("delivered_on", ""):
        day = read_day(typed)
        if day is None:
            yield "delivered_on", _("Écrivez la date entière, par exemple 2027-06-30.")
        elif day > on:
            yield (
                "delivered_on",
                _("Cette date est à venir : un livrable est livré au plus tard aujourd'hui."),
            )
        elif state and state != Deliverable.State.DELIVERED:
            yield "delivered_on", _("Seul un livrable livré porte une date de livraison.")
    if url := row.get("url", ""):
        try:
            URLValidator(schemes=["http", "https"])(url)
        except ValidationError:
            yield "url", _("Écrivez l'adresse entière, qui commence par https://.")


def _of_value(row: Mapping[str, Any], question: ValueQuestion) -> Iterator[tuple[str, str | Promise]]:
    names = ("numerator", "denominator") if question.is_ratio else ("value",)
    names = ("assessment",) if question.is_words else names
    given = [name for name in names if row.get(name)]
    absence = row.get("absence", "")
    if absence and given:
        yield "absence", _("Donnez la valeur ou la raison de son absence, non les deux.")
    elif not absence and len(given) < len(names):
        missing = next(name for name in names if not row.get(name))
        yield missing, _("Donnez la valeur, ou dites plus bas pourquoi il n'y en a pas.")
    if absence and absence not in Measurement.Absence.values:
        yield "absence", _("Choisissez une raison.")
    for name in given:
        yield from _of_number(name, row[name]) if not question.is_words else ()
    if row.get("measured_on") and read_day(row["measured_on"]) is None:
        yield "measured_on", _("Écrivez la date entière, par exemple 2027-06-30.")
    if len(row.get("source", "")) > 250:
        yield "source", _("Au plus 250 caractères.")


def _of_number(name: str, typed: str) -> Iterator[tuple[str, str | Promise]]:
    try:
        number = read_number(typed)
    except ValidationError as error:
        yield name, error.messages[0]
        return
    if number is None:
        return
    if abs(number) >= LARGEST or number != round(number, 4):
        yield name, _("Au plus quatre décimales et seize chiffres devant.")
    elif name == "denominator" and number <= 0:
        yield name, _("Le dénominateur est plus grand que zéro.")


def read_day(typed: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(typed.strip())
    except ValueError:
        return None
