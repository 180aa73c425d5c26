"""What changed between two contents, field by field, in words: for the review desk, the partner and the public."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise

from projects.registrations.completeness import STEPS, Step
from projects.registrations.content import canonical
from projects.registrations.reading import LABELS, Names

Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True)
class Piece:
    """A run of words, or an item of a list, that both texts have or only one."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Difference:
    """One field that changed. ``pieces`` are runs of words, or whole items where ``is_list``."""

    step: Step
    name: str
    label: str | Promise
    is_list: bool
    pieces: list[Piece]

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        kinds = {piece.kind for piece in self.pieces}
        if kinds == {"added"}:
            return "added"
        return "removed" if kinds == {"removed"} else "changed"


#: Lists whose items are compared one by one; the others are one text.
LISTS = frozenset({"objectives", "issues", "territories", "partners", "deliverables", "indicators"})
#: What the public never read: not told of in public.
PRIVATE = frozenset({"contact_name", "contact_email", "contact_consent"})

_WORDS = re.compile(r"\s+|[^\s]+")


def differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], names: Names | None = None
) -> list[Difference]:
    """Every field that differs, in the order of the form; all filled ones where there is no ``before``."""
    old, new = canonical(before or {}), canonical(after)
    names = names or Names.of([old, new])
    found = []
    for step in STEPS:
        for name in step.names:
            was, now = names.items(name, old) if before else [], names.items(name, new)
            if was != now:
                is_list = name in LISTS
                pieces = compare_items(was, now) if is_list else compare_words("".join(was), "".join(now))
                found.append(Difference(step, name, LABELS[name], is_list, pieces))
    return found


def public_differences(
    before: Mapping[str, Any], after: Mapping[str, Any], names: Names | None = None
) -> list[Difference]:
    """Those that a reader of the public page may see."""
    return [difference for difference in differences(before, after, names) if difference.name not in PRIVATE]


def compare_items(old: list[str], new: list[str]) -> list[Piece]:
    """The items of both lists: those kept, those taken away at their old place, those added."""
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces += [Piece("same", item) for item in old[i1:i2]]
        else:
            pieces += [Piece("removed", item) for item in old[i1:i2]]
            pieces += [Piece("added", item) for item in new[j1:j2]]
    return pieces


def compare_words(old: str, new: str) -> list[Piece]:
    """The runs of words of both texts; joined without the removed ones they give the new text."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(a[i1:i2])))
            continue
        if i1 < i2:
            pieces.append(Piece("removed", "".join(a[i1:i2])))
        if j1 < j2:
            pieces.append(Piece("added", "".join(b[j1:j2])))
    return pieces
