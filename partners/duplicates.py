"""Organisations that may be one and the same, by name, acronym or website."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import combinations
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from core.folding import fold, sort_key, stems
from partners.distinctions import pairs_apart
from partners.models import Organization, OrganizationAlias

#: From how much of their words in common two names look alike, and from how alike their letters are.
SHARED_WORDS, ALIKE_LETTERS = 0.6, 0.86
#: A word found in more names than this tells nothing (« centre », « montréal »).
COMMON = 40
#: Hosts where many organisations have their page.
SHARED_HOSTS = {
    "facebook.com",
    "instagram.com",
    "linkedin.com",
    "sites.google.com",
    "youtube.com",
    "linktr.ee",
}


@dataclass(frozen=True)
class Named:
    """What an organisation is recognised by."""

    name: str
    acronym: str = ""
    website: str = ""
    pk: int | None = None

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(stems(self.name, "fr"))

    @cached_property
    def letters(self) -> str:
        return sort_key(self.name)

    @cached_property
    def short(self) -> str:
        return sort_key(self.acronym)

    @cached_property
    def host(self) -> str:
        host = (urlsplit(fold(self.website)).hostname or "").removeprefix("www.")
        return "" if host in SHARED_HOSTS else host


@dataclass(frozen=True)
class Likeness:
    """How alike, from 0 to 1, and in what."""

    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    first: Organization
    second: Organization
    likeness: Likeness


def likeness(a: Named, b: Named) -> Likeness | None:
    """None when nothing says that the two are one."""
    found: list[tuple[float, str]] = []
    if a.letters and a.letters == b.letters:
        found.append((1.0, _("même nom")))
    elif shared := _alike(a, b):
        found.append((shared, _("noms voisins")))
    if (a.short and (a.short in (b.short, b.letters))) or (b.short and b.short == a.letters):
        found.append((0.9, _("même acronyme")))
    if a.host and a.host == b.host:
        found.append((0.95, _("même site web")))
    if not found:
        return None
    return Likeness(max(score for score, _reason in found), tuple(reason for _score, reason in found))


def like(named: Named, *, limit: int = 5) -> list[tuple[Organization, Likeness]]:
    """The organisations that may be this one, the likeliest first; archived ones are left out, and those that staff
    said to be another.
    """
    best: dict[int, Likeness] = {}
    apart = {key for pair in pairs_apart() if named.pk in pair for key in pair} if named.pk else set()
    for key, other in _everybody():
        if key == named.pk or key in apart:
            continue
        found = likeness(named, other)
        if found and (key not in best or found.score > best[key].score):
            best[key] = found
    keys = sorted(best, key=lambda key: -best[key].score)[:limit]
    rows = Organization.objects.without_search_columns().in_bulk(keys)
    return [(rows[key], best[key]) for key in keys]


def pairs(*, limit: int = 100) -> list[Pair]:
    """The pairs that may be one organisation, the likeliest first, without those that staff set apart.

    Only names that share a rare word, an acronym or a website are compared: with 2 000 organisations, all
    pairs would be two million.
    """
    everybody = list(_everybody())
    best: dict[tuple[int, int], Likeness] = {}
    apart = pairs_apart()
    for (a_key, a), (b_key, b) in _candidates(everybody):
        if a_key == b_key:
            continue
        pair = (min(a_key, b_key), max(a_key, b_key))
        if pair in apart:
            continue
        found = likeness(a, b)
        if found and (pair not in best or found.score > best[pair].score):
            best[pair] = found
    chosen = sorted(best, key=lambda pair: (-best[pair].score, pair))[:limit]
    rows = Organization.objects.without_search_columns().in_bulk({key for pair in chosen for key in pair})
    return [Pair(rows[a], rows[b], best[a, b]) for a, b in chosen]


def _alike(a: Named, b: Named) -> float:
    union = a.words | b.words
    shared = len(a.words & b.words) / len(union) if union else 0.0
    if shared >= SHARED_WORDS:
        return shared * 0.9
    letters = SequenceMatcher(None, a.letters, b.letters)
    if min(len(a.letters), len(b.letters)) < 6 or letters.quick_ratio() < ALIKE_LETTERS:
        return 0.0
    ratio = letters.ratio()
    return ratio * 0.9 if ratio >= ALIKE_LETTERS else 0.0


def _everybody() -> Iterable[tuple[int, Named]]:
    """Each living organisation under its name, and under each of its former names."""
    living = Organization.objects.exclude(stage=Organization.Stage.ARCHIVED)
    for pk, name, acronym, website in living.order_by("pk").values_list("pk", "name", "acronym", "website"):
        yield pk, Named(name, acronym, website, pk)
    aliases = OrganizationAlias.objects.filter(organization__in=living).order_by("pk")
    for pk, name, acronym in aliases.values_list("organization_id", "name", "acronym"):
        yield pk, Named(name, acronym, pk=pk)


def _candidates(
    everybody: list[tuple[int, Named]],
) -> Iterable[tuple[tuple[int, Named], tuple[int, Named]]]:
    shared: dict[str, list[int]] = defaultdict(list)
    for position, (_key, named) in enumerate(everybody):
        for mark in {*named.words, f"={named.letters}", f"={named.short}", f"@{named.host}"} - {"=", "@"}:
            shared[mark].append(position)
    seen = {pair for group in shared.values() if len(group) <= COMMON for pair in combinations(group, 2)}
    for a, b in sorted(seen):
        yield everybody[a], everybody[b]
