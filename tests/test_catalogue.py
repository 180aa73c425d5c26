"""The English catalogue follows the code, and the French plurals are French."""

import re
from gettext import GNUTranslations

import pytest
from django.utils import translation
from django.utils.translation import gettext, ngettext

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


def test_every_string_has_its_english(catalog):
    missing = [m.id for m in catalog if m.id and not all(texts(m.string) or [""])]

    assert missing == []


def test_no_translation_is_set_aside():
    """A translation that is flagged as fuzzy would not be compiled, and its readers would see French."""
    with catalogs.ENGLISH.open("rb") as file:
        flagged = [m.id for m in catalogs.read_po(file, locale="en") if m.id and m.fuzzy]

    assert flagged == []


def test_a_plural_has_both_forms(catalog):
    wrong = [m.id for m in catalog if m.pluralizable and len(texts(m.string)) != 2]

    assert wrong == []


def test_the_singular_of_a_plural_is_found_alone(catalog):
    """By every Python: that of Debian 12 looks it up under its own name."""
    catalogs.compile_all()
    with catalogs.ENGLISH.with_suffix(".mo").open("rb") as file:
        read = GNUTranslations(file)._catalog

    alone = {m.id[0] for m in catalog if m.pluralizable and not m.context}
    assert alone - set(read) == set()
    assert read["Objectif"] == "Objective"


def test_english_keeps_each_placeholder(catalog):
    wrong = [m.id for m in catalog if m.id and placeholders(m.string) != placeholders(m.id)]

    assert wrong == []


def test_english_keeps_the_markup(catalog):
    wrong = [m.id for m in catalog if m.id and marks(m.string) != marks(m.id)]

    assert wrong == []


def test_english_has_no_french_signs(catalog):
    """No guillemets, and no space before a colon: the typography of English is not that of French."""
    wrong = [
        text for m in catalog if m.id for text in texts(m.string) if re.search(r"[«»\xa0\u202f]|\w :", text)
    ]

    assert wrong == []


def placeholders(value):
    return {found for text in texts(value) for found in PLACEHOLDER.findall(text)}


def marks(value):
    return {found for text in texts(value) for found in re.findall(r"</?\w[^>]*>", text)}


def test_no_french_text_of_another_app_says_e_mail():
    with translation.override("fr"):
        texts = [gettext(m.id) for m in catalogs.quebec() if not m.context]
        invalid = gettext("Enter a valid email address.")

    assert invalid == "Saisissez une adresse courriel valide."
    assert len(texts) > 20
    assert [text for text in texts if "e-mail" in text.lower()] == []


@pytest.mark.parametrize(("count", "expected"), [(0, "singulier"), (1, "singulier"), (2, "pluriel")])
def test_zero_is_singular_in_french(catalog, count, expected):
    plural = next(m.id for m in catalog if m.pluralizable)

    with translation.override("fr"):
        found = ngettext(plural[0], plural[1], count)

    assert found == {"singulier": plural[0], "pluriel": plural[1]}[expected]
