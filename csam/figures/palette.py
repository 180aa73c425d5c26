"""Colours of drawings that are printed, without the site's stylesheet: the light values of tokens.css."""

from __future__ import annotations

from dataclasses import dataclass

PAPER = "#fffdf8"
INK = "#2a1b29"
INK_SOFT = "#5e4a56"
LINE = "#dfd0b8"
LINE_STRONG = "#8b7768"


@dataclass(frozen=True)
class Hue:
    """``line`` draws, ``soft`` fills under text, ``ink`` writes on ``soft``."""

    line: str
    soft: str
    ink: str


HUES = {
    "soleil": Hue("#e5a823", "#fbecc4", "#704b00"),
    "feuille": Hue("#47783a", "#e2ecd0", "#2c5522"),
    "betterave": Hue("#a12a62", "#f7dfe7", "#86194d"),
    "carotte": Hue("#c24e14", "#fbe3d2", "#8f3608"),
    "fleuve": Hue("#2a6a91", "#dbe9f0", "#1b5172"),
}
