"""Charts of progress as SVG: the bar, the line towards a target, counts by status, coverage.

Drawn from values already computed, the same for a page and for a printed document. Text stays text, every chart
has a description, no meaning is told by colour alone, and a table with the same numbers stands beside it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from core.partial_dates import PartialDate
from csam.figures import palette
from csam.figures.drawing import CHARACTER, element, joined, num
from indicators.progress import Aim, Point, Progress
from indicators.vocabulary import Status

#: A sign per status, drawn in a square of 16: no font need have it.
SIGNS: dict[str, str] = {
    Status.ACHIEVED: "M3 8.5 6.5 12 13 4.5",
    Status.ON_TRACK: "M4 12 12 4M6.5 4H12v5.5",
    Status.AT_RISK: "M8 3v6.5M8 12.4v.2",
    Status.BEHIND: "M2.5 8h11M9.5 4l4 4-4 4",
    Status.REGRESSING: "M4 4l8 8M6.5 12H12V6.5",
    Status.NOT_ACHIEVED: "M4 4l8 8M12 4l-8 8",
    Status.TOO_EARLY: "M4 3h8L4 13h8L4 3",
    Status.OBSERVED: "M2 8q6-6.5 12 0q-6 6.5-12 0M8 7.9v.2",
    Status.NO_DATA: "M8 3a5 5 0 1 0 .01 0M4.6 11.4l6.8-6.8",
    Status.NO_BASELINE: "M3 13V8M8 13V3M13 13V3",
    Status.NO_TARGET: "M8 3a5 5 0 1 0 .01 0",
    Status.REFUSED: "M3 8h10M8 3v10",
}

#: Paper knows no style sheet: (fill, ink) of the families that the style sheet calls by the same names.
_INKS = {
    "good": ("#e2ecd0", "#2c5522"),
    "watch": ("#fbecc4", "#704b00"),
    "bad": ("#fbe0da", "#9b1c1c"),
    "open": ("#dbe9f0", "#1b5172"),
    "silent": ("#f3e9d7", palette.INK_SOFT),
}
FAMILIES: dict[str, str] = {
    Status.ACHIEVED: "good",
    Status.ON_TRACK: "good",
    Status.AT_RISK: "watch",
    Status.BEHIND: "bad",
    Status.REGRESSING: "bad",
    Status.NOT_ACHIEVED: "bad",
    Status.TOO_EARLY: "open",
    Status.OBSERVED: "open",
    Status.NO_DATA: "silent",
    Status.NO_BASELINE: "silent",
    Status.NO_TARGET: "silent",
    Status.REFUSED: "silent",
}
_BAR = palette.HUES["feuille"].line
_MOST_SQUARES = 40


def sign(status: str) -> SafeString:
    """The sign of a status, beside its word."""
    path = element("path", d=SIGNS[status], fill="none", stroke="currentColor", stroke_width="2")
    return element(
        "svg", path, class_="status-sign", viewbox="0 0 16 16", width=14, height=14, aria_hidden="true"
    )


def progress_bar(progress: Progress, *, language: str, for_print: bool = False) -> SafeString:
    """How far the way is done, with a mark where it was expected to be; empty where that cannot be said."""
    if progress.bar is None:
        return SafeString("")
    width, height = 300.0, 16.0
    done = float(progress.bar) / 100 * width
    parts = [
        element(
            "rect", class_="bar-ground", x=0, y=3, width=width, height=10, **_ink(for_print, fill="#e9dfcb")
        ),
        element("rect", class_="bar-done", x=0, y=3, width=done, height=10, **_ink(for_print, fill=_BAR)),
    ]
    if progress.expected is not None:
        at = min(max(float(progress.expected), 0.0), 100.0) / 100 * width
        at = min(max(at, 1.5), width - 1.5)
        parts.append(
            element(
                "path",
                class_="bar-expected",
                d=f"M{num(at)} 0V{num(height)}",
                **_ink(for_print, stroke=palette.INK, stroke_width="3"),
            )
        )
    with override(language):
        name = bar_text(progress)
    return element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_="progress-bar",
        viewbox=f"0 0 {num(width)} {num(height)}",
        role="img",
        aria_label=name,
        preserveAspectRatio="none",
    )


def bar_text(progress: Progress) -> str:
    """What the bar shows, in a sentence."""
    if progress.kept is not None:
        return progress.label
    if progress.expected is None:
        return _("%(done)s du chemin") % {"done": progress.label}
    expected = number_format(round(progress.expected), 0)
    return _("%(done)s du chemin; %(expected)s %% attendus à cette date") % {
        "done": progress.label,
        "expected": expected,
    }


def coverage_squares(reported: int, expected: int, *, language: str, for_print: bool = False) -> SafeString:
    """A square per project, full when it reported; a bar where they are too many to be counted."""
    with override(language):
        name = coverage_text(reported, expected)
    if expected > _MOST_SQUARES or expected == 0:
        return SafeString("")
    squares = [
        element(
            "rect",
            class_="coverage-full" if index < reported else "coverage-empty",
            x=2 + index % 20 * 16,
            y=2 + index // 20 * 16,
            width=12,
            height=12,
            **_ink(for_print, fill=_BAR if index < reported else "none", stroke=_BAR, stroke_width="1.5"),
        )
        for index in range(expected)
    ]
    width, height = min(expected, 20) * 16.0, math.ceil(expected / 20) * 16.0
    return element(
        "svg",
        *squares,
        xmlns="http://www.w3.org/2000/svg",
        class_="coverage",
        viewbox=f"0 0 {num(width)} {num(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=name,
    )


def coverage_text(reported: int, expected: int) -> str:
    return ngettext(
        "%(reported)d projet sur %(expected)d a rapporté",
        "%(reported)d projets sur %(expected)d ont rapporté",
        reported,
    ) % {"reported": reported, "expected": expected}


def status_stack(counts: Mapping[str, int], *, language: str, for_print: bool = False) -> SafeString:
    """Counts by status side by side, each segment with its sign and its number where there is room."""
    total = sum(counts.values())
    if not total:
        return SafeString("")
    width, height, x = 320.0, 28.0, 0.0
    parts: list[SafeString] = []
    with override(language):
        told = [
            _("%(status)s : %(count)d") % {"status": Status(s).label, "count": n}
            for s, n in counts.items()
            if n
        ]
    for status in Status.values:
        if not (count := counts.get(status, 0)):
            continue
        wide = width * count / total
        parts.append(_segment(status, count, x=x, wide=wide, height=height, for_print=for_print))
        x += wide
    return element(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_="status-stack",
        viewbox=f"0 0 {num(width)} {num(height)}",
        role="img",
        aria_label=", ".join(told),
    )


def _segment(status: str, count: int, *, x: float, wide: float, height: float, for_print: bool) -> SafeString:
    family = FAMILIES[status]
    soft, ink = _INKS[family]
    box = element(
        "rect",
        x=x + 1,
        y=1,
        width=max(wide - 2, 1),
        height=height - 2,
        rx=2,
        **_ink(for_print, fill=soft, stroke=ink, stroke_width="1.2"),
    )
    inside = [box]
    text = str(count)
    room = wide - 8
    needs = len(text) * 8
    if room >= needs + 18:
        start = x + wide / 2 - (needs + 18) / 2
        inside.append(
            element(
                "path",
                d=SIGNS[status],
                transform=f"translate({num(start)} {num(height / 2 - 7)}) scale(.875)",
                fill="none",
                **_ink(for_print, stroke=ink, stroke_width="2"),
            )
        )
        inside.append(_text(start + 18 + needs / 2, height / 2 + 5, text, for_print=for_print, fill=ink))
    elif room >= needs - 4:
        inside.append(_text(x + wide / 2, height / 2 + 5, text, for_print=for_print, fill=ink))
    return element("g", *inside, class_=f"segment is-{family}")


# The line -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    """Where values fall on the drawing."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    first: dt.date
    last: dt.date
    low: float
    high: float

    def x(self, on: dt.date) -> float:
        days = max((self.last - self.first).days, 1)
        return self.left + (on - self.first).days / days * (self.width - self.left - self.right)

    def y(self, value: Decimal | float) -> float:
        span = self.high - self.low
        return (
            self.height
            - self.bottom
            - (float(value) - self.low) / span * (self.height - self.top - self.bottom)
        )


