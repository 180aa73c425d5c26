"""Docker Compose in the small: its own command lines, in production mode, on a real PostgreSQL and a real Redis.

No test builds the image. What it would be made of, and what would run in it, is held to here.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.db import connection

from tests.processes import database_address, free_port, wait_for

ROOT = Path(settings.BASE_DIR)
OURS = ("prepare", "web", "worker", "documents", "beat")
BUSY = 240  # seconds: what takes ten here may take long on a machine that does other things


def compose():
    """The file as compose reads it, with the defaults of its variables."""
    text = (ROOT / "docker-compose.yml").read_text()
    text = re.sub(r"\$\{(\w+):-([^}]*)\}", r"\2", text)
    text = re.sub(r"\$\{(\w+):\?[^}]*\}", r"<\1>", text)
    return yaml.safe_load(text.replace("$$", "$"))


@pytest.fixture(scope="module")
def services():
    return compose()["services"]


def test_compose_names_the_services_that_the_guide_describes(services):
    guide = (ROOT / "docs" / "operations" / "production.md").read_text()

    described = re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)

    assert described == list(services)


def test_every_service_that_stays_has_a_health_check_and_starts_again(services):
    staying = {name: service for name, service in services.items() if name != "prepare"}

    assert {name for name, service in staying.items() if "test" not in service["healthcheck"]} == set()
    assert {service["restart"] for service in staying.values()} == {"unless-stopped"}


def test_the_portal_waits_for_a_migrated_database(services):
    waiting = {name: services[name]["depends_on"] for name in ("web", "worker", "documents", "beat")}

    for needs in waiting.values():
        assert needs["prepare"] == {"condition": "service_completed_successfully"}
        assert needs["database"] == needs["redis"] == {"condition": "service_healthy"}
    assert services["prepare"]["restart"] == "no"
    assert "prepare" not in services["prepare"]["depends_on"]


def test_nothing_runs_as_root_or_may_become_root(services):
    stages = (ROOT / "Dockerfile").read_text().split("\nFROM ")

    assert re.findall(r"^USER (\w+)", stages[-1], re.MULTILINE) == ["portal"]
    assert services["database"]["user"] == "postgres"
    assert services["redis"]["user"] == "redis"
    for name in OURS:
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_no_secret_is_written_in_the_files(services):
    assert all(services[name]["env_file"] == ".env" for name in OURS)
    assert "<POSTGRES_PASSWORD>" in services["web"]["environment"]["DATABASE_URL"]
    assert services["database"]["environment"]["POSTGRES_PASSWORD"] == "<POSTGRES_PASSWORD>"
    assert {".env", ".env.*", "var"} <= set((ROOT / ".dockerignore").read_text().splitlines())


def test_only_the_web_server_is_reached_and_only_from_this_machine(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_the_image_copies_files_that_exist():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    ignored = [line.rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines()]

    sources = [source for line in copied for source in line.split()]
    assert sources[-1] == "."
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if source in ignored] == []


def test_the_image_installs_the_libraries_that_the_setup_looks_for():
    from scripts.setup import PANGO_PACKAGES

    installed = re.search(r"--no-install-recommends (.+) \\", (ROOT / "Dockerfile").read_text())

    assert tuple(installed[1].split()) == PANGO_PACKAGES


class Portal:
    """The services of ours, started with the command lines of compose in a folder of this test."""

    def __init__(self, folder, services, redis_url):
        self.folder, self.services = folder, services
        self.port = free_port()
        self.environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOSTNAME": "container",
            "PYTHONWARNINGS": "ignore",
            "CSAM_MODE": "production",
            "CSAM_SECRET_KEY": "drawn for this test alone, and long enough for the checks of Django: 9f0b2c",
            "CSAM_ADDRESS": "https://plan.example.org",
            "CSAM_VAR_DIR": str(folder / "var"),
            "CSAM_STATIC_DIR": str(folder / "collected"),
            "DATABASE_URL": database_address(),
            "REDIS_URL": redis_url,
        }

    def adapted(self, text):
        return (
            text.replace("0.0.0.0:8000", f"127.0.0.1:{self.port}")
            .replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
            .replace("/portal/var", self.environ["CSAM_VAR_DIR"])
        )

    def run(self, command):
        return subprocess.run(
            command, cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=BUSY, check=False
        )

    @contextmanager
    def running(self, name):
        command = shlex.split(self.adapted(self.services[name]["command"]))
        if name == "worker":
            command += ["--hostname", "celery@container"]
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [shutil.which(command[0], path=self.environ["PATH"]), *command[1:]],
                cwd=ROOT, env=self.environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            yield process, log
        finally:
            process.terminate()
            process.wait(BUSY)

    def is_healthy(self, name):
        kind, *check = self.services[name]["healthcheck"]["test"]
        check = [self.adapted(part) for part in check]
        return self.run(check if kind == "CMD" else ["sh", "-c", *check]).returncode == 0

    def ask(self, path, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.build_opener(NoRedirect).open(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


@pytest.mark.django_db(transaction=True)
def test_the_commands_of_compose_start_a_healthy_portal(services, redis_url, tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("production runs on PostgreSQL: the run on that database does this test")
    portal = Portal(tmp_path, services, redis_url)
    collected = portal.run([sys.executable, "manage.py", "collectstatic", "--noinput"])
    assert collected.returncode == 0, collected.stderr
    migrated = portal.run(shlex.split(services["prepare"]["command"]))
    assert migrated.returncode == 0, migrated.stderr

    with (
        portal.running("web") as (web, web_log),
        portal.running("worker") as (worker, worker_log),
        portal.running("beat") as (beat, beat_log),
    ):
        wait_for(lambda: portal.is_healthy("web"), web, web_log, seconds=BUSY)
        wait_for(lambda: portal.is_healthy("beat"), beat, beat_log, seconds=BUSY)
        # Its check takes seconds of processor time: asked once it is likely to pass.
        wait_for(lambda: " ready." in worker_log.read_text(), worker, worker_log, seconds=BUSY)
        wait_for(lambda: portal.is_healthy("worker"), worker, worker_log, seconds=BUSY)
        status, _headers, body = portal.ask("/sante/", Host="plan.example.org")
        page = portal.ask("/", Host="plan.example.org", **{"X-Forwarded-Proto": "https"})

    assert (status, json.loads(body)) == (200, {"database": "ok", "cache": "ok"})
    assert (page[0], page[1]["Strict-Transport-Security"]) == (
        200,
        "max-age=31536000; includeSubDomains; preload",
    )
    assert (web.returncode, worker.returncode, beat.returncode) == (0, 0, 0)
