"""The systemic diagram: orientations tied by the projects they share, framed by the cross-cutting issues.

Two arrangements of the same values, each readable at its own width: on a circle for a screen or a printed
page, in a column with arcs for a phone. Orientations are coloured by the classes ``hue-…``; the more projects
make a tie, the thicker it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csam.figures import palette
from csam.figures.drawing import element, joined, lines_of, num
from plans.systemic import IssueNode, OrientationNode, Systemic, Tie

TIE_THINNEST, TIE_THICKEST = 2.0, 13.0
#: Beyond this many orientations, the numbers on the ties would hide one another: the table tells them.
MOST_NUMBERED = 6
SHARE_RADIUS, SHARE_STEP = 12.0, 28.0


@dataclass(frozen=True)
class Point:
    x: float
    y: float

    def towards(self, other: Point, share: float) -> Point:
        return Point(self.x + (other.x - self.x) * share, self.y + (other.y - self.y) * share)


@dataclass(frozen=True)
class Disc:
    """An orientation, and where its texts stand: centred in a large disc, or beside a small one."""

    node: OrientationNode
    at: Point
    radius: float
    names: tuple[str, ...]
    size: float
    is_labelled_beside: bool = False


@dataclass(frozen=True)
class Curve:
    """A tie as a quadratic curve. ``label`` is None where its number is not written."""

    tie: Tie
    start: Point
    control: Point
    end: Point
    width: float
    is_labelled: bool

    @property
    def middle(self) -> Point:
        return self.start.towards(self.end, 0.5).towards(self.control, 0.5)

    @property
    def path(self) -> str:
        return " ".join(
            ["M", num(self.start.x), num(self.start.y), "Q"]
            + [num(value) for point in (self.control, self.end) for value in (point.x, point.y)]
        )


@dataclass(frozen=True)
class Box:
    """A cross-cutting issue on the frame."""

    node: IssueNode
    at: Point
    width: float
    height: float
    lines: tuple[str, ...]
    size: float


@dataclass(frozen=True)
class Drawing:
    kind: str
    width: float
    height: float
    frame: tuple[float, float, float, float]
    discs: tuple[Disc, ...]
    curves: tuple[Curve, ...]
    boxes: tuple[Box, ...]


def diagram_svg(plan_data: Systemic, *, language: str, for_print: bool = False) -> SafeString:
    """The diagram as SVG: both arrangements for a page, whose style shows one of them.

    For print, the circle alone, in colours of its own and without links.
    """
    with translation.override(language):
        if for_print:
            return _Pen(for_print=True, language=language).draw(on_a_circle(plan_data), plan_data)
        pen = _Pen(for_print=False, language=language)
        return joined(
            [pen.draw(on_a_circle(plan_data), plan_data), pen.draw(in_a_column(plan_data), plan_data)]
        )


# Arrangements -----------------------------------------------------------------------------------------------


def on_a_circle(data: Systemic) -> Drawing:
    width, margin, size = 760.0, 20.0, 16.0
    above, below = _two_rows(data.issues)
    upper = _row_of_boxes(above, width=width, margin=margin, top=8, size=size)
    top = max((box.at.y + box.height / 2 for box in upper), default=8) + 26

    count = len(data.orientations)
    ring = _ring_radius(count)
    radius = 70.0 if count < 6 else min(70.0, ring * math.sin(math.pi / count) * 0.84)
    centre = Point(width / 2, top + radius + ring)
    places = [_on_ring(centre, ring, position, count) for position in range(count)]
    if places:
        lift = min(place.y for place in places) - radius - top
        centre = Point(centre.x, centre.y - lift)
        places = [Point(place.x, place.y - lift) for place in places]
    text = 15.0 if radius > 60 else 12.5
    discs = tuple(
        Disc(node, at, radius, tuple(lines_of(node.name, width=radius * 1.75, size=text, most=3)), text)
        for node, at in zip(data.orientations, places, strict=True)
    )
    bottom = max((place.y + radius for place in places), default=top)
    lower = _row_of_boxes(below, width=width, margin=margin, top=bottom + 26, size=size)
    end = max((box.at.y + box.height / 2 for box in lower), default=bottom + 26) + 8
    return Drawing(
        kind="circle",
        width=width,
        height=end,
        frame=_frame(upper, lower, width=width, margin=margin, bottom=end),
        discs=discs,
        curves=_curves(
            data, {disc.node.number: disc.at for disc in discs}, lambda a, b: _bent(a, b, centre, ring)
        ),
        boxes=(*upper, *lower),
    )


def in_a_column(data: Systemic) -> Drawing:
    width, margin, size, step = 360.0, 6.0, 17.0, 74.0
    above, below = _two_rows(data.issues)
    upper = _column_of_boxes(above, width=width, top=6, size=size)
    top = max((box.at.y + box.height / 2 for box in upper), default=6) + 20

    radius, axis = 21.0, 128.0
    discs = tuple(
        Disc(
            node,
            Point(axis, top + step * (position + 0.5)),
            radius,
            tuple(lines_of(node.name, width=width - axis - radius - 24, size=size, most=2)),
            size,
            is_labelled_beside=True,
        )
        for position, node in enumerate(data.orientations)
    )
    bottom = top + step * len(discs)
    lower = _column_of_boxes(below, width=width, top=bottom + 20, size=size)
    end = max((box.at.y + box.height / 2 for box in lower), default=bottom + 14) + 6
    reach = max(1, len(discs) - 1)

    def bent(a: Point, b: Point) -> Point:
        # The farther apart, the deeper the arc; a quadratic curve goes half as deep as its control point.
        steps = round(abs(b.y - a.y) / step)
        depth = radius + 14 + (axis - radius - 34) * (steps - 0.4) / reach
        return Point(axis - 2 * depth, (a.y + b.y) / 2)

    return Drawing(
        kind="column",
        width=width,
        height=end,
        frame=_frame(upper, lower, width=width, margin=margin, bottom=end),
        discs=discs,
        curves=_curves(data, {disc.node.number: disc.at for disc in discs}, bent, thickest=9.0),
        boxes=(*upper, *lower),
    )


def _two_rows(issues: tuple[IssueNode, ...]) -> tuple[tuple[IssueNode, ...], tuple[IssueNode, ...]]:
    half = math.ceil(len(issues) / 2)
    return issues[:half], issues[half:]


def _row_of_boxes(
    issues: tuple[IssueNode, ...], *, width: float, margin: float, top: float, size: float
) -> tuple[Box, ...]:
    if not issues:
        return ()
    slot = (width - 2 * margin - 24) / len(issues)
    wide = min(280.0, slot - 14)
    rows = [tuple(lines_of(issue.title, width=wide - 30, size=size, most=3)) for issue in issues]
    height = _box_height(max(map(len, rows)), size, issues[0], wide)
    return tuple(
        Box(issue, Point(margin + 12 + slot * (i + 0.5), top + height / 2), wide, height, lines, size)
        for i, (issue, lines) in enumerate(zip(issues, rows, strict=True))
    )


def _column_of_boxes(
    issues: tuple[IssueNode, ...], *, width: float, top: float, size: float
) -> tuple[Box, ...]:
    boxes = []
    for issue in issues:
        lines = tuple(lines_of(issue.title, width=width - 76, size=size, most=3))
        height = _box_height(len(lines), size, issue, width - 52)
        boxes.append(Box(issue, Point(width / 2, top + height / 2), width - 52, height, lines, size))
        top += height + 10
    return tuple(boxes)


def _box_height(line_count: int, size: float, issue: IssueNode, width: float) -> float:
    return 26 + line_count * size * 1.2 + SHARE_STEP * len(_rows_of_shares(issue, width)) - 4


def _rows_of_shares(issue: IssueNode, width: float) -> list[tuple[tuple[int, int], ...]]:
    """The shares as they stand in the box: on one row, or on rows of about the same length."""
    shares, most = issue.shares, max(1, int((width - 16) / SHARE_STEP))
    rows = max(1, math.ceil(len(shares) / most))
    length = max(1, math.ceil(len(shares) / rows))
    return [shares[i : i + length] for i in range(0, len(shares), length)]


def _frame(
    upper: tuple[Box, ...], lower: tuple[Box, ...], *, width: float, margin: float, bottom: float
) -> tuple[float, float, float, float]:
    first = upper[0].at.y if upper else 4
    last = lower[-1].at.y if lower else bottom - 4
    return (margin, first, width - 2 * margin, last - first)


def _ring_radius(count: int) -> float:
    if count < 2:
        return 0.0
    return {2: 130.0, 3: 150.0, 4: 165.0, 5: 178.0}.get(count, 205.0)


def _on_ring(centre: Point, ring: float, position: int, count: int) -> Point:
    angle = 2 * math.pi * position / count - (math.pi if count == 2 else math.pi / 2)
    return Point(centre.x + ring * math.cos(angle), centre.y + ring * math.sin(angle))


def _bent(a: Point, b: Point, centre: Point, ring: float) -> Point:
    """Ties lean towards the centre, so that they are told apart; one that would cross it goes round."""
    middle = a.towards(b, 0.5)
    if math.dist((middle.x, middle.y), (centre.x, centre.y)) > ring * 0.05:
        return middle.towards(centre, 0.3)
    across = (b.x - a.x, b.y - a.y)
    return Point(middle.x - across[1] * 0.18, middle.y + across[0] * 0.18)


def _curves(
    data: Systemic,
    at: dict[int, Point],
    bend: Callable[[Point, Point], Point],
    *,
    thickest: float = TIE_THICKEST,
) -> tuple[Curve, ...]:
    most = max((tie.project_count for tie in data.ties), default=1)
    is_labelled = len(at) <= MOST_NUMBERED
    return tuple(
        Curve(
            tie,
            at[tie.first],
            bend(at[tie.first], at[tie.second]),
            at[tie.second],
            TIE_THINNEST + (thickest - TIE_THINNEST) * tie.project_count / most,
            is_labelled,
        )
        for tie in sorted(data.ties, key=lambda tie: tie.project_count)
        if tie.first in at and tie.second in at
    )


# Writing ----------------------------------------------------------------------------------------------------


class _Pen:
    """Writes a drawing as SVG, with classes for the stylesheets of the site or with colours for print."""

    def __init__(self, *, for_print: bool, language: str) -> None:
        self.for_print = for_print
        self.language = language

    def draw(self, drawing: Drawing, data: Systemic) -> SafeString:
        name = f"diagram-{drawing.kind}"
        x, y, width, height = drawing.frame
        size = (drawing.width, drawing.height) if self.for_print else (None, None)
        return element(
            "svg",
            element("title", text=_("Diagramme systémique du plan"), id=f"{name}-title"),
            element("desc", text=description(data), id=f"{name}-desc"),
            element("rect", x=x, y=y, width=width, height=height, rx=26, **self.paint("frame")),
            *[self.curve(curve, data) for curve in drawing.curves],
            *[self.curve_label(curve) for curve in drawing.curves if curve.is_labelled],
            *[self.disc(disc) for disc in drawing.discs],
            *[self.box(box, data) for box in drawing.boxes],
            xmlns="http://www.w3.org/2000/svg",
            class_=f"diagram-svg {name}",
            viewbox=f"0 0 {num(drawing.width)} {num(drawing.height)}",
            role="img" if self.for_print else "group",
            aria_labelledby=f"{name}-title",
            aria_describedby=f"{name}-desc",
            width=size[0],
            height=size[1],
        )

    def curve(self, curve: Curve, data: Systemic) -> SafeString:
        tie = curve.tie
        told = _("Orientations %(first)s et %(second)s : %(count)s") % {
            "first": tie.first,
            "second": tie.second,
            "count": in_projects(tie.project_count),
        }
        paint = self.paint("tie", f"joins-{tie.first} joins-{tie.second}")
        return element(
            "path", element("title", text=told), d=curve.path, fill="none", stroke_width=curve.width, **paint
        )

    def curve_label(self, curve: Curve) -> SafeString:
        at, tie = curve.middle, curve.tie
        radius = 11 if tie.project_count < 100 else 15
        return element(
            "g",
            element("circle", cx=at.x, cy=at.y, r=radius, **self.paint("tie-disc")),
            self.text(str(tie.project_count), at.x, at.y, 13, "tie-count"),
            class_=f"diagram-tie-label joins-{tie.first} joins-{tie.second}",
            aria_hidden="true",
        )

    def disc(self, disc: Disc) -> SafeString:
        node = disc.node
        circle = element(
            "circle", cx=disc.at.x, cy=disc.at.y, r=disc.radius, **self.paint("disc", hue=node.hue)
        )
        texts = self.texts_beside(disc) if disc.is_labelled_beside else self.texts_inside(disc)
        label = _("Orientation %(number)s : %(title)s, %(count)s") % {
            "number": node.number,
            "title": node.title,
            "count": in_projects(node.project_count),
        }
        return self.link(
            node.url, label, node.lang, f"diagram-node node-{node.number} hue-{node.hue}", circle, *texts
        )

    def texts_inside(self, disc: Disc) -> list[SafeString]:
        at, node = disc.at, disc.node
        small = disc.size - 1.5
        leading = disc.size * 1.12
        height = 24 + len(disc.names) * leading + small
        top = at.y - height / 2
        return [
            self.text(str(node.number), at.x, top + 9, disc.size * 1.6, "number", hue=node.hue),
            *[
                self.text(line, at.x, top + 24 + leading * (i + 0.5), disc.size, "name", hue=node.hue)
                for i, line in enumerate(disc.names)
            ],
            self.text(
                in_projects(node.project_count),
                at.x,
                top + height - small / 2 + 4,
                small,
                "count",
                hue=node.hue,
            ),
        ]

    def texts_beside(self, disc: Disc) -> list[SafeString]:
        node, x = disc.node, disc.at.x + disc.radius + 12
        leading = disc.size * 1.15
        top = disc.at.y - (len(disc.names) * leading + 18) / 2
        return [
            self.text(str(node.number), disc.at.x, disc.at.y, 22, "number", hue=node.hue),
            *[
                self.text(line, x, top + leading * (i + 0.5), disc.size, "name", anchor="start")
                for i, line in enumerate(disc.names)
            ],
            self.text(
                in_projects(node.project_count),
                x,
                top + leading * len(disc.names) + 10,
                15,
                "count",
                anchor="start",
            ),
        ]

    def box(self, box: Box, data: Systemic) -> SafeString:
        at, node = box.at, box.node
        left, top = at.x - box.width / 2, at.y - box.height / 2
        leading = box.size * 1.2
        label = _("Enjeu transversal : %(title)s, %(count)s") % {
            "title": node.title,
            "count": in_projects(node.project_count),
        }
        # Fewer lines than the tallest box of the row: the title keeps to the middle of its part.
        shares_top = at.y + box.height / 2 - SHARE_STEP * len(_rows_of_shares(node, box.width)) - 9
        middle = (top + 9 + shares_top) / 2
        return self.link(
            node.url,
            label,
            node.lang,
            "diagram-issue",
            element(
                "rect", x=left, y=top, width=box.width, height=box.height, rx=14, **self.paint("issue-box")
            ),
            *[
                self.text(
                    line, at.x, middle + leading * (i - (len(box.lines) - 1) / 2), box.size, "issue-name"
                )
                for i, line in enumerate(box.lines)
            ],
            *self.shares(box, data),
        )

    def shares(self, box: Box, data: Systemic) -> list[SafeString]:
        """One small disc per orientation: how many of its projects carry the issue."""
        hues = {node.number: node.hue for node in data.orientations}
        rows = _rows_of_shares(box.node, box.width)
        top = box.at.y + box.height / 2 - SHARE_STEP * len(rows) - 5 + SHARE_STEP / 2
        return [
            self.share(
                number,
                count,
                hues.get(number, ""),
                Point(box.at.x + SHARE_STEP * (i - (len(row) - 1) / 2), top + SHARE_STEP * j),
            )
            for j, row in enumerate(rows)
            for i, (number, count) in enumerate(row)
        ]

    def share(self, number: int, count: int, hue: str, at: Point) -> SafeString:
        told = _("Orientation %(number)s : %(count)s") % {"number": number, "count": in_projects(count)}
        size = 12.5 if count < 100 else 10.5 if count < 1000 else 8.5
        return element(
            "g",
            element("title", text=told),
            element("circle", cx=at.x, cy=at.y, r=SHARE_RADIUS, **self.paint("share", hue=hue)),
            self.text(str(count), at.x, at.y, size, "share-count", hue=hue),
            class_=f"hue-{hue}",
        )

    def link(self, url: str, label: str, lang: str, class_: str, *children: SafeString) -> SafeString:
        foreign = lang if lang != self.language else None
        if self.for_print or not url:
            return element("g", *children, class_=class_, lang=foreign)
        return element("a", *children, href=url, aria_label=label, class_=class_, lang=foreign)

    def text(
        self, text: str, x: float, y: float, size: float, kind: str, *, hue: str = "", anchor: str = "middle"
    ) -> SafeString:
        """A line of text centred in height on ``y``."""
        return element(
            "text",
            text=text,
            x=x,
            y=y + size * 0.35,
            font_size=size,
            text_anchor=anchor,
            **self.paint(kind, hue=hue),
        )

    def paint(self, kind: str, more: str = "", *, hue: str = "") -> dict[str, str]:
        class_ = {"class_": f"diagram-{kind} {more}".strip()}
        return class_ | _printed(kind, hue) if self.for_print else class_


def _printed(kind: str, hue: str) -> dict[str, str]:
    tint = palette.HUES.get(hue, palette.Hue(palette.LINE_STRONG, palette.PAPER, palette.INK))
    serif, sans = {"font_family": "Fraunces"}, {"font_family": "Source Sans 3"}
    return {
        "frame": {
            "fill": "none",
            "stroke": palette.LINE_STRONG,
            "stroke_width": "1.5",
            "stroke_dasharray": "2 6",
        },
        "tie": {"stroke": palette.LINE_STRONG, "stroke_opacity": "0.55", "stroke_linecap": "round"},
        "tie-disc": {"fill": palette.PAPER, "stroke": palette.LINE_STRONG, "stroke_width": "1"},
        "tie-count": {"fill": palette.INK, "font_weight": "600"} | sans,
        "disc": {"fill": tint.soft, "stroke": tint.line, "stroke_width": "3"},
        "number": {"fill": tint.ink, "font_weight": "600"} | serif,
        "name": {"fill": palette.INK, "font_weight": "600"} | sans,
        "count": {"fill": palette.INK_SOFT} | sans,
        "issue-box": {"fill": palette.PAPER, "stroke": palette.LINE_STRONG, "stroke_width": "1.5"},
        "issue-name": {"fill": palette.INK, "font_weight": "600"} | sans,
        "share": {"fill": tint.soft, "stroke": tint.line, "stroke_width": "1.2"},
        "share-count": {"fill": tint.ink, "font_weight": "600"} | sans,
    }[kind]


# Words ------------------------------------------------------------------------------------------------------


def in_projects(count: int) -> str:
    return ngettext("%(count)s projet", "%(count)s projets", count) % {"count": count}


def description(data: Systemic) -> str:
    """What the drawing shows, in two or three sentences."""
    orientations, issues = len(data.orientations), len(data.issues)
    sentences = [
        ngettext(
            "%(count)s orientation, dessinée comme un disque.",
            "%(count)s orientations, dessinées comme des disques; "
            "un trait relie celles que servent les mêmes projets.",
            orientations,
        )
        % {"count": orientations}
    ]
    if closest := data.closest:
        names = {node.number: node.name for node in data.orientations}
        sentences.append(
            _("Le lien le plus fort unit « %(first)s » et « %(second)s » : %(count)s.")
            % {
                "first": names.get(closest.first, closest.first),
                "second": names.get(closest.second, closest.second),
                "count": in_projects(closest.project_count),
            }
        )
    if issues:
        sentences.append(
            ngettext(
                "%(count)s enjeu transversal les entoure.",
                "%(count)s enjeux transversaux les entourent.",
                issues,
            )
            % {"count": issues}
        )
    return " ".join(sentences)
