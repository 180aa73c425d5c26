"""Loads the territories and the plan 2020-2022."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from csam.workbook.loading import PLAN, load_plan
from csam.workbook.problems import RefusedError
from csam.workbook.progress import Bar
from csam.workbook.reports import summary
from plans.models import Plan


class Command(BaseCommand):
    help = "Loads the territories and the plan 2020-2022; a second time changes only what differs from the files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when the portal already has this plan"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Plan.objects.filter(slug=PLAN).exists():
            self.stdout.write(_("Le plan %(plan)s est déjà là; rien à faire.") % {"plan": PLAN})
            return
        try:
            changes = load_plan(progress=Bar(self.stderr, "plan"))
        except RefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(summary(changes))
