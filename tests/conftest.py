"""Fixtures of the whole suite."""

import os
from contextlib import ExitStack, contextmanager
from copy import deepcopy

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.template import engines
from django.utils import translation
from hypothesis import HealthCheck, settings
from kombu import pools

from csam.celery import app
from tests import processes
from tests.template_variables import FailOnUndefined

# How fast examples are drawn says how busy the machine is, not whether the code is right.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def in_french():
    """Each test begins in French, whatever language the page before it was in."""
    with translation.override("fr"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The test database, with the groups of the staff as in one that was prepared; dropped at the end even if a thread
    of a stopped server still holds a connection.
    """
    from csam.staff_groups import ensure_groups  # with models: not before Django is set up

    with django_db_blocker.unblock():
        ensure_groups()
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def once(django_db_setup, django_db_blocker):
    """Rows that are made once for several tests, for fixtures of a module or a class:
    ``with once(make) as made: yield made``.

    What a test changes is undone after it, as always; the rows themselves at the end of the block. Not for tests that
    empty the tables (`transactional_db`).
    """

    @contextmanager
    def made_once(make):
        with django_db_blocker.unblock(), ExitStack() as opened:
            opened.enter_context(transaction.atomic())
            with translation.override("fr"):
                made = make()
            block = opened.pop_all()
        yield made
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            block.close()

    return made_once


@pytest.fixture(scope="module")
def people_of_all_tests(request, once):
    """What the module calls its ``PEOPLE``: accounts and what they work on, made once for its tests."""
    with once(request.module.PEOPLE) as people:
        yield people


@pytest.fixture
def people(people_of_all_tests, db):
    """Those of the module as they were made, whatever the test before did to its own."""
    return deepcopy(people_of_all_tests)


@pytest.fixture(scope="module")
def demonstration_set(once):
    """The plan with its demonstration set, loaded once for the tests of a module."""
    from csam.workbook.loading import load_demonstration, load_plan

    def load():
        load_plan()
        load_demonstration()

    with once(load):
        yield


@pytest.fixture(autouse=True, scope="session")
def undefined_template_variables_fail():
    engines["django"].engine.string_if_invalid = FailOnUndefined("undefined")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    with processes.redis_server(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture
def redis_url(redis_server):
    """The address of a real and empty Redis."""
    with processes.redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture
def celery_worker_process(request, transactional_db, tmp_path):
    """A real worker, on Redis with PostgreSQL and on files with SQLite, as they are used; the test's own tasks go to it."""
    if connection.vendor == "postgresql":
        environ = {"CELERY_BROKER_URL": request.getfixturevalue("redis_url")}
        address, options = environ["CELERY_BROKER_URL"], {}
    else:
        environ = {}
        address, options = app.conf.broker_url, app.conf.broker_transport_options
        for file in (django_settings.VAR_DIR / "broker" / "messages").iterdir():
            file.unlink()
    with broker(broker_url=address, broker_transport_options=options):
        worker = processes.Worker(environ, tmp_path / "worker.log")
        try:
            yield worker
        finally:
            worker.end()


@contextmanager
def broker(**configuration):
    """Send the tasks of this process to another broker for a while."""
    before = {name: app.conf[name] for name in configuration}
    use_broker(configuration)
    try:
        yield
    finally:
        use_broker(before)


def use_broker(configuration):
    app.pool.force_close_all()
    pools.reset()  # else the closed pool of that broker would be handed out again
    app.conf.update(configuration)
    app._after_fork()  # the open connections are forgotten, as in a process just forked


@pytest.fixture(scope="session")
def browser():
    """A real Chromium."""
    path = processes.chromium()
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, where Django would then refuse to query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


@pytest.fixture
def page(browser, live_server):
    """A page of the live site as on a phone. Scripts that fail and breaches of the policy fail the test."""
    context = browser.new_context(
        base_url=live_server.url, locale="fr-CA", viewport={"width": 360, "height": 740}
    )
    opened = context.new_page()
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda message: (
            complaints.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield opened
    context.close()
    assert complaints == []
