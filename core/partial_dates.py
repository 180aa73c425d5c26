"""Dates known to the day, the month, the season or only the year.

Plans say « automne 2021 » or « mi-2024 » and mean it. A partial date keeps what was said: the first day of
the span
it covers, and a precision that names the kind of span.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.folding import fold


class Precision(models.TextChoices):
    DAY = "day", _("au jour près")
    MONTH = "month", _("au mois près")
    QUARTER = "quarter", _("au trimestre près")
    SEASON = "season", _("à la saison près")
    HALF = "half", _("au semestre près")
    THIRD = "third", _("début, milieu ou fin d'année")
    YEAR = "year", _("à l'année près")


#: First (month, day) of each span of the year, by precision. A winter is counted in the year that it is
#: named after,
#: from 1 January; « début », « mi- » and « fin » are the thirds of a year.
_STARTS: dict[str, list[tuple[int, int]]] = {
    Precision.MONTH: [(m, 1) for m in range(1, 13)],
    Precision.QUARTER: [(1, 1), (4, 1), (7, 1), (10, 1)],
    Precision.SEASON: [(1, 1), (3, 21), (6, 21), (9, 21)],
    Precision.HALF: [(1, 1), (7, 1)],
    Precision.THIRD: [(1, 1), (5, 1), (9, 1)],
    Precision.YEAR: [(1, 1)],
}
MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
SEASONS = {"fr": ["hiver", "printemps", "été", "automne"], "en": ["winter", "spring", "summer", "fall"]}
THIRDS = {"fr": ["début {}", "mi-{}", "fin {}"], "en": ["early {}", "mid-{}", "late {}"]}


class UnreadableDateError(ValueError):
    """A text that is not a date in any of the forms understood; the message is for the person who typed
    it.
    """


@dataclass(frozen=True, order=True)
class PartialDate:
    first_day: dt.date
    precision: str = Precision.DAY

    def __post_init__(self) -> None:
        object.__setattr__(self, "first_day", _span_start(self.first_day, self.precision))

    @property
    def last_day(self) -> dt.date:
        if self.precision == Precision.DAY:
            return self.first_day
        starts = _STARTS[self.precision]
        index = starts.index((self.first_day.month, self.first_day.day)) + 1
        year = self.first_day.year + index // len(starts)
        return dt.date(year, *starts[index % len(starts)]) - dt.timedelta(days=1)

    def format(self, language: str | None = None) -> str:
        """« 1er octobre 2020 », « octobre 2020 », « automne 2020 », « mi-2024 », « 2020 »; English alike."""
        language = (language or get_language() or "fr")[:2]
        d, year = self.first_day, self.first_day.year
        index = 0 if self.precision == Precision.DAY else _STARTS[self.precision].index((d.month, d.day))
        month = MONTHS[language][d.month - 1]
        if self.precision == Precision.DAY:
            if language == "en":
                return f"{month} {d.day}, {year}"
            return f"{'1er' if d.day == 1 else d.day} {month} {year}"
        if self.precision == Precision.MONTH:
            return f"{month} {year}"
        if self.precision == Precision.SEASON:
            return f"{SEASONS[language][index]} {year}"
        if self.precision == Precision.THIRD:
            return THIRDS[language][index].format(year)
        if self.precision == Precision.QUARTER:
            return f"T{index + 1} {year}" if language == "fr" else f"Q{index + 1} {year}"
        if self.precision == Precision.HALF:
            ordinal = ("1er", "2e") if language == "fr" else ("first", "second")
            return f"{ordinal[index]} {'semestre' if language == 'fr' else 'half of'} {year}"
        return str(year)

    def __str__(self) -> str:
        return self.format()

    def isoformat(self) -> str:
        """ISO 8601 where it has a form for the span (day, month, year), else the French words."""
        if self.precision == Precision.DAY:
            return self.first_day.isoformat()
        if self.precision == Precision.MONTH:
            return f"{self.first_day:%Y-%m}"
        if self.precision == Precision.YEAR:
            return f"{self.first_day:%Y}"
        return self.format("fr")

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read a date as people write it in a plan, in French or English.

        Raises :class:`UnreadableDateError` rather than guess: « 03/04/2021 » could be March or April, «
        2021-2023 » is two dates.
        """
        for pattern, read in _FORMS:
            if match := pattern.fullmatch(_normal(text)):
                try:
                    return read(match)
                except UnreadableDateError:
                    raise
                except (ValueError, KeyError):
                    continue
        raise UnreadableDateError(
            _(
                "« %(text)s » n'est pas une date lisible. Écrivez par exemple 2023-01-31, 2023-01, 2023, "
                "31 janvier 2023, automne 2023 ou mi-2023."
            )
            % {"text": text.strip()}
        )


def before(field: str, precision_field: str, on: dt.date) -> Q:
    """Rows whose partial date is wholly past on that day: ``before("due_on", "due_precision", today)``."""
    past = Q()
    for precision in Precision.values:
        past |= Q(**{precision_field: precision, f"{field}__lt": _span_start(on, precision)})
    return past


def _span_start(day: dt.date, precision: str) -> dt.date:
    if precision == Precision.DAY:
        return day
    start = max(s for s in _STARTS[precision] if s <= (day.month, day.day))
    return dt.date(day.year, *start)


def _normal(text: str) -> str:
    folded = re.sub(r"[‐‑‒–—−]", "-", fold(text.replace("’", "'")))
    return re.sub(r"\s+", " ", folded).strip(" .")


