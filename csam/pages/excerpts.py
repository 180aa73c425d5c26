"""Where a text answers a search: the words found are marked, and a long text is cut around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.folding import matches

#: Characters of an excerpt, about two lines and a half on a wide screen.
LENGTH = 220

_WORD = re.compile(r"[^\W_]+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Passage:
    """A text that was searched, and the language it is written in ("" for names, which have none)."""

    text: str
    language: str


@dataclass(frozen=True)
class Excerpt:
    html: SafeString
    language: str


def highlight(text: str, wanted: Collection[str], language: str) -> SafeString:
    """The text, escaped, with ``<mark>`` around each word that a search for these stems finds.

    ``language`` is the one the search was made in: its stems are compared, whatever language the text is in.
    """
    text = _tidy(text)
    return _marked(text, _found(text, wanted, language))


def excerpt(passages: Iterable[Passage], wanted: Collection[str], language: str) -> Excerpt:
    """The stretch of these passages with most of the words; without any, the beginning of the first."""
    best: tuple[int, str, int, Passage] | None = None
    first: Passage | None = None
    for passage in passages:
        text = _tidy(passage.text)
        if not text:
            continue
        first = first or Passage(text, passage.language)
        richness, start = _richest(text, wanted, language)
        if richness and (best is None or richness > best[0]):
            best = (richness, text, start, passage)
    if best is None:
        return (
            Excerpt(_cut(first.text, 0, wanted, language), first.language)
            if first
            else Excerpt(SafeString(), "")
        )
    _richness, text, start, passage = best
    return Excerpt(_cut(text, start, wanted, language), passage.language)


def _tidy(text: str) -> str:
    """One line, with each accent in its letter, so that a word is one run of letters."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _found(text: str, wanted: Collection[str], language: str) -> list[tuple[int, int]]:
    if not wanted:
        return []
    return [m.span() for m in _WORD.finditer(text) if matches(m[0], wanted, language)]


def _richest(text: str, wanted: Collection[str], language: str) -> tuple[int, int]:
    """How many different words lie in the best stretch of ``LENGTH`` characters, and where it begins."""
    spans = _found(text, wanted, language)
    best = (0, 0)
    for start, _end in spans:
        within = {text[s:e].casefold() for s, e in spans if start <= s and e <= start + LENGTH}
        if len(within) > best[0]:
            best = (len(within), start)
    return best


def _cut(text: str, start: int, wanted: Collection[str], language: str) -> SafeString:
    """``LENGTH`` letters with the word at ``start`` and a little of what comes before, in whole words."""
    begin = max(0, min(start - LENGTH // 4, len(text) - LENGTH))
    if begin:
        space = text.find(" ", begin, start)
        begin = space + 1 if space >= 0 else start
    end = min(len(text), begin + LENGTH)
    if end < len(text):
        space = text.rfind(" ", max(begin, start) + 1, end)
        end = space if space >= 0 else end
    piece = text[begin:end]
    html = _marked(piece, _found(piece, wanted, language))
    return mark_safe(f"{'… ' if begin else ''}{html}{' …' if end < len(text) else ''}")  # noqa: S308 - escaped


def _marked(text: str, spans: Iterable[tuple[int, int]]) -> SafeString:
    html, position = [], 0
    for start, end in spans:
        html += [escape(text[position:start]), "<mark>", escape(text[start:end]), "</mark>"]
        position = end
    html.append(escape(text[position:]))
    return mark_safe("".join(html))  # noqa: S308 - every piece is escaped
