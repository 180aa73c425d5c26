"""One mechanism for rows that move from state to state: a table says what may happen, one function makes it happen.

    lock the row → state → version → permission → guard → write → log → tell

all in one transaction: a move happens whole or not at all, two at once happen one after the other, and the second
is told what the first did. Nothing else writes a state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Row = TypeVar("Row", bound=models.Model)


class Refused(Exception):
    """The move does not happen; the text says why, in words for the person who asked."""

    default: str | Promise = _("Cette action n'est pas possible.")

    def __init__(self, message: str | Promise = "", row: Any = None) -> None:
        super().__init__(message or self.default)
        #: The row as it is now, where the person should see it.
        self.row = row

    def __str__(self) -> str:
        return str(self.args[0])


class NotAMove(Refused):
    """The table has no such action in the row's present state."""

    default = _("Cette action n'est plus possible dans l'état actuel.")


class NotAllowed(Refused):
    default = _("Vous n'avez pas le droit de faire cette action.")


class Stale(Refused):
    """Somebody wrote in the meantime: what the person saw is not what is there."""

    default = _("Le texte a changé entre-temps.")


class Incomplete(Refused):
    """It cannot be handed in yet; ``problems`` says what is missing, each with the ``name`` of a field and a
    ``message``.
    """

    default = _("Il reste des points à compléter avant de soumettre.")

    def __init__(self, problems: Iterable[Any], row: Any = None) -> None:
        super().__init__(row=row)
        self.problems = list(problems)


@dataclass(frozen=True)
class Entry:
    """What a move wrote, for the log. ``changes`` maps a field to its old and new values."""

    action: str
    by: Any
    at: dt.datetime
    before: str
    after: str
    message: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Move(Generic[Row]):
    """A line of the table. ``target`` None leaves the state as it is.

    ``may(by, row, data)`` is the permission; ``guard(row, data)`` raises :class:`Refused`; ``write(row, by, at,
    data)`` changes the row (saved afterwards) and returns what the log should keep; ``tell(row, entry)`` posts
    the mail.
    """

    action: str
    sources: frozenset[str]
    target: str | None
    may: Callable[[Any, Row, Mapping[str, Any]], bool]
    guard: Callable[[Row, Mapping[str, Any]], None] = lambda _row, _data: None
    write: Callable[[Row, Any, dt.datetime, Mapping[str, Any]], Mapping[str, Any] | None] = (
        lambda _row, _by, _at, _data: None
    )
    tell: Callable[[Row, Entry], None] = lambda _row, _entry: None


class Workflow(Generic[Row]):
    """The table of one kind of row, and the function that makes its moves.

    ``model`` has the columns ``state`` and ``version``; ``log(row, entry)`` keeps the entry.
    """

    def __init__(
        self, model: type[Row], moves: Iterable[Move[Row]], *, log: Callable[[Row, Entry], None]
    ) -> None:
        self.model = model
        self.log = log
        self.table: dict[tuple[str, str], Move[Row]] = {}
        for move in moves:
            for source in move.sources:
                if (source, move.action) in self.table:
                    raise ValueError(f"{move.action} from {source} stands twice in the table")
                self.table[source, move.action] = move

    def actions(self, row: Row, by: Any) -> list[str]:
        """What that person may do with the row as it is, guards aside: what to offer on a page."""
        state = row.state  # type: ignore[attr-defined]
        return [
            action
            for (source, action), move in self.table.items()
            if source == state and move.may(by, row, {})
        ]

    def check(self, *, row: Row, action: str, by: Any, **data: Any) -> None:
        """Whether that person may begin the move, guards aside: raises NotAMove or NotAllowed as the move would."""
        step = self.table.get((row.state, action))  # type: ignore[attr-defined]
        if step is None:
            raise NotAMove(row=row)
        if not step.may(by, row, data):
            raise NotAllowed(row=row)

    def move(
        self, *, row: Row, action: str, by: Any, at: dt.datetime, version: int | None = None, **data: Any
    ) -> Row:
        """Make the move; returns the row as it is afterwards.

        Raises NotAMove, Stale, NotAllowed, or what the guard raises; nothing is written then. ``version`` is the
        one that the person saw, None where it does not matter.
        """
        with transaction.atomic():
            locked = self._lock(row)
            step = self.table.get((locked.state, action))
            if step is None:
                raise NotAMove(row=locked)
            if version is not None and version != locked.version:
                raise Stale(row=locked)
            if not step.may(by, locked, data):
                raise NotAllowed(row=locked)
            step.guard(locked, data)
            before = locked.state
            written = dict(step.write(locked, by, at, data) or {})
            locked.state = step.target or locked.state
            locked.save()
            entry = Entry(
                action=action,
                by=by,
                at=at,
                before=before,
                after=locked.state,
                message=written.pop("message", data.get("message", "")),
                changes=written.pop("changes", {}),
                extra=written,
            )
            self.log(locked, entry)
            step.tell(locked, entry)
        result: Row = locked
        return result

    def _lock(self, row: Row) -> Any:
        return self.model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
