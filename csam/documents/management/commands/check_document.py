"""Check a PDF as each build is checked at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from csam.documents import checking


class Command(BaseCommand):
    help = "Vérifie qu'un PDF respecte PDF/UA-1, comme à la fin de chaque construction; dit où sont les problèmes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER", help="fichier PDF")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        import pikepdf

        try:
            pages, problems = checking.check(file.read_bytes())
        except OSError as error:
            raise CommandError(f"Le fichier {file} ne peut pas être lu : {error.strerror}.") from error
        except pikepdf.PdfError as error:
            raise CommandError(f"Le fichier {file} n'est pas un PDF lisible : {error}") from error
        for problem in problems:
            self.stdout.write(f"- {problem}")
        if problems:
            found = _counted(len(problems), "problème")
            raise CommandError(f"{file} : {found} d'accessibilité dans {_counted(pages, 'page')}.")
        self.stdout.write(f"{file} : {_counted(pages, 'page')}, aucun problème d'accessibilité.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"
