"""One search over all that the public may read: a single list, ranked alike on every database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.safestring import SafeString

from core.folding import QUERY_LENGTH, QUERY_WORDS, matches, query_stems, stems, words
from csam.pages.excerpts import Excerpt, Passage, excerpt, highlight
from csam.pages.kinds import KINDS, Kind

PAGE_LENGTH = 20


@dataclass(frozen=True)
class Hit:
    kind: Kind
    url: str
    number: str
    title: SafeString
    title_language: str
    detail: Passage
    excerpt: Excerpt
    is_demonstration: bool


@dataclass(frozen=True)
class KindCount:
    kind: Kind
    count: int


@dataclass(frozen=True)
class Results:
    """``total`` counts every kind; ``page`` holds what is shown of the kind asked for."""

    counts: list[KindCount]
    total: int
    found: int
    page: Page[Any]
    hits: list[Hit]

    @property
    def has_demonstration(self) -> bool:
        return any(hit.is_demonstration for hit in self.hits)


def search(text: str, *, language: str, kind: str = "", page: str | int = 1) -> Results:
    """What answers ``text``: hits in the title first, then by kind, then in alphabetical order.

    The number of queries does not depend on how many rows there are: one for each kind, and those that
    load one page. A page out of range is the last one.
    """
    keys = {k: k.find(text, language) for k in KINDS}
    chosen = [k for k in KINDS if k.code == kind] or KINDS
    ranked = [(k, pk) for rank in (0, 1) for k in chosen for pk, hit in keys[k] if hit == rank]
    shown = Paginator(ranked, PAGE_LENGTH).get_page(page)
    counts = [KindCount(k, len(keys[k])) for k in KINDS]
    return Results(
        counts=counts,
        total=sum(c.count for c in counts),
        found=len(ranked),
        page=shown,
        hits=_load(list(shown.object_list), text, language),
    )


def is_long(text: str, language: str) -> bool:
    """Whether more was typed than is read."""
    return len(text) > QUERY_LENGTH or len(stems(text[:QUERY_LENGTH], language)) > QUERY_WORDS


def single_words(text: str, language: str) -> list[str]:
    """The words of a query of several, to try one by one when together they find nothing."""
    wanted = query_stems(text, language)
    typed = [w for w in dict.fromkeys(words(text[:QUERY_LENGTH])) if matches(w, wanted, language)]
    return typed[:5] if len(typed) > 1 else []


def _load(keys: Sequence[tuple[Kind, int]], text: str, language: str) -> list[Hit]:
    wanted = frozenset(query_stems(text, language))
    rows = {
        (kind, row.pk): row
        for kind in KINDS
        if (pks := [pk for k, pk in keys if k is kind])
        for row in kind.load(pks)
    }
    return [_hit(kind, rows[kind, pk], wanted, language) for kind, pk in keys if (kind, pk) in rows]


def _hit(kind: Kind, row: Any, wanted: frozenset[str], language: str) -> Hit:
    title = kind.title(row, language)
    return Hit(
        kind=kind,
        url=kind.address(row),
        number=kind.number(row),
        title=highlight(title.text, wanted, language),
        title_language=title.language,
        detail=kind.detail(row, language),
        excerpt=excerpt(kind.passages(row, language), wanted, language),
        is_demonstration=getattr(row, "is_demonstration", False),
    )
