"""The kinds of cell: how each is read from a file, compared with the database, and written back."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Generic, TypeVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.partial_dates import PartialDate, Precision, UnreadableDateError
from csam.workbook.numbers import parse_decimal, parse_integer
from csam.workbook.problems import UnreadableError, comparable, reader_language, suggestion

SEPARATOR = ";"
#: What the cells of a kind hold once read.
Value = TypeVar("Value")

YES_WORDS = frozenset(["oui", "yes", "vrai", "true", "x", "o", "y", "1", "✓", "✔"])
NO_WORDS = frozenset(["non", "no", "faux", "false", "n", "0"])

#: What XML 1.0 or PostgreSQL cannot hold, and no text needs.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Formula:
    text: str


@dataclass(frozen=True)
class CellError:
    text: str


class NumericText(str):
    """Text that was a decimal number in the file: 3.1 may have been typed 3.10."""

    __slots__ = ()


def canonical(text: str) -> str:
    """The text that is stored and compared: composed accents, one kind of line end, nothing around it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", text).strip()


def as_text(raw: object) -> str:
    """A cell of any type as text; refuses formulas and error values, which have no value of their own."""
    match raw:
        case None:
            return ""
        case str():
            return canonical(raw)
        case Formula():
            raise UnreadableError(
                _(
                    "La cellule contient une formule, que le portail ne calcule pas. Copiez-la, puis "
                    "collez-la avec Collage spécial > Valeurs."
                )
            )
        case CellError():
            raise UnreadableError(
                _("La cellule contient l'erreur %(error)s. Écrivez la valeur voulue ou videz la cellule.")
                % {"error": raw.text}
            )
        case bool():
            return "oui" if raw else "non"
        case dt.datetime() if raw.time() == dt.time():
            return raw.date().isoformat()
        case float():
            return str(int(raw)) if raw.is_integer() else NumericText(repr(raw))
        case PartialDate() | dt.date():
            return str(raw.isoformat())
    return canonical(str(raw))


class Kind(Generic[Value]):
    """``parse`` turns a cell into a value, ``format`` a value into text; ``read`` and ``write`` meet the model.

    Values compare with ``==``: the same value from the file and from the database means « unchanged ».
    """

    #: What an empty cell says.
    empty: Value

    def parse(self, raw: object) -> Value:
        text = as_text(raw)
        return self.from_text(text) if text else self.empty

    def from_text(self, text: str) -> Value:
        raise NotImplementedError

    def format(self, value: Value, language: str) -> object:
        """Text, or a number where the cell of a workbook should hold one."""
        return "" if value is None else value

    def read(self, obj: models.Model, field: str) -> Value:
        found: Value = getattr(obj, field)
        return found

    def write(self, obj: models.Model, field: str, value: Value) -> list[str]:
        """Sets the value; returns the names of the database fields it touched."""
        setattr(obj, field, value)
        return [field]


class Text(Kind[str]):
    empty = ""

    def from_text(self, text: str) -> str:
        return text

    def parse(self, raw: object) -> str:
        if isinstance(raw, bool):
            raise UnreadableError(
                _(
                    "La cellule contient la valeur logique %(value)s, et non un texte. Mettez-la au format "
                    "Texte et récrivez-la."
                )
                % {"value": "VRAI" if raw else "FAUX"}
            )
        return super().parse(raw)

    def read(self, obj: models.Model, field: str) -> str:
        return canonical(getattr(obj, field))


class Integer(Kind[int | None]):
    empty = None

    def from_text(self, text: str) -> int:
        return parse_integer(text)


@dataclass(frozen=True)
class Number(Kind[Decimal | None]):
    places: int
    empty = None

    def from_text(self, text: str) -> Decimal:
        return parse_decimal(text).quantize(Decimal(1).scaleb(-self.places))


class Flag(Kind[bool]):
    empty = False

    def from_text(self, text: str) -> bool:
        word = comparable(text) or text
        if word in YES_WORDS or word in NO_WORDS:
            return word in YES_WORDS
        raise UnreadableError(_("« %(text)s » n'est ni oui ni non. Écrivez oui ou non.") % {"text": text})

    def format(self, value: bool, language: str) -> str:
        return {"fr": ("non", "oui"), "en": ("no", "yes")}[language][value]