_MONTH_NUMBERS: dict[str, int] = {}
for _language in ("fr", "en"):
    for _number, _name in enumerate(MONTHS[_language], start=1):
        _folded = fold(_name)
        for _length in range(3, len(_folded) + 1):
            # « jui » alone could be June or July; longer beginnings of a month's name are unequivocal.
            if _MONTH_NUMBERS.setdefault(_folded[:_length], _number) != _number:
                _MONTH_NUMBERS[_folded[:_length]] = 0
_SEASON_NUMBERS = {
    "hiver": 0,
    "winter": 0,
    "printemps": 1,
    "spring": 1,
    "ete": 2,
    "summer": 2,
    "automne": 3,
    "fall": 3,
    "autumn": 3,
}
_THIRD_NUMBERS = {"debut": 0, "early": 0, "mi": 1, "mid": 1, "milieu": 1, "fin": 2, "late": 2, "end": 2}


def _month(name: str) -> int:
    number = _MONTH_NUMBERS[name.rstrip(".")]
    if not number:
        raise KeyError(name)
    return number


def _spanned(precision: Precision, index: int, year: str) -> PartialDate:
    return PartialDate(dt.date(int(year), *_STARTS[precision][index]), precision)


_WEEKDAY = (
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday),? "
)
_ORDINAL = r"(?:er|e|st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"

_Reader = Callable[[re.Match[str]], PartialDate]
_FORMS: list[tuple[re.Pattern[str], _Reader]] = []


def _form(*patterns: str) -> Callable[[_Reader], _Reader]:
    """A way to write a date: patterns over folded text, and the function that reads a match of any of
    them.
    """

    def register(reader: _Reader) -> _Reader:
        _FORMS.extend((re.compile(pattern), reader) for pattern in patterns)
        return reader

    return register


@_form(rf"{_YEAR}-(?P<month>\d\d?)-(?P<day>\d\d?)(?:[t ]00:00(?::00)?)?")
def _iso(m: re.Match[str]) -> PartialDate:
    return PartialDate(dt.date(int(m["year"]), int(m["month"]), int(m["day"])))


@_form(rf"{_YEAR}[-/](?P<month>\d\d?)", rf"(?P<month>\d\d?)[-/]{_YEAR}")
def _numeric_month(m: re.Match[str]) -> PartialDate:
    return PartialDate(dt.date(int(m["year"]), int(m["month"]), 1), Precision.MONTH)


@_form(rf"(?P<a>\d\d?)[/.-](?P<b>\d\d?)[/.-]{_YEAR}")
def _slashed(m: re.Match[str]) -> PartialDate:
    """31/12/2022 and 12/31/2022 have one reading; 03/04/2022 has two and is refused."""
    smaller, larger = sorted((int(m["a"]), int(m["b"])))
    if smaller != larger and larger <= 12:
        raise UnreadableDateError(
            _("« %(text)s » a deux lectures. Écrivez %(one)s ou %(other)s.")
            % {
                "text": m[0],
                "one": dt.date(int(m["year"]), smaller, larger).isoformat(),
                "other": dt.date(int(m["year"]), larger, smaller).isoformat(),
            }
        )
    return PartialDate(dt.date(int(m["year"]), smaller, larger))


@_form(_YEAR)
def _year(m: re.Match[str]) -> PartialDate:
    return PartialDate(dt.date(int(m["year"]), 1, 1), Precision.YEAR)


@_form(
    rf"(?:le )?(?:{_WEEKDAY})?(?P<day>\d\d?){_ORDINAL} ?(?P<name>[a-z]+\.?) {_YEAR}",
    rf"(?:{_WEEKDAY})?(?P<name>[a-z]+\.?) (?P<day>\d\d?){_ORDINAL},? {_YEAR}",
)
def _day_in_words(m: re.Match[str]) -> PartialDate:
    return PartialDate(dt.date(int(m["year"]), _month(m["name"]), int(m["day"])))


@_form(rf"(?:en |in )?(?P<name>[a-z]{{3,}}\.?) {_YEAR}")
def _month_in_words(m: re.Match[str]) -> PartialDate:
    return PartialDate(dt.date(int(m["year"]), _month(m["name"]), 1), Precision.MONTH)


@_form(rf"(?P<part>{'|'.join(_THIRD_NUMBERS)})(?: de| of)?(?: l'annee)?[ -]{_YEAR}")
def _third(m: re.Match[str]) -> PartialDate:
    return _spanned(Precision.THIRD, _THIRD_NUMBERS[m["part"]], m["year"])


@_form(rf"(?:a l'|l'|en |au |le )?(?P<season>{'|'.join(_SEASON_NUMBERS)})(?: de| of)? {_YEAR}")
def _season(m: re.Match[str]) -> PartialDate:
    return _spanned(Precision.SEASON, _SEASON_NUMBERS[m["season"]], m["year"])


@_form(
    rf"[tq](?P<n>[1-4])[ -]?{_YEAR}",
    rf"{_YEAR}[ -]?[tq](?P<n>[1-4])",
    rf"(?P<n>[1-4]){_ORDINAL} (?:trimestre|quarter)(?: de| of)? {_YEAR}",
)
def _quarter(m: re.Match[str]) -> PartialDate:
    return _spanned(Precision.QUARTER, int(m["n"]) - 1, m["year"])


@_form(
    rf"s(?P<n>[12])[ -]?{_YEAR}",
    rf"(?P<n>[12]){_ORDINAL} (?:semestre|half)(?: de| of)? {_YEAR}",
    rf"(?P<n>first|second|premier|deuxieme) (?:half|semestre)(?: de| of)? {_YEAR}",
)
def _half(m: re.Match[str]) -> PartialDate:
    return _spanned(Precision.HALF, 0 if m["n"] in {"1", "first", "premier"} else 1, m["year"])
