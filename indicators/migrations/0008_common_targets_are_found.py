"""The words of the common targets kept so far, for the search of the portal."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from core.folding import search_column, sort_key

NAMES = ("title", "meaning", "unit", "source")


def fill(apps: Any, schema_editor: Any) -> None:
    for target in apps.get_model("indicators", "CommonTarget").objects.all():
        for language in ("fr", "en"):
            title, *others = (
                getattr(target, f"{name}_{language}") or getattr(target, f"{name}_fr") for name in NAMES
            )
            text = "\n".join((title, *others))
            setattr(target, f"search_title_{language}", search_column(title, language))
            setattr(target, f"search_text_{language}", search_column(text, language))
            setattr(target, f"sort_key_{language}", sort_key(title))
        target.save()


class Migration(migrations.Migration):
    dependencies = [("indicators", "0007_search_columns_of_common_targets")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