@dataclass(frozen=True)
class Labelled(Kind[Value]):
    """What is written with the labels of a model's choices, in either language, or with their codes."""

    choices: type[models.TextChoices]

    def code(self, text: str) -> str:
        found = _readings(self.choices).get(comparable(text))
        if found is None:
            raise UnreadableError(
                _("« %(text)s » n'est pas un choix possible. Écrivez : %(options)s.%(suggestion)s")
                % {
                    "text": text,
                    "options": ", ".join(self.labels(reader_language())),
                    "suggestion": suggestion(text, self.labels(reader_language())),
                }
            )
        return found

    def labels(self, language: str) -> tuple[str, ...]:
        return _labels(self.choices, language)


@cache
def _labels(choices: type[models.TextChoices], language: str) -> tuple[str, ...]:
    with override(language):
        return tuple(str(label) for label in choices.labels)


@cache
def _readings(choices: type[models.TextChoices]) -> dict[str, str]:
    """Every way to write a choice: its labels in both languages and its code."""
    readings: dict[str, str] = {}
    for language in ("fr", "en"):
        readings.update(zip(map(comparable, _labels(choices, language)), choices.values, strict=True))
    return readings | {comparable(code): code for code in choices.values}


class Choice(Labelled[str | None]):
    empty = None

    def from_text(self, text: str) -> str:
        return self.code(text)

    def format(self, value: str | None, language: str) -> str:
        return self.labels(language)[self.choices.values.index(value)] if value else ""


class Choices(Labelled[tuple[str, ...]]):
    """Several choices, separated by semicolons; written by the sheet's own store."""

    empty = ()

    def from_text(self, text: str) -> tuple[str, ...]:
        found = {self.code(part) for part in split(text)}
        return tuple(code for code in self.choices.values if code in found)

    def format(self, value: tuple[str, ...], language: str) -> str:
        labels = dict(zip(self.choices.values, self.labels(language), strict=True))
        return f"{SEPARATOR} ".join(labels[code] for code in value)


#: Day 0 of the numbers by which a spreadsheet counts days.
SERIAL_START = dt.date(1899, 12, 30)


def within_reach(date: PartialDate) -> PartialDate:
    """A typed date has a year of these centuries (see PartialDate.parse); so has the date of a spreadsheet's cell."""
    if not 1900 <= date.first_day.year <= 2099:
        raise UnreadableError(
            _("L'année %(year)d n'est pas vraisemblable. Écrivez une année de 1900 à 2099.")
            % {"year": date.first_day.year}
        )
    return date


class Partial(Kind[PartialDate | None]):
    """A date with its precision: field ``due`` is the columns ``due_on`` and ``due_precision``."""

    empty = None

    def parse(self, raw: object) -> PartialDate | None:
        if isinstance(raw, PartialDate):
            return within_reach(raw)
        if isinstance(raw, dt.datetime):
            return within_reach(PartialDate(raw.date()))
        if isinstance(raw, dt.date):
            return within_reach(PartialDate(raw))
        return super().parse(raw)

    def from_text(self, text: str) -> PartialDate:
        if (serial := re.fullmatch(r"(\d{5})(?:[.,]\d+)?", text)) and 20_000 <= int(serial[1]) <= 70_000:
            raise UnreadableError(
                _(
                    "« %(text)s » est sans doute le nombre derrière une date, %(date)s. Écrivez la date, ou "
                    "mettez la cellule au format Date."
                )
                % {"text": text, "date": (SERIAL_START + dt.timedelta(int(serial[1]))).isoformat()}
            )
        try:
            return PartialDate.parse(text)
        except UnreadableDateError as error:
            raise UnreadableError(str(error)) from error

    def format(self, value: PartialDate | None, language: str) -> str:
        if value is None:
            return ""
        has_iso_form = value.precision in (Precision.DAY, Precision.MONTH, Precision.YEAR)
        return value.isoformat() if has_iso_form else value.format(language)

    def read(self, obj: models.Model, field: str) -> PartialDate | None:
        day = getattr(obj, f"{field}_on")
        return PartialDate(day, getattr(obj, f"{field}_precision")) if day else None

    def write(self, obj: models.Model, field: str, value: PartialDate | None) -> list[str]:
        setattr(obj, f"{field}_on", value.first_day if value else None)
        setattr(obj, f"{field}_precision", value.precision if value else Precision.DAY)
        return [f"{field}_on", f"{field}_precision"]


