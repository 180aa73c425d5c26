"""Indicators: their page at the desk, with the values that wait and the way to a new definition."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import NotDeletedAdmin, SearchableAdmin, StableAddressAdmin, staff
from indicators import measuring
from indicators.admin.filters import IsArchivedFilter, StatusFilter
from indicators.admin.forms import (
    VALUE_FIELDS,
    MeasurementForm,
    MeasurementFormSet,
)
from indicators.explaining import figure
from indicators.models import (
    Indicator,
    IndicatorDefinition,
    Measurement,
)

_OPEN = (Measurement.State.DRAFT, Measurement.State.SUBMITTED)


class OpenMeasurementInline(admin.StackedInline):
    """Values that wait, and new ones: under the definition in force."""

    model = Measurement
    form = MeasurementForm
    formset = MeasurementFormSet
    verbose_name = _("mesure à examiner")
    verbose_name_plural = _("Mesures à examiner, et nouvelles mesures")
    fields = VALUE_FIELDS
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Measurement]:
        return super().get_queryset(request).filter(state__in=_OPEN)


class AcceptedMeasurementInline(admin.TabularInline):
    """What the public reads, to compare with. It changes by a correction, from its own page."""

    model = Measurement
    verbose_name_plural = _("Mesures acceptées")
    fields = ("measured_on", "value", "numerator", "denominator", "absence", "quality", "version")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Measurement]:
        return super().get_queryset(request).filter(state=Measurement.State.ACCEPTED)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DefinitionInline(admin.TabularInline):
    """The versions of the definition. A new one is proposed from its own page."""

    model = IndicatorDefinition
    fields = ("number", "state", "title", "target", "target_on", "reason", "decided_by", "decided_at")
    readonly_fields = fields
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Indicator)
class IndicatorAdmin(SearchableAdmin, NotDeletedAdmin, StableAddressAdmin):
    list_display = ("title", "project", "status", "value", "target", "is_public", "updated_at")
    list_filter = (
        StatusFilter,
        IsArchivedFilter,
        "project__plan",
        "definition__kind",
        "definition__direction",
        "project__objectives__orientation",
        "is_demonstration",
    )
    search_fields = ("definition__title_fr", "definition__title_en", "project__title_fr", "slug")
    autocomplete_fields = ("project",)
    list_per_page = 50
    readonly_fields = ("new_definition",)
    fieldsets = (
        (
            None,
            {
                "fields": ("project", "slug", "position", "is_demonstration", "new_definition"),
                "description": _(
                    "Après avoir enregistré un nouvel indicateur, proposez sa définition : Définitions "
                    "d'indicateurs, Ajouter. Il est public dès que sa définition est approuvée."
                ),
            },
        ),
        (_("Archivage"), {"fields": ("archived_at", "archive_reason"), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Indicator]:
        rows: Any = super().get_queryset(request)
        indicators: QuerySet[Indicator] = rows.with_progress()
        return indicators

    def has_public_address(self, row: Any) -> bool:
        return row.definition is not None

    def get_inlines(self, request: HttpRequest, obj: Indicator | None) -> list[Any]:
        if obj is None or obj.definition is None:
            return [DefinitionInline] if obj else []
        return [OpenMeasurementInline, AcceptedMeasurementInline, DefinitionInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Measurement:
            super().save_formset(request, form, formset, change)
            return
        for measurement in formset.save(commit=False):
            measuring.submit(measurement=measurement, by=staff(request), at=timezone.now())

    @admin.display(description=_("définition"))
    def new_definition(self, indicator: Indicator) -> SafeString | str:
        """The way to propose one, filled in from the one in force."""
        if indicator._state.adding:
            return "–"
        url = reverse("admin:indicators_indicatordefinition_add", query={"indicator": indicator.pk})
        return format_html('<a href="{}">{}</a>', url, gettext("Proposer une définition"))

    @admin.display(description=_("indicateur"), ordering="sort_key_fr")
    def title(self, indicator: Indicator) -> str:
        return str(indicator)

    @admin.display(description=_("avancement"))
    def status(self, indicator: Indicator) -> str:
        progress = indicator.progress(on=timezone.localdate())
        if progress.percent is None:
            return str(progress.status.label)
        return f"{progress.status.label} ({progress.label})"

    @admin.display(description=_("valeur"))
    def value(self, indicator: Indicator) -> str:
        return _figure(indicator, indicator.progress(on=timezone.localdate()).value)

    @admin.display(description=_("cible"))
    def target(self, indicator: Indicator) -> str:
        return _figure(indicator, indicator.definition.target if indicator.definition else None)

    @admin.display(description=_("publié"), boolean=True)
    def is_public(self, indicator: Indicator) -> bool:
        return indicator.archived_at is None and indicator.definition_id is not None


def _figure(indicator: Indicator, value: Any) -> str:
    if indicator.definition is None:
        return "–"
    return figure(value, indicator.definition.decimals, indicator.definition.unit)
