"""Balances the columns of a list with two layouts, where the layout library takes up to twenty.

WeasyPrint lays a list out in one column, then, in columns of the average height, again and again, a little higher
each time, until all fits. Here the height is computed from that one column, so that only the final columns are left
to lay out. A list for which that does not hold (it has more in it than blocks of text, goes on over the page, or
does not fit as computed) is left to the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from weasyprint.formatting_structure.boxes import BlockBox, InlineBox, LineBox, TextBox
from weasyprint.layout import block

#: CSS pixels by which columns are higher than computed: sums of fractions are not exact.
_SLACK = 0.01
_TIED = {"avoid", "avoid-column"}
_UNFORCED = {"auto", "avoid-page", *_TIED}


def balanced_height(parts: Sequence[tuple[float, float]], count: int) -> float:
    """The least height at which so many columns, filled one after the other, hold all parts uncut.

    ``parts`` are the top and the bottom of each, in order and as they stand in one column; the height has their unit.
    """
    height = max((parts[-1][1] - parts[0][0]) / count, *(bottom - top for top, bottom in parts))
    while True:
        start, columns, higher = parts[0][0], 1, []
        for top, bottom in parts:
            if bottom - start > height:
                # At this height the column would take the part that now begins the next one.
                higher.append(bottom - start)
                start, columns = top, columns + 1
        if columns <= count:
            return height
        height = min(higher)


def balance_at_once() -> None:
    """Have the library balance columns that way in this process."""
    library_columns, library_box = block.columns_layout, block.block_box_layout
    under_way: list[_Balance] = []

    def columns_layout(context: Any, box: Any, *others: Any) -> Any:
        if not _is_plain_list(box):
            return library_columns(context, box, *others)
        balanced = box.copy()
        balanced.style = box.style.copy()
        balance = _Balance(context, balanced.style)
        under_way.append(balance)
        try:
            result = library_columns(context, balanced, *others)
        finally:
            under_way.pop()
        if balance.height is None or result[1] is None:
            return result
        if result[0] is not None:
            block.remove_placeholders(context, [result[0]], *others[4:6])
        return library_columns(context, box, *others)

    def block_box_layout(context: Any, box: Any, bottom_space: float, *others: Any, **named: Any) -> Any:
        if not (box.is_column and under_way):
            return library_box(context, box, bottom_space, *others, **named)
        balance = under_way[-1]
        result = library_box(context, box, balance.bottom_space(box, bottom_space), *others, **named)
        balance.look_at(result[0], result[1], bottom_space)
        return result

    block.columns_layout, block.block_box_layout = columns_layout, block_box_layout


def _is_plain_list(box: Any) -> bool:
    """Whether it is to be balanced, in a number of columns that is known, and holds nothing but blocks of text, and
    what is placed within one of them: what is said here of heights does not hold for floats, footnotes, tables,
    images or columns within columns."""
    style = box.style
    return (
        style["column_fill"] == "balance"
        and style["column_count"] != "auto"
        and style["column_width"] == style["height"] == "auto"
        and style["max_height"].value == inf
        and all(_is_plain(child) for child in box.children)
    )


def _is_plain(box: Any, is_placed: bool = False) -> bool:
    """``is_placed`` says that a block around it keeps what is taken out of the flow to itself."""
    if not box.is_in_normal_flow() and not (is_placed and box.style["position"] == "absolute"):
        return False
    if isinstance(box, TextBox):
        return True
    if isinstance(box, BlockBox):
        style = box.style
        if style["break_before"] not in _UNFORCED or style["break_after"] not in _UNFORCED:
            return False
        if (
            style["column_span"] == "all"
            or style["column_count"] != "auto"
            or style["column_width"] != "auto"
        ):
            return False
    elif not isinstance(box, LineBox | InlineBox):
        return False
    is_placed = is_placed or box.style["position"] == "relative"
    return all(_is_plain(child, is_placed) for child in box.children)


class _Balance:
    """The columns of one list while the library lays them out."""

    def __init__(self, context: Any, style: Any) -> None:
        self.context = context
        self.style = style
        #: What has to stay free at the bottom of the page in any case.
        self.least_space: float | None = None
        #: Top and bottom of each part of the columns seen so far, as if they stood in one column.
        self.parts: list[tuple[float, float]] = []
        self.end = 0.0
        self.is_open = True
        self.height: float | None = None

    def bottom_space(self, column: Any, asked: float) -> float:
        """What to leave free for the column to be as high as computed."""
        if self.height is None or self.least_space is None or asked == inf:
            return asked
        return max(self.least_space, self.context.page_bottom - column.position_y - self.height - _SLACK)

    def look_at(self, column: Any, rest: Any, asked: float) -> None:
        """Follow the library through its first layout, in columns as high as the page allows."""
        if (
            not self.is_open or asked == inf
        ):  # infinite: it only wants to know the first part of the next column
            return
        if self.least_space is None:
            self.least_space = asked
        flow = [child for child in column.children if child.is_in_normal_flow()] if column else []
        if (
            asked != self.least_space
            or not flow
            or len(flow) < len(column.children)
            or any(map(_is_cut, flow))
        ):
            self.is_open = False
            return
        below = self.end - flow[0].position_y
        self.end = flow[-1].position_y + flow[-1].margin_height() + below
        self.parts += [(top + below, bottom + below) for top, bottom in _uncut(flow)]
        if rest is None:
            self.height = balanced_height(self.parts, self.style["column_count"])
            # The library goes on to the final columns, and does not try others.
            self.style["column_fill"] = "auto"
            self.is_open = False


def _uncut(siblings: Sequence[Any]) -> list[tuple[float, float]]:
    """Top and bottom of what is not cut in boxes that follow each other: a box that has lines or must not be cut,
    and what must stay with the one before."""
    found: list[tuple[float, float]] = []
    is_tied = False
    for box in siblings:
        parts = _parts(box)
        if found and (is_tied or box.style["break_before"] in _TIED):
            found[-1] = found[-1][0], parts.pop(0)[1]
        found += parts
        is_tied = box.style["break_after"] in _TIED
    return found


def _parts(box: Any) -> list[tuple[float, float]]:
    children = [child for child in box.all_children() if child.is_in_normal_flow()]
    whole = box.position_y, _bottom(box)
    if box.style["break_inside"] != "auto" or not all(isinstance(c, BlockBox) for c in children):
        return [whole]
    parts = _uncut(children)
    return [(whole[0], parts[0][1]), *parts[1:-1], (parts[-1][0], whole[1])] if len(parts) > 1 else [whole]


def _is_cut(box: Any) -> bool:
    """Whether it has a paragraph that the library goes on with in the next column, which gives lower columns."""
    if box.style["break_inside"] != "auto" or not isinstance(box, BlockBox):
        return False
    lines = sum(isinstance(child, LineBox) for child in box.children)
    return lines >= box.style["orphans"] + box.style["widows"] or any(map(_is_cut, box.children))


def _bottom(part: Any) -> float:
    """How far down the page has to reach for the library to leave this part in its column: it counts what stands
    below the last line twice."""
    bottom = part.position_y + part.margin_height() - part.margin_bottom
    return bottom + part.padding_bottom + part.border_bottom_width
