import pytest

from core.folding import QUERY_WORDS, fold, query_stems, search_column, sort_key, stems


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("marches", "Un marché public"),
        ("MARCHÉS", "le marche"),
        ("insecurite", "l'insécurité alimentaire"),
        ("Cote des neiges", "Côte-des-Neiges–Notre-Dame-de-Grâce"),
        ("cote-des-neiges notre dame de grace", "Côte-des-Neiges–Notre-Dame-de-Grâce"),
        ("l’agriculture", "l'agriculture urbaine"),
        ("agriculture", "d’agriculture"),
        ("coeur", "le cœur de l'île"),
        ("ile", "toute l'Île"),
        ("lile", "LILE"),
        ("E\u0301cole", "école"),
    ],
)
def test_what_is_typed_finds_what_is_written(typed, written):
    column = search_column(written, "fr")

    assert all(f" {stem} " in column for stem in stems(typed, "fr"))


def test_a_stem_is_found_whole():
    assert " mar " not in search_column("le marché", "fr")


def test_articles_and_single_letters_do_not_count():
    assert stems("le la l' d'une à", "fr") == []


def test_a_query_is_bounded_in_length_and_in_words():
    assert len(query_stems(" ".join(f"mot{n}" for n in range(500)), "fr")) == QUERY_WORDS
    assert len("".join(query_stems("x" * 100_000, "fr"))) <= 200


@pytest.mark.parametrize(
    "hostile", ["%_%", "' OR 1=1 --", "\0\0", "\ud800", "<script>", "ﷺ" * 200, "🥕" * 300]
)
def test_a_hostile_query_is_reduced_to_plain_words(hostile):
    assert all(stem.isascii() and stem.isalnum() for stem in query_stems(hostile, "fr"))


def test_fold_is_lower_case_without_marks():
    assert fold("Œufs À L’ÉTÉ") == "oeufs a l’ete"


def test_sort_keys_put_accents_with_their_letters():
    titles = ["zèle", "Écoles", "eau", "étal", "Île", "cote", "côté", "Ouest", "œuf"]

    assert sorted(titles, key=sort_key) == [
        "cote",
        "côté",
        "eau",
        "Écoles",
        "étal",
        "Île",
        "œuf",
        "Ouest",
        "zèle",
    ]
