"""The island of Montréal as a map of tiles: one hexagon per territory, with its number of projects.

A schematic map, so that Westmount can be read and chosen as easily as Pierrefonds-Roxboro. A territory
without a tile of its own takes the free cell nearest to its label point.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from csam.figures.island_tiles import CELLS
from projects.territories import TerritoryCount

_SIZE = 60.0  # from the centre of a tile to a corner
_WIDTH = _SIZE * math.sqrt(3)
_ROW = _SIZE * 1.5
_MARGIN = 34.0
_LEVELS = 5

#: Paper does not know the site's style sheet: fill and ink of the levels 0 to 5, from the tokens of the leaf.
_PRINT_LEVELS = (
    ("#f4f1e8", "#4a4a40"),
    ("#dfe8cf", "#24331a"),
    ("#bfd3a2", "#24331a"),
    ("#94b36f", "#1b2812"),
    ("#5f8443", "#ffffff"),
    ("#385a24", "#ffffff"),
)


@dataclass(frozen=True)
class Tile:
    place: TerritoryCount
    x: float
    y: float
    level: int


def level(count: int, largest: int) -> int:
    """0 for none, else 1 to 5: equal steps up to the largest count."""
    if count <= 0 or largest <= 0:
        return 0
    return min(_LEVELS, math.ceil(_LEVELS * count / largest))


def scale(counts: Sequence[TerritoryCount]) -> list[tuple[int, int, int]]:
    """The levels that the map uses, for its legend: (level, fewest, most projects)."""
    largest = max((p.count for p in counts), default=0)
    steps: dict[int, tuple[int, int]] = {0: (0, 0)}
    for step in range(1, _LEVELS + 1):
        fewest, most = largest * (step - 1) // _LEVELS + 1, largest * step // _LEVELS
        if fewest <= most:
            steps[step] = (fewest, most)
    return [(step, fewest, most) for step, (fewest, most) in steps.items()]


def lay_out(places: Sequence[TerritoryCount]) -> list[Tile]:
    """Each territory on its tile, from north to south and west to east, as a keyboard visits them."""
    largest = max((p.count for p in places), default=0)
    cells: dict[int, tuple[float, float]] = {}
    taken: set[tuple[float, float]] = set()
    strangers: list[int] = []
    for index, place in enumerate(places):
        tile = CELLS.get(place.abbreviation)
        if tile is None or tile[:2] in taken:
            strangers.append(index)
        else:
            cells[index] = tile[:2]
            taken.add(tile[:2])
    for index in strangers:
        cells[index] = _nearest_free(places[index], taken)
        taken.add(cells[index])
    tiles = [
        Tile(place, cells[i][0] * _WIDTH, cells[i][1] * _ROW, level(place.count, largest))
        for i, place in enumerate(places)
    ]
    return sorted(tiles, key=lambda tile: (tile.y, tile.x))


def island_svg(
    counts: Sequence[TerritoryCount],
    *,
    language: str,
    for_print: bool = False,
    whole_island: int | None = None,
    identifier: str = "island-map",
) -> SafeString:
    """The map as an ``<svg>`` element, without style attribute or script.

    On the site its looks come from the style sheet (``.island-map``) and tiles with a ``url`` are links;
    ``for_print`` bakes colours in and makes it one image with a text alternative. A table with the same
    numbers must stand beside it.
    """
    with override(language):
        tiles = lay_out(counts)
        left, top, width, height = _frame(tiles)
        total_note = "" if whole_island is None else _whole_island_note(whole_island)
        parts = [
            _water(left, top, width, height, for_print=for_print),
            _shore(tiles, for_print=for_print),
            _river_names(for_print=for_print),
            format_html_join("", "{}", ((_tile(t, for_print=for_print),) for t in tiles)),
        ]
        title = _("Carte schématique de l'île de Montréal : nombre de projets par territoire")
        description = f"{summary(counts)} {total_note}".strip()
        return format_html(
            '<svg xmlns="http://www.w3.org/2000/svg" class="island-map" viewBox="{box}" role="{role}" '
            'aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{title}</title>'
            '<desc id="{id}-desc">{description}</desc>{parts}</svg>',
            box=" ".join(_n(v) for v in (left, top, width, height)),
            role="img" if for_print else "group",
            id=identifier,
            title=title,
            description=description,
            parts=mark_safe("".join(parts)),  # noqa: S308 - parts are built by format_html
        )


def summary(counts: Sequence[TerritoryCount]) -> str:
    """What the map shows, in a sentence."""
    served = [p for p in counts if p.count]
    if not served:
        return _("Aucun territoire n'a de projet.")
    most = sorted(served, key=lambda p: -p.count)[:3]
    listed = ", ".join(f"{p.name} ({p.count})" for p in most)
    return ngettext(
        "%(served)d territoire sur %(all)d a au moins un projet. Le plus de projets : %(most)s.",
        "%(served)d territoires sur %(all)d ont au moins un projet. Le plus de projets : %(most)s.",
        len(served),
    ) % {"served": len(served), "all": len(counts), "most": listed}


def _whole_island_note(count: int) -> str:
    return ngettext(
        "De plus, %(count)d projet couvre toute l'île.",
        "De plus, %(count)d projets couvrent toute l'île.",
        count,
    ) % {"count": count}


def _tile(tile: Tile, *, for_print: bool) -> SafeString:
    place = tile.place
    fill, ink = _PRINT_LEVELS[tile.level] if for_print else ("", "")
    polygon = format_html(
        '<polygon class="hex" points="{}"{}/>',
        _hexagon(tile.x, tile.y, _SIZE - 3),
        format_html(' fill="{}" stroke="#385a24" stroke-width="1"', fill) if fill else "",
    )
    inside = format_html("{}{}{}", polygon, _label(tile, ink), _count(tile, ink))
    classes = f"tile level-{tile.level}{' is-selected' if place.is_selected else ''}"
    name = ngettext("%(place)s : %(count)d projet", "%(place)s : %(count)d projets", place.count) % {
        "place": place.name,
        "count": place.count,
    }
    if for_print or not place.url:
        return format_html('<g class="{}"><title>{}</title>{}</g>', classes, name, inside)
    return format_html(
        '<a class="{}" href="{}" aria-label="{}"{}><title>{}</title>{}</a>',
        classes,
        place.url,
        name,
        mark_safe(' aria-current="true"') if place.is_selected else "",
        name,
        inside,
    )


def _label(tile: Tile, ink: str) -> SafeString:
    """The short name, and the abbreviation that the style sheet shows instead when space is short."""
    cell = CELLS.get(tile.place.abbreviation)
    lines = cell.short_name if cell else (tile.place.abbreviation,)
    first = tile.y - (24 if len(lines) == 2 else 17)
    paint = format_html(' fill="{}" font-size="11.5"', ink) if ink else ""
    spans = format_html_join(
        "",
        '<tspan x="{}" y="{}">{}</tspan>',
        ((_n(tile.x), _n(first + 13 * i), line) for i, line in enumerate(lines)),
    )
    name = format_html('<text class="tile-name" text-anchor="middle"{}>{}</text>', paint, spans)
    if ink:
        return name
    return format_html(
        '{}<text class="tile-code" x="{}" y="{}" text-anchor="middle" aria-hidden="true">{}</text>',
        name,
        _n(tile.x),
        _n(tile.y - 12),
        tile.place.abbreviation,
    )


def _count(tile: Tile, ink: str) -> SafeString:
    paint = format_html(' fill="{}" font-size="26" font-weight="600"', ink) if ink else ""
    return format_html(
        '<text class="tile-count" x="{}" y="{}" text-anchor="middle"{}>{}</text>',
        _n(tile.x),
        _n(tile.y + 27),
        paint,
        tile.place.count,
    )


def _shore(tiles: Iterable[Tile], *, for_print: bool) -> SafeString:
    """The land under the tiles: the same hexagons, with a broad round outline that melts them into a
    coast.
    """
    points = [_hexagon(t.x, t.y, _SIZE) for t in tiles]
    paint = ' fill="#efe9d9" stroke="#efe9d9" stroke-width="18" stroke-linejoin="round"' if for_print else ""
    edge = ' fill="#c9d9dd" stroke="#c9d9dd" stroke-width="30" stroke-linejoin="round"' if for_print else ""
    return format_html(
        '<g class="shallows" aria-hidden="true"{}>{}</g><g class="shore" aria-hidden="true"{}>{}</g>',
        mark_safe(edge),  # noqa: S308 - a constant
        format_html_join("", '<polygon points="{}"/>', ((p,) for p in points)),
        mark_safe(paint),  # noqa: S308 - a constant
        format_html_join("", '<polygon points="{}"/>', ((p,) for p in points)),
    )


#: The two rivers beside the island, in tile columns and rows: a curve, and the name that is written along it.
_RIVERS = (
    ((3.1, 2.55), (4.3, 1.9), (5.2, 0.75), (6.3, -0.05), "Rivière des Prairies"),
    ((5.85, 7.8), (6.9, 7.62), (8.05, 7.25), (8.75, 6.3), "Fleuve Saint-Laurent"),
)


def _water(left: float, top: float, width: float, height: float, *, for_print: bool) -> SafeString:
    ink = ' fill="none" stroke="#7fa3ad" stroke-width="1.4"' if for_print else ""
    waves = format_html_join("", '<path d="{}"/>', ((w,) for w in _waves(left, top, width, height)))
    return format_html('<g class="waves" aria-hidden="true"{}>{}</g>', mark_safe(ink), waves)  # noqa: S308 - a constant


def _river_names(*, for_print: bool) -> SafeString:
    """The names of the two rivers along their curves, alike in both languages, as official names are."""
    ink = mark_safe(' fill="#3f6570" font-size="17" font-style="italic"') if for_print else ""
    names = []
    for index, (*curve, name) in enumerate(_RIVERS):
        path = "M{} C{} {} {}".format(*(f"{_n(x * _WIDTH)} {_n(y * _ROW)}" for x, y in curve))
        names.append(
            format_html(
                '<path id="river-{}" d="{}" fill="none"/><text class="river-name"{}>'
                '<textPath href="#river-{}" startOffset="50%" text-anchor="middle">{}</textPath></text>',
                index,
                path,
                ink,
                index,
                name,
            )
        )
    return format_html(
        '<g class="rivers" aria-hidden="true" lang="fr">{}</g>',
        mark_safe("".join(names)),  # noqa: S308 - parts are built by format_html
    )


def _waves(left: float, top: float, width: float, height: float) -> list[str]:
    """Short swells, kept to the two corners that the island leaves free."""
    north_west = [(0.06, 0.1), (0.17, 0.2), (0.05, 0.3), (0.3, 0.1)]
    south_east = [(0.94, 0.79), (0.93, 0.93), (0.83, 0.97)]
    swell = 15.0
    return [
        f"M{_n(left + x * width)} {_n(top + y * height)}"
        + f"q{_n(swell / 2)} {_n(-swell / 2)} {_n(swell)} 0t{_n(swell)} 0t{_n(swell)} 0"
        for x, y in north_west + south_east
    ]


def _hexagon(x: float, y: float, size: float) -> str:
    angles = [math.radians(degrees) for degrees in range(-90, 270, 60)]
    return " ".join(f"{_n(x + size * math.cos(a))},{_n(y + size * math.sin(a))}" for a in angles)


def _frame(tiles: Sequence[Tile]) -> tuple[float, float, float, float]:
    if not tiles:
        return 0.0, 0.0, _WIDTH * 9, _ROW * 8
    left = min(t.x for t in tiles) - _WIDTH / 2 - _MARGIN
    right = max(t.x for t in tiles) + _WIDTH / 2 + _MARGIN
    top = min(t.y for t in tiles) - _SIZE - _MARGIN
    bottom = max(t.y for t in tiles) + _SIZE + _MARGIN
    return left, top, right - left, bottom - top


#: Degrees to columns and rows: fitted once on the 34 territories.
_WEST, _NORTH, _COLUMNS_PER_DEGREE, _ROWS_PER_DEGREE = -74.0, 45.665, 16.7, 29.5


def _nearest_free(place: TerritoryCount, taken: set[tuple[float, float]]) -> tuple[float, float]:
    column = (place.longitude - _WEST) * _COLUMNS_PER_DEGREE
    row = (_NORTH - place.latitude) * _ROWS_PER_DEGREE

    def distance(cell: tuple[float, float]) -> float:
        return (cell[0] - column) ** 2 + (0.87 * (cell[1] - row)) ** 2

    near_taken = {(c, r) for c, r in taken if float(r).is_integer()} | {(c, round(r)) for c, r in taken}
    reach = 3 + math.isqrt(len(taken))
    free = (
        (c + (0.5 if r % 2 == 0 else 0.0), float(r))
        for r in range(round(row) - reach, round(row) + reach + 1)
        for c in range(round(column) - reach, round(column) + reach + 1)
    )
    return min((cell for cell in free if cell not in near_taken and cell not in taken), key=distance)


def _n(value: float) -> str:
    """A coordinate without needless digits, the same on every machine."""
    return "0" if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")
