"""Published statistics that the plan is read against."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import StableAddressAdmin
from indicators.models import (
    ContextIndicator,
    ContextValue,
)


class ContextValueInline(admin.StackedInline):
    model = ContextValue
    extra = 0
    fields = (
        ("code", "territory_fr", "territory_en"),
        ("first_year", "last_year", "value", "is_approximate"),
        ("source", "source_url", "nature"),
        ("note_fr", "note_en"),
    )


@admin.register(ContextIndicator)
class ContextIndicatorAdmin(StableAddressAdmin):
    list_display = ("title", "unit", "value_count")
    search_fields = ("title_fr", "title_en")
    prepopulated_fields = {"slug": ("title_fr",)}
    inlines = (ContextValueInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title_fr", "title_en"),
                    ("slug", "position"),
                    ("unit_fr", "unit_en", "decimals"),
                    ("meaning_fr", "meaning_en"),
                ),
                "description": _(
                    "Une ligne par source : quand deux sources ne s'accordent pas, la page montre les deux."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContextIndicator]:
        return super().get_queryset(request).prefetch_related("values")

    @admin.display(description=_("statistique"))
    def title(self, indicator: ContextIndicator) -> str:
        return str(indicator)

    @admin.display(description=_("unité"))
    def unit(self, indicator: ContextIndicator) -> str:
        return str(indicator.unit)

    @admin.display(description=_("valeurs"))
    def value_count(self, indicator: ContextIndicator) -> int:
        return len(indicator.values.all())
