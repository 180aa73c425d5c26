import os
import signal
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from plans.models import Plan
from projects.models import Project
from tests.factories import PlanFactory, ProjectFactory
from tests.processes import database_address
from tests.workbook.builders import csv_bytes, small_plan, zip_of

pytestmark = pytest.mark.django_db


def said_by(*args, **options):
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "plan.zip"
    path.write_bytes(zip_of(**small_plan()))
    return path


def test_a_dry_run_tells_all_and_changes_nothing(file):
    lines = said_by("import_plan", file, "--dry-run")

    assert "+ projets, 2 : marche" in lines
    assert lines[-2:] == ["En tout : 7 entrées créées", "Essai seulement : rien n'a été changé."]
    assert Plan.objects.count() == 0


def test_a_dry_run_shows_fields_that_change(file, tmp_path):
    said_by("import_plan", file)
    (tmp_path / "projets.csv").write_bytes(csv_bytes([["identifiant", "titre"], ["marche", "Marché d'été"]]))

    lines = said_by("import_plan", tmp_path / "projets.csv", "--dry-run", "--plan", "2030-2032")

    assert lines[:2] == ["~ projets, 2 : marche", "    titre : « Marché d'hiver » → « Marché d'été »"]


def test_problems_are_listed_and_nothing_is_written(tmp_path):
    (tmp_path / "plan.zip").write_bytes(zip_of(**small_plan(objectifs=[["code", "titre"], ["9.1", "x"]])))

    with pytest.raises(CommandError) as error:
        call_command("import_plan", tmp_path / "plan.zip")

    lines = str(error.value).splitlines()
    assert lines[0] == "Rien n'a été importé : 2 problèmes."
    assert lines[1].startswith(
        "- feuille « objectifs », ligne 2, colonne « code » : L'orientation 9 n'existe pas."
    )
    assert Plan.objects.count() == 0


def test_a_folder_goes_out_and_comes_back(file, tmp_path):
    said_by("import_plan", file)

    said_by("export_plan", "2030-2032", tmp_path / "dossier", "--language", "en")

    assert (
        (tmp_path / "dossier" / "projects.csv")
        .read_text(encoding="utf-8-sig")
        .startswith('"identifier","title (fr)"')
    )
    assert said_by("import_plan", tmp_path / "dossier")[-1] == "En tout : 7 entrées inchangées"


def test_an_unknown_plan_comes_with_those_that_are_known(tmp_path):
    PlanFactory(slug="2020-2022")

    with pytest.raises(CommandError, match=r"« 2023 » n'existe pas. Plans du portail : 2020-2022."):
        call_command("export_plan", "2023", tmp_path / "plan.xlsx")


def test_files_that_are_not_there_are_told(tmp_path):
    with pytest.raises(CommandError, match="n'existe pas"):
        call_command("import_plan", tmp_path / "rien.xlsx")
    with pytest.raises(CommandError, match=r"rien\.toml"):
        call_command("import_plan", tmp_path / "rien.xlsx", "--mapping", tmp_path / "rien.toml")


def test_a_progress_bar_only_where_somebody_watches(file):
    class Terminal(StringIO):
        def isatty(self):
            return True

    seen = Terminal()
    call_command("import_plan", file, stdout=StringIO(), stderr=seen)
    ProjectFactory()

    assert "100 % 7/7" in seen.getvalue()
    quiet = StringIO()
    Project.objects.filter(slug="marche").update(title_fr="x")
    call_command("import_plan", file, stdout=StringIO(), stderr=quiet)
    assert quiet.getvalue() == ""


#: Imports as the command does, and dies as in a power cut when the third row has been written.
CUT_SHORT = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from csam.workbook.applying import import_workbook
from csam.workbook.opening import open_path

def progress(done, total):
    if done == 3:
        os.kill(os.getpid(), signal.SIGKILL)

import_workbook(open_path(Path(sys.argv[1])), progress=progress)
"""


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_leaves_nothing_behind(file):
    environ = {**os.environ, "DATABASE_URL": database_address(), "DJANGO_SETTINGS_MODULE": "csam.settings"}

    ended = subprocess.run([sys.executable, "-c", CUT_SHORT, str(file)], env=environ, check=False)

    assert ended.returncode == -signal.SIGKILL
    assert Plan.objects.count() == 0
    said_by("import_plan", file)
    assert Project.objects.count() == 1
