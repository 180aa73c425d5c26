"""Columns are balanced as the library does it, in fewer layouts."""

import itertools

import pytest
import weasyprint
from hypothesis import given
from hypothesis import strategies as st
from weasyprint.layout import block

from csam.documents import columns
from csam.documents.columns import balanced_height

STYLE = """
@page { size: 100mm 120mm; margin: 10mm }
body { font: 10px/12px monospace; margin: 0 }
ul { margin: 0; padding: 0; list-style: none; columns: 3; column-gap: 5mm }
li.whole { break-inside: avoid }
p { margin: 0 }
.mark { bookmark-level: 1; bookmark-label: content() }
.tied { break-after: avoid }
.placed { position: relative }
.placed b { position: absolute; right: 0; top: 0 }
.ruled { padding-bottom: 2px; border-bottom: 1px solid }
"""


def entry(number, lines=1, classes="whole ruled"):
    return f'<li class="{classes}"><p class="mark">{number}</p>' + "<p>mot</p>" * (lines - 1) + "</li>"


def group(number, entries):
    inner = "".join(f'<div><p class="mark">{number}.{n}</p></div>' for n in range(entries))
    return f'<li><p class="mark tied">{number}</p><div>{inner}</div></li>'


def page(body):
    return f"<html><body>{body}</body></html>"


LISTS = {
    "equal": "".join(entry(n) for n in range(34)),
    "uneven": "".join(entry(n, lines=1 + n * n % 5) for n in range(23)),
    "long": "".join(entry(n) for n in range(90)),
    "groups": group(1, 4) + group(2, 17) + group(3, 2),
    "placed": "".join(
        f'<li class="whole placed"><p class="mark">{n}</p><b>7</b>{"<p>mot</p>" * (n % 3)}</li>'
        for n in range(35)
    ),
    "one": entry(1),
    "long groups": group(1, 60) + group(2, 9) + group(3, 30),
}


def laid_out(html, monkeypatch):
    """The place of each mark, and how many columns were laid out to find it."""
    count = itertools.count()
    library = block.block_box_layout

    def counted(context, box, *others, **named):
        if box.is_column:
            next(count)
        return library(context, box, *others, **named)

    with monkeypatch.context() as patch:
        patch.setattr(block, "block_box_layout", counted)
        document = weasyprint.HTML(string=html).render(stylesheets=[weasyprint.CSS(string=STYLE)])
    places = [(n, b[1], b[2]) for n, page in enumerate(document.pages) for b in page.bookmarks]
    return places, next(count)


@pytest.fixture
def balancing(monkeypatch):
    """Begins when it is called, and ends with the test."""
    for name in ("columns_layout", "block_box_layout"):
        monkeypatch.setattr(block, name, getattr(block, name))
    return columns.balance_at_once


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("before", [0, 25])
def test_columns_are_balanced_as_well(name, before, balancing, monkeypatch):
    """All of the list, on the pages where the library has it; what follows begins no more than a line lower."""
    html = page("<p>mot</p>" * before + f"<ul>{LISTS[name]}</ul><p class='mark'>fin</p>")
    expected, theirs = laid_out(html, monkeypatch)

    balancing()
    found, ours = laid_out(html, monkeypatch)

    assert [(number, mark) for number, mark, _place in found] == [
        (number, mark) for number, mark, _place in expected
    ]
    assert len({(number, place) for number, _mark, place in found}) == len(found)
    assert found[-1][2][1] <= expected[-1][2][1] + 12
    assert ours <= theirs


STRANGE = {
    "float": '<li><p class="mark" style="float: left">a</p><p>b</p></li>',
    "absolute": '<li><p class="mark" style="position: absolute">a</p></li>',
    "table": "<li><table><tr><td class='mark'>a</td></tr></table></li>",
    "image": "<li><p class='mark'>a</p><img src='data:image/svg+xml,<svg/>' alt=''></li>",
    "spanning": '<li style="column-span: all"><p class="mark">a</p></li>',
    "forced": '<li style="break-before: page"><p class="mark">a</p></li>',
    "columns within": f"<li><ul>{LISTS['uneven']}</ul></li>",
}


@pytest.mark.parametrize("name", STRANGE)
def test_list_with_more_than_text_in_it_is_left_to_the_library(name, balancing, monkeypatch):
    html = page(f"<ul>{LISTS['long']}{STRANGE[name]}{LISTS['equal']}</ul><p class='mark'>fin</p>")
    expected, _theirs = laid_out(html, monkeypatch)

    balancing()

    assert laid_out(html, monkeypatch)[0] == expected


def test_paragraphs_that_go_on_in_the_next_column_do_so(balancing, monkeypatch):
    """Kept whole, they would make the list higher, and what follows begin on the next page."""
    html = page(f"<ul><li><p>{'mot ' * 60}</p></li><li><p>mot</p></li></ul><p class='mark'>fin</p>")
    expected, _theirs = laid_out(html, monkeypatch)

    balancing()

    assert laid_out(html, monkeypatch)[0] == expected


@pytest.mark.parametrize("style", ["columns: 60px", "columns: 60px 3", "height: 50px", "max-height: 50px"])
def test_columns_of_an_unknown_number_or_a_given_height_are_left_to_the_library(
    style, balancing, monkeypatch
):
    html = page(f'<ul style="{style}">{LISTS["uneven"]}</ul>')
    expected, theirs = laid_out(html, monkeypatch)

    balancing()

    assert laid_out(html, monkeypatch) == (expected, theirs)


def test_columns_are_found_in_two_layouts(balancing, monkeypatch):
    html = page(f"<ul>{LISTS['uneven']}</ul>")
    _places, theirs = laid_out(html, monkeypatch)

    balancing()
    _places, ours = laid_out(html, monkeypatch)

    assert theirs > 16
    assert ours <= 8


def test_list_that_does_not_fit_as_computed_is_left_to_the_library(balancing, monkeypatch):
    html = page(f"<ul>{LISTS['uneven']}</ul>")
    expected, _theirs = laid_out(html, monkeypatch)
    monkeypatch.setattr(columns, "balanced_height", lambda parts, count: 13.0)

    balancing()

    assert laid_out(html, monkeypatch)[0] == expected


def columns_needed(parts, height):
    count, start = 1, parts[0][0]
    for top, bottom in parts:
        if bottom - start > height:
            count, start = count + 1, top
    return count


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.integers(1, 4))
def test_height_is_the_least_that_holds_all(heights, count):
    ends = list(itertools.accumulate(heights, initial=0))
    parts = list(itertools.pairwise(ends))

    height = balanced_height(parts, count)

    assert height >= max(heights)
    assert columns_needed(parts, height) <= count
    lower = [end - start for start in ends for end in ends if max(heights) <= end - start < height]
    average = ends[-1] / count
    assert all(columns_needed(parts, other) > count for other in lower if other >= average)
