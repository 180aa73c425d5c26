import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from csam.figures import palette
from csam.figures.diagram import description, diagram_svg, in_a_column, on_a_circle
from plans.systemic import IssueNode, OrientationNode, Systemic, Tie, ties_between

HUES = ["soleil", "feuille", "betterave", "carotte", "fleuve"]
LONG = "Le transfert des connaissances entre les milieux, les quartiers et les générations"


def data(*, orientations=5, issues=4, ties=(), title=LONG):
    return Systemic(
        orientations=tuple(
            OrientationNode(n, f"{title} {n}", f"Orientation {n}", "fr", f"/o/{n}/", HUES[n % 5], n)
            for n in range(1, orientations + 1)
        ),
        issues=tuple(
            IssueNode(n, title, "fr", f"/e/{n}/", 2, tuple((o, o) for o in range(1, orientations + 1)))
            for n in range(1, issues + 1)
        ),
        ties=tuple(ties),
    )


def every_pair(count):
    return [Tie(a, b, a + b) for a in range(1, count + 1) for b in range(a + 1, count + 1)]


def parsed(svg):
    return ElementTree.fromstring(f'<div xmlns:x="x">{svg}</div>')


def test_ties_count_each_project_once_per_pair():
    assert ties_between([{1, 3}, {3, 1}, {2}, {1, 2, 3}]) == (Tie(1, 2, 1), Tie(1, 3, 3), Tie(2, 3, 1))


@pytest.mark.parametrize("arrange", [on_a_circle, in_a_column])
@pytest.mark.parametrize("orientations", range(1, 10))
@pytest.mark.parametrize("issues", range(9))
def test_everything_stays_within_the_drawing_and_apart(arrange, orientations, issues):
    drawing = arrange(data(orientations=orientations, issues=issues, ties=every_pair(orientations)))

    for box in drawing.boxes:
        assert box.at.x - box.width / 2 >= 0 and box.at.x + box.width / 2 <= drawing.width
        assert box.at.y - box.height / 2 >= 0 and box.at.y + box.height / 2 <= drawing.height
    for disc in drawing.discs:
        assert disc.radius <= disc.at.x <= drawing.width - disc.radius
        assert disc.radius <= disc.at.y <= drawing.height - disc.radius
        for box in drawing.boxes:
            assert abs(disc.at.y - box.at.y) > disc.radius + box.height / 2
    for i, one in enumerate(drawing.discs):
        for other in drawing.discs[i + 1 :]:
            apart = ((one.at.x - other.at.x) ** 2 + (one.at.y - other.at.y) ** 2) ** 0.5
            assert apart > one.radius + other.radius
    for curve in drawing.curves:
        assert 0 <= curve.middle.x <= drawing.width and 0 <= curve.middle.y <= drawing.height


def test_numbers_on_ties_do_not_cover_one_another():
    for arrange in (on_a_circle, in_a_column):
        for orientations in (2, 3, 4, 5, 6):
            drawing = arrange(data(orientations=orientations, ties=every_pair(orientations)))
            labels = [curve.middle for curve in drawing.curves if curve.is_labelled]

            closest = min(
                (
                    ((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5
                    for i, a in enumerate(labels)
                    for b in labels[i + 1 :]
                ),
                default=99,
            )

            assert closest > 14, (arrange.__name__, orientations)


def test_a_tie_is_as_thick_as_it_has_projects():
    drawing = on_a_circle(data(ties=[Tie(1, 2, 1), Tie(1, 3, 10)]))

    thin, thick = drawing.curves

    assert (thin.tie.project_count, thick.tie.project_count) == (1, 10)
    assert thick.width > 3 * thin.width


def test_page_diagram_is_well_formed_named_and_linked():
    root = parsed(diagram_svg(data(ties=[Tie(1, 2, 3)]), language="fr"))

    svgs = root.findall(".//{http://www.w3.org/2000/svg}svg")
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    links = [a.get("href") for a in svgs[0].iter("{http://www.w3.org/2000/svg}a")]

    assert len(svgs) == 2
    assert len(ids) == len(set(ids))
    for svg in svgs:
        assert svg.get("role") == "group"
        assert svg.get("aria-labelledby") in ids and svg.get("aria-describedby") in ids
    assert links == [f"/o/{n}/" for n in range(1, 6)] + [f"/e/{n}/" for n in range(1, 5)]


def test_page_diagram_takes_its_colours_from_the_stylesheet():
    svg = diagram_svg(data(ties=every_pair(5)), language="fr")

    assert "hue-soleil" in svg
    assert not re.search(r'style=|fill="#|stroke="#', svg)


def test_printed_diagram_carries_its_colours_and_no_links():
    svg = diagram_svg(data(ties=every_pair(5)), language="fr", for_print=True)

    assert svg.count("<svg") == 1
    assert '<svg xmlns="http://www.w3.org/2000/svg"' in svg and 'role="img"' in svg
    assert "<a " not in svg and "var(" not in svg
    assert palette.HUES["soleil"].line in svg


def test_texts_are_escaped():
    svg = diagram_svg(data(title='<b>"R&D"</b>'), language="fr")

    assert "<b>" not in svg
    parsed(svg)


def test_description_names_the_closest_orientations():
    told = description(data(ties=[Tie(1, 2, 3), Tie(2, 4, 7)]))

    assert "« Orientation 2 » et « Orientation 4 » : 7 projets" in told


def test_a_text_in_the_other_language_is_marked():
    assert 'lang="fr"' in diagram_svg(data(), language="en")
    assert 'lang="fr"' not in diagram_svg(data(), language="fr")


def test_an_empty_plan_draws_an_empty_frame():
    svg = diagram_svg(Systemic((), (), ()), language="fr")

    assert parsed(svg) is not None


def test_same_values_make_the_same_drawing():
    assert diagram_svg(data(ties=every_pair(5)), language="fr") == diagram_svg(
        data(ties=every_pair(5)), language="fr"
    )


def test_print_palette_is_the_light_side_of_the_tokens():
    tokens = Path("static/css/tokens.css").read_text("utf-8")
    light = dict(re.findall(r"--([\w-]+): light-dark\((#\w+),", tokens))

    for name, hue in palette.HUES.items():
        assert (hue.line, hue.soft, hue.ink) == (light[name], light[f"{name}-soft"], light[f"{name}-ink"])
    assert (
        light["ink"],
        light["ink-soft"],
        light["line-strong"],
    ) == (palette.INK, palette.INK_SOFT, palette.LINE_STRONG)
