"""Writes a plan as a workbook, a zip or a folder of CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import override

from csam.workbook.exporting import export
from csam.workbook.problems import RefusedError
from plans.models import Plan


class Command(BaseCommand):
    help = "Writes a plan as a workbook (.xlsx), a zip of CSV files (.zip) or a folder of CSV files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "plan", help="the plan's identifier, such as 2020-2022; « modele » for the empty template"
        )
        parser.add_argument("path", type=Path, help="the file or the folder to write")
        parser.add_argument("--language", choices=("fr", "en"), default="fr", help="of headings and choices")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = None
        if options["plan"] != "modele":
            plan = Plan.objects.filter(slug=options["plan"]).first()
            if plan is None:
                known = ", ".join(Plan.objects.order_by("slug").values_list("slug", flat=True))
                raise CommandError(
                    _("Le plan « %(plan)s » n'existe pas. Plans du portail : %(known)s.")
                    % {"plan": options["plan"], "known": known or "–"}
                )
        try:
            with override(options["language"]):
                export(plan, options["path"], language=options["language"])
        except (RefusedError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("Écrit : %(path)s") % {"path": options["path"]})
