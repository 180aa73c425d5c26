import textwrap

import pytest

from csam.workbook.applying import import_workbook
from csam.workbook.mapping import load_mapping
from csam.workbook.opening import open_bytes
from csam.workbook.plan_changes import compare
from csam.workbook.problems import RefusedError
from plans.models import Objective, Orientation
from projects.models import Project, ProjectPartner
from tests.workbook.builders import csv_bytes, xlsx_of

PLAN = """
[plan]
identifiant = "essai"
titre = "Essai"
"première année" = 2030
"dernière année" = 2031
"""


def mapping(text):
    return load_mapping((PLAN + textwrap.dedent(text)).encode())


def tables(data, text, name="actions.csv"):
    """Sheet to rows of cells, as the mapping makes them."""
    workbook = open_bytes(data, name, mapping=mapping(text))
    assert [str(p) for p in workbook.problems] == []
    return {
        t.sheet.fr: [row.cells for row in t.rows] for t in workbook.tables if t.sheet.fr != "plan"
    }, workbook


PROJECTS = """
[[tables]]
sheet = "projets"
[tables.columns]
identifiant = { slug = "Action" }
"""


def test_equal_titles_get_keys_of_their_own():
    found, _workbook = tables(
        csv_bytes([["Action", "Note"], ["1. Jardin", "a"], ["2. Jardin", "b"]]), PROJECTS
    )

    assert found == {"projets": [{"slug": "jardin"}, {"slug": "jardin-2"}]}


def test_codes_stay_whole_in_keys():
    found, _workbook = tables(
        csv_bytes([["Action", "x"], ["1-2", "a"], ["2-2", "b"], ["A.1", "c"]]), PROJECTS
    )

    assert found == {"projets": [{"slug": "1-2"}, {"slug": "2-2"}, {"slug": "a1"}]}


@pytest.mark.parametrize(
    ("spec", "cell", "made"),
    [
        ('{ column = "A", strip_number = true }', "12. Marché", "Marché"),
        ('{ column = "A", strip_number = true }', "3.2 – Marché", "Marché"),
        ('{ column = "A", strip_number = true }', "3 paniers", "3 paniers"),
        ('{ column = "A", map = { "À venir" = "Prévu" } }', "a venir", "Prévu"),
        ('{ column = "A", map = { "x" = "y" }, default = "z" }', "", "z"),
        ('{ column = "A", split = "/" }', "a / b/c", "a; b; c"),
        ("{ column = \"A\", match = '([a-z]+)-(\\d+)', write = '\\2 \\1' }", "abc-12", "12 abc"),
        ('{ join = ["A", "B"], separator = " + " }', "un", "un + deux"),
        ('{ join = ["A", "B"], with_headings = true }', "un", "un\n\nB : deux"),
        ('"@A"', "par la lettre", "par la lettre"),
        ('{ value = "constante" }', "x", "constante"),
        ('"@row"', "x", 2),
    ],
)
def test_a_column_is_made_as_the_mapping_says(spec, cell, made):
    found, _workbook = tables(
        csv_bytes([["A", "B"], [cell, "deux"]]),
        f'[[tables]]\nsheet = "projets"\n[tables.columns]\ntitre = {spec}\n',
    )

    assert found["projets"][0]["title_fr"] == made


def test_several_rows_of_headings_and_equal_headings():
    rows = [
        ["Titre du tableau"],
        ["Action", "Financement", "", "", ""],
        ["Nom", "Qui", "Montant", "Qui", "Montant"],
        ["Jardin", "a", "1", "b", "2"],
    ]
    text = """
        [source]
        header_rows = [2, 3]
        [[tables]]
        sheet = "projets"
        [tables.columns]
        titre = "Action / Nom"
        résumé = "Qui#2"
    """.replace("résumé =", '"résumé" =')

    found, workbook = tables(xlsx_of(Feuille=rows), text)

    assert found == {"projets": [{"title_fr": "Jardin", "summary_fr": "b"}]}
    assert [str(n) for n in workbook.notices] == [
        "feuille « Feuille » : Colonnes du fichier non reprises : Financement / Qui, Financement / Montant."
    ]


