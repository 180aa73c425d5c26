"""The form by which staff edit a project in one page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from core.forms import EvidenceField, ImageField, PartialDateField, PartialDatesForm
from plans.models import Objective
from projects.models import (
    Deliverable,
    FoodChainLink,
    Project,
    ProjectFoodChainLink,
    ProjectObjective,
    ProjectPartner,
)


class ProjectForm(PartialDatesForm):
    image = ImageField(label=_("Image"), required=False, widget=AdminFileWidget)
    partial_dates = {"starts": ("starts_on", "starts_precision"), "ends": ("ends_on", "ends_precision")}
    starts = PartialDateField(label=_("Début"))
    ends = PartialDateField(label=_("Fin"))
    primary_objective = forms.ModelChoiceField(
        Objective.objects.select_related("orientation__plan"), label=_("Objectif principal")
    )
    other_objectives = forms.ModelMultipleChoiceField(
        Objective.objects.select_related("orientation__plan"),
        label=_("Autres objectifs"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    links = forms.MultipleChoiceField(
        choices=FoodChainLink.choices,
        label=_("Maillons de la chaîne alimentaire"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Project
        exclude = (
            "objectives",
            "organizations",
            "starts_on",
            "starts_precision",
            "ends_on",
            "ends_precision",
        )
        widgets = {
            "issues": forms.CheckboxSelectMultiple,
            "summary_fr": forms.Textarea(attrs={"rows": 3}),
            "summary_en": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self._offer_only_its_plan()
            ties = list(self.instance.objective_ties.all())
            self.initial.setdefault(
                "primary_objective", next((t.objective_id for t in ties if t.is_primary), None)
            )
            self.initial.setdefault("other_objectives", [t.objective_id for t in ties if not t.is_primary])
            self.initial.setdefault("links", [row.link for row in self.instance.food_chain_links.all()])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        plan = self.cleaned_data.get("plan") or getattr(self.instance, "plan", None)
        primary = self.cleaned_data.get("primary_objective")
        others = self.cleaned_data.get("other_objectives") or []
        if plan and primary and primary.orientation.plan_id != plan.pk:
            self.add_error("primary_objective", _("Cet objectif n'est pas du plan choisi."))
        if plan and any(o.orientation.plan_id != plan.pk for o in others):
            self.add_error("other_objectives", _("Un de ces objectifs n'est pas du plan choisi."))
        if plan and any(i.plan_id != plan.pk for i in self.cleaned_data.get("issues") or []):
            self.add_error("issues", _("Un de ces enjeux n'est pas du plan choisi."))
        return cleaned

    def save_ties(self) -> None:
        """Write the objectives and links of the food chain; the project is saved already."""
        project, data = self.instance, self.cleaned_data
        primary = data["primary_objective"]
        wanted = {objective.pk: False for objective in data["other_objectives"]} | {primary.pk: True}
        project.objective_ties.exclude(objective_id__in=wanted).delete()
        project.objective_ties.exclude(objective=primary).update(is_primary=False)
        for objective_id, is_primary in wanted.items():
            ProjectObjective.objects.update_or_create(
                project=project, objective_id=objective_id, defaults={"is_primary": is_primary}
            )
        project.food_chain_links.exclude(link__in=data["links"]).delete()
        for link in data["links"]:
            ProjectFoodChainLink.objects.get_or_create(project=project, link=link)

    def _offer_only_its_plan(self) -> None:
        plan = self.instance.plan_id
        for name in ("primary_objective", "other_objectives"):
            field = self.fields[name]
            field.queryset = field.queryset.filter(orientation__plan=plan)  # type: ignore[attr-defined]
        issues = self.fields["issues"]
        issues.queryset = issues.queryset.filter(plan=plan)  # type: ignore[attr-defined]


class PartnerFormSet(BaseInlineFormSet):
    """The partners of a project: one of them leads it."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        leads = sum(1 for row in kept if row.get("role") == ProjectPartner.Role.LEAD)
        if leads != 1 and not any(self.errors):
            raise ValidationError(_("Indiquez un porteur, et un seul : les autres sont coporteurs."))


class DeliverableForm(PartialDatesForm):
    partial_dates = {"due": ("due_on", "due_precision")}
    due = PartialDateField(label=_("Échéance"))
    evidence_file = EvidenceField(
        label=_("Fichier du livrable"),
        help_text=_("Un PDF sans script, ou une image."),
        required=False,
        widget=AdminFileWidget,
    )

    class Meta:
        model = Deliverable
        fields = ("number", "title_fr", "title_en", "state", "delivered_on", "evidence_url", "evidence_file")


class ArchiveForm(forms.Form):
    reason_fr = forms.CharField(
        label=_("Motif"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Affiché à l'adresse du projet, qui répondra qu'il n'est plus publié."),
    )
    reason_en = forms.CharField(
        label=_("Motif (anglais)"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
