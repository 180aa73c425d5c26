"""What the cells of a row said when the workbook was made: « state=1a2b3c;note=4d5e6f »."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

_PART = re.compile("[a-z_]+=[0-9a-f]{6}")


def write(said: Mapping[str, str]) -> str:
    return ";".join(f"{field}={of(text)}" for field, text in said.items() if text)


def read(text: str) -> dict[str, str] | None:
    """None where nothing can be said to have been seen: the column was taken out or written over."""
    parts = text.split(";") if text else []
    if not all(_PART.fullmatch(part) for part in parts):
        return None
    return {field: mark for field, _equals, mark in (part.partition("=") for part in parts)}


def of(text: str) -> str:
    """Of one cell; nothing of an empty one."""
    return hashlib.sha256(text.encode()).hexdigest()[:6] if text else ""
