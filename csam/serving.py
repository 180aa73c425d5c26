"""Runs the web server and the worker together, and ends them together.

Each runs in a process group of its own: Ctrl-C reaches only this process, which then asks both to finish what
they are doing, so that a document in the making is completed rather than cut.
"""

import ctypes
import errno
import fcntl
import ipaddress
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, OperationalError

PATIENCE = 60  # seconds for a job in progress to end
START_PATIENCE = 60  # seconds for the web server to answer
PR_SET_PDEATHSIG = 1  # of <sys/prctl.h>
WORKER_PAUSE = 3  # seconds before a worker that fell is started again


class ServingError(Exception):
    """The portal cannot start here; the text says what to do."""


def hosts_for(host: str) -> list[str]:
    """The names under which a portal listening on `host` answers."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if not is_wildcard(host):
        return list(dict.fromkeys([_bracketed(host), *(names if is_loopback(host) else [])]))
    return list(dict.fromkeys([*names, socket.gethostname(), *map(_bracketed, _own_addresses())]))


def is_wildcard(host: str) -> bool:
    return host in {"0.0.0.0", "::", "*"}  # noqa: S104 (compared, not bound)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def root_address(host: str, port: int) -> str:
    shown = "127.0.0.1" if is_wildcard(host) else _bracketed(host)
    return f"http://{shown}:{port}"


def ensure_port_is_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServingError(
                f"The portal cannot listen on {host}, port {port} ({error.strerror}). "
                f"Choose another place, for example: make run PORT={port + 1}"
            ) from error


@contextmanager
def told_in_words() -> Iterator[None]:
    """What the machine refuses (room, a file, the database), as a :class:`ServingError` that says what to do."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        if words := _what_to_do(error):
            raise ServingError(words) from error
        raise


def _what_to_do(error: OSError | DatabaseError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    text = str(error).strip().partition("\n")[0]
    if number in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in text or "disk I/O error" in text:
        free = shutil.disk_usage(settings.VAR_DIR).free // 1_000_000
        return (
            f"The disk of {settings.VAR_DIR} is full ({free} MB free). Make room, 500 MB at least, and start "
            "again; or give the portal another folder with CSAM_VAR_DIR=…"
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or "readonly" in text or "unable to open" in text:
        return (
            f"A file in {settings.VAR_DIR} cannot be written ({text}). Give the folder to the user who starts "
            "the portal, or name another one with CSAM_VAR_DIR=…"
        )
    if isinstance(error, OperationalError):
        return f"The database does not answer: {text}. Is its server running, and is DATABASE_URL right?"
    return ""


@contextmanager
def only_one() -> Iterator[None]:
    """Two portals in one folder would run two workers and two clocks over the same rows."""
    with (settings.VAR_DIR / "serving.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServingError(
                f"A portal already runs on {settings.VAR_DIR}. Stop it first, or give this one a folder "
                "of its own with CSAM_VAR_DIR=…"
            ) from error
        yield


def drop_unreadable_messages() -> None:
    """A power cut can leave empty files that the worker would stumble on. Rows say what there is to do."""
    folder = settings.VAR_DIR / "broker" / "messages"
    for file in folder.glob("*.msg"):
        try:
            json.loads(file.read_bytes())
        except (ValueError, OSError):
            file.unlink(missing_ok=True)


def web_command(host: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "csam.wsgi:application"),
        *("--bind", f"{_bracketed(host)}:{port}"),
        # The longest it takes: a question as long as people paste is answered by a page, not by a bare line.
        *("--limit-request-line", "8190"),
        *("--worker-class", "gthread", "--workers", str(settings.WEB_PROCESSES)),
        *("--threads", str(settings.WEB_THREADS), "--preload", "--no-control-socket"),
        *(
            "--graceful-timeout",
            "20",
            "--timeout",
            "60",
            "--max-requests",
            "5000",
            "--max-requests-jitter",
            "500",
        ),
        *("--log-level", "warning", "--worker-tmp-dir", str(settings.VAR_DIR)),
    ]


def worker_command() -> list[str]:
    return [
        *(
            sys.executable,
            "-W",
            "ignore:You're running the worker with superuser",
            "-m",
            "celery",
            "--app",
            "csam",
            "--quiet",
            "worker",
        ),
        *("--pool", "threads", "--concurrency", str(settings.WORKER_THREADS), "--beat"),
        *("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


class Processes:
    """The two programs of a running portal, and the order to stop them."""

    def __init__(self, commands: Mapping[str, list[str]], environ: Mapping[str, str]) -> None:
        self.commands = commands
        self.environ = dict(environ)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.stops_asked = 0

    def start(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        for name in self.commands:
            self._launch(name)

    def wait_until_ready(self, address: str, tell: Callable[[str], None]) -> bool:
        """False when the portal was asked to stop, or fell, before it answered."""
        deadline = time.monotonic() + START_PATIENCE
        while time.monotonic() < deadline and not self.stops_asked:
            if self.running["web"].poll() is not None:
                raise ServingError("The web server could not start. The lines above say why.")
            if _answers(f"{address}/sante/"):
                return True
            time.sleep(0.1)
        if not self.stops_asked:
            tell(f"The portal did not answer at {address} within {START_PATIENCE} seconds.")
        return False

    def watch(self, tell: Callable[[str], None]) -> int:
        """Until asked to stop. A worker that falls is started again; without a web server the portal ends."""
        while not self.stops_asked:
            if self.running["web"].poll() is not None:
                tell("The web server ended unexpectedly. The portal stops.")
                return 1
            if self.running["worker"].poll() is not None:
                tell("The worker ended unexpectedly; it is started again.")
                # Its clock is a process of its own, which would live on beside the new one's.
                _signal_group(self.running["worker"], signal.SIGKILL)
                time.sleep(WORKER_PAUSE)
                self._launch("worker")
            time.sleep(0.2)
        return 0

    def stop(self, tell: Callable[[str], None]) -> None:
        """Ask both to end, and wait for the jobs in progress; a second Ctrl-C ends them at once."""
        for process in self.running.values():
            _signal_group(process, signal.SIGTERM, leader_only=True)
        started = time.monotonic()
        told = False
        asked = self.stops_asked
        while any(process.poll() is None for process in self.running.values()):
            waited = time.monotonic() - started
            if waited > PATIENCE or self.stops_asked > max(asked, 1):
                break
            if waited > 6 and not told:
                told = True
                tell("Waiting for the job in progress. Ctrl-C again stops at once; the job will start over.")
            time.sleep(0.05)
        for process in self.running.values():
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def _launch(self, name: str) -> None:
        self.running[name] = subprocess.Popen(  # noqa: S603 (our own commands)
            self.commands[name],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self.stops_asked += 1


def _end_with_parent() -> None:
    """Has the kernel ask this process to end when the one that watches it is gone, be it killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(
    process: subprocess.Popen[bytes], number: signal.Signals, *, leader_only: bool = False
) -> None:
    try:
        if leader_only:
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):  # noqa: S310 (our own http address)
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _own_addresses() -> list[str]:
    """The addresses of this machine; nothing is sent to find them."""
    found = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far, 9))
                found.append(str(probe.getsockname()[0]))
        except OSError:
            continue
    return found
