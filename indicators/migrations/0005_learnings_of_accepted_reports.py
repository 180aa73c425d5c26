"""What the reports accepted so far say was learned."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from core.folding import search_column


def fill(apps: Any, schema_editor: Any) -> None:
    reports = apps.get_model("indicators", "ProgressReport").objects.filter(accepted_version__isnull=False)
    learnings = apps.get_model("indicators", "Learning").objects
    for report in reports.select_related("accepted_version"):
        content = report.accepted_version.content
        french, english = content.get("learned_fr", ""), content.get("learned_en", "")
        if not (french or english):
            continue
        learnings.create(
            report=report,
            text_fr=french,
            text_en=english,
            search_text_fr=search_column(f"\n{french or english}", "fr"),
            search_text_en=search_column(f"\n{english or french}", "en"),
        )


class Migration(migrations.Migration):
    dependencies = [("indicators", "0004_learnings")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
