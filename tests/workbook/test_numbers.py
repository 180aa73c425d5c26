from decimal import Decimal

import pytest

from csam.workbook.numbers import parse_decimal, parse_integer
from csam.workbook.problems import UnreadableError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1 234 567", "1234567"),
        ("1234.5", "1234.5"),
        ("1,234,567.8", "1234567.8"),
        ("-73,5", "-73.5"),
        ("−4", "-4"),
        ("0,125", "0.125"),
        ("45.54486", "45.54486"),
    ],
)
def test_numbers_are_read_in_french_and_english(text, number):
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["1,234", "12 34", "1.2.3", "douze", "4 %", "1e5", "", "1 2345", "0x10", "١٢ ٣"]
)
def test_what_has_no_single_reading_is_refused(text):
    with pytest.raises(UnreadableError):
        parse_decimal(text)


def test_the_refusal_of_two_readings_shows_both():
    with pytest.raises(UnreadableError, match=r"1 234 pour les milliers ou 1,2340 pour les décimales"):
        parse_decimal("1,234")


def test_a_whole_number_has_no_decimals():
    assert parse_integer("1 200,00") == 1200
    with pytest.raises(UnreadableError, match=r"« 3,5 » n'est pas un nombre entier. Écrivez par exemple 3."):
        parse_integer("3,5")


def test_a_number_of_thousands_of_digits_is_refused_briefly():
    with pytest.raises(UnreadableError) as refused:
        parse_integer("9" * 5_000)

    assert str(refused.value).startswith(f"« {'9' * 30}… » n'est pas un nombre.")
