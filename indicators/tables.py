"""Readable CSV files of ours: French headings, the words that screens show, dates as ISO, decimal points."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import override

DATA = Path(__file__).parent / "data"


def rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def chosen(choices: type[TextChoices], label: str) -> str:
    """The stored value of a choice that is written by its French label."""
    with override("fr"):
        return next(str(choice.value) for choice in choices if str(choice.label) == label)


def both(row: dict[str, str], heading: str, name: str) -> dict[str, Any]:
    """``{"title_fr": …, "title_en": …}`` from the columns « titre » and « titre (en) »."""
    return {f"{name}_fr": row[heading], f"{name}_en": row[f"{heading} (en)"]}