def test_levels_in_one_column_are_carried_down():
    rows = [
        ["Niveau", "Titre"],
        ["Axe", "Nourrir"],
        ["But", "Rapprocher"],
        ["Action", "Marché"],
        ["Axe", "Cultiver"],
        ["But", "Former"],
        ["Action", "Serre"],
        ["Action", "Ruche"],
    ]
    text = """
        [[source.carry]]
        name = "axe"
        column = "Titre"
        when = { Niveau = "Axe" }
        resets = ["but"]
        [[source.carry]]
        name = "but"
        column = "Titre"
        when = { Niveau = "But" }
        [[tables]]
        sheet = "orientations"
        when = { Niveau = "Axe" }
        [tables.columns]
        "numéro" = { hierarchy = ["axe"] }
        titre = "Titre"
        [[tables]]
        sheet = "objectifs"
        when = { Niveau = "But" }
        [tables.columns]
        code = { hierarchy = ["axe", "but"] }
        titre = "Titre"
        [[tables]]
        sheet = "projets"
        when = { Niveau = "Action" }
        [tables.columns]
        identifiant = { slug = "Titre" }
        "objectif principal" = { hierarchy = ["axe", "but"] }
    """

    found, _workbook = tables(csv_bytes(rows), text)

    assert [row["number"] for row in found["orientations"]] == ["1", "2"]
    assert [row["code"] for row in found["objectifs"]] == ["1.1", "2.1"]
    assert [(row["slug"], row["primary_objective"]) for row in found["projets"]] == [
        ("marche", "1.1"),
        ("serre", "2.1"),
        ("ruche", "2.1"),
    ]


def test_merged_and_empty_cells_take_the_value_above():
    rows = [
        ["Axe", "Sous-axe", "Action"],
        ["A", "a", "1"],
        [None, None, "2"],
        ["B", None, "3"],
        [None, "b", "4"],
    ]
    text = """
        [source]
        fill_down = ["Axe", "Sous-axe"]
        [source.defaults]
        "Sous-axe" = "Autres"
        [[tables]]
        sheet = "projets"
        [tables.columns]
        titre = { join = ["Axe", "Sous-axe", "Action"], separator = " " }
    """

    found, _workbook = tables(xlsx_of(lambda book: book["F"].merge_cells("A2:A3"), F=rows), text)

    assert [row["title_fr"] for row in found["projets"]] == ["A a 1", "A a 2", "B Autres 3", "B b 4"]


def test_one_cell_of_names_makes_rows_with_roles_in_order():
    text = """
        [[tables]]
        sheet = "projets"
        [tables.columns]
        identifiant = { slug = "Action" }
        [[tables]]
        sheet = "partenaires"
        each = { columns = ["Qui"], separators = [",", "\\n"], ignore = ["-"] }
        [tables.columns]
        projet = { key_of = "projets" }
        organisation = { slug = "@each" }
        "rôle" = { by_position = ["Porteur", "Coporteur"] }
    """

    found, _workbook = tables(
        csv_bytes([["Action", "Qui"], ["Jardin", "Alice, Bob\nALICE,Charlie"], ["Serre", "-"]]), text
    )

    assert [tuple(row.values()) for row in found["partenaires"]] == [
        ("jardin", "alice", "Porteur"),
        ("jardin", "bob", "Coporteur"),
        ("jardin", "charlie", "Coporteur"),
    ]


@pytest.mark.django_db
def test_a_long_title_is_never_cut_in_silence():
    title = "Rapprocher les fermes et les cuisines " * 8
    data = csv_bytes([["Action", "Texte"], [title, "La suite."]])
    told = '[[tables]]\nsheet = "projets"\n[tables.columns]\nidentifiant = { slug = "Action" }\ntitre = "Action"\ndescription = "Texte"\n'

    problems = compare(open_bytes(data, "a.csv", mapping=mapping(told))).problems
    assert [str(p) for p in problems] == [
        "feuille « a → projets », ligne 2, colonne « Action » : Le texte compte 303 caractères, et il en "
        "faut au plus 200. "
        "Raccourcissez-le."
    ]

    moved = told.replace('titre = "Action"', 'titre = { column = "Action", on_too_long = "move" }')
    import_workbook(open_bytes(data, "a.csv", mapping=mapping(moved)))
    project = Project.objects.get()
    assert project.title_fr == ("Rapprocher les fermes et les cuisines " * 5).strip() + "…"
    assert project.description_fr == f"{title.strip()}\n\nLa suite."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "cell", "ends", "description"),
    [
        ('date = "empty"', "deux fois l'an", None, ""),
        ('date = "move"', "deux fois l'an", None, "Quand : deux fois l'an"),
        ('date = "move"', "mi-2030", "mi-2030", ""),
        ('date = "refuse", serial = true', "45078", "1er juin 2023", ""),
    ],
)
def test_dates_that_are_not_dates(option, cell, ends, description):
    text = f'[[tables]]\nsheet = "projets"\n[tables.columns]\nidentifiant = {{ slug = "Action" }}\ntitre = "Action"\nfin = {{ column = "Quand", {option} }}\n'
    workbook = open_bytes(csv_bytes([["Action", "Quand"], ["Jardin", cell]]), "a.csv", mapping=mapping(text))

    import_workbook(workbook)

    project = Project.objects.get()
    assert (project.ends and str(project.ends), project.description_fr) == (ends, description)
    assert len(workbook.notices) == (ends is None)


