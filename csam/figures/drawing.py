"""Small parts that every drawing is made of: numbers, lines of text and elements of SVG, escaped."""

from __future__ import annotations

import textwrap

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

#: Mean width of a character of Source Sans 3, in ems: enough to break lines, never to align by.
CHARACTER = 0.52


def num(value: float) -> str:
    """A coordinate, short and the same on every machine: at most one decimal, never « -0 »."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def lines_of(text: str, *, width: float, size: float, most: int) -> list[str]:
    """The text broken at spaces into lines that fit ``width`` at that size; « … » ends what is cut."""
    characters = max(4, int(width / (size * CHARACTER)))
    return textwrap.wrap(text, characters, max_lines=most, placeholder=" …", break_on_hyphens=False) or [""]


def element(name: str, *children: SafeString, text: str = "", **attributes: str | float | None) -> SafeString:
    """``element("circle", cx=3, class_="dot")``; an attribute that is None is left out."""
    written = "".join(
        f' {_attribute(key)}="{escape(num(value) if isinstance(value, (int, float)) else value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = f"{escape(text)}{''.join(children)}"
    markup = f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"
    return mark_safe(markup)  # noqa: S308 - every value is escaped above


def joined(parts: list[SafeString]) -> SafeString:
    return mark_safe("".join(parts))  # noqa: S308 - made of elements


def _attribute(key: str) -> str:
    return {"viewbox": "viewBox"}.get(key, key.rstrip("_").replace("_", "-"))
