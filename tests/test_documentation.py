"""What the documentation promises: every setting, command, column and dependency is there, and nothing that is not."""

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import find_commands

from csam.workbook.template import TEMPLATE_SHEETS

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
README_LINES = 130

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def read(path):
    return path.read_text(encoding="utf-8")


def first_cells(text):
    """The names between backquotes in the first cells of the tables of a text."""
    cells = (line.split("|")[1] for line in text.splitlines() if line.startswith("| "))
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def known_settings():
    """As a fresh start reads them: tests before this one may have asked for names of their own."""
    script = "from csam import environment, settings; print(*environment.known)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def our_commands():
    configs = [config for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)]
    ours = [config for config in configs if ".venv" not in Path(config.path).parts]
    return {name for config in ours for name in find_commands(str(Path(config.path) / "management"))}


def required_packages(name):
    lines = read(ROOT / "requirements" / f"{name}.in").splitlines()
    found = (re.match(r"[a-z0-9-]+", line) for line in lines if line and line[0] not in "#-")
    return {match[0] for match in found}


def anchors(page):
    """The anchors of the headings, as the repository's site makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", read(page)), re.MULTILINE)
    plain = (unicodedata.normalize("NFC", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def test_each_setting_is_described_and_each_described_one_exists():
    described = first_cells(read(DOCS / "operations" / "settings.md"))

    assert len(described) == len(set(described))
    assert set(described) == known_settings()


def test_the_example_of_settings_names_each_of_them():
    named = re.findall(r"^(?:# )?([A-Z_]+)=", read(ROOT / ".env.example"), re.MULTILINE)
    of_compose = set(re.findall(r"\$\{([A-Z_]+)", read(ROOT / "docker-compose.yml")))

    assert len(named) == len(set(named))
    assert set(named) == known_settings() | of_compose


def test_each_command_is_described_and_each_described_one_exists():
    described = [name.split()[0] for name in first_cells(read(DOCS / "operations" / "commands.md"))]

    assert sorted(described) == sorted(our_commands())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_shown_exist(page):
    shown = set(re.findall(r"manage\.py ([a-z_]+)", read(page)))

    of_django = {"changepassword", "check", "clearsessions", "collectstatic", "createsuperuser", "migrate"}
    assert shown - our_commands() - of_django - {"sendtestemail"} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    dead = []
    for target in LINK.findall(FENCE.sub("", read(page))):
        if target.startswith(("http://", "https://", "mailto:", "/")):
            continue
        path, _hash, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            dead.append(target)

    assert dead == []


def test_each_page_is_found_from_the_index():
    index = DOCS / "README.md"
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in LINK.findall(read(index))}

    assert {page for page in DOCS.rglob("*.md") if page != index} - linked == set()


@pytest.mark.parametrize("sheet", TEMPLATE_SHEETS, ids=lambda sheet: sheet.name)
def test_the_guide_describes_each_column_of_the_template(sheet):
    guide = read(DOCS / "guide" / "importer-et-exporter.md")

    part = guide.partition(f"### Feuille « {sheet.fr} »")[2].partition("\n### ")[0]

    assert first_cells(part) == [column.fr for column in sheet.columns]


@pytest.mark.parametrize("name", ["runtime", "test", "node"])
def test_each_dependency_is_explained_and_each_explained_one_is_used(name):
    text = read(DOCS / "development" / "dependencies.md")

    part = text.partition(f"(`requirements/{name}.in`)")[2].partition("\n## ")[0]

    assert {cell.partition("[")[0] for cell in first_cells(part)} == required_packages(name)


def test_readme_stays_short_and_shows_the_portal():
    text = read(ROOT / "README.md")

    assert len(text.splitlines()) <= README_LINES
    described = re.findall(r"!\[([^\]]+)\]\((docs/images/[^)]+)\)", text)
    assert [len(alt) > 40 and (ROOT / file).stat().st_size < 150_000 for alt, file in described] == [True]
