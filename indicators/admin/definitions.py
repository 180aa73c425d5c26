"""What indicators mean: proposed, then approved or declined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin import NotDeletedAdmin, staff
from indicators import defining
from indicators.admin.forms import (
    DefinitionForm,
)
from indicators.explaining import figure
from indicators.models import (
    BreakdownCategory,
    Indicator,
    IndicatorDefinition,
    InterimTarget,
)
from indicators.proposals import FIELDS


class InterimTargetInline(admin.TabularInline):
    model = InterimTarget
    extra = 0


class CategoryInline(admin.TabularInline):
    model = BreakdownCategory
    fields = ("number", "label_fr", "label_en")
    extra = 0


@admin.register(IndicatorDefinition)
class IndicatorDefinitionAdmin(NotDeletedAdmin):
    form = DefinitionForm
    list_display = ("title", "indicator", "number", "state", "proposed_by", "proposed_at", "decided_by")
    list_filter = ("state", "kind", "direction", "frequency", "breaks_series")
    search_fields = ("title_fr", "title_en", "indicator__slug", "indicator__project__title_fr")
    list_select_related = ("indicator__definition", "proposed_by", "decided_by")
    autocomplete_fields = ("indicator",)  # filled in by the link of the indicator's page
    inlines = (InterimTargetInline, CategoryInline)
    actions = ("approve_chosen", "decline_chosen")
    fieldsets = (
        (
            None,
            {
                "fields": ("indicator", "changes", "reason", "breaks_series"),
                "description": _(
                    "Une définition approuvée ne change plus : on en propose une nouvelle, avec un motif. Les "
                    "valeurs déjà rapportées gardent la leur."
                ),
            },
        ),
        (_("Ce qui est mesuré"), {"fields": (("title_fr", "title_en"), ("meaning_fr", "meaning_en"))}),
        (
            _("Comment"),
            {
                "fields": (
                    ("kind", "direction"),
                    ("unit_fr", "unit_en"),
                    ("decimals", "frequency"),
                    ("source_fr", "source_en"),
                    ("method_fr", "method_en"),
                    ("breakdown_fr", "breakdown_en"),
                )
            },
        ),
        (
            _("D'où l'on part, où l'on va"),
            {
                "fields": (
                    ("baseline_status", "baseline", "baseline_on"),
                    ("target", "target_on"),
                    ("band_low", "band_high", "tolerance"),
                )
            },
        ),
    )
    readonly_fields = ("changes",)

    @admin.display(description=_("ce qui change"))
    def changes(self, definition: IndicatorDefinition) -> SafeString | str:
        """The proposal against the definition in force, field by field."""
        current = definition.indicator.definition if definition.pk else None
        if current is None or current.pk == definition.pk:
            return "–"
        fields: dict[str, Any] = {field.name: field for field in IndicatorDefinition._meta.get_fields()}
        lines = [
            (
                fields[name].verbose_name,
                _shown(current, name),
                _shown(definition, name),
            )
            for name in FIELDS
            if getattr(current, name) != getattr(definition, name)
        ]
        return format_html_join("", "<p>{} : {} → {}</p>", lines) or gettext("rien")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new proposal begins as a copy of the definition in force of the indicator in the address."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        asked = str(initial.get("indicator", ""))
        found = Indicator.objects.filter(pk=asked).first() if asked.isdigit() else None
        if found and found.definition:
            initial |= {name: getattr(found.definition, name) for name in FIELDS}
        return initial

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.state != IndicatorDefinition.State.PROPOSED:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: IndicatorDefinition, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        defining.propose(definition=obj, indicator=obj.indicator, by=staff(request), at=timezone.now())
        messages.info(
            request,
            gettext("La définition est proposée; elle vaudra une fois approuvée, par l'action de la liste."),
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change:
            defining.carry_over(definition=form.instance)

    @admin.action(description=_("Approuver les définitions choisies"))
    def approve_chosen(self, request: HttpRequest, chosen: QuerySet[IndicatorDefinition]) -> None:
        self._decide(request, chosen, defining.approve)

    @admin.action(description=_("Refuser les définitions choisies"))
    def decline_chosen(self, request: HttpRequest, chosen: QuerySet[IndicatorDefinition]) -> None:
        self._decide(request, chosen, defining.decline)

    def _decide(self, request: HttpRequest, chosen: QuerySet[IndicatorDefinition], decision: Any) -> None:
        done = 0
        for definition in chosen:
            try:
                decision(definition=definition, by=staff(request), at=timezone.now())
            except (defining.AlreadyDecidedError, PermissionDenied) as error:
                messages.warning(request, f"{definition} : {error}")
            else:
                self.log_change(request, definition, definition.get_state_display())
                done += 1
        if done:
            text = ngettext("%(n)d définition décidée.", "%(n)d définitions décidées.", done) % {"n": done}
            messages.success(request, text)


def _shown(definition: IndicatorDefinition, name: str) -> Any:
    display = getattr(definition, f"get_{name}_display", None)
    value = display() if display else getattr(definition, name)
    if isinstance(value, Decimal):
        return figure(value, definition.decimals)
    return "–" if value in (None, "") else value
