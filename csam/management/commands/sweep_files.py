from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from csam.stored_files import sweep


class Command(BaseCommand):
    help = "Delete the files that people sent and that nothing names any more, once they are a week old."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *, dry_run: bool, **_options: Any) -> None:
        found = sweep(now=timezone.now(), dry_run=dry_run)
        for name in found:
            self.stdout.write(name)
        self.stdout.write(f"{len(found)} files {'to delete' if dry_run else 'deleted'}.")
