from core.facets import Facets

BY_COLOUR = {"red": [1, 2, 3], "green": [4], "blue": [5, 6]}
BY_SIZE = {"small": [1, 4, 5], "large": [2, 3, 6], "huge": []}


def facets(**chosen):
    return Facets(rows=[6, 5, 4, 3, 2, 1], members={"colour": BY_COLOUR, "size": BY_SIZE}, chosen=chosen)


def test_without_choice_every_row_is_found_in_order():
    assert facets().found == [6, 5, 4, 3, 2, 1]


def test_values_of_one_dimension_widen():
    assert facets(colour=["green", "blue"]).found == [6, 5, 4]


def test_dimensions_narrow_each_other():
    assert facets(colour=["red", "blue"], size=["large"]).found == [6, 3, 2]


def test_counts_leave_out_the_choices_of_their_own_dimension():
    chosen = facets(colour=["red"], size=["small"])

    assert chosen.counts("colour") == {"red": 1, "green": 1, "blue": 1}
    assert chosen.counts("size") == {"small": 1, "large": 2, "huge": 0}


def test_a_row_that_is_not_in_the_list_is_never_counted():
    narrow = Facets(rows=[1], members={"colour": BY_COLOUR}, chosen={})

    assert narrow.counts("colour") == {"red": 1, "green": 0, "blue": 0}


def test_a_row_named_twice_by_a_value_counts_once():
    twice = Facets(rows=[1, 2], members={"role": {"any": [1, 1, 2]}}, chosen={})

    assert twice.counts("role") == {"any": 2}


def test_a_choice_that_nothing_has_finds_nothing():
    assert facets(size=["huge"]).found == []