def test_a_date_that_must_be_one_is_refused_at_its_place():
    text = '[[tables]]\nsheet = "projets"\n[tables.columns]\nfin = { column = "Quand", date = "refuse" }\n'
    workbook = open_bytes(
        csv_bytes([["Action", "Quand"], ["Jardin", "45078"]]), "a.csv", mapping=mapping(text)
    )

    assert [p.place for p in workbook.problems] == ["feuille « a → projets », ligne 2, colonne « Quand »"]


def test_a_windows_file_with_semicolons():
    data = csv_bytes([["N° d'action", "Intitulé"], ["1", "Goûter, manger"]], separator=";", encoding="cp1252")
    text = """
        [file]
        encoding = "windows-1252"
        separator = "semicolon"
        [[tables]]
        sheet = "projets"
        [tables.columns]
        titre = "Intitulé"
    """

    found, _workbook = tables(data, text)

    assert found == {"projets": [{"title_fr": "Goûter, manger"}]}


@pytest.mark.django_db
def test_several_sheets_are_read_as_one():
    text = """
        [source]
        sheets = ["*"]
        [[tables]]
        sheet = "orientations"
        distinct = true
        [tables.columns]
        "numéro" = { hierarchy = ["@sheet"] }
        titre = "@sheet"
        [[tables]]
        sheet = "projets"
        [tables.columns]
        identifiant = { slug = "Action" }
        titre = "Action"
    """
    data = xlsx_of(Nourrir=[["Action"], ["Marché"]], Cultiver=[["Action"], ["Serre"], ["Ruche"]])

    import_workbook(open_bytes(data, "a.xlsx", mapping=mapping(text)))

    assert list(Orientation.objects.values_list("number", "title_fr")) == [(1, "Nourrir"), (2, "Cultiver")]
    assert sorted(Project.objects.values_list("slug", flat=True)) == ["marche", "ruche", "serre"]
    assert Objective.objects.count() == ProjectPartner.objects.count() == 0


def test_a_file_of_several_sheets_must_be_told_which():
    with pytest.raises(RefusedError, match="sheet = … : A, B"):
        open_bytes(xlsx_of(A=[["Action"], ["x"]], B=[["Action"], ["y"]]), "a.xlsx", mapping=mapping(PROJECTS))


def test_a_column_that_is_not_there_is_told_once_with_a_suggestion():
    workbook = open_bytes(
        csv_bytes([["Actions", "b"], ["x", "1"], ["y", "2"]]), "a.csv", mapping=mapping(PROJECTS)
    )

    assert [str(p) for p in workbook.problems] == [
        "feuille « a », colonne « Action » : Cette colonne n'est pas dans le fichier. Vouliez-vous dire « "
        "Actions »?"
    ]


def test_every_mistake_of_a_mapping_is_told_by_name():
    text = """
        [source]
        header_rwo = 2
        [[tables]]
        sheet = "projet"
        [[tables]]
        sheet = "projets"
        [tables.columns]
        titr = "A"
        titre = { column = "A", value = "B" }
        "résumé" = { column = "A", on_too_long = "move" }
        fin = { column = "A", date = "guess" }
        description = { column = "A", match = "(" }
    """

    with pytest.raises(RefusedError) as refused:
        mapping(text)

    assert [p.message.split(" : ")[0] for p in refused.value.problems] == [
        "[source]",
        "[[tables]] 1",
        "[[tables]] projets",
        "[[tables]] projets, titre",
        "[[tables]] projets, résumé",
        "[[tables]] projets, fin",
        "[[tables]] projets, description",
    ]
    with pytest.raises(RefusedError, match="n'est pas du TOML lisible"):
        load_mapping(b"plan = ")