@dataclass(frozen=True)
class Line:
    """What a line chart shows. ``before`` holds earlier values that no longer compare with ``progress.series``."""

    title: str
    unit: str
    decimals: int
    aim: Aim
    progress: Progress
    before: tuple[Point, ...] = ()


def line_chart(line: Line, *, language: str, identifier: str, for_print: bool = False) -> SafeString:
    """Values over time with baseline, expected path, target and band; empty where there is nothing to draw.

    For a page, two arrangements of the same values of which the style sheet shows one.
    """
    if not (line.progress.series or line.before):
        return SafeString("")
    with override(language):
        if for_print:
            return _draw_line(line, 620, 250, f"{identifier}-print", for_print=True)
        return joined(
            [
                _draw_line(line, 720, 300, f"{identifier}-wide", kind="chart-wide"),
                _draw_line(line, 340, 280, f"{identifier}-narrow", kind="chart-narrow"),
            ]
        )


def line_text(line: Line) -> str:
    """What the line shows, in sentences."""
    values = [*line.before, *line.progress.series]
    first, last = values[0], values[-1]
    told = [
        _("De %(first)s (%(from)s) à %(last)s (%(to)s).")
        % {
            "first": _figure(first.value, line),
            "from": PartialDate(first.on).format(),
            "last": _figure(last.value, line),
            "to": PartialDate(last.on).format(),
        }
        if len(values) > 1
        else _("Une valeur : %(last)s (%(to)s).")
        % {"last": _figure(last.value, line), "to": PartialDate(last.on).format()}
    ]
    if line.aim.target is not None and line.aim.target_on:
        told.append(
            _("Cible : %(target)s au %(on)s.")
            % {"target": _figure(line.aim.target, line), "on": PartialDate(line.aim.target_on).format()}
        )
    return " ".join(told)


