"""What staff look for in indicators and measurements: values that look wrong, what is late or regresses."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from indicators.models import Indicator
from indicators.vocabulary import Status


class DoubtFilter(admin.SimpleListFilter):
    """Values that look wrong; none is refused for that, somebody looks."""

    title = _("semble fausse")
    parameter_name = "doute"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("saut", _("saut : cinq fois plus, ou cinq fois moins")),
            ("unite", _("unité : cent ou mille fois plus, ou hors de 0 à 100 %")),
            ("futur", _("date dans le futur")),
            ("negatif", _("sous zéro")),
            ("recul", _("recul par rapport à la valeur d'avant")),
        ]

    def queryset(self, request: HttpRequest, measurements: Any) -> QuerySet[Any]:
        match self.value():
            case "saut":
                return measurements.standing().jumps()
            case "unite":
                return measurements.standing().doubtful_unit()
            case "futur":
                return measurements.standing().future(on=timezone.localdate())
            case "negatif":
                return measurements.standing().below_zero()
            case "recul":
                return measurements.standing().regressions()
        return measurements


class StatusFilter(admin.SimpleListFilter):
    """By the status that the public reads: computed, so that it cannot disagree with the page."""

    title = _("avancement")
    parameter_name = "avancement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Status.choices, ("ancienne", _("valeur ancienne"))]

    def queryset(self, request: HttpRequest, indicators: QuerySet[Indicator]) -> QuerySet[Indicator]:
        wanted = self.value()
        if wanted is None:
            return indicators
        today = timezone.localdate()
        found = [(i.pk, i.progress(on=today)) for i in Indicator.objects.with_progress()]
        return indicators.filter(
            pk__in=[
                pk
                for pk, progress in found
                if (progress.is_stale if wanted == "ancienne" else progress.status == wanted)
            ]
        )


class IsArchivedFilter(admin.SimpleListFilter):
    title = _("publication")
    parameter_name = "archive"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("non", _("publié")), ("oui", _("archivé"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in {"oui", "non"}:
            return rows.filter(archived_at__isnull=self.value() == "non")
        return rows
