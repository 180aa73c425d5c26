"""Common targets, and the indicators that count towards them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import NotDeletedAdmin, SearchableAdmin, StableAddressAdmin
from indicators.admin.filters import IsArchivedFilter
from indicators.admin.forms import (
    ContributionForm,
    ContributionFormSet,
)
from indicators.models import (
    CommonTarget,
    Contribution,
)
from plans.models import Plan


class ContributionInline(admin.TabularInline):
    model = Contribution
    form = ContributionForm
    formset = ContributionFormSet
    fields = ("indicator",)
    autocomplete_fields = ("indicator",)
    extra = 1
    verbose_name_plural = _("Indicateurs qui y contribuent (un par projet)")


@admin.register(CommonTarget)
class CommonTargetAdmin(SearchableAdmin, NotDeletedAdmin, StableAddressAdmin):
    list_display = ("title", "objective", "target", "unit", "target_on", "way", "coverage", "is_public")
    list_filter = (IsArchivedFilter, "plan", "objective__orientation", "is_demonstration")
    search_fields = ("title_fr", "title_en", "slug")
    prepopulated_fields = {"slug": ("title_fr",)}
    autocomplete_fields = ("plan", "objective")
    inlines = (ContributionInline,)
    fieldsets = (
        (None, {"fields": ("plan", "objective", ("title_fr", "title_en"), "slug", "is_demonstration")}),
        (_("Ce qui est compté"), {"fields": (("meaning_fr", "meaning_en"), ("source_fr", "source_en"))}),
        (
            _("D'où l'on part, où l'on va"),
            {
                "fields": (
                    ("adding", "direction"),
                    ("unit_fr", "unit_en", "decimals"),
                    ("baseline", "baseline_on"),
                    ("target", "target_on"),
                )
            },
        ),
        (_("Archivage"), {"fields": ("archived_at",), "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommonTarget]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[CommonTarget] = rows.with_progress()
        return found

    @admin.display(description=_("cible commune"))
    def title(self, target: CommonTarget) -> str:
        return str(target)

    @admin.display(description=_("unité"))
    def unit(self, target: CommonTarget) -> str:
        return str(target.unit)

    @admin.display(description=_("avancement"))
    def way(self, target: CommonTarget) -> str:
        progress = target.pooled(on=timezone.localdate()).progress
        return f"{progress.status.label} ({progress.label})"

    @admin.display(description=_("ont rapporté"))
    def coverage(self, target: CommonTarget) -> str:
        pooled = target.pooled(on=timezone.localdate())
        return gettext("%(done)s sur %(all)s") % {"done": pooled.reported, "all": pooled.expected}

    @admin.display(description=_("publié"), boolean=True)
    def is_public(self, target: CommonTarget) -> bool:
        return target.archived_at is None and target.plan.stage != Plan.Stage.PREPARATION
