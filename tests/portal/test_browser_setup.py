import os
import subprocess
import sys
import textwrap

import pytest
from django.conf import settings

from scripts import setup
from tests import processes


def program(folder, script):
    file = folder / "chromium"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


def inner_environ(**values):
    """For a run within this one, which knows nothing of it."""
    outer = {"PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"}
    kept = {name: value for name, value in os.environ.items() if name not in outer}
    return {**kept, "PYTHONPATH": str(settings.BASE_DIR), **values}


def test_a_browser_that_the_tests_can_drive_is_recognised():
    assert setup.opens_a_page(processes.chromium())


@pytest.mark.parametrize("script", ["echo Install the browser first.", "exit 1", "exec sleep 60"])
def test_a_program_that_opens_no_page_is_not_taken_for_a_browser(tmp_path, monkeypatch, script):
    monkeypatch.setattr(setup, "BROWSER_PATIENCE", 2)

    assert not setup.opens_a_page(program(tmp_path, script))


def test_a_run_without_browser_names_the_tests_that_did_not_run(tmp_path):
    (tmp_path / "test_pages.py").write_text(
        textwrap.dedent("""
            def test_with_a_browser(browser):
                assert browser.version

            def test_without():
                assert True
        """)
    )
    command = [sys.executable, "-m", "pytest", tmp_path, "-c", settings.BASE_DIR / "pyproject.toml"]
    command += ["-p", "tests.conftest", "-p", "no:cacheprovider", "-q"]
    environ = inner_environ(CHROMIUM="")
    said, codes = {}, {}
    for ci in ("false", "true"):
        ended = subprocess.run(
            command, capture_output=True, text=True, env={**environ, "CI": ci}, check=False
        )
        said[ci], codes[ci] = ended.stdout, ended.returncode

    assert codes == {"false": 0, "true": 1}
    assert "1 TESTS DID NOT RUN" in said["false"]
    assert "test_with_a_browser: Chromium is not available on this machine" in said["false"]
    assert "1 passed, 1 error" in said["true"]


def test_the_second_database_runs_what_asks_it(tmp_path):
    (tmp_path / "test_rows.py").write_text(
        textwrap.dedent("""
            import pytest

            def test_words():
                assert True

            @pytest.mark.django_db
            def test_rows():
                assert True

            @pytest.mark.django_db
            @pytest.mark.same_on_any_database
            def test_layout():
                assert True

            def test_rows_by_fixture(transactional_db):
                assert True
        """)
    )
    command = [sys.executable, "-m", "pytest", tmp_path, "-c", settings.BASE_DIR / "pyproject.toml"]
    command += ["-p", "no:cacheprovider", "-q", "--collect-only", "--rest"]

    ended = subprocess.run(command, capture_output=True, text=True, env=inner_environ(), check=True)

    collected = [line.split("::")[1] for line in ended.stdout.splitlines() if "::" in line]
    assert collected == ["test_rows", "test_rows_by_fixture"]
    assert "2 deselected" in ended.stdout
