"""What is said to the person whose file cannot be taken as it is, or was taken with a remark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.folding import fold


@dataclass(frozen=True)
class Problem:
    """Where, as the person sees it in the file, and what to write instead."""

    message: str
    sheet: str = ""
    row: int | None = None
    column: str = ""

    @property
    def place(self) -> str:
        parts = []
        if self.sheet:
            parts.append(_("feuille « %(sheet)s »") % {"sheet": self.sheet})
        if self.row:
            parts.append(_("ligne %(row)d") % {"row": self.row})
        if self.column:
            parts.append(_("colonne « %(column)s »") % {"column": self.column})
        return ", ".join(parts)

    def __str__(self) -> str:
        return f"{self.place} : {self.message}" if self.place else self.message


class RefusedError(Exception):
    """A file that is not imported: every problem found, in the order of the file. Nothing was written."""

    def __init__(self, problems: Iterable[Problem | str]) -> None:
        self.problems = [p if isinstance(p, Problem) else Problem(p) for p in problems]
        super().__init__("\n".join(str(p) for p in self.problems))


class UnreadableError(ValueError):
    """A cell that has no single reading; the message says what to write instead."""


def reader_language() -> str:
    """The language, of the two that the template is in, of the person who reads the messages."""
    return (get_language() or "fr")[:2]


def comparable(text: str) -> str:
    """What two headings or two labels must share to be the same: case, accents, dashes and spaces aside."""
    folded = "".join(c if c.isalnum() or c in "()#" else " " for c in fold(text))
    return " ".join(folded.replace("(", " (").split())


def suggestion(text: str, options: Iterable[str]) -> str:
    """« Vouliez-vous dire … ? », or nothing when no option is near."""
    by_folded = {comparable(option): option for option in options}
    near = _nearest(comparable(text), list(by_folded))
    return " " + _("Vouliez-vous dire « %(option)s »?") % {"option": by_folded[near]} if near else ""


def _nearest(text: str, options: list[str]) -> str:
    # Imported here: only a file with a mistake needs it.
    import difflib

    found = difflib.get_close_matches(text, options, n=1, cutoff=0.6)
    return found[0] if found else ""