def _draw_line(
    line: Line, width: float, height: float, identifier: str, *, kind: str = "", for_print: bool = False
) -> SafeString:
    frame = _frame(line, width, height)
    parts = [
        _grid(line, frame, for_print),
        _band(line, frame, for_print),
        _expected_path(line, frame, for_print),
        _trace(line.before, frame, "chart-before", for_print, dashed=True),
        _trace(line.progress.series, frame, "chart-line", for_print),
        _marks(line, frame, for_print),
    ]
    title = element("title", text=line.title, id=f"{identifier}-title")
    description = element("desc", text=line_text(line), id=f"{identifier}-desc")
    return element(
        "svg",
        title,
        description,
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        class_=f"line-chart {kind}".strip(),
        viewbox=f"0 0 {num(width)} {num(height)}",
        role="img",
        aria_labelledby=f"{identifier}-title {identifier}-desc",
    )


def _frame(line: Line, width: float, height: float) -> _Frame:
    aim = line.aim
    points = [*line.before, *line.progress.series, *line.progress.path]
    dates = [p.on for p in points]
    values = [float(p.value) for p in points]
    values += [float(v) for v in (aim.band_low, aim.band_high) if v is not None]
    low, high = min(values), max(values)
    step = _step(low, high)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    if low == high:
        high = low + step
    widest = max(len(number_format(v, line.decimals, force_grouping=True)) for v in _ticks(low, high))
    first, last = min(dates), max(dates)
    if first == last:
        first, last = first - dt.timedelta(days=180), last + dt.timedelta(days=180)
    return _Frame(width, height, 14 + widest * 8.0, 26, 34, 32, first, last, low, high)


