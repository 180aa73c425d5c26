"""Indicators, their definitions and measurements, common targets and statistics, as staff keep them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin import NotDeletedAdmin, SearchableAdmin
from indicators import defining, measuring
from indicators.admin_filters import DoubtFilter, IsArchivedFilter, StatusFilter
from indicators.admin_forms import (
    ContributionForm,
    ContributionFormSet,
    DefinitionForm,
    MeasurementForm,
    MeasurementFormSet,
    RefusalForm,
)
from indicators.explaining import figure
from indicators.models import (
    BreakdownCategory,
    CommonTarget,
    ContextIndicator,
    ContextValue,
    Contribution,
    Indicator,
    IndicatorDefinition,
    InterimTarget,
    Measurement,
)
from indicators.proposals import FIELDS
from plans.models import Plan

_OPEN = (Measurement.State.DRAFT, Measurement.State.SUBMITTED)
_VALUE_FIELDS = (
    ("starts_on", "measured_on"),
    ("value", "numerator", "denominator"),
    ("absence", "quality"),
    "source",
    ("assessment_fr", "assessment_en"),
    ("note_fr", "note_en"),
)


class OpenMeasurementInline(admin.StackedInline):
    """Values that wait, and new ones: under the definition in force."""

    model = Measurement
    form = MeasurementForm
    formset = MeasurementFormSet
    verbose_name = _("mesure à examiner")
    verbose_name_plural = _("Mesures à examiner, et nouvelles mesures")
    fields = _VALUE_FIELDS
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
class IndicatorAdmin(SearchableAdmin, NotDeletedAdmin):
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

    def get_inlines(self, request: HttpRequest, obj: Indicator | None) -> list[Any]:
        if obj is None or obj.definition is None:
            return [DefinitionInline] if obj else []
        return [OpenMeasurementInline, AcceptedMeasurementInline, DefinitionInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not Measurement:
            super().save_formset(request, form, formset, change)
            return
        for measurement in formset.save(commit=False):
            measuring.submit(measurement=measurement, by=_who(request), at=timezone.now())

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
    raw_id_fields = ("indicator",)  # filled in by the link of the indicator's page
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
        defining.propose(definition=obj, indicator=obj.indicator, by=_who(request), at=timezone.now())
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
                decision(definition=definition, by=_who(request), at=timezone.now())
            except (defining.AlreadyDecidedError, PermissionDenied) as error:
                messages.warning(request, f"{definition} : {error}")
            else:
                self.log_change(request, definition, definition.get_state_display())
                done += 1
        if done:
            text = ngettext("%(n)d définition décidée.", "%(n)d définitions décidées.", done) % {"n": done}
            messages.success(request, text)


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
                "fields": (("indicator", "definition"), ("state", "version"), *_VALUE_FIELDS),
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
            measuring.submit(measurement=obj, by=_who(request), at=timezone.now())
            return
        if not form.changed_data:
            return
        names = [f for f in form.cleaned_data if f not in ("starts_on", "measured_on", "source", "quality")]
        changes = {name: form.cleaned_data[name] for name in names}
        try:
            measuring.correct(measurement=obj, by=_who(request), at=timezone.now(), **changes)
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
                decision(measurement=measurement, by=_who(request), at=timezone.now(), **options)
            except measuring.RefusedMoveError as error:
                messages.warning(request, str(error))
            else:
                measurement.refresh_from_db()
                self.log_change(request, measurement, measurement.get_state_display())
                done += 1
        if done:
            text = ngettext("%(n)d mesure décidée.", "%(n)d mesures décidées.", done) % {"n": done}
            messages.success(request, text)


class ContributionInline(admin.TabularInline):
    model = Contribution
    form = ContributionForm
    formset = ContributionFormSet
    fields = ("indicator",)
    autocomplete_fields = ("indicator",)
    extra = 1
    verbose_name_plural = _("Indicateurs qui y contribuent (un par projet)")


@admin.register(CommonTarget)
class CommonTargetAdmin(SearchableAdmin, NotDeletedAdmin):
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
class ContextIndicatorAdmin(admin.ModelAdmin):
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


def _who(request: HttpRequest) -> Any:
    """Who is signed in: the desk is open to nobody else."""
    return request.user


def _figure(indicator: Indicator, value: Any) -> str:
    if indicator.definition is None:
        return "–"
    return figure(value, indicator.definition.decimals, indicator.definition.unit)


def _shown(definition: IndicatorDefinition, name: str) -> Any:
    display = getattr(definition, f"get_{name}_display", None)
    value = display() if display else getattr(definition, name)
    if isinstance(value, Decimal):
        return figure(value, definition.decimals)
    return "–" if value in (None, "") else value
