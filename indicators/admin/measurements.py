"""Values: examined, accepted, refused, corrected."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin import NotDeletedAdmin, staff
from indicators import measuring
from indicators.admin.filters import DoubtFilter
from indicators.admin.forms import (
    VALUE_FIELDS,
    MeasurementForm,
    RefusalForm,
)
from indicators.explaining import figure
from indicators.models import (
    Measurement,
)


@admin.register(Measurement)
class MeasurementAdmin(NotDeletedAdmin):
    form = MeasurementForm
    list_display = ("indicator", "measured_on", "shown_value", "before", "quality", "state", "entered_by")
    list_filter = (
        "state",
        DoubtFilter,
        "quality",
        "absence",
        "indicator__project__plan",
        "indicator__is_demonstration",
    )
    search_fields = ("indicator__definition__title_fr", "indicator__project__title_fr", "indicator__slug")
    date_hierarchy = "measured_on"
    actions = ("accept_chosen", "refuse_chosen")
    readonly_fields = ("indicator", "definition", "state", "version", "refusal", "decided_by", "decided_at")
    fieldsets = (
        (
            None,
            {
                "fields": (("indicator", "definition"), ("state", "version"), *VALUE_FIELDS),
                "description": _(
                    "Modifier une mesure acceptée en soumet une correction : l'ancienne reste publique "
                    "jusqu'à ce que la correction soit acceptée."
                ),
            },
        ),
        (_("Décision"), {"fields": (("decided_by", "decided_at"), "refusal"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Measurement]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[Measurement] = rows.with_previous().select_related(
            "indicator__definition", "definition", "entered_by"
        )
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are added on the page of their indicator."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        closed = (Measurement.State.REFUSED, Measurement.State.REPLACED)
        if obj is not None and obj.state in closed:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Measurement, form: Any, change: bool) -> None:
        if obj.state != Measurement.State.ACCEPTED:
            measuring.submit(measurement=obj, by=staff(request), at=timezone.now())
            return
        if not form.changed_data:
            return
        names = [f for f in form.cleaned_data if f not in ("starts_on", "measured_on", "source", "quality")]
        changes = {name: form.cleaned_data[name] for name in names}
        try:
            measuring.correct(measurement=obj, by=staff(request), at=timezone.now(), **changes)
        except measuring.RefusedMoveError as error:
            messages.error(request, str(error))
        else:
            messages.info(
                request, gettext("La correction est soumise; acceptez-la pour qu'elle soit publique.")
            )

    @admin.display(description=_("valeur"))
    def shown_value(self, measurement: Measurement) -> str:
        if measurement.absence:
            return measurement.get_absence_display()
        if measurement.assessment:
            return str(measurement.assessment)[:60]
        definition = measurement.definition
        return figure(measurement.figure, definition.decimals, definition.unit)

    @admin.display(description=_("valeur d'avant"))
    def before(self, measurement: Any) -> str:
        return figure(measurement.previous, measurement.definition.decimals)

    @admin.action(description=_("Accepter les mesures choisies"))
    def accept_chosen(self, request: HttpRequest, chosen: QuerySet[Measurement]) -> None:
        self._decide(request, chosen, measuring.accept)

    @admin.action(description=_("Refuser les mesures choisies…"))
    def refuse_chosen(self, request: HttpRequest, chosen: QuerySet[Measurement]) -> HttpResponse | None:
        form = RefusalForm(request.POST if "confirm" in request.POST else None)
        if form.is_valid():
            self._decide(request, chosen, measuring.refuse, reason=form.cleaned_data["reason"])
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Refuser des mesures"),
            "measurements": chosen,
            "form": form,
            "opts": self.opts,
        }
        return render(request, "admin/indicators/measurement/refuse.html", context)

    def _decide(
        self, request: HttpRequest, chosen: QuerySet[Measurement], decision: Any, **options: Any
    ) -> None:
        done = 0
        for measurement in chosen:
            try:
                decision(measurement=measurement, by=staff(request), at=timezone.now(), **options)
            except measuring.RefusedMoveError as error:
                messages.warning(request, str(error))
            else:
                measurement.refresh_from_db()
                self.log_change(request, measurement, measurement.get_state_display())
                done += 1
        if done:
            text = ngettext("%(n)d mesure décidée.", "%(n)d mesures décidées.", done) % {"n": done}
            messages.success(request, text)
