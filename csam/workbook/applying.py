"""Writes the changes that were compared, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from csam.workbook.plan_changes import PlanChanges, RowChange, SheetChanges, compare
from csam.workbook.problems import RefusedError
from csam.workbook.sheet_stores import is_searchable
from csam.workbook.stores import BATCH, Written
from csam.workbook.tables import Workbook
from csam.workbook.template import SHEETS
from partners.models import Organization
from plans.models import Plan
from projects.models import Project

#: Seconds that an import waits for another writer: those of SQLite in the settings.
PATIENCE = 20

#: Told the rows done and the rows in all.
Progress = Callable[[int, int], None]


class OutdatedError(Exception):
    """The database or the file is no longer what was previewed; ``changes`` is what an import would now do."""

    def __init__(self, changes: PlanChanges) -> None:
        super().__init__("the changes differ from those previewed")
        self.changes = changes


def import_workbook(
    workbook: Workbook,
    *,
    plan_slug: str = "",
    as_demonstration: bool = False,
    expected_digest: str = "",
    progress: Progress | None = None,
) -> PlanChanges:
    """Applies a workbook in one transaction; raises :class:`RefusedError` with every problem, and writes nothing then.

    With ``expected_digest`` (of a preview) raises :class:`OutdatedError` when the changes would be others.
    """
    with _sole_writer():
        changes = compare(workbook, plan_slug=plan_slug, as_demonstration=as_demonstration)
        if changes.problems:
            raise RefusedError(changes.problems)
        if expected_digest and changes.digest != expected_digest:
            raise OutdatedError(changes)
        try:
            apply(changes, progress=progress)
        except DatabaseError as error:
            raise RefusedError(
                [
                    _("La base de données a refusé ces données; rien n'a été changé. (%(error)s)")
                    % {"error": error}
                ]
            ) from error
    return changes


@contextmanager
def _sole_writer() -> Iterator[None]:
    """A transaction that other writers wait for; refused when another one keeps it waiting for too long."""
    with ExitStack() as stack:
        try:
            stack.enter_context(transaction.atomic())
            _keep_writers_out()
        except OperationalError as error:
            raise RefusedError(
                [
                    _(
                        "Le portail est occupé à enregistrer autre chose, peut-être une autre importation. "
                        "Rien n'a été changé : réessayez dans une minute."
                    )
                ]
            ) from error
        yield


def apply(changes: PlanChanges, *, progress: Progress | None = None) -> None:
    total, done = changes.created + changes.changed, 0

    def tick(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, total)

    if progress:
        progress(0, total)
    plan = Plan.objects.filter(slug=changes.plan_slug).first()
    for sheet in changes.sheets:
        sheet.store.plan = plan
        sheet.store.create([_written(c) for c in sheet.created], tick)
        sheet.store.update([_written(c) for c in sheet.changed], tick)
        if sheet.sheet.name == "plan":
            plan = Plan.objects.get(slug=changes.plan_slug)
    _reindex(changes)


def _written(change: RowChange) -> Written:
    return Written(change.record, change.fields, change.stored.obj if change.stored else None, change.key)


def _keep_writers_out() -> None:
    """On PostgreSQL other writers of these tables wait until the end; readers do not. SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        return
    tables = ", ".join(connection.ops.quote_name(sheet.model._meta.db_table) for sheet in SHEETS)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")


def _reindex(changes: PlanChanges) -> None:
    """Writes the search columns of every row touched, and of projects whose text is drawn from other sheets."""
    projects: set[int] = set()
    for sheet in changes.sheets:
        pks = _touched(sheet)
        if sheet.sheet.name == "projects":
            projects |= pks
        elif sheet.sheet.name in ("partners", "deliverables"):
            projects |= {
                changes.keys.pk("projects", c.record["project"]) for c in (*sheet.created, *sheet.changed)
            }
        elif sheet.sheet.name == "organizations":
            _reindex_rows(Organization, pks)
            projects |= _projects_of({c.stored.obj.pk for c in sheet.changed if c.stored})
        elif is_searchable(sheet.sheet):
            _reindex_rows(sheet.sheet.model, pks)
    _reindex_rows(Project, projects)


def _touched(sheet: SheetChanges) -> set[int]:
    if not is_searchable(sheet.sheet):
        return set()
    created = {sheet.store.keys.pk(sheet.sheet.name, str(c.key[0])) for c in sheet.created}
    return created | {c.stored.obj.pk for c in sheet.changed if c.stored}


def _projects_of(organizations: set[int]) -> set[int]:
    if not organizations:
        return set()
    return set(Project.objects.filter(organizations__in=organizations).values_list("pk", flat=True))


def _reindex_rows(model: type[Model], pks: set[int]) -> None:
    ordered = sorted(pks)
    for start in range(0, len(ordered), BATCH):
        model._default_manager.filter(pk__in=ordered[start : start + BATCH]).reindex()  # type: ignore[attr-defined]
