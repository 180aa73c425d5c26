"""Texts on their way into a spreadsheet and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_NEUTRALISED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")


def neutralised(text: str) -> str:
    """A text that no spreadsheet takes for a formula; :func:`restored` gives it back."""
    return f"'{text}" if _FORMULA.match(text) else text


def row_of(cells: Iterable[Any]) -> list[Any]:
    """A row of a table to download: every text neutralised, but for numbers, which are no formulas (« -2 »)."""
    return [
        neutralised(cell) if isinstance(cell, str) and not _NUMBER.fullmatch(cell) else cell for cell in cells
    ]


def restored(cell: Any) -> Any:
    """A text without the apostrophe that kept a spreadsheet from reading it as a formula."""
    return cell[1:] if isinstance(cell, str) and _NEUTRALISED.match(cell) else cell
