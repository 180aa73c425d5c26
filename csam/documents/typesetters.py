"""The processes that lay out pieces (:mod:`csam.documents.layout`), and how to have many pieces laid out.

They are forks of a process that has the library loaded (:mod:`csam.documents.loaded`). They start with the first
build, stay for the next one, and end when nothing was asked of them for a while or when the process that started
them is gone. A worker has the library loaded as long as it lives, any other process as long as typesetters are at work.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from csam.documents.errors import refusal, unavailable
from csam.documents.layout import read_message, write_message
from csam.documents.loaded import Fork, LoadedProcess

#: A process is replaced after so many orders: what the library keeps would add up.
_MOST_ORDERS = 300
#: Seconds without an order after which the processes end and give their memory back.
_IDLE = 300
#: Seconds between two calls that say « still at it ».
_BEAT = 2.0


@dataclass(frozen=True)
class Order:
    """What is to be laid out (or made); ``label`` names it to people."""

    label: str
    message: dict[str, Any]

    @property
    def weight(self) -> int:
        return len(self.message.get("html", ""))


@dataclass(frozen=True)
class Piece:
    """A laid-out piece of PDF and what has to be known of it."""

    facts: dict[str, Any]
    pdf: bytes

    def to_bytes(self) -> bytes:
        head = json.dumps(self.facts, ensure_ascii=False, sort_keys=True).encode()
        return len(head).to_bytes(8, "big") + head + self.pdf

    @classmethod
    def from_bytes(cls, data: bytes) -> Piece:
        end = 8 + int.from_bytes(data[:8], "big")
        return cls(json.loads(data[8:end]), data[end:])


class TypesetterDied(Exception):
    """A process ended in the middle of an order."""


class TypesetterStuck(Exception):
    """A process did not answer for so long that it never will."""


class Library:
    """The process that has the layout library loaded; another takes the place of one that is gone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: LoadedProcess | None = None

    def load(self) -> LoadedProcess:
        """Begin loading; nothing is waited for."""
        if self.process is None or self.process.owner != os.getpid():
            self.process = LoadedProcess(settings.BASE_DIR)
        return self.process

    def fork(self) -> Fork:
        with self.lock:
            try:
                return self.load().fork()
            except OSError:
                self.unload()
                return self.load().fork()

    def unload(self) -> None:
        process, self.process = self.process, None
        if process is not None and process.owner == os.getpid():
            process.stop()


class Typesetter:
    """One process; one thread at a time speaks with it."""

    def __init__(self, setup: dict[str, Any], library: Library) -> None:
        self.setup = setup
        self.library = library
        self.fork: Fork | None = None
        self.orders = 0
        #: Known once it has taken its first order.
        self.pid: int | None = None

    def start(self) -> None:
        """Begin loading fonts and style sheets; nothing is waited for."""
        if self.fork is None:
            self.fork = self.library.fork()
            self.orders, self.pid = 0, None
            self._send(self.setup)

    def do(self, order: Order) -> Piece:
        if self.orders >= _MOST_ORDERS:
            self.stop()
        self.start()
        if not self.orders:
            self._accept_start()
        self.orders += 1
        self._send(order.message)
        facts, data = self._receive()
        return Piece(facts, data)

    def stop(self) -> None:
        fork, self.fork = self.fork, None
        if fork is not None:
            fork.kill()

    def _accept_start(self) -> None:
        answer, _data = self._receive()
        if problem := answer.get("error"):
            self.stop()
            raise unavailable(answer["kind"], problem)
        self.pid = answer["pid"]

    def _send(self, message: dict[str, Any]) -> None:
        if self.fork is None:
            raise TypesetterDied
        try:
            write_message(self.fork.stream, message)
        except (OSError, ValueError) as error:  # ValueError: the line was closed by another thread
            raise TypesetterDied from error

    def _receive(self) -> tuple[dict[str, Any], bytes]:
        if self.fork is None:
            raise TypesetterDied
        try:
            received = read_message(self.fork.stream)
        except TimeoutError as error:
            raise TypesetterStuck from error
        except (OSError, ValueError) as error:
            raise TypesetterDied from error
        if received is None:
            self.stop()
            raise TypesetterDied
        return received


