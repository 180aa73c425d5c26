import datetime as dt
import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from csam.figures.charts import (
    FAMILIES,
    SIGNS,
    Line,
    coverage_squares,
    line_chart,
    progress_bar,
    status_stack,
)
from indicators.progress import Aim, Point, Progress, Reading, progress
from indicators.vocabulary import Direction, Status

START, END = dt.date(2024, 12, 31), dt.date(2028, 12, 31)
AIM = Aim(baseline=Decimal(40), baseline_on=START, target=Decimal(80), target_on=END)
READINGS = [Reading(dt.date(2025, 12, 31), Decimal(50)), Reading(dt.date(2026, 12, 31), Decimal(62))]


def found(*values, aim=AIM):
    readings = [Reading(dt.date(2025 + i, 12, 31), Decimal(v)) for i, v in enumerate(values)]
    return progress(aim, readings, on=dt.date(2027, 1, 1))


def line(*values, aim=AIM, before=()):
    return Line("Repas servis", "repas", 0, aim, found(*values, aim=aim), before)


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def widths(svg, name):
    return [float(w) for w in re.findall(rf'class="{name}"[^>]*? width="([\d.]+)"', svg)]


@pytest.mark.parametrize(("value", "width"), [("60", 150), ("92", 300), ("32", 0), ("40", 0)])
def test_the_bar_is_as_long_as_the_way_done_and_stays_in_its_ground(value, width):
    assert widths(progress_bar(found("50", value), language="fr"), "bar-done") == [width]


def test_the_bar_is_told_in_words_with_what_was_expected():
    svg = progress_bar(found("50", "62"), language="fr")

    assert 'role="img"' in svg
    assert 'aria-label="55 % du chemin; 50 % attendus à cette date"' in svg


def test_no_value_draws_no_bar_and_no_line():
    assert progress_bar(found(), language="fr") == ""
    assert line_chart(line(), language="fr", identifier="x") == ""


def test_the_line_writes_its_values_target_and_description():
    svg = line_chart(line("50", "62"), language="fr", identifier="x", for_print=True)

    assert {"62 repas", "cible 80 repas", "repas", "2026"} <= set(texts(svg))
    assert "De 50 repas (31 décembre 2025) à 62 repas (31 décembre 2026). Cible : 80 repas" in svg
    assert svg.count('class="chart-line-dot"') == 2


def test_the_line_is_told_in_english_too():
    svg = line_chart(line("50", "62"), language="en", identifier="x", for_print=True)

    assert "Target: 80 repas on December 31, 2028." in svg


def test_a_page_has_two_arrangements_with_ids_of_their_own():
    svg = line_chart(line("50", "62"), language="fr", identifier="x")

    ids = re.findall(r'\sid="([^"]+)"', svg)
    assert len(ids) == len(set(ids)) == 4
    assert "style=" not in svg
    assert 'fill="#' not in svg


@pytest.mark.parametrize(
    "drawn",
    [
        line("50"),
        line("0", "0", aim=Aim(direction=Direction.OBSERVE)),
        line(
            "-5", "1000000", aim=Aim(baseline=Decimal(0), baseline_on=START, target=Decimal(5), target_on=END)
        ),
        line("0.0001", aim=Aim(direction=Direction.OBSERVE)),
        line("6", "7", aim=Aim(direction=Direction.MAINTAIN, band_low=Decimal(5), band_high=Decimal(8))),
        line("62", before=(Point(dt.date(2020, 12, 31), Decimal(3)),)),
    ],
)
@pytest.mark.parametrize("for_print", [True, False])
def test_any_series_is_drawn_within_its_frame(drawn, for_print):
    svg = line_chart(drawn, language="fr", identifier="x", for_print=for_print)

    for one in re.findall(r"<svg.*?</svg>", svg):
        root = ElementTree.fromstring(one)
        _x, _y, width, height = map(float, root.attrib["viewBox"].split())
        dots = [c for c in root.iter() if c.tag.endswith("circle")]
        assert dots
        assert all(0 <= float(c.attrib["cx"]) <= width for c in dots)
        assert all(0 <= float(c.attrib["cy"]) <= height for c in dots)


def test_counts_are_drawn_in_proportion_with_sign_and_number():
    svg = status_stack({"on_track": 6, "behind": 2}, language="fr")

    assert texts(svg) == ["6", "2"]
    assert SIGNS["on_track"] in svg
    assert 'aria-label="en bonne voie : 6, en retard : 2"' in svg
    assert [float(w) for w in re.findall(r'<rect[^>]*? width="([\d.]+)"', svg)] == [238, 78]


def test_every_status_has_a_sign_of_its_own_and_a_family():
    assert set(SIGNS) == set(FAMILIES) == set(Status.values)
    assert len(set(SIGNS.values())) == len(SIGNS)


def test_coverage_shows_a_square_per_project_full_or_empty():
    svg = coverage_squares(7, 9, language="fr")

    assert (svg.count("coverage-full"), svg.count("coverage-empty")) == (7, 2)
    assert 'aria-label="7 projets sur 9 ont rapporté"' in svg


def test_on_paper_colours_are_baked_in():
    drawings = (
        progress_bar(found("50", "62"), language="fr", for_print=True),
        status_stack({"on_track": 6}, language="fr", for_print=True),
        line_chart(line("50", "62"), language="fr", identifier="x", for_print=True),
    )

    assert all("#" in svg and "style=" not in svg for svg in drawings)


def test_progress_is_what_is_drawn():
    """The last text of the line is the value that the function computed, to the digit."""
    computed = found("50", "62")

    assert isinstance(computed, Progress)
    assert f"{computed.value} repas" in texts(line_chart(line("50", "62"), language="fr", identifier="x"))
