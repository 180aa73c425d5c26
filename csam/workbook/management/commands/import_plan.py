"""Imports a plan from a workbook or CSV files, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csam.workbook.applying import import_workbook
from csam.workbook.mapping import load_mapping
from csam.workbook.opening import open_path
from csam.workbook.plan_changes import compare
from csam.workbook.problems import RefusedError
from csam.workbook.progress import Bar
from csam.workbook.reports import details, notices, summary


class Command(BaseCommand):
    help = "Imports a plan from a workbook, a zip or a folder of CSV files. Any problem leaves the database as it was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="the workbook (.xlsx), CSV file, zip or folder")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be created and changed, and change nothing"
        )
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE.toml", help="how the columns of another form are read"
        )
        parser.add_argument(
            "--plan", default="", help="the plan that the rows belong to, when the file has no sheet « plan »"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            mapping = load_mapping(options["mapping"].read_bytes()) if options["mapping"] else None
            workbook = open_path(options["path"], mapping=mapping)
            if options["dry_run"]:
                changes = compare(workbook, plan_slug=options["plan"])
                if changes.problems:
                    raise RefusedError(changes.problems)
                self.stdout.write(details(changes))
            else:
                changes = import_workbook(
                    workbook, plan_slug=options["plan"], progress=Bar(self.stderr, _("importation"))
                )
                self.stdout.write(notices(changes))
        except RefusedError as error:
            count = len(error.problems)
            heading = ngettext(
                "Rien n'a été importé : %(count)d problème.",
                "Rien n'a été importé : %(count)d problèmes.",
                count,
            ) % {"count": count}
            raise CommandError(
                "\n".join([heading, *(f"- {problem}" for problem in error.problems)])
            ) from error
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(summary(changes))
        if options["dry_run"]:
            self.stdout.write(_("Essai seulement : rien n'a été changé."))
