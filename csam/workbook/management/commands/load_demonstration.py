"""Loads the demonstration set into the plan 2020-2022, or takes it out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from csam.workbook import loading
from csam.workbook.problems import RefusedError
from csam.workbook.progress import Bar
from csam.workbook.reports import summary
from csam.workbook.scale import load_scale
from projects.models import Project


class Command(BaseCommand):
    help = "Loads the demonstration set into the plan 2020-2022, every entry flagged; or takes it out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when the portal already has a project"
        )
        parser.add_argument(
            "--remove", action="store_true", help="take out every flagged entry, and nothing else"
        )
        parser.add_argument(
            "--scale",
            type=int,
            metavar="N",
            help="make N more projects, and a fifth as many organisations, to measure with",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(options)
        except RefusedError as error:
            raise CommandError(str(error)) from error

    def _run(self, options: dict[str, Any]) -> None:
        if options["remove"]:
            removed = loading.remove_demonstration()
            self.stdout.write(
                _("Retiré : %(removed)s.")
                % {"removed": ", ".join(f"{n} {kind}" for kind, n in removed.items())}
            )
            return
        if options["if_empty"] and Project.objects.exists():
            self.stdout.write(_("Le portail a déjà des projets; rien à faire."))
            return
        self.stdout.write(summary(loading.load_demonstration(progress=Bar(self.stderr, "démonstration"))))
        if options["scale"]:
            projects, organizations = load_scale(
                projects=options["scale"], progress=Bar(self.stderr, "mesure")
            )
            self.stdout.write(
                _("Pour les mesures : %(projects)d projets et %(organizations)d organisations.")
                % {"projects": projects, "organizations": organizations}
            )
