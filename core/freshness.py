"""Results kept in memory for exactly as long as nothing in the database has changed.

Nobody has to remember to invalidate anything: what is kept is tied to a mark of the database's own that
changes with every commit, whoever makes it and by whatever way (the admin, an import, a bulk update, a
restored file).

- PostgreSQL: the current snapshot. Two equal snapshots see the same committed rows.
- SQLite: size and time of the file and of its write-ahead log. A commit writes its frames a moment before
others
  can see them, so nothing is kept while the last write is younger than :data:`SETTLED`.

Inside a transaction nothing is kept either: it may see its own rows, which no mark shows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection

#: Nanoseconds without a write after which what SQLite's files say is what a reader sees.
SETTLED = 1_000_000_000

T = TypeVar("T")
_kept: tuple[Hashable, dict[Hashable, Any]] = (None, {})


def kept(name: Hashable, make: Callable[[], T]) -> T:
    """What ``make()`` returned last under that name, made again if anything was committed since.

    Meant for a few results that are dear to make, do not change once made, and depend on the database alone.
    """
    global _kept
    mark = database_mark()
    if mark is None:
        return make()
    known, values = _kept
    if known != mark:
        values = {}
        _kept = (mark, values)
    if name not in values:
        values[name] = make()
    return values[name]


def forget() -> None:
    """Drops what is kept, as a commit would."""
    global _kept
    _kept = (None, {})


def database_mark() -> Hashable | None:
    """A value that differs after every commit; None when there is no such value to rely on."""
    if connection.in_atomic_block:
        return None
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_snapshot()::text")
            return (name, cursor.fetchone()[0])
    if connection.vendor == "sqlite":
        return _sqlite_mark(Path(name))
    return None


def _sqlite_mark(database: Path) -> Hashable | None:
    files = [f for f in (_size_and_time(database), _size_and_time(Path(f"{database}-wal"))) if f]
    if not files or max(changed for _size, changed in files) > time.time_ns() - SETTLED:
        return None
    return (str(database), *files)


def _size_and_time(file: Path) -> tuple[int, int] | None:
    """None for a file that is missing or empty, as a log that nobody has written to."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if found.st_size else None
