"""A progress bar for commands, on the error output; silent where nobody watches."""

from __future__ import annotations

from typing import Any

WIDTH = 32


class Bar:
    def __init__(self, stream: Any, label: str) -> None:
        self._stream, self._label, self._last = stream, label, -1

    def __call__(self, done: int, total: int) -> None:
        if not (hasattr(self._stream, "isatty") and self._stream.isatty()) or not total:
            return
        percent = 100 * done // total
        if percent != self._last:
            self._last = percent
            full = WIDTH * done // total
            end = "\n" if done >= total else ""
            self._stream.write(
                f"\r{self._label} [{'█' * full}{'·' * (WIDTH - full)}] {percent:3d} % {done}/{total}{end}",
                ending="",
            )
            self._stream.flush()
