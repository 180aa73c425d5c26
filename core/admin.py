"""What the admin of several apps shares."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from core.searchable import SearchableQuerySet


class SearchableAdmin(admin.ModelAdmin):
    """Keeps the search columns of a row in step with what staff write of it and of its children."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        rows = self.model._default_manager.filter(pk=form.instance.pk)
        cast("SearchableQuerySet", rows).reindex()


class NotDeletedAdmin(admin.ModelAdmin):
    """Rows that are archived, never deleted: what was public keeps its address and its history."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
