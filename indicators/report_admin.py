"""Reporting periods and progress reports as staff see them. Nothing is written here but by the workflow's moves."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import NotDeletedAdmin
from indicators.models import ProgressReport, ReportingPeriod


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(NotDeletedAdmin):
    list_display = ("title", "plan", "starts_on", "ends_on", "opens_on", "due_on", "is_open")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    autocomplete_fields = ("plan",)

    @admin.display(description=_("nom"))
    def title(self, period: ReportingPeriod) -> str:
        return str(period)

    @admin.display(description=_("ouverte"), boolean=True)
    def is_open(self, period: ReportingPeriod) -> bool:
        return period.is_open


@admin.register(ProgressReport)
class ProgressReportAdmin(admin.ModelAdmin):
    list_display = ("project", "period", "state", "submitted_at")
    list_filter = ("state", "period")
    list_select_related = ("project", "period")
    fields = ("project", "period", "state", "submitted_at", "accepted_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
