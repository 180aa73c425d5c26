"""The sheet of one project as a PDF of its own, made when somebody asks for it and kept until its data change.

Anybody may ask, so what a stranger can set in motion is bounded: a sheet is made once for its data, one at a time
on a machine, and who would have to wait long is told to come back.
"""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from csam.documents import checking, rendering
from csam.documents.cache import PieceCache
from csam.documents.content import PlanContent

#: Room for the sheets of some thousand projects in both languages.
_MOST_BYTES = 200_000_000
#: Seconds that a reader waits for the sheet that somebody else is having made.
_PATIENCE = 4.0
#: Of one process: who is having a sheet made, and who waits for it.
_queue = threading.BoundedSemaphore(2)


class SheetBusy(Exception):
    """Others are having sheets made; this one can be asked for again in a moment."""


def sheet_key(content: PlanContent) -> str:
    """Equal for sheets that say the same."""
    return rendering.build_hash(content)


def sheet_pdf(content: PlanContent) -> bytes:
    """The checked PDF, from before where its data are the same.

    Raises :class:`SheetBusy`, or :class:`csam.documents.errors.DocumentError` where it cannot be made.
    """
    kept = PieceCache(settings.VAR_DIR / "project-sheets", most_bytes=_MOST_BYTES)
    key = sheet_key(content)
    if (found := kept.get(key)) is not None:
        return found
    with _turn():
        # Somebody may have had it made while this one waited.
        if (found := kept.get(key)) is not None:
            return found
        pdf = rendering.render_sheet(content)
        checking.require_accessible(pdf)
        kept.put(key, pdf)
        kept.prune()
    return pdf


@contextmanager
def _turn() -> Iterator[None]:
    """One at a time on this machine, whatever the number of processes that serve."""
    if not _queue.acquire(blocking=False):
        raise SheetBusy
    try:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        with (settings.VAR_DIR / "project-sheets.lock").open("w") as lock:
            until = time.monotonic() + _PATIENCE
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise SheetBusy from None
                    time.sleep(0.05)
            yield
    finally:
        _queue.release()
