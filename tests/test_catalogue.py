"""The English catalogue follows the code, and the French plurals are French."""

import re

import pytest
from django.utils import translation
from django.utils.translation import ngettext

from scripts import catalogs

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module")
def catalog():
    return catalogs.update()


def texts(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def test_the_catalogue_holds_no_string_that_is_gone(catalog):
    with catalogs.ENGLISH.open("rb") as file:
        kept = {m.id for m in catalogs.read_po(file, locale="en") if m.id}

    assert kept == {m.id for m in catalog if m.id}


def test_english_keeps_each_placeholder(catalog):
    wrong = [
        message.id
        for message in catalog
        if message.id and message.string and not placeholders(message.string) <= placeholders(message.id)
    ]

    assert wrong == []


def placeholders(value):
    return {found for text in texts(value) for found in PLACEHOLDER.findall(text)}


@pytest.mark.parametrize(("count", "expected"), [(0, "singulier"), (1, "singulier"), (2, "pluriel")])
def test_zero_is_singular_in_french(catalog, count, expected):
    plural = next(m.id for m in catalog if m.pluralizable)

    with translation.override("fr"):
        found = ngettext(plural[0], plural[1], count)

    assert found == {"singulier": plural[0], "pluriel": plural[1]}[expected]
