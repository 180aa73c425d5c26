"""Text reduced to what a search or a French alphabetical order compares.

The same functions fold what is stored and what is typed, so that SQLite and PostgreSQL, which know different
collations, find the same rows in the same order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

import snowballstemmer

_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
_WORD = re.compile(r"[a-z0-9]+")
_STEMMERS = {"fr": "french", "en": "english"}

# Already folded. Single letters are elided articles (l', d', qu') or initials: they never help a search.
_STOP_WORDS = {
    "fr": frozenset(
        [
            "au",
            "aux",
            "avec",
            "ce",
            "ces",
            "cette",
            "dans",
            "de",
            "des",
            "du",
            "elle",
            "elles",
            "en",
            "est",
            "et",
            "eux",
            "il",
            "ils",
            "je",
            "la",
            "le",
            "les",
            "leur",
            "leurs",
            "lui",
            "mais",
            "me",
            "meme",
            "mes",
            "mon",
            "ne",
            "nos",
            "notre",
            "nous",
            "on",
            "ou",
            "par",
            "pas",
            "pour",
            "qu",
            "que",
            "qui",
            "sa",
            "sans",
            "se",
            "ses",
            "son",
            "sont",
            "sur",
            "ta",
            "te",
            "tes",
            "toi",
            "ton",
            "tu",
            "un",
            "une",
            "vos",
            "votre",
            "vous",
        ]
    ),
    "en": frozenset(
        [
            "an",
            "and",
            "are",
            "as",
            "at",
            "be",
            "but",
            "by",
            "for",
            "from",
            "has",
            "have",
            "he",
            "her",
            "his",
            "if",
            "in",
            "into",
            "is",
            "it",
            "its",
            "not",
            "of",
            "on",
            "or",
            "our",
            "she",
            "so",
            "that",
            "the",
            "their",
            "them",
            "there",
            "these",
            "they",
            "this",
            "to",
            "was",
            "we",
            "were",
            "which",
            "will",
            "with",
            "you",
            "your",
        ]
    ),
}


def fold(text: str) -> str:
    """Lower case, without accents, ligatures or kinds of dash, apostrophe and space."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


@lru_cache(maxsize=50_000)
def _stem(word: str, language: str) -> str:
    return snowballstemmer.stemmer(_STEMMERS[language]).stemWord(word)


def stems(text: str, language: str) -> list[str]:
    """The words that a search compares, in order, each once.

    Words are stemmed after folding, so that « marches » and « marché » meet. A word that a stemmer leaves
    empty or that
    is a stop word is dropped.
    """
    stop = _STOP_WORDS[language]
    kept = (w for w in words(text) if w not in stop and (len(w) > 1 or w.isdigit()))
    return list(dict.fromkeys(_stem(w, language) for w in kept))


#: How much of a typed text is read, so that a hostile query costs no more than a long one.
QUERY_LENGTH = 200
QUERY_WORDS = 12


def query_stems(text: str, language: str) -> list[str]:
    """The stems of what somebody typed: at most ``QUERY_WORDS`` of the first ``QUERY_LENGTH`` characters."""
    return stems(text[:QUERY_LENGTH], language)[:QUERY_WORDS]


def matches(word: str, wanted: Collection[str], language: str) -> bool:
    """Whether a word of a text is one that a search for these stems finds: « Marchés » for ``{"march"}``."""
    return any(stem in wanted for stem in stems(word, language))


def search_column(text: str, language: str) -> str:
    """What is stored: stems with a space on both sides of each, so that ``contains " stem "`` matches
    whole stems.
    """
    found = stems(text, language)
    return f" {' '.join(found)} " if found else ""


def sort_key(text: str) -> str:
    """A key in French alphabetical order on any database: letters and digits only.

    Spaces, hyphens and accents are ignored at the first level, as the Canadian ordering standard
    (CAN/CSA Z243.4.1) asks; being plain ASCII, it compares alike under every collation.
    """
    return "".join(words(text))[:200]
