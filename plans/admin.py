"""The plan, its hierarchy and its process, as staff edit them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import SearchableAdmin, StableAddressAdmin
from core.forms import PartialDateField, PartialDatesForm
from core.translation import is_translated
from plans.models import (
    CrossCuttingIssue,
    Milestone,
    Objective,
    Orientation,
    Plan,
    PlanningPhase,
    ProcessFigure,
)


class PhaseForm(PartialDatesForm):
    partial_dates = {"starts": ("starts_on", "starts_precision"), "ends": ("ends_on", "ends_precision")}
    starts = PartialDateField(label=_("Début"))
    ends = PartialDateField(label=_("Fin"))

    class Meta:
        model = PlanningPhase
        fields = ("plan", "number", "title_fr", "title_en", "text_fr", "text_en")


class MilestoneForm(PartialDatesForm):
    partial_dates = {"happened": ("happened_on", "happened_precision")}
    happened = PartialDateField(label=_("Date"), required=True)

    class Meta:
        model = Milestone
        fields = ("plan", "title_fr", "title_en", "text_fr", "text_en")


class OrientationInline(admin.TabularInline):
    model = Orientation
    fields = ("number", "title_fr", "short_title_fr", "colour")
    extra = 0
    show_change_link = True


class IssueInline(admin.TabularInline):
    model = CrossCuttingIssue
    fields = ("number", "title_fr", "title_en")
    extra = 0
    show_change_link = True


class PhaseInline(admin.TabularInline):
    model = PlanningPhase
    form = PhaseForm
    fields = ("number", "title_fr", "title_en", "starts", "ends")
    extra = 0
    show_change_link = True


class MilestoneInline(admin.TabularInline):
    model = Milestone
    form = MilestoneForm
    fields = ("happened", "title_fr", "title_en")
    extra = 0
    show_change_link = True


class PlanFigureInline(admin.TabularInline):
    model = ProcessFigure
    fields = ("phase", "position", "value", "label_fr", "label_en")
    extra = 0

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "phase" and request.resolver_match:
            plan_id = int(request.resolver_match.kwargs.get("object_id", 0))
            kwargs["queryset"] = PlanningPhase.objects.filter(plan_id=plan_id)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Plan)
class PlanAdmin(StableAddressAdmin):
    list_display = ("title", "years", "stage", "is_current", "orientation_count", "project_count")
    list_filter = ("stage", "is_current")
    search_fields = ("title_fr", "title_en", "slug")
    inlines = (OrientationInline, IssueInline, PhaseInline, MilestoneInline, PlanFigureInline)
    fieldsets = (
        (None, {"fields": (("title_fr", "title_en"), "slug", ("first_year", "last_year"), "predecessor")}),
        (
            _("État"),
            {
                "fields": (("stage", "is_current"), ("call_opens_at", "call_closes_at")),
                "description": _("Un plan en préparation n'est lu que par le Conseil."),
            },
        ),
        (
            _("Textes en français"),
            {
                "fields": (
                    "vision_fr",
                    "introduction_fr",
                    "systemic_approach_fr",
                    "implementation_fr",
                    "limits_fr",
                )
            },
        ),
        (
            _("Textes en anglais"),
            {
                "fields": (
                    "vision_en",
                    "introduction_en",
                    "systemic_approach_en",
                    "implementation_en",
                    "limits_en",
                ),
                "classes": ("collapse",),
                "description": _("Un texte vide s'affiche en français, avec une mention."),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        rows: QuerySet[Plan] = super().get_queryset(request)
        return rows.annotate(
            orientation_total=Count("orientations", distinct=True),
            project_total=Count("projects", distinct=True),
        )

    def has_public_address(self, row: Any) -> bool:
        return bool(row.stage != Plan.Stage.PREPARATION)

    @admin.display(description=_("titre"), ordering="title_fr")
    def title(self, plan: Plan) -> str:
        return plan.title

    @admin.display(description=_("années"), ordering="first_year")
    def years(self, plan: Plan) -> str:
        return plan.years

    @admin.display(description=_("orientations"))
    def orientation_count(self, plan: Any) -> int:
        return plan.orientation_total

    @admin.display(description=_("projets"), ordering="project_total")
    def project_count(self, plan: Any) -> int:
        return plan.project_total

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        plan: Plan = form.instance
        plan.orientations.reindex()
        plan.issues.reindex()
        plan.phases.reindex()


class ObjectiveInline(admin.StackedInline):
    model = Objective
    fields = ("number", ("title_fr", "title_en"), ("description_fr", "description_en"), "is_demonstration")
    extra = 0
    show_change_link = True


@admin.register(Orientation)
class OrientationAdmin(SearchableAdmin):
    list_display = ("number", "title", "plan", "colour", "objective_count", "has_english")
    list_display_links = ("title",)
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("title_fr", "title_en", "short_title_fr")
    inlines = (ObjectiveInline,)
    fieldsets = (
        (None, {"fields": ("plan", ("number", "colour"))}),
        (_("Français"), {"fields": ("title_fr", "short_title_fr", "problem_fr")}),
        (_("Anglais"), {"fields": ("title_en", "short_title_en", "problem_en")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Orientation]:
        rows: QuerySet[Orientation] = super().get_queryset(request)
        return rows.annotate(objective_total=Count("objectives"))

    @admin.display(description=_("titre"), ordering="title_fr")
    def title(self, orientation: Orientation) -> str:
        return orientation.title

    @admin.display(description=_("objectifs"), ordering="objective_total")
    def objective_count(self, orientation: Any) -> int:
        return orientation.objective_total

    @admin.display(description=_("traduite"), boolean=True)
    def has_english(self, orientation: Orientation) -> bool:
        return is_translated(orientation, "title", "problem")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.objectives.reindex()


@admin.register(Objective)
class ObjectiveAdmin(SearchableAdmin):
    list_display = ("code", "title", "orientation", "project_count", "is_demonstration")
    list_display_links = ("code", "title")
    list_filter = ("orientation__plan", "orientation", "is_demonstration")
    list_select_related = ("orientation__plan",)
    search_fields = ("title_fr", "title_en")
    autocomplete_fields = ("orientation",)
    fieldsets = (
        (None, {"fields": ("orientation", "number", "is_demonstration")}),
        (_("Français"), {"fields": ("title_fr", "description_fr")}),
        (_("Anglais"), {"fields": ("title_en", "description_en")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Objective]:
        rows: QuerySet[Objective] = super().get_queryset(request)
        return rows.annotate(project_total=Count("projects"))

    @admin.display(description=_("code"), ordering="orientation__number")
    def code(self, objective: Objective) -> str:
        return objective.code

    @admin.display(description=_("titre"), ordering="title_fr")
    def title(self, objective: Objective) -> str:
        return objective.title

    @admin.display(description=_("projets"), ordering="project_total")
    def project_count(self, objective: Any) -> int:
        return objective.project_total


@admin.register(CrossCuttingIssue)
class CrossCuttingIssueAdmin(SearchableAdmin):
    list_display = ("number", "title", "plan")
    list_display_links = ("title",)
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("title_fr", "title_en")
    fieldsets = (
        (None, {"fields": ("plan", "number")}),
        (_("Français"), {"fields": ("title_fr", "description_fr")}),
        (_("Anglais"), {"fields": ("title_en", "description_en")}),
    )

    @admin.display(description=_("titre"), ordering="title_fr")
    def title(self, issue: CrossCuttingIssue) -> str:
        return issue.title


class PhaseFigureInline(admin.TabularInline):
    model = ProcessFigure
    fields = ("position", "value", "label_fr", "label_en")
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)

        class PlanOfThePhase(formset):  # type: ignore[valid-type, misc]
            def _construct_form(self, i: int, **options: Any) -> forms.ModelForm:
                form: forms.ModelForm = super()._construct_form(i, **options)
                form.instance.plan_id = self.instance.plan_id
                return form

        return PlanOfThePhase


@admin.register(PlanningPhase)
class PlanningPhaseAdmin(SearchableAdmin):
    form = PhaseForm
    list_display = ("number", "title", "plan", "starts", "ends")
    list_display_links = ("title",)
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("title_fr", "title_en")
    inlines = (PhaseFigureInline,)
    fieldsets = (
        (None, {"fields": ("plan", "number", ("starts", "ends"))}),
        (_("Français"), {"fields": ("title_fr", "text_fr")}),
        (_("Anglais"), {"fields": ("title_en", "text_en")}),
    )

    @admin.display(description=_("titre"), ordering="title_fr")
    def title(self, phase: PlanningPhase) -> str:
        return phase.title

    @admin.display(description=_("début"), ordering="starts_on")
    def starts(self, phase: PlanningPhase) -> Any:
        return phase.starts

    @admin.display(description=_("fin"), ordering="ends_on")
    def ends(self, phase: PlanningPhase) -> Any:
        return phase.ends


@admin.register(Milestone)
class MilestoneAdmin(admin.ModelAdmin):
    form = MilestoneForm
    list_display = ("happened", "title", "plan")
    list_display_links = ("happened", "title")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("title_fr", "title_en")
    fieldsets = (
        (None, {"fields": ("plan", "happened")}),
        (_("Français"), {"fields": ("title_fr", "text_fr")}),
        (_("Anglais"), {"fields": ("title_en", "text_en")}),
    )

    @admin.display(description=_("titre"), ordering="title_fr")
    def title(self, milestone: Milestone) -> str:
        return milestone.title

    @admin.display(description=_("date"), ordering="happened_on")
    def happened(self, milestone: Milestone) -> Any:
        return milestone.happened