class Typesetters:
    """A few processes, and a thread for each that hands orders on."""

    def __init__(self, setup: dict[str, Any], count: int, library: Library) -> None:
        self.owner = os.getpid()
        self.setup = setup
        self.all = [Typesetter(setup, library) for _number in range(count)]
        self.free: queue.SimpleQueue[Typesetter] = queue.SimpleQueue()
        for typesetter in self.all:
            with suppress(TypesetterDied):  # found again, and replaced, with its first order
                typesetter.start()
            self.free.put(typesetter)
        self.threads = ThreadPoolExecutor(count, thread_name_prefix="typesetter")

    def lay_out(self, orders: Iterable[Order], on_wait: Callable[[int], None]) -> list[Piece]:
        """The pieces in the order asked for, the longest begun first.

        ``on_wait`` is called with the number of pieces done, at least every few seconds; what it raises ends
        the work, as does the first piece that cannot be made.
        """
        asked = list(orders)
        longest_first = sorted(range(len(asked)), key=lambda n: -asked[n].weight)
        futures: dict[int, Future[Piece]] = {
            n: self.threads.submit(self._do, asked[n]) for n in longest_first
        }
        try:
            waiting = set(futures.values())
            while waiting:
                done, waiting = wait(waiting, timeout=_BEAT, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                on_wait(len(futures) - len(waiting))
        except BaseException:
            for future in futures.values():
                future.cancel()
            raise
        return [futures[n].result() for n in range(len(asked))]

    def stop(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)
        for typesetter in self.all:
            typesetter.stop()

    def _do(self, order: Order) -> Piece:
        typesetter = self.free.get()
        try:
            piece = self._done_by(typesetter, order)
        except TypesetterStuck as error:  # as another would be
            typesetter.stop()
            raise refusal(order.label, "time", "stuck") from error
        finally:
            self.free.put(typesetter)
        if "error" in piece.facts:
            raise refusal(order.label, piece.facts["kind"], piece.facts["error"])
        return piece

    def _done_by(self, typesetter: Typesetter, order: Order) -> Piece:
        """A process that dies is replaced once: another may just have taken its memory."""
        try:
            return typesetter.do(order)
        except TypesetterDied:
            typesetter.stop()
        try:
            return typesetter.do(order)
        except TypesetterDied as error:
            typesetter.stop()
            raise refusal(order.label, "memory", "killed") from error


class _House:
    """The typesetters of this process, and when they were last needed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.library = Library()
        self.stays_loaded = False
        self.typesetters: Typesetters | None = None
        self.timer: threading.Timer | None = None
        self.users = 0

    def prepare(self) -> LoadedProcess:
        with self.lock:
            self.stays_loaded = True
            return self.library.load()

    def enter(self, setup: dict[str, Any], count: int) -> Typesetters:
        with self.lock:
            if self.timer:
                self.timer.cancel()
                self.timer = None
            kept = self.typesetters
            if kept and (kept.owner != os.getpid() or (kept.setup != setup and not self.users)):
                if kept.owner == os.getpid():
                    kept.stop()
                kept = None
            self.users += 1
            self.typesetters = kept or Typesetters(setup, count, self.library)
            return self.typesetters

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            if not self.users:
                self.timer = threading.Timer(_IDLE, self.rest)
                self.timer.daemon = True
                self.timer.start()

    def rest(self) -> None:
        with self.lock:
            if self.users or not self.typesetters or self.typesetters.owner != os.getpid():
                return
            self.typesetters.stop()
            self.typesetters = None
            if not self.stays_loaded:
                self.library.unload()

    def close(self) -> None:
        self.rest()
        self.library.unload()


def prepare() -> LoadedProcess:
    """Have the library loaded from now on, so that no build waits for it: half a second for 60 MB of memory.
    Nothing is waited for."""
    return _house.prepare()


@contextmanager
def at_work(setup: dict[str, Any], count: int) -> Iterator[Typesetters]:
    """The typesetters of this process, loaded with that; they stay a while for the next build."""
    try:
        yield _house.enter(setup, count)
    finally:
        _house.leave()


_house = _House()
atexit.register(_house.close)
