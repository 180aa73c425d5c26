"""Files that people sent and nothing tells of any more: pictures and logos that were replaced.

A file stays as long as any row names it: a column of files, or a text anywhere in a column of JSON, such as a version
that was submitted or approved. Only the log of registrations does not count: it tells of drafts that were never
handed in. What is young stays too, as its row may be written in a moment.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models

from csam.media import RULES
from projects.models import Activity

logger = logging.getLogger(__name__)

GRACE = dt.timedelta(days=7)
#: Columns whose word does not keep a file.
NOT_COUNTED = {(Activity, "changes")}


def sweep(*, now: dt.datetime, grace: dt.timedelta = GRACE, dry_run: bool = False) -> list[str]:
    """Delete what nothing names and is older than ``grace``; returns the names."""
    # The files first: one that is named while we look is young, or was named before.
    old = [name for name in _sent() if default_storage.get_modified_time(name) < now - grace]
    named = names() if old else set()
    unnamed = [name for name in old if name not in named]
    if not dry_run:
        for name in unnamed:
            default_storage.delete(name)
            logger.info("deleted %s, which nothing names", name)
    return unnamed


def names() -> set[str]:
    """Every name of a sent file that any row holds."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if (model, field.name) in NOT_COUNTED:
                continue
            if isinstance(field, models.FileField):
                found.update(model._base_manager.values_list(field.name, flat=True))
            elif isinstance(field, models.JSONField):
                for value in model._base_manager.values_list(field.name, flat=True).iterator():
                    found.update(text for text in _texts(value) if _is_sent(text))
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _is_sent(name: str) -> bool:
    return name.partition("/")[0] in RULES


def _sent(folder: str = "") -> Iterator[str]:
    """The files in the folders that people's files are kept in, and in none else."""
    for top in [folder] if folder else sorted(RULES):
        try:
            folders, files = default_storage.listdir(top)
        except FileNotFoundError:
            continue
        yield from (f"{top}/{name}" for name in sorted(files))
        for inner in sorted(folders):
            yield from _sent(f"{top}/{inner}")
