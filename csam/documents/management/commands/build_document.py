"""Build one document into a file, with a progress bar: nothing is kept in the database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from csam.documents import checking, rendering
from csam.documents.errors import DocumentError
from csam.documents.models import Document
from csam.documents.source_data import collected
from indicators.models import ReportingPeriod
from plans.models import Plan


class Command(BaseCommand):
    help = "Construit un document (synthesis, full ou progress) d'un plan dans un fichier PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "kind",
            choices=Document.Kind.values,
            help="synthesis : la synthèse; full : le plan intégral; progress : le bilan d'une période",
        )
        parser.add_argument(
            "--plan", help="adresse du plan, par exemple 2020-2022; le plan courant si elle est omise"
        )
        parser.add_argument(
            "--period",
            type=int,
            help="pour un bilan, le numéro de la période; la dernière qui est finie s'il est omis",
        )
        parser.add_argument(
            "--language", choices=Document.Language.values, default="fr", help="langue du document"
        )
        parser.add_argument(
            "--paper",
            choices=("letter", "a4"),
            default=settings.DOCUMENT_PAPER,
            help="format du papier; celui des réglages s'il est omis",
        )
        parser.add_argument("--output", required=True, type=Path, help="fichier PDF à écrire")

    def handle(
        self,
        *args: Any,
        kind: str,
        plan: str | None,
        period: int | None,
        language: str,
        paper: str,
        output: Path,
        **options: Any,
    ) -> None:
        row = Plan.objects.public().filter(slug=plan).first() if plan else Plan.objects.current()
        if row is None:
            known = ", ".join(Plan.objects.public().values_list("slug", flat=True)) or "aucun"
            raise CommandError(
                f"Aucun plan public à l'adresse {plan or '(plan courant)'}. Plans publics : {known}."
            )
        on = timezone.localdate()
        of_period = self.period(row, period, on) if kind == Document.Kind.PROGRESS else None
        try:
            content = collected(row, kind, of_period, language, on=on)
            pdf = rendering.render_pdf(content, progress=self.show_progress, paper=paper)
            self.clear_line()
            with translation.override("fr"):
                pages = checking.require_accessible(pdf)
        except DocumentError as error:
            self.clear_line()
            raise CommandError(str(error)) from error
        part = output.with_name(f".{output.name}.part")
        try:
            part.write_bytes(pdf)
            part.replace(output)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise CommandError(f"Le fichier {output} ne peut pas être écrit : {error.strerror}.") from error
        self.stdout.write(f"{output} : {pages} pages, {len(pdf) / 1000:.0f} ko")

    def period(self, plan: Plan, number: int | None, on: dt.date) -> ReportingPeriod:
        opened = plan.reporting_periods.filter(opened_at__isnull=False)
        found = opened.filter(pk=number) if number else opened.filter(ends_on__lt=on)
        if period := found.first():
            return period
        known = ", ".join(f"{period.pk} ({period})" for period in opened) or "aucune"
        asked = f"numéro {number}" if number else "finie"
        raise CommandError(f"Aucune période {asked} dans ce plan. Périodes ouvertes : {known}.")

    def show_progress(self, done: int, total: int) -> None:
        if self.stderr.isatty():
            filled = 30 * done // max(total, 1)
            bar = "█" * filled + "░" * (30 - filled)
            self.stderr.write(f"\r{bar} section {min(done + 1, total)} de {total}", ending="")
            self.stderr.flush()

    def clear_line(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
