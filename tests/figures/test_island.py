import re
from xml.etree import ElementTree

import pytest

from csam.figures.island import island_svg, lay_out, level, scale, summary
from csam.figures.island_tiles import CELLS
from projects.territories import TerritoryCount

SVG = "{http://www.w3.org/2000/svg}"


def place(abbreviation, count=0, **extra):
    return TerritoryCount(abbreviation, f"Nom {abbreviation}", 45.5, -73.6, count, **extra)


@pytest.fixture
def places():
    return [place(abbreviation, index, url=f"/?t={index}") for index, abbreviation in enumerate(CELLS)]


def parse(svg):
    return ElementTree.fromstring(str(svg))


def test_all_34_territories_have_a_tile_that_overlaps_no_other(places):
    tiles = lay_out(places)

    gaps = [((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5 for i, a in enumerate(tiles) for b in tiles[:i]]
    assert len(tiles) == 34
    assert min(gaps) > 100


def test_tiles_come_from_north_to_south_then_west_to_east(places):
    tiles = lay_out(places)

    assert [(t.y, t.x) for t in tiles] == sorted((t.y, t.x) for t in tiles)


def test_strangers_take_free_cells_near_their_label_point():
    strangers = [TerritoryCount(f"T{i}", f"T{i}", 45.5, -73.6, 1) for i in range(40)]

    cells = {(round(t.x), round(t.y)) for t in lay_out(strangers)}

    assert len(cells) == 40


@pytest.mark.parametrize(
    ("count", "largest", "expected"),
    [(0, 0, 0), (0, 9, 0), (1, 1, 5), (1, 100, 1), (50, 100, 3), (100, 100, 5)],
)
def test_level(count, largest, expected):
    assert level(count, largest) == expected


@pytest.mark.parametrize("largest", [0, 1, 3, 7, 24, 1000])
def test_every_count_falls_in_the_step_of_the_legend_that_has_its_level(largest):
    steps = scale([place("VM", largest)])

    for count in range(largest + 1):
        assert [s for s, fewest, most in steps if fewest <= count <= most] == [level(count, largest)]


def test_a_tile_with_an_address_is_a_link_that_says_its_name_and_number(places):
    root = parse(island_svg(places, language="fr"))

    links = {link.get("aria-label"): link.get("href") for link in root.iter(f"{SVG}a")}
    assert len(links) == 34
    assert links["Nom AJ : 1 projet"] == "/?t=1"
    assert links["Nom RP : 0 projet"] == "/?t=0"
    assert "Nom ME : 2 projets" in links


def test_the_chosen_tile_is_told():
    root = parse(island_svg([place("VM", 3, url="/", is_selected=True)], language="fr"))

    link = root.find(f".//{SVG}a")
    assert link.get("aria-current") == "true"
    assert "is-selected" in link.get("class")


def test_names_are_escaped():
    svg = island_svg([TerritoryCount("<b>", "<script>", 45.5, -73.6, 1, url='/?a="b"')], language="fr")

    assert "<script>" not in svg
    assert "<b>" not in svg


def test_no_style_attribute_and_no_outside_address(places):
    svg = island_svg(places, language="fr", for_print=True) + island_svg(places, language="fr")

    assert " style=" not in svg
    assert set(re.findall(r"https?://[^\"]+", svg)) == {"http://www.w3.org/2000/svg"}


def test_in_print_it_is_one_image_with_a_text(places):
    root = parse(island_svg(places, language="fr", for_print=True, whole_island=20))

    assert root.get("role") == "img"
    assert list(root.iter(f"{SVG}a")) == []
    assert "De plus, 20 projets couvrent toute l'île." in root.find(f"{SVG}desc").text
    assert all(hexagon.get("fill") for hexagon in root.iter(f"{SVG}polygon") if hexagon.get("class") == "hex")


def test_the_same_counts_draw_the_same_map(places):
    assert island_svg(places, language="fr") == island_svg(places, language="fr")


def test_summary():
    assert summary([place("VM", 3), place("AJ", 0)]) == (
        "1 territoire sur 2 a au moins un projet. Le plus de projets : Nom VM (3)."
    )
    assert summary([place("VM", 0)]) == "Aucun territoire n'a de projet."


def test_an_empty_island_can_be_drawn():
    assert parse(island_svg([], language="fr")).tag == f"{SVG}svg"
