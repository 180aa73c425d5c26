"""Numbers as people write them in a French or an English workbook, never misread."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from csam.workbook.problems import UnreadableError

#: Characters of a number; nothing that is counted here needs more.
LONGEST = 30
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_ENGLISH = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def parse_decimal(text: str) -> Decimal:
    """« 1 234,5 », « 1234.5 » and « 1,234,567.8 »; refuses « 1,234 », which is 1.234 in French and 1234 in English."""
    compact = text.strip().replace("\u2212", "-")
    if len(compact) > LONGEST:
        compact = f"{compact[:LONGEST]}…"
        text = compact
    if _AMBIGUOUS.fullmatch(compact):
        raise UnreadableError(
            _(
                "« %(text)s » a deux lectures. Écrivez %(thousands)s pour les milliers ou %(decimal)s pour "
                "les décimales."
            )
            % {"text": text.strip(), "thousands": compact.replace(",", " "), "decimal": compact + "0"}
        )
    if _ENGLISH.fullmatch(compact):
        return Decimal(compact.replace(",", ""))
    while (shorter := _SPACES.sub("", compact)) != compact:
        compact = shorter
    if not _PLAIN.fullmatch(compact):
        raise UnreadableError(
            _("« %(text)s » n'est pas un nombre. Écrivez seulement des chiffres, par exemple 1 234,5.")
            % {"text": text.strip()}
        )
    return Decimal(compact.replace(",", "."))


def parse_integer(text: str) -> int:
    value = parse_decimal(text)
    if value != value.to_integral_value():
        raise UnreadableError(
            _("« %(text)s » n'est pas un nombre entier. Écrivez par exemple %(example)d.")
            % {"text": text.strip(), "example": int(value)}
        )
    return int(value)