class Day(Kind[dt.date | None]):
    """A date known to the day, in a date field."""

    def parse(self, raw: object) -> dt.date | None:
        found = Partial().parse(raw)
        if found and found.precision != Precision.DAY:
            raise UnreadableError(
                _("Il faut ici une date au jour près. Écrivez par exemple %(example)s.")
                % {"example": found.first_day.isoformat()}
            )
        return found.first_day if found else None

    def format(self, value: dt.date | None, language: str) -> str:
        return value.isoformat() if value else ""


class DayOfMoment(Day):
    """The day of a moment; empty leaves the moment as it is."""

    def read(self, obj: models.Model, field: str) -> dt.date | None:
        moment = getattr(obj, field)
        return timezone.localdate(moment) if moment else None

    def write(self, obj: models.Model, field: str, value: dt.date | None) -> list[str]:
        if value:
            setattr(obj, field, timezone.make_aware(dt.datetime.combine(value, dt.time())))
        return [field]


class Moment(Kind[dt.datetime | None]):
    """A date and time of day, local: « 2021-03-15 09:00 »."""

    def parse(self, raw: object) -> dt.datetime | None:
        if isinstance(raw, dt.datetime):
            within_reach(PartialDate(raw.date()))
            return timezone.make_aware(raw.replace(second=0, microsecond=0))
        text = as_text(raw)
        if not text:
            return None
        match = re.fullmatch(r"(.*?)(?:[ T,à]+(\d\d?)\s*[:h]\s*(\d\d)?(?::\d\d)?)?", text)
        day, hour, minute = match.groups() if match else (text, None, None)
        date = Day().parse(day.strip())
        if not date or int(hour or 0) > 23 or int(minute or 0) > 59:
            raise UnreadableError(
                _("« %(text)s » n'est pas un moment. Écrivez par exemple 2021-03-15 09:00.") % {"text": text}
            )
        return timezone.make_aware(dt.datetime.combine(date, dt.time(int(hour or 0), int(minute or 0))))

    def format(self, value: dt.datetime | None, language: str) -> str:
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""

    def read(self, obj: models.Model, field: str) -> dt.datetime | None:
        moment = getattr(obj, field)
        return moment.replace(second=0, microsecond=0) if moment else None


class ObjectiveCode(Kind[str]):
    """« 3.2 »: the number of an orientation and the number of an objective in it."""

    empty = ""

    def from_text(self, text: str) -> str:
        match = re.fullmatch(r"0*(\d{1,4})\s*[.\-]\s*0*(\d{1,4})\.?", text)
        if not match:
            raise UnreadableError(
                _("« %(text)s » n'est pas un code d'objectif. Écrivez par exemple 3.2.") % {"text": text}
            )
        return type(text)(f"{match[1]}.{match[2]}")


@dataclass(frozen=True)
class Pointer(Kind[Value]):
    """What names rows of another sheet, the target, by their keys."""

    target: str


class Reference(Pointer[str]):
    """One key, in a foreign key."""

    empty = ""

    def from_text(self, text: str) -> str:
        return text


class References(Pointer[tuple[str, ...]]):
    """Several keys separated by semicolons; written by the sheet's own store."""

    empty = ()

    def from_text(self, text: str) -> tuple[str, ...]:
        return (text,) if isinstance(text, NumericText) else tuple(split(text))

    def format(self, value: tuple[str, ...], language: str) -> str:
        return f"{SEPARATOR} ".join(value)


def split(text: str, separator: str = SEPARATOR) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]
