"""Dates known to the day, the month, the season or only the year.

Plans say « automne 2021 » or « mi-2024 » and mean it. A partial date keeps what was said: the first day of the span
it covers, and a precision that names the kind of span.
"""

from __future__ import annotations

import datetime as dt
import re
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


#: First (month, day) of each span of the year, by precision. A winter is counted in the year that it is named after,
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
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "en": "January February March April May June July August September October November December".split(),
}
SEASONS = {"fr": ["hiver", "printemps", "été", "automne"], "en": ["winter", "spring", "summer", "fall"]}
THIRDS = {"fr": ["début {}", "mi-{}", "fin {}"], "en": ["early {}", "mid-{}", "late {}"]}


class UnreadableDate(ValueError):
    """A text that is not a date in any of the forms understood; the message is for the person who typed it."""


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

        Raises :class:`UnreadableDate` rather than guess: « 03/04/2021 » could be March or April, « 2021-2023 » is two dates.
        """
        for pattern, read in _FORMS:
            if match := pattern.fullmatch(_normal(text)):
                try:
                    return read(match)
                except (ValueError, KeyError):
                    continue
        raise UnreadableDate(
            _("« %(text)s » n'est pas une date lisible. Écrivez par exemple 2023-01-31, 2023-01, 2023, 31 janvier 2023, automne 2023 ou mi-2023.")
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
_SEASON_NUMBERS = {"hiver": 0, "winter": 0, "printemps": 1, "spring": 1, "ete": 2, "summer": 2, "automne": 3, "fall": 3, "autumn": 3}
_THIRD_NUMBERS = {"debut": 0, "early": 0, "mi": 1, "mid": 1, "milieu": 1, "fin": 2, "late": 2, "end": 2}


def _month(name: str) -> int:
    number = _MONTH_NUMBERS[name.rstrip(".")]
    if not number:
        raise KeyError(name)
    return number


def _spanned(precision: Precision, index: int, year: str) -> PartialDate:
    return PartialDate(dt.date(int(year), *_STARTS[precision][index]), precision)


_YEAR = r"(?P<y>(?:19|20)\d\d)"
_FORMS = [
    (re.compile(rf"{_YEAR}-(?P<m>\d\d?)-(?P<d>\d\d?)(?:[t ]00:00(?::00)?)?"), lambda m: PartialDate(dt.date(int(m["y"]), int(m["m"]), int(m["d"])))),
    (re.compile(rf"{_YEAR}[-/](?P<m>\d\d?)"), lambda m: PartialDate(dt.date(int(m["y"]), int(m["m"]), 1), Precision.MONTH)),
    (re.compile(rf"(?P<m>\d\d?)[-/]{_YEAR}"), lambda m: PartialDate(dt.date(int(m["y"]), int(m["m"]), 1), Precision.MONTH)),
    (re.compile(rf"(?P<a>\d\d?)[/.-](?P<b>\d\d?)[/.-]{_YEAR}"), lambda m: _unequivocal(int(m["a"]), int(m["b"]), int(m["y"]))),
    (re.compile(_YEAR), lambda m: PartialDate(dt.date(int(m["y"]), 1, 1), Precision.YEAR)),
    (re.compile(rf"(?:le )?(?:\w+ )??(?P<d>\d\d?)(?:er|st|nd|rd|th)? ?(?P<m>[a-z]+\.?) {_YEAR}"), lambda m: PartialDate(dt.date(int(m["y"]), _month(m["m"]), int(m["d"])))),
    (re.compile(rf"(?P<m>[a-z]+\.?) (?P<d>\d\d?)(?:er|st|nd|rd|th)?,? {_YEAR}"), lambda m: PartialDate(dt.date(int(m["y"]), _month(m["m"]), int(m["d"])))),
    (re.compile(rf"(?:en )?(?P<m>[a-z]{{3,}}\.?) {_YEAR}"), lambda m: _named_span(m["m"], m["y"])),
    (re.compile(rf"(?P<t>debut|fin|mi|milieu|early|mid|late|end)(?: de| of)?(?: l'annee)?[ -]{_YEAR}"), lambda m: _spanned(Precision.THIRD, _THIRD_NUMBERS[m["t"]], m["y"])),
    (re.compile(rf"(?:a l'|en |au )?(?P<s>hiver|printemps|ete|automne|winter|spring|summer|fall|autumn)(?: de| of)? {_YEAR}"), lambda m: _spanned(Precision.SEASON, _SEASON_NUMBERS[m["s"]], m["y"])),
    (re.compile(rf"[tq](?P<n>[1-4])[ -]?{_YEAR}|(?P<n2>[1-4])(?:er|e|st|nd|rd|th)? (?:trimestre|quarter)(?: de| of)? (?P<y2>(?:19|20)\d\d)|(?P<y3>(?:19|20)\d\d)[ -][tq](?P<n3>[1-4])"),
     lambda m: _spanned(Precision.QUARTER, int(m["n"] or m["n2"] or m["n3"]) - 1, m["y"] or m["y2"] or m["y3"])),
    (re.compile(rf"(?P<n>[12])(?:er|e|st|nd)? (?:semestre|half)(?: de| of)? {_YEAR}|s(?P<n2>[12])[ -]?(?P<y2>(?:19|20)\d\d)|(?P<o>first|second) half of (?P<y3>(?:19|20)\d\d)"),
     lambda m: _spanned(Precision.HALF, (2 if m["o"] == "second" else 1 if m["o"] else int(m["n"] or m["n2"])) - 1, m["y"] or m["y2"] or m["y3"])),
]


def _unequivocal(a: int, b: int, year: int) -> PartialDate:
    """31/12/2022 and 12/31/2022 have one reading; 03/04/2022 has two and is refused."""
    if a != b and max(a, b) <= 12:
        raise ValueError("day and month cannot be told apart")
    return PartialDate(dt.date(year, min(a, b), max(a, b)))


def _named_span(name: str, year: str) -> PartialDate:
    if name in _SEASON_NUMBERS:
        return _spanned(Precision.SEASON, _SEASON_NUMBERS[name], year)
    if name in _THIRD_NUMBERS:
        return _spanned(Precision.THIRD, _THIRD_NUMBERS[name], year)
    return PartialDate(dt.date(int(year), _month(name), 1), Precision.MONTH)
