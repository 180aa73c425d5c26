"""Prepares the environment before Django reads its settings: the mode, and a folder of the run's own."""

import os
import tempfile

import pytest

_run_dir = tempfile.TemporaryDirectory(prefix="csam-tests-")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config, parser, args):
    os.environ["CSAM_MODE"] = "test"
    os.environ["CSAM_VAR_DIR"] = _run_dir.name
    tempfile.tempdir = _run_dir.name
    return (yield)
