import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.partial_dates import PartialDate, Precision, UnreadableDateError


@pytest.mark.parametrize(
    ("text", "iso", "last_day"),
    [
        ("1er janv. 2023", "2023-01-01", "2023-01-01"),
        ("31 déc. 2022", "2022-12-31", "2022-12-31"),
        ("Le 3 mai 2021", "2021-05-03", "2021-05-03"),
        ("March 31, 2025", "2025-03-31", "2025-03-31"),
        ("31/12/2022", "2022-12-31", "2022-12-31"),
        ("12/31/2022", "2022-12-31", "2022-12-31"),
        ("2022-09-01 00:00:00", "2022-09-01", "2022-09-01"),
        ("2021-03", "2021-03", "2021-03-31"),
        ("Juin 2020", "2020-06", "2020-06-30"),
        ("02/2024", "2024-02", "2024-02-29"),
        ("2021", "2021", "2021-12-31"),
        ("automne 2021", "automne 2021", "2021-12-31"),
        ("à l'été 2021", "été 2021", "2021-09-20"),
        ("mi-2024", "mi-2024", "2024-08-31"),
        ("Début 2025", "début 2025", "2025-04-30"),
        ("fin 2024", "fin 2024", "2024-12-31"),
        ("T3 2021", "T3 2021", "2021-09-30"),
        ("3e trimestre 2021", "T3 2021", "2021-09-30"),
        ("1er semestre 2023", "1er semestre 2023", "2023-06-30"),
        ("second half of 2023", "2e semestre 2023", "2023-12-31"),
    ],
)
def test_parse_understands_dates_as_plans_write_them(text, iso, last_day):
    date = PartialDate.parse(text)

    assert (date.isoformat(), date.last_day.isoformat()) == (iso, last_day)


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2021",
        "2021-2023",
        "2023-02-30",
        "jui 2021",
        "bientôt",
        "32 mai 2021",
        "12/05/21",
        "",
        "5 brumaire 2021",
    ],
)
def test_parse_refuses_by_name_what_it_cannot_read_surely(text):
    with pytest.raises(UnreadableDateError) as refusal:
        PartialDate.parse(text)

    assert f"« {text} »" in str(refusal.value)


@pytest.mark.parametrize(
    ("iso", "french", "english"),
    [
        ("2020-10-01", "1er octobre 2020", "October 1, 2020"),
        ("2018-10-16", "16 octobre 2018", "October 16, 2018"),
        ("2020-10", "octobre 2020", "October 2020"),
        ("automne 2020", "automne 2020", "fall 2020"),
        ("mi-2024", "mi-2024", "mid-2024"),
        ("2022", "2022", "2022"),
        ("T1 2022", "T1 2022", "Q1 2022"),
        ("2e semestre 2022", "2e semestre 2022", "second half of 2022"),
    ],
)
def test_format_writes_dates_as_each_language_does(iso, french, english):
    date = PartialDate.parse(iso)

    assert (date.format("fr"), date.format("en")) == (french, english)


@given(
    st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31)),
    st.sampled_from(Precision.values),
    st.sampled_from(["iso", "fr", "en"]),
)
def test_what_is_written_is_read_back(day, precision, form):
    date = PartialDate(day, precision)

    written = date.isoformat() if form == "iso" else date.format(form)

    assert PartialDate.parse(written) == date
    assert date.first_day <= day <= date.last_day
