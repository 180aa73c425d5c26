import datetime as dt
import io
import threading
import zipfile

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from csam.workbook import applying
from csam.workbook.applying import OutdatedError, _keep_writers_out, import_workbook
from csam.workbook.opening import open_bytes
from csam.workbook.plan_changes import compare
from csam.workbook.problems import RefusedError
from csam.workbook.template import PLAN
from partners.models import Organization
from plans.models import Objective, Orientation, Plan
from projects.models import Deliverable, Project, ProjectPartner
from tests.factories import OrganizationFactory, PlanFactory, ProjectFactory, TerritoryFactory
from tests.workbook.builders import PLAN_ROWS, csv_bytes, small_plan, workbook_of, xlsx_of

pytestmark = pytest.mark.django_db


def problems_of(**sheets):
    return [str(p) for p in compare(workbook_of(**small_plan(**sheets))).problems]


def test_a_workbook_makes_a_whole_plan():
    changes = import_workbook(workbook_of(**small_plan()))

    project = Project.objects.get(slug="marche")
    assert (changes.created, changes.changed, changes.unchanged) == (7, 0, 0)
    assert str(project.primary_objective) == "1.1 Rapprocher"
    assert project.lead.name == "Cuisine d'Alice"
    assert (str(project.starts), str(project.ends)) == ("janvier 2030", "automne 2031")
    assert str(project.deliverables.get().due) == "mi-2030"
    assert project.stage == Project.Stage.PLANNED


def test_what_was_imported_is_found_by_search():
    import_workbook(workbook_of(**small_plan()))

    assert [p.slug for p in Project.objects.search("marches")] == ["marche"]
    assert [p.slug for p in Project.objects.search("etal")] == ["marche"]
    assert [o.slug for o in Organization.objects.search("cuisines")] == ["alice"]
    assert [o.number for o in Orientation.objects.search("nourrir")] == [1]


def test_a_renamed_partner_is_found_in_its_projects():
    import_workbook(workbook_of(**small_plan()))

    import_workbook(
        workbook_of(plan=PLAN_ROWS, organisations=[["identifiant", "nom"], ["alice", "Potager d'Alice"]])
    )

    assert [p.slug for p in Project.objects.search("potager")] == ["marche"]


