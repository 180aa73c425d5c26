"""Everything between an empty folder and a portal that can start. Safe to run at each start."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from csam.staff_groups import ensure_groups
from plans.models import Plan

STAMP = "static.stamp"


class Command(BaseCommand):
    help = "Prepare the database, the static files and, with --demonstration, the plan of an empty portal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demonstration",
            action="store_true",
            help="load the plan and its demonstration set when the database has no plan",
        )

    def handle(self, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        ensure_groups()
        collect_static_files()
        if options["demonstration"]:
            self._load_plan_when_empty()

    @transaction.atomic
    def _load_plan_when_empty(self) -> None:
        """Both or none. Demonstration data that was taken out does not come back: the plan is still there."""
        if not Plan.objects.exists():
            call_command("load_plan", stdout=self.stdout, stderr=self.stderr)
            call_command("load_demonstration", stdout=self.stdout, stderr=self.stderr)


def collect_static_files() -> None:
    """Copy, name by content and compress the static files, unless they are the ones already collected."""
    stamp = settings.VAR_DIR / STAMP
    fingerprint = _static_fingerprint()
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return
    stamp.unlink(missing_ok=True)
    # A collection cut short leaves truncated files that look newer than their sources: start from nothing.
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint)


def _static_fingerprint() -> str:
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]["BACKEND"]).encode())
    for finder in get_finders():
        for path, storage in finder.list(None):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
