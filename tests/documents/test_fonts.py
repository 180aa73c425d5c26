"""The fonts that the set-up cuts for the documents."""

import re

import pytest
from fontTools.ttLib import TTFont

from csam.documents import press
from scripts import setup

pytestmark = pytest.mark.same_on_any_database


def test_the_set_up_makes_those_that_the_style_sheet_asks_for():
    style = press.static_file("css/document.css").read_text()
    asked = re.findall(
        r'font-weight: (\d+); src: url\("static:vendor/document-fonts/([\w-]+)-(\d+)\.ttf"\)', style
    )
    made = {(family, str(weight)) for family, weights in setup.DOCUMENT_FONTS.items() for weight in weights}

    assert {(family, weight) for weight, family, _number in asked} == made
    assert all(weight == number for weight, _family, number in asked)
    assert {f"vendor/document-fonts/{family}-{weight}.ttf" for family, weight in made} == set(press.FONTS)


@pytest.mark.parametrize("name", press.FONTS)
def test_what_is_embedded_has_the_same_glyphs_as_what_the_text_is_laid_out_with(name):
    path = press.static_file(name)
    whole, embedded = TTFont(path), TTFont(path.parent / "embedded" / path.name)

    assert whole["OS/2"].usWeightClass == int(path.stem.rpartition("-")[2])
    assert "fvar" not in whole
    assert embedded.getGlyphOrder() == whole.getGlyphOrder()
    assert embedded["hmtx"].metrics == whole["hmtx"].metrics
    assert "GPOS" in whole
    assert "GPOS" not in embedded
