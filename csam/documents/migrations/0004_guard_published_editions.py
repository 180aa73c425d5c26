"""The database itself refuses to change what a published edition froze, whoever asks and by whatever way.

SQLite drops the triggers of a table that a later migration has to copy: such a migration calls `guard` again
(`tests/documents/test_editions.py` notices).
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

FROZEN = {
    "documents_edition": ("plan_id", "number", "as_of", "data_hash", "published_at"),
    "documents_document": (
        "plan_id", "kind", "language", "state", "edition_id", "is_frozen", "data_hash", "build_hash",
        "data_as_of", "file", "content", "pages", "size", "checksum",
    ),
}  # fmt: skip
WHEN = {"documents_edition": "OLD.published_at IS NOT NULL", "documents_document": "OLD.is_frozen"}
MESSAGE = "a published edition is frozen"


def guard(apps: Any, schema_editor: Any) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    if is_postgresql:
        schema_editor.execute(
            "CREATE OR REPLACE FUNCTION documents_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        action = "FOR EACH ROW WHEN ({}) EXECUTE FUNCTION documents_refuse_change()"
    else:
        action = f"WHEN {{}} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    differs = "OLD.{0} IS DISTINCT FROM NEW.{0}" if is_postgresql else 'OLD."{0}" IS NOT NEW."{0}"'
    for table, columns in FROZEN.items():
        changed = " OR ".join(differs.format(column) for column in columns)
        condition = f"{WHEN[table]} AND ({changed})"
        schema_editor.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} {action.format(condition)}"
        )


def unguard(apps: Any, schema_editor: Any) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for table in FROZEN:
        schema_editor.execute(f"DROP TRIGGER {table}_frozen" + (f" ON {table}" if is_postgresql else ""))
    if is_postgresql:
        schema_editor.execute("DROP FUNCTION documents_refuse_change()")


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_editions")]

    operations = [migrations.RunPython(guard, unguard)]
