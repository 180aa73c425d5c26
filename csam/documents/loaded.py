"""A process that has the layout library loaded, and forks itself for each typesetter.

Loading takes half a second, a fork a hundredth. Neither the worker's threads nor its daemonic processes may
fork; this process has one thread, and forks before the library has opened a font, which a fork would not survive.
Both sides are here: :class:`LoadedProcess` for who wants typesetters, :func:`main` for the process itself, which
knows neither Django nor the portal's settings.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import itertools
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

from csam.documents import layout

#: What is asked of the process, and the number of the fork it is about.
_REQUEST = struct.Struct(">cI")
_FORK, _KILL = b"+", b"-"
#: Seconds that the process has to end by itself: it may still be loading.
_PATIENCE = 10.0
#: Seconds without a word after which a fork is held to be stuck; the longest piece of 920 projects takes ten.
_LONGEST = 300.0
#: macOS loses a line that its sender closes before it has arrived.
_ACKNOWLEDGES = sys.platform == "darwin"
#: Starts this module without the package around it, which would load Celery and be of no use.
_PROGRAM = """
import sys, types
package = types.ModuleType("csam")
package.__path__ = ["csam"]
sys.modules["csam"] = package
from csam.documents.loaded import main
main()
"""


class LoadedProcess:
    """The process, and the forks asked of it. It ends, and all its forks with it, when this side is gone."""

    def __init__(self, folder: Path) -> None:
        self.owner = os.getpid()
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - a program of our own, with nothing from outside
                [sys.executable, "-c", _PROGRAM], cwd=folder, stdin=theirs.fileno()
            )
        self.numbers = itertools.count(1)

    def fork(self) -> Fork:
        """A new fork; nothing is waited for. Raises :class:`OSError` where the process is gone."""
        line, theirs = socket.socketpair()
        fork = Fork(self, next(self.numbers), line)
        try:
            line.settimeout(_LONGEST)
            with theirs:
                socket.send_fds(self.control, [_REQUEST.pack(_FORK, fork.number)], [theirs.fileno()])
                if _ACKNOWLEDGES and not self.control.recv(1):
                    raise ConnectionResetError
        except OSError:
            fork.kill()
            raise
        return fork

    def kill(self, number: int) -> None:
        with contextlib.suppress(OSError):
            self.control.sendall(_REQUEST.pack(_KILL, number))

    def stop(self) -> None:
        """End it; it ends its forks first."""
        self.control.close()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Fork:
    """What :func:`csam.documents.layout.serve` answers, in a process of its own."""

    def __init__(self, parent: LoadedProcess, number: int, line: socket.socket) -> None:
        self.parent = parent
        self.number = number
        self.line = line
        self.stream = line.makefile("rwb")

    def kill(self) -> None:
        self.parent.kill(self.number)
        with contextlib.suppress(OSError):  # whoever reads an answer now is told that there is none
            self.line.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self.stream.close()
        self.line.close()


class _Forks:
    """The forks of this process that may still be at work."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.pids: dict[int, int] = {}

    def serve(self) -> None:
        """Fork and kill as asked, until who started this process is gone."""
        while True:
            request, lines, _flags, _address = socket.recv_fds(self.control, _REQUEST.size, 1)
            if len(request) < _REQUEST.size:
                break
            what, number = _REQUEST.unpack(request)
            self.bury()
            if what == _FORK:
                if _ACKNOWLEDGES:
                    self.acknowledge()
                self.fork(number, lines[0])
            else:
                self.kill(number)
        for number in list(self.pids):
            self.kill(number)

    def acknowledge(self) -> None:
        with contextlib.suppress(OSError):  # who asked is gone: there is nothing more to read either
            self.control.sendall(_FORK)

    def fork(self, number: int, line: int) -> None:
        pid = os.fork()
        if pid:
            self.pids[number] = pid
            os.close(line)
            return
        status = 1
        try:
            self.control.close()
            stream = socket.socket(fileno=line).makefile("rwb")
            layout.serve(stream, stream)
            status = 0
        finally:
            # Never back into the loop above, which is the parent's.
            os._exit(status)

    def kill(self, number: int) -> None:
        if pid := self.pids.pop(number, None):
            # Not waited for by anybody else, so that the number cannot have become another process's.
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def bury(self) -> None:
        for number, pid in list(self.pids.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self.pids[number]


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us decides
    control = socket.socket(fileno=fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, 3))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.fstat(2)
    except OSError:  # no log: a line that got this number would have what libraries print written on it
        os.dup2(nothing, 2)
    # Whatever a library prints goes to the log.
    os.dup2(2, 1)
    logging.getLogger("weasyprint").propagate = False
    logging.getLogger("weasyprint.progress").setLevel(logging.ERROR)
    # The system libraries of macOS may refuse to work in a fork once they are loaded: there, each fork loads them.
    if sys.platform != "darwin":
        layout.load_library()
        gc.collect()
        gc.freeze()
    _Forks(control).serve()