def _step(low: float, high: float) -> float:
    """A round step that cuts the span in about four: 1, 2 or 5 times a power of ten."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    return next(power * m for m in (1, 2, 5, 10) if span / (power * m) <= 5)


def _ticks(low: float, high: float) -> list[float]:
    step = _step(low, high)
    return [low + step * i for i in range(round((high - low) / step) + 1)]


def _grid(line: Line, frame: _Frame, for_print: bool) -> SafeString:
    parts = []
    for value in _ticks(frame.low, frame.high):
        y = frame.y(value)
        parts.append(
            element(
                "path",
                d=f"M{num(frame.left)} {num(y)}H{num(frame.width - frame.right)}",
                class_="chart-grid",
                **_ink(for_print, stroke=palette.LINE, stroke_width="1"),
            )
        )
        label = number_format(Decimal(repr(round(value, 4))), line.decimals, force_grouping=True)
        parts.append(_text(frame.left - 8, y + 5, label, anchor="end", for_print=for_print))
    for year in _years(frame):
        x = frame.x(dt.date(year, 12, 31))
        parts.append(_text(x, frame.height - 9, str(year), for_print=for_print))
        parts.append(
            element(
                "path",
                d=f"M{num(x)} {num(frame.height - frame.bottom)}v5",
                class_="chart-tick",
                **_ink(for_print, stroke=palette.LINE_STRONG, stroke_width="1"),
            )
        )
    parts.append(_text(4, 16, line.unit, anchor="start", for_print=for_print))
    return element("g", *parts, class_="chart-axes")


def _years(frame: _Frame) -> list[int]:
    """Ends of years within the frame, thinned to what fits."""
    years = [
        y
        for y in range(frame.first.year, frame.last.year + 1)
        if frame.first <= dt.date(y, 12, 31) <= frame.last
    ]
    if not years:
        return []
    room = max(1, int((frame.width - frame.left - frame.right) / 52))
    return years[:: math.ceil(len(years) / room)]


def _band(line: Line, frame: _Frame, for_print: bool) -> SafeString:
    low, high = line.aim.band_low, line.aim.band_high
    if low is None and high is None:
        return SafeString("")
    top = frame.y(high) if high is not None else frame.y(frame.high)
    bottom = frame.y(low) if low is not None else frame.y(frame.low)
    across = frame.width - frame.left - frame.right
    parts = [
        element(
            "rect",
            x=frame.left,
            y=top,
            width=across,
            height=bottom - top,
            class_="chart-band",
            **_ink(for_print, fill=palette.HUES["feuille"].soft),
        )
    ]
    for value, name in ((high, _("au plus %(value)s")), (low, _("au moins %(value)s"))):
        if value is None:
            continue
        y = frame.y(value)
        parts.append(
            element(
                "path",
                d=f"M{num(frame.left)} {num(y)}h{num(across)}",
                class_="chart-expected",
                **_dashes(for_print),
            )
        )
        text = name % {"value": _figure(value, line)}
        parts.append(
            _text(
                frame.left + 6, y - 6 if value is low else y + 16, text, anchor="start", for_print=for_print
            )
        )
    return joined(parts)


def _expected_path(line: Line, frame: _Frame, for_print: bool) -> SafeString:
    path = line.progress.path
    if not path:
        return SafeString("")
    d = "M" + "L".join(f"{num(frame.x(p.on))} {num(frame.y(p.value))}" for p in path)
    return element("path", d=d, class_="chart-expected", fill="none", **_dashes(for_print))


def _trace(
    points: Sequence[Point], frame: _Frame, name: str, for_print: bool, *, dashed: bool = False
) -> SafeString:
    ink = palette.INK_SOFT if dashed else palette.HUES["betterave"].ink
    places = [(frame.x(p.on), frame.y(p.value)) for p in points]
    parts = [
        element(
            "path",
            d=f"M{num(x)} {num(y)}L{num(to_x)} {num(to_y)}",
            class_=name,
            **_ink(for_print, stroke=ink, stroke_width="2.5", stroke_dasharray="2 4" if dashed else None),
        )
        for (x, y), (to_x, to_y) in pairwise(places)
    ]
    parts += [
        element("circle", cx=x, cy=y, r=4, class_=f"{name}-dot", **_ink(for_print, fill=ink))
        for x, y in places
    ]
    return joined(parts)


def _marks(line: Line, frame: _Frame, for_print: bool) -> SafeString:
    """Baseline as a square, target as a diamond, both named; the last value written beside its point."""
    parts = []
    path = line.progress.path
    if path:
        start, end = path[0], path[-1]
        x, y = frame.x(start.on), frame.y(start.value)
        ink = _ink(for_print, fill=palette.PAPER, stroke=palette.INK, stroke_width="2")
        parts.append(element("rect", x=x - 5, y=y - 5, width=10, height=10, class_="chart-mark", **ink))
        x, y = frame.x(end.on), frame.y(end.value)
        parts.append(element("path", d=f"M{num(x)} {num(y - 7)}l7 7-7 7-7-7z", class_="chart-mark", **ink))
        text = _("cible %(value)s") % {"value": _figure(end.value, line)}
        below = y < frame.top + 30 and _is_crowded(line, frame)
        parts.append(
            _text(
                frame.width - 4, y + 24 if below else max(y - 12, 14), text, anchor="end", for_print=for_print
            )
        )
    if line.progress.series:
        last = line.progress.series[-1]
        x, y = frame.x(last.on), frame.y(last.value)
        label = _figure(last.value, line)
        half = len(label) * 15 * CHARACTER / 2
        at = min(max(x, frame.left + half), frame.width - 4 - half)
        under = _is_under_path(line, last)
        parts.append(_text(at, y + 22 if under else y - 11, label, for_print=for_print, name="chart-value"))
    return joined(parts)


def _is_under_path(line: Line, last: Point) -> bool:
    """Whether the last value is written under its point, away from the expected path."""
    expected = line.progress.expected_value
    return expected is not None and last.value < expected


def _is_crowded(line: Line, frame: _Frame) -> bool:
    """Whether the last value stands where the name of the target would be written."""
    if not line.progress.series:
        return False
    last = line.progress.series[-1]
    return frame.x(last.on) > frame.width - 170 and frame.y(last.value) < frame.top + 30


def _figure(value: Decimal | float, line: Line) -> str:
    text = number_format(value, line.decimals, force_grouping=True)
    return f"{text} {line.unit}".strip()


def _text(
    x: float, y: float, text: str, *, anchor: str = "middle", for_print: bool, fill: str = "", name: str = ""
) -> SafeString:
    ink = _ink(for_print, fill=fill or palette.INK_SOFT, font_size="14")
    if name and for_print:
        ink |= {"font_weight": "600", "fill": palette.INK}
    return element("text", text=text, x=x, y=y, text_anchor=anchor, class_=name or None, **ink)


def _ink(for_print: bool, **attributes: str | None) -> dict[str, str]:
    """Looks that are baked in for paper; on a page the style sheet gives them."""
    return {name: value for name, value in attributes.items() if value is not None} if for_print else {}


def _dashes(for_print: bool) -> dict[str, str]:
    return _ink(for_print, stroke=palette.LINE_STRONG, stroke_width="2", stroke_dasharray="7 5")
