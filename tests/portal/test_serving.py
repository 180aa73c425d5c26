import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest
from django.db import IntegrityError, OperationalError
from gunicorn.config import Config

from csam import serving
from tests.processes import wait_for

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def processes(monkeypatch):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    started = []

    def make(**commands):
        running = serving.Processes({"web": SLEEPER, "worker": SLEEPER} | commands, os.environ)
        started.append(running)
        return running

    yield make
    for running in started:
        for process in running.running.values():
            if process.poll() is None:
                process.kill()
                process.wait()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_stopping_ends_every_process_with_its_children(processes, tmp_path):
    parent = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    portal = processes(worker=[sys.executable, "-c", parent])
    portal.start()
    wait_for(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text())
    child = int((tmp_path / "child").read_text())

    portal.stop(lambda _text: None)

    assert all(process.poll() is not None for process in portal.running.values())
    wait_for(lambda: is_gone(child), seconds=5)


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_job_in_progress_is_let_finish(processes, tmp_path):
    job = f"""
import signal, time
def finish(*_):
    time.sleep(1); open({str(tmp_path / "done")!r}, "w").write("done"); raise SystemExit
signal.signal(signal.SIGTERM, finish)
open({str(tmp_path / "ready")!r}, "w").write("ready")
time.sleep(60)
"""
    portal = processes(worker=[sys.executable, "-c", job])
    portal.start()
    wait_for((tmp_path / "ready").exists)

    portal.stop(lambda _text: None)

    assert (tmp_path / "done").read_text() == "done"


def test_ctrl_c_ends_the_watch(processes):
    portal = processes()
    portal.start()
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    assert portal.watch(lambda _text: None) == 0


def test_web_server_that_falls_ends_the_watch(processes):
    portal = processes(web=[sys.executable, "-c", ""])
    portal.start()
    said = []

    assert portal.watch(said.append) == 1
    assert said == ["The web server ended unexpectedly. The portal stops."]


def test_worker_that_falls_is_started_again(processes, monkeypatch):
    monkeypatch.setattr(serving, "WORKER_PAUSE", 0)
    portal = processes(worker=[sys.executable, "-c", "import time; time.sleep(0.2)"])
    portal.start()
    first = portal.running["worker"].pid
    said = []

    def stop_after_the_restart(text):
        said.append(text)
        os.kill(os.getpid(), signal.SIGINT)

    portal.watch(stop_after_the_restart)

    assert portal.running["worker"].pid != first
    assert said == ["The worker ended unexpectedly; it is started again."]


def test_a_question_of_five_thousand_signs_reaches_the_portal():
    _, _, _, application, *options = serving.web_command("127.0.0.1", 8000)

    understood = Config().parser().parse_args([application, *options])

    assert understood.limit_request_line > len("GET /recherche/?q= HTTP/1.1") + 5000


def test_worker_that_falls_leaves_no_process_beside_the_new_one(processes, monkeypatch, tmp_path):
    """Killed alone, a worker leaves its clock behind: jobs of the hour would be asked for twice."""
    monkeypatch.setattr(serving, "WORKER_PAUSE", 0)
    fallen = f"""
import pathlib, subprocess, sys
child = pathlib.Path({str(tmp_path / "child")!r})
if not child.exists():
    clock = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    child.write_text(str(clock.pid))
"""
    portal = processes(worker=[sys.executable, "-c", fallen])
    portal.start()

    portal.watch(lambda _text: os.kill(os.getpid(), signal.SIGINT))

    wait_for(lambda: is_gone(int((tmp_path / "child").read_text())), seconds=5)


def test_port_in_use_is_refused_with_another_to_try():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(serving.ServingError, match=f"make run PORT={port + 1}"):
            serving.ensure_port_is_free("127.0.0.1", port)


def test_second_portal_in_the_same_folder_is_refused(settings, tmp_path):
    settings.VAR_DIR = tmp_path

    with serving.only_one(), pytest.raises(serving.ServingError, match="already runs"), serving.only_one():
        pass


def test_unreadable_messages_are_dropped_and_the_others_kept(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    folder = tmp_path / "broker" / "messages"
    folder.mkdir(parents=True)
    (folder / "1.celery.msg").write_text("")
    (folder / "2.celery.msg").write_text('{"body": ""}')

    serving.drop_unreadable_messages()

    assert [file.name for file in folder.iterdir()] == ["2.celery.msg"]


@pytest.mark.parametrize(
    ("host", "hosts"),
    [
        ("127.0.0.1", ["127.0.0.1", "localhost", "[::1]"]),
        ("plan.example.org", ["plan.example.org"]),
        ("2001:db8::5", ["[2001:db8::5]"]),
    ],
)
def test_portal_answers_only_to_the_names_of_its_place(host, hosts):
    assert serving.hosts_for(host) == hosts


def test_portal_open_to_all_answers_to_the_names_of_the_machine():
    hosts = serving.hosts_for("0.0.0.0")

    assert {"localhost", "127.0.0.1", socket.gethostname()} <= set(hosts)
    assert "*" not in hosts


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
    ],
)
def test_address_is_one_that_a_browser_opens(host, address):
    assert serving.root_address(host, 8000) == address


def test_start_that_never_answers_is_told(processes, monkeypatch):
    monkeypatch.setattr(serving, "START_PATIENCE", 0.3)
    portal = processes()
    portal.start()
    said = []
    started = time.monotonic()

    assert portal.wait_until_ready("http://127.0.0.1:9", said.append) is False
    assert said == ["The portal did not answer at http://127.0.0.1:9 within 0.3 seconds."]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "is full"),
        (OperationalError("database or disk is full"), "is full"),
        (OSError(errno.EROFS, "Read-only file system"), "cannot be written"),
        (OperationalError("attempt to write a readonly database"), "cannot be written"),
        (
            OperationalError("connection refused\n\tIs the server running?"),
            "does not answer: connection refused",
        ),
    ],
)
def test_what_the_machine_refuses_is_told_with_what_to_do(error, words):
    with pytest.raises(serving.ServingError, match=words), serving.told_in_words():
        raise error


def test_an_error_of_the_program_is_not_taken_for_the_machine():
    with pytest.raises(IntegrityError), serving.told_in_words():
        raise IntegrityError("a row that must not exist")


def test_a_setting_that_is_wrong_is_told_in_one_line():
    done = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        env={**os.environ, "PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == (
        "The portal cannot start. PORT is 'eighty'. Write a whole number from 1 to 65535.\n"
    )


@pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel of Linux tells children of their parent's end"
)
def test_killing_the_one_that_watches_ends_the_others(tmp_path):
    script = f"""
import os, time
from csam import serving
portal = serving.Processes({{"web": {SLEEPER!r}, "worker": {SLEEPER!r}}}, os.environ)
portal.start()
pids = " ".join(str(process.pid) for process in portal.running.values())
open({str(tmp_path / "pids")!r}, "w").write(pids)
time.sleep(60)
"""
    watching = subprocess.Popen([sys.executable, "-c", script])
    wait_for(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().count(" ") == 1)
    children = [int(pid) for pid in (tmp_path / "pids").read_text().split()]

    watching.kill()
    watching.wait()

    for child in children:
        wait_for(lambda pid=child: is_gone(pid), seconds=5)