def test_a_second_import_finds_nothing_to_do():
    import_workbook(workbook_of(**small_plan()))

    with CaptureQueriesContext(connection) as queries:
        changes = import_workbook(workbook_of(**small_plan()))

    assert (changes.created, changes.changed, changes.unchanged) == (0, 0, 7)
    assert [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_a_change_is_told_field_by_field_and_writes_only_that_row():
    import_workbook(workbook_of(**small_plan()))
    headings = ["identifiant", "titre", "étape", "fin"]
    workbook = workbook_of(plan=PLAN_ROWS, projets=[headings, ["marche", "Marché d'été", "En cours", ""]])

    changes = compare(workbook)
    sheet = changes.sheets[1]

    assert [(d.heading, d.old, d.new) for d in sheet.details(sheet.changed[0])] == [
        ("titre", "Marché d'hiver", "Marché d'été"),
        ("étape", "prévu", "en cours"),
        ("fin", "automne 2031", ""),
    ]
    import_workbook(workbook)
    project = Project.objects.get()
    assert (project.title_fr, project.stage, project.ends, str(project.starts)) == (
        "Marché d'été",
        Project.Stage.UNDER_WAY,
        None,
        "janvier 2030",
    )


def test_nothing_outside_the_file_is_touched():
    import_workbook(workbook_of(**small_plan()))
    other = ProjectFactory(plan=Plan.objects.get(), slug="autre", title_en="Other")
    rows = [["identifiant", "titre"], ["marche", "Marché"]]

    import_workbook(workbook_of(plan=PLAN_ROWS, projets=rows))

    other.refresh_from_db()
    assert (other.title_en, Project.objects.count(), Deliverable.objects.count()) == ("Other", 2, 1)


def test_another_lead_replaces_the_lead():
    import_workbook(workbook_of(**small_plan()))
    OrganizationFactory(slug="bob", name="Ferme de Bob")

    changes = import_workbook(
        workbook_of(
            plan=PLAN_ROWS,
            partenaires=[["projet", "organisation", "rôle"], ["marche", "Ferme de Bob", "porteur"]],
        )
    )

    assert (changes.created, changes.changed) == (0, 1)
    assert [(p.organization.slug, p.role) for p in ProjectPartner.objects.all()] == [("bob", "lead")]


def test_a_file_that_says_confirmed_takes_back_a_refusal():
    import_workbook(workbook_of(**small_plan()))
    ProjectPartner.objects.update(confirmed_on=None, declined_on="2026-03-02")
    heading = ["projet", "organisation", "rôle", "confirmé le"]
    lead = ProjectPartner.objects.get().organization.name

    import_workbook(
        workbook_of(plan=PLAN_ROWS, partenaires=[heading, ["marche", lead, "porteur", "2026-03-05"]])
    )

    part = ProjectPartner.objects.get()
    assert (part.confirmed_on, part.declined_on) == (dt.date(2026, 3, 5), None)


def test_territories_are_named_whatever_the_dash_and_the_accent():
    TerritoryFactory(
        code="REM34",
        name="Côte-des-Neiges–Notre-Dame-de-Grâce",
        slug="cote-des-neiges-notre-dame-de-grace",
        abbreviation="CN",
    )
    TerritoryFactory(code="REM09", name="Anjou", slug="anjou", abbreviation="AJ")
    rows = [
        ["identifiant", "titre", "territoires"],
        ["a", "A", "cote des neiges-notre dame de grace ; AJ"],
        ["b", "B", "Toute l'île"],
    ]

    import_workbook(workbook_of(plan=PLAN_ROWS, projets=rows))

    a, b = Project.objects.order_by("slug")
    assert sorted(t.slug for t in a.territories.all()) == ["anjou", "cote-des-neiges-notre-dame-de-grace"]
    assert (a.covers_whole_island, b.covers_whole_island) == (False, True)


def test_english_headings_and_labels_are_understood():
    sheets = {
        "Plan": [
            ["identifier", "title (fr)", "first year", "last year", "stage"],
            ["p", "Plan", "2030", "2031", "under_way"],
        ],
        "Projects": [
            ["identifier", "title (fr)", "title (en)", "start"],
            ["a", "Marché", "Market", "mid-2030"],
        ],
    }

    import_workbook(workbook_of(**sheets))

    assert (Project.objects.get().title_en, str(Project.objects.get().starts)) == ("Market", "mi-2030")


def test_every_problem_is_told_at_once_and_nothing_is_written():
    sheets = small_plan(
        orientations=[["numéro", "titre", "couleur"], ["1", "Nourrir", "feuile"], ["0", "Zéro", ""]],
        objectifs=[["code", "titre"], ["1.1", "A" * 251], ["9.1", "Ailleurs"]],
        organisations=[
            ["identifiant", "nom", "secteur", "site web"],
            ["Ça va", "Alice", "Communautaire", ""],
            ["bob", "Bob", "", "exemple"],
        ],
        projets=[
            ["identifiant", "titre", "objectif principal", "début", "fin", "courriel"],
            ["marche", "Marché", "1.2", "2031-01-01", "2030-01-01", "alice"],
            ["marche", "", "1.1", "03/04/2031", "", ""],
        ],
        partenaires=[["projet", "organisation", "rôle"], ["marche", "bobb", "Porteur"]],
        livrables=[
            ["projet", "numéro", "titre", "livré le"],
            ["marche", "1,234", "Étal", "2030-01-01"],
            ["marche", "2", "Étal", "2030-02-01"],
        ],
    )

    with pytest.raises(RefusedError) as refused:
        import_workbook(workbook_of(**sheets))

    assert [(p.sheet, p.row, p.column) for p in refused.value.problems] == [
        ("orientations", 2, "couleur"),
        ("orientations", 3, "numéro"),
        ("objectifs", 2, "titre"),
        ("objectifs", 3, "code"),
        ("organisations", 2, "identifiant"),
        ("organisations", 3, "secteur"),
        ("organisations", 3, "site web"),
        ("projets", 2, "objectif principal"),
        ("projets", 2, "courriel"),
        ("projets", 3, "début"),
        ("projets", 3, "identifiant"),
        ("partenaires", 2, "organisation"),
        ("livrables", 2, "numéro"),
        ("livrables", 3, "livré le"),
    ]
    assert Plan.objects.count() == Organization.objects.count() == 0


@pytest.mark.parametrize(
    ("sheets", "told"),
    [
        (
            {"projets": [["identifiant", "titre"], ["Marché d'été", "x"]], "partenaires": [["projet", "organisation", "rôle"]], "livrables": [["projet", "numéro", "titre"]]},
            "feuille « projets », ligne 2, colonne « identifiant » : « Marché d'été » ne peut pas être un "
            "identifiant. "
            "Écrivez par exemple marche-dete.",
        ),
        (
            {"projets": [["identifiant", "titre", "étape"], ["marche", "x", "en cour"]]},
            "feuille « projets », ligne 2, colonne « étape » : « en cour » n'est pas un choix possible. "
            "Écrivez : "
            "prévu, en cours, réalisé, suspendu, annulé. Vouliez-vous dire « en cours »?",
        ),
        (
            {"partenaires": [["projet", "organisation", "rôle"], ["marchee", "alice", "Porteur"]]},
            "feuille « partenaires », ligne 2, colonne « projet » : « marchee » n'existe ni dans ce "
            "fichier ni dans le "
            "portail. Vouliez-vous dire « marche »?",
        ),
        (
            {"objectifs": [["code", "titre"], ["1.1", "a"], ["1.1", "b"]]},
            "feuille « objectifs », ligne 3, colonne « code » : Cette ligne répète la ligne 2 (1.1). "
            "Gardez l'une des deux.",
        ),
        (
            {"objectifs": [["code", "titre"], ["1.1", ""]]},
            "feuille « objectifs », ligne 2, colonne « titre » : La cellule est vide, mais elle est "
            "obligatoire : "
            "écrivez « titre ».",
        ),
        (
            {"livrables": [["projet", "numéro", "titre"], ["marche", "", "x"]]},
            "feuille « livrables », ligne 2, colonne « numéro » : La cellule est vide, mais elle repère la "
            "ligne. "
            "Remplissez-la ou supprimez la ligne.",
        ),
        (
            {"livrables": [["projet", "titre"], ["marche", "x"]]},
            "feuille « livrables » : La colonne « numéro » manque : elle repère les lignes. Ajoutez-la.",
        ),
        (
            {"projets": [["identifiant", "titre", "Titre"], ["marche", "x", "y"]]},
            "feuille « projets », ligne 1, colonne « Titre » : Deux colonnes portent ce titre. Gardez-en "
            "une.",
        ),
        (
            {"organisations": [["identifiant", "nom", "secteur"], ["alice", "Alice", "Autre"], ["bob", "Alice", "Autre"]]},
            "feuille « organisations », ligne 3, colonne « nom » : « Alice » est déjà pris par « ligne 2 ». "
            "Choisissez une autre valeur ou reprenez le même identifiant.",
        ),
    ],
)  # fmt: skip
def test_a_problem_says_where_and_what_to_write(sheets, told):
    assert problems_of(**sheets) == [told]


def test_a_text_without_end_is_refused_with_its_length():
    rows = [["identifiant", "titre", "description"], ["marche", "Marché", "é" * 100_001]]

    assert problems_of(projets=rows) == [
        "feuille « projets », ligne 2, colonne « description » : Le texte compte 100001 caractères, et il en "
        "faut au plus 100000. Raccourcissez-le."
    ]


def test_a_project_of_another_plan_keeps_its_identifier():
    ProjectFactory(slug="marche", plan=PlanFactory(slug="2020-2022"))

    assert problems_of() == [
        "feuille « projets », ligne 2, colonne « identifiant » : « marche » est déjà un projet du plan "
        "2020-2022. "
        "Écrivez un autre identifiant, par exemple marche-2."
    ]


def test_a_second_current_plan_is_refused():
    PlanFactory(slug="2020-2022", is_current=True)
    rows = [[*PLAN_ROWS[0], "plan courant"], [*PLAN_ROWS[1], "oui"]]

    assert problems_of(plan=rows) == [
        "feuille « plan », ligne 2, colonne « plan courant » : « 2020-2022 » est déjà le plan courant. "
        "Écrivez non, "
        "ou changez d'abord l'autre plan."
    ]


def test_a_number_that_may_be_two_codes_is_refused():
    rows = [["code", "titre"], *[[f"1.{n}", f"Objectif {n}"] for n in range(1, 11)]]
    projects = [["identifiant", "titre", "objectif principal"], ["marche", "Marché", 1.1]]

    problems = compare(
        open_bytes(xlsx_of(**small_plan(objectifs=rows, projets=projects)), "plan.xlsx")
    ).problems

    assert [p.message for p in problems] == [
        "Le nombre 1.1 peut vouloir dire 1.1 ou 1.10. Mettez la cellule au format Texte."
    ]


def test_unknown_sheets_and_columns_are_told_with_a_suggestion():
    workbook = workbook_of(
        plan=[[*PLAN_ROWS[0], "visoin"], [*PLAN_ROWS[1], "x"]], projet=[["identifiant"], ["a"]]
    )

    assert [str(n) for n in workbook.notices] == [
        "feuille « plan », ligne 1, colonne « visoin » : Cette colonne n'est pas du modèle; elle n'est pas "
        "lue. "
        "Vouliez-vous dire « vision »?",
        "feuille « projet » : Cette feuille n'est pas du modèle; elle n'est pas lue. Vouliez-vous dire « "
        "projets »?",
    ]


def test_a_file_of_one_sheet_needs_to_be_told_its_plan():
    plan = PlanFactory(slug="2020-2022")
    workbook = workbook_of(projets=[["identifiant", "titre"], ["a", "A"]])

    with pytest.raises(RefusedError, match="n'a pas de feuille « plan »"):
        compare(workbook)
    with pytest.raises(RefusedError, match="Plans du portail : 2020-2022"):
        compare(workbook, plan_slug="2023-2025")
    import_workbook(workbook, plan_slug="2020-2022")
    assert plan.projects.get().slug == "a"


def test_what_changed_since_the_preview_is_not_applied():
    import_workbook(workbook_of(**small_plan()))
    workbook = workbook_of(plan=PLAN_ROWS, projets=[["identifiant", "titre"], ["marche", "Marché d'été"]])
    digest = compare(workbook).digest
    Project.objects.update(title_fr="Marché d'automne")

    with pytest.raises(OutdatedError) as outdated:
        import_workbook(workbook, expected_digest=digest)

    assert outdated.value.changes.changed == 1
    assert Project.objects.get().title_fr == "Marché d'automne"


def test_a_failure_at_the_last_row_leaves_nothing(monkeypatch):
    def fail(changes):
        raise IntegrityError("the power went")

    monkeypatch.setattr(applying, "_reindex", fail)

    with pytest.raises(RefusedError, match="rien n'a été changé"):
        import_workbook(workbook_of(**small_plan()))

    assert Plan.objects.count() == Project.objects.count() == 0


def many(count):
    return small_plan(
        projets=[
            ["identifiant", "titre", "objectif principal"],
            *[[f"p{n}", f"Projet {n}", "1.1"] for n in range(count)],
        ],
        partenaires=[
            ["projet", "organisation", "rôle"],
            *[[f"p{n}", "alice", "Porteur"] for n in range(count)],
        ],
        livrables=[["projet", "numéro", "titre"], *[[f"p{n}", "1", f"Étal {n}"] for n in range(count)]],
    )


def test_the_number_of_queries_does_not_follow_the_rows():
    made, compared = set(), set()
    for count in (1, 3, 25):
        Project.objects.all().delete()
        for model in (Objective, Orientation, Organization, Plan):
            model.objects.all().delete()
        workbook = workbook_of(**many(count))
        for counts in (made, compared):
            with CaptureQueriesContext(connection) as queries:
                import_workbook(workbook)
            counts.add(len(queries))

    assert (len(made), len(compared)) == (1, 1)
    assert max(compared) < 30


def test_progress_is_told_to_the_end():
    seen = []

    import_workbook(workbook_of(**small_plan()), progress=lambda done, total: seen.append((done, total)))

    assert (seen[0], seen[-1]) == ((0, 7), (7, 7))


def test_the_day_of_publication_is_kept_to_the_minute_when_unchanged():
    moment = dt.datetime(2021, 5, 4, 15, 30, tzinfo=dt.UTC)
    project = ProjectFactory(plan=PlanFactory(slug="2030-2032"), slug="marche", published_at=moment)
    rows = [["identifiant", "titre", "publié le"], ["marche", "Autre titre", "2021-05-04"]]

    import_workbook(workbook_of(projets=rows), plan_slug="2030-2032")

    project.refresh_from_db()
    assert (project.published_at, project.title_fr) == (moment, "Autre titre")


def test_two_files_of_one_name_are_not_confused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for folder in ("nouveau", "ancien"):
            archive.writestr(f"{folder}/plan.csv", csv_bytes(PLAN_ROWS))

    workbook = open_bytes(out.getvalue(), "plan.zip")

    assert [str(p) for p in workbook.problems] == [
        "feuille « plan » : Cette feuille et « plan » sont la même. Gardez-en une."
    ]


def test_a_sheet_without_any_heading_of_the_template_is_told_what_to_write():
    with pytest.raises(RefusedError) as refused:
        compare(workbook_of(plan=[["Le plan de 2030"], ["identifiant|titre"]]))

    assert [str(p) for p in refused.value.problems] == [
        "feuille « plan », ligne 1 : La première ligne remplie ne porte aucun titre de colonne du modèle. "
        f"Écrivez-y : {', '.join(c.fr for c in PLAN.columns)}. Dans un fichier CSV, séparez-les par des "
        "virgules, des points-virgules ou des tabulations."
    ]


def test_a_plan_without_its_row_is_told():
    with pytest.raises(RefusedError, match="La feuille n'a que ses titres"):
        compare(workbook_of(plan=PLAN_ROWS[:1]))


@pytest.mark.django_db(transaction=True)
def test_an_import_beside_another_waits_then_is_refused_with_words(monkeypatch):
    monkeypatch.setattr("csam.workbook.applying.PATIENCE", 1)
    outcome = []

    def import_beside():
        try:
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA busy_timeout = 1000")
            import_workbook(workbook_of(**small_plan()))
        except RefusedError as refused:
            outcome.extend(str(p) for p in refused.problems)
        finally:
            connection.close()

    with transaction.atomic():
        _keep_writers_out()
        beside = threading.Thread(target=import_beside)
        beside.start()
        beside.join()

    assert outcome == [
        "Le portail est occupé à enregistrer autre chose, peut-être une autre importation. Rien n'a été "
        "changé : réessayez dans une minute."
    ]
    assert not Plan.objects.filter(slug="2030-2032").exists()
