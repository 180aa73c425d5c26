import datetime as dt

import pytest
from django.utils import timezone

from core.partial_dates import PartialDate, Precision
from csam.workbook.problems import UnreadableError
from csam.workbook.values import (
    CellError,
    Choice,
    Choices,
    Day,
    Flag,
    Formula,
    Integer,
    Moment,
    NumericText,
    ObjectiveCode,
    Partial,
    Text,
    canonical,
)
from projects.models import FoodChainLink, Project


@pytest.mark.parametrize("text", ["oui", "Oui", "yes", "x", "X", "vrai", "1", True, 1])
def test_yes_in_many_forms(text):
    assert Flag().parse(text) is True


@pytest.mark.parametrize("text", ["non", "no", "0", "faux", "", None, False, 0])
def test_no_in_many_forms(text):
    assert Flag().parse(text) is False


def test_a_flag_that_is_neither_is_refused():
    with pytest.raises(UnreadableError, match="Écrivez oui ou non"):
        Flag().parse("peut-être")


@pytest.mark.parametrize("text", ["en cours", "En cours", "EN COURS", "under_way"])
def test_a_choice_is_read_by_label_or_code(text):
    assert Choice(Project.Stage).parse(text) == "under_way"


def test_an_unknown_choice_comes_with_a_suggestion():
    with pytest.raises(
        UnreadableError, match=r"prévu, en cours, réalisé, suspendu, annulé. Vouliez-vous dire « réalisé »"
    ):
        Choice(Project.Stage).parse("réalisée")


def test_choices_come_in_the_order_of_the_chain():
    assert Choices(FoodChainLink).parse("distribution; Production ; distribution") == (
        "production",
        "distribution",
    )


@pytest.mark.parametrize("raw", [Formula("=1+1"), CellError("#REF!")])
@pytest.mark.parametrize(
    "kind", [Text(), Integer(), Partial(), Flag(), Choice(Project.Stage), Moment(), Day()]
)
def test_formulas_and_errors_are_refused_everywhere(kind, raw):
    with pytest.raises(UnreadableError):
        kind.parse(raw)


def test_spreadsheet_types_are_read_as_what_they_show():
    assert Text().parse(2020) == "2020"
    assert Text().parse(3.0) == "3"
    assert Integer().parse(4.0) == 4
    assert Partial().parse(dt.datetime(2021, 3, 15)) == PartialDate(dt.date(2021, 3, 15))
    assert Partial().parse(2021) == PartialDate(dt.date(2021, 1, 1), Precision.YEAR)


def test_a_day_is_needed_where_the_model_has_no_precision():
    with pytest.raises(UnreadableError, match="2021-01-01"):
        Day().parse("2021")


@pytest.mark.parametrize(
    "text", ["2021-03-15 09:00", "2021-03-15T09:00:00", "15 mars 2021 à 9 h", "15 mars 2021 9 h 00"]
)
def test_moments_are_local(text):
    assert timezone.localtime(Moment().parse(text)).isoformat() == "2021-03-15T09:00:00-04:00"


def test_objective_codes_keep_only_their_numbers():
    assert ObjectiveCode().parse("03.02.") == "3.2"
    assert ObjectiveCode().parse("3.10") == "3.10"
    assert isinstance(ObjectiveCode().parse(3.1), NumericText)
    with pytest.raises(UnreadableError, match=r"Écrivez par exemple 3.2"):
        ObjectiveCode().parse("trois")


def test_text_is_stored_composed_with_one_kind_of_line_end_and_no_control_characters():
    assert canonical(" cafe\u0301\r\nune\rdeux\x00\x1f ") == "café\nune\ndeux"


@pytest.mark.parametrize(("raw", "shown"), [(True, "VRAI"), (False, "FAUX")])
def test_a_logical_value_is_not_taken_for_a_text(raw, shown):
    with pytest.raises(UnreadableError, match=f"valeur logique {shown}"):
        Text().parse(raw)


@pytest.mark.parametrize("raw", [dt.datetime(9999, 12, 31), dt.date(1899, 12, 31)])
@pytest.mark.parametrize("kind", [Partial(), Day(), Moment()])
def test_a_date_of_another_age_is_refused(kind, raw):
    if isinstance(kind, Moment) and not isinstance(raw, dt.datetime):
        raw = dt.datetime.combine(raw, dt.time())

    with pytest.raises(UnreadableError, match="n'est pas vraisemblable"):
        kind.parse(raw)


@pytest.mark.parametrize("raw", [44270, 44270.5, "44270"])
def test_the_number_behind_a_date_is_refused_with_the_date(raw):
    with pytest.raises(UnreadableError, match="sans doute le nombre derrière une date, 2021-03-15"):
        Partial().parse(raw)


def test_a_date_in_a_cell_of_text_has_no_time_of_day():
    assert Text().parse(dt.datetime(2021, 3, 15)) == "2021-03-15"
