import csv
import io
import zipfile

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from csam.workbook.csv_reading import _SPOILED
from csam.workbook.exporting import csv_zip, export, xlsx
from csam.workbook.opening import open_bytes, open_path
from csam.workbook.plan_changes import compare
from csam.workbook.problems import RefusedError
from csam.workbook.template import TEMPLATE_SHEETS
from csam.workbook.values import canonical
from plans.models import Plan
from projects.models import Project
from tests.factories import DeliverableFactory, OrganizationFactory, PlanFactory, ProjectFactory

pytestmark = pytest.mark.django_db

MAKERS = {"xlsx": xlsx, "zip": csv_zip}


@pytest.mark.parametrize("pk", [7, 42, 54321])
def test_identifiers_of_rows_do_not_matter(pk):
    plan = PlanFactory(pk=pk, slug="2030-2032")
    project = ProjectFactory(pk=pk, plan=plan, title_en="", summary_fr="", lead=OrganizationFactory(pk=pk))
    DeliverableFactory(pk=pk, project=project, title_en="")

    changes = compare(open_bytes(xlsx(plan, language="fr"), "plan.xlsx"))

    assert (changes.created, changes.changed, changes.unchanged) == (0, 0, 5)
    project.refresh_from_db()
    assert (project.title_en, project.summary_fr) == ("", "")


def contents(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


@pytest.mark.parametrize("text", ["=1+1", "+1 514", "-5 %", "@alice", "＝1", "'=déjà", "''", "\t=x"])
def test_formulas_are_neutralised_on_the_way_out(text):
    project = ProjectFactory(title_fr=text)

    rows = list(csv.reader(io.StringIO(contents(csv_zip(project.plan, language="fr"))["projets.csv"])))
    assert not rows[1][1].startswith(("=", "+", "-", "@", "\t", "＝"))
    cell = openpyxl.load_workbook(io.BytesIO(xlsx(project.plan, language="fr")))["projets"]["B2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    for kind, make in MAKERS.items():
        changes = compare(open_bytes(make(project.plan, language="fr"), f"plan.{kind}"))
        assert (changes.created, changes.changed, changes.problems) == (0, 0, [])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=200))
@example("=cmd", "'=1")
@example("_x0041_", "#N/A")
@example("1.10", "01234")
@example("2021-03-15", "oui")
@example('a;b,c\t"d"', "un\r\n\r\ndeux\x0b")
@example("TRUE", "'")
def test_any_text_comes_back(db, title, description):
    # Accents spoiled before they reached us are refused by name: see test_csv_reading.
    assume(not _SPOILED.search(f"{title} {description}"))
    Project.objects.all().delete()
    Plan.objects.all().delete()
    plan = PlanFactory(slug="2030-2032")
    ProjectFactory(
        plan=plan, slug="p", title_fr=canonical(title) or "x", description_fr=canonical(description)
    )

    for kind, make in MAKERS.items():
        data = make(plan, language="fr")
        changes = compare(open_bytes(data, f"plan.{kind}"))
        assert (changes.created, changes.changed, changes.problems) == (0, 0, []), kind
        record = next(t for t in open_bytes(data, "plan").tables if t.sheet.name == "projects").rows[0].cells
        assert canonical(record["title_fr"]) == (canonical(title) or "x")


def test_the_empty_template_has_every_sheet_and_explains_it():
    book = openpyxl.load_workbook(io.BytesIO(xlsx(None, language="fr")))

    assert book.sheetnames == ["Lisez-moi", *[sheet.fr for sheet in TEMPLATE_SHEETS]]
    assert [c.value for c in book["enjeux"][1]] == [
        "numéro",
        "titre",
        "titre (en)",
        "description",
        "description (en)",
    ]
    explained = [row[1] for row in book["Lisez-moi"].iter_rows(values_only=True) if row[1]]
    assert len(explained) == 1 + sum(len(sheet.columns) for sheet in TEMPLATE_SHEETS)


def test_a_text_too_long_for_a_cell_is_not_cut_in_silence():
    project = ProjectFactory(description_fr="a" * 32_768)

    with pytest.raises(RefusedError, match="Exportez plutôt un dossier CSV"):
        xlsx(project.plan, language="fr")
    assert compare(open_bytes(csv_zip(project.plan, language="fr"), "plan.zip")).changed == 0


def test_archived_projects_stay_in_the_portal():
    plan = PlanFactory()
    kept = ProjectFactory(plan=plan)
    gone = ProjectFactory(plan=plan, archived_at="2022-01-01T00:00Z", archive_reason_fr="Fini")
    DeliverableFactory(project=gone)

    files = contents(csv_zip(plan, language="fr"))

    assert kept.slug in files["projets.csv"]
    assert gone.slug not in files["projets.csv"] + files["livrables.csv"]


def test_a_plan_is_written_as_a_file_or_a_folder(tmp_path):
    plan = ProjectFactory().plan

    for name in ("plan.xlsx", "plan.zip", "plan"):
        export(plan, tmp_path / name)
        assert compare(open_path(tmp_path / name)).unchanged == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan", "plan.xlsx", "plan.zip"]
    with pytest.raises(RefusedError, match=r"finit par .xlsx"):
        export(plan, tmp_path / "plan.ods")


def test_the_number_of_queries_of_an_export_is_fixed():
    plan = PlanFactory()
    counts = []
    for _round in range(3):
        ProjectFactory.create_batch(4, plan=plan, lead=OrganizationFactory())
        with CaptureQueriesContext(connection) as queries:
            csv_zip(plan, language="fr")
        counts.append(len(queries))

    assert len(set(counts)) == 1
