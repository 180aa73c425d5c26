"""Ask the worker for both documents of a plan in both languages, and for the progress edition of the last period of
demonstration that is over, where there is one: it shows what these are like."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from csam.documents import rendering, requesting
from csam.documents.models import Document
from indicators.models import ReportingPeriod
from plans.models import Plan


class Command(BaseCommand):
    help = "Demande la construction des deux documents, dans les deux langues, par le processus de fond."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", help="adresse du plan; le plan courant si elle est omise")
        parser.add_argument(
            "--if-missing", action="store_true", help="seulement ceux dont aucun n'est prêt ni en préparation"
        )
        parser.add_argument("--publish", action="store_true", help="publier chacun dès qu'il est prêt")

    def handle(self, *args: Any, plan: str | None, if_missing: bool, publish: bool, **options: Any) -> None:
        row = Plan.objects.public().filter(slug=plan).first() if plan else Plan.objects.current()
        if row is None:
            if plan:
                raise CommandError(f"Aucun plan public à l'adresse {plan}.")
            self.stderr.write("Aucun plan courant : il n'y a pas de document à construire.")
            return
        if problem := rendering.unavailable_because():
            self.stderr.write(
                self.style.WARNING(f"Les documents PDF ne peuvent pas être construits. {problem}")
            )
            return
        over = row.reporting_periods.filter(is_demonstration=True, due_on__lt=timezone.localdate()).first()
        wanted: list[tuple[str, ReportingPeriod | None]] = [(kind, None) for kind in Document.PLAN_KINDS]
        wanted += [(Document.Kind.PROGRESS, over)] if over else []
        for kind, period in wanted:
            for language in Document.Language.values:
                self.request(row, kind, language, period, if_missing=if_missing, publish=publish)

    def request(
        self,
        plan: Plan,
        kind: str,
        language: str,
        period: ReportingPeriod | None,
        *,
        if_missing: bool,
        publish: bool,
    ) -> None:
        existing = Document.objects.filter(plan=plan, kind=kind, language=language, period=period)
        if if_missing and existing.exclude(state=Document.State.FAILED).exists():
            return
        document, started = requesting.request(
            plan=plan, kind=kind, language=language, period=period, publish_when_ready=publish
        )
        self.stdout.write(f"{document} : {'demandé' if started else document.get_state_display()}")
