"""The review desk: registrations as staff examine them. Nothing is written here but by the workflow's moves."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models import CallExtension, Registration


@admin.register(Registration)
class RegistrationAdmin(admin.ModelAdmin):
    list_display = ("title", "organization", "plan", "state", "is_change", "submitted_at")
    list_filter = ("state", "plan", "is_change", "is_on_behalf")
    search_fields = ("title", "organization__name", "organization__acronym")
    list_select_related = ("organization", "plan")
    ordering = ("submitted_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        return Registration.objects.visible_to(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.opts.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CallExtension)
class CallExtensionAdmin(admin.ModelAdmin):
    """More time for one organisation."""

    list_display = ("organization", "plan", "until_at", "reason", "granted_by")
    list_filter = ("plan",)
    list_select_related = ("organization", "plan", "granted_by")
    search_fields = ("organization__name", "organization__acronym")
    autocomplete_fields = ("plan", "organization")
    readonly_fields = ("granted_by", "granted_at")
    fieldsets = (
        (None, {"fields": ("plan", "organization", "until_at", "reason")}),
        (_("Accordée"), {"fields": ("granted_by", "granted_at")}),
    )

    def save_model(self, request: HttpRequest, obj: CallExtension, form: Any, change: bool) -> None:
        obj.granted_by, obj.granted_at = request.user, timezone.now()  # type: ignore[assignment]
        super().save_model(request, obj, form, change)
