"""The forms by which staff write definitions, measurements and common targets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from indicators.models import Contribution, IndicatorDefinition, Measurement
from indicators.proposals import FIELDS

#: What is said of a value, as its forms lay it out.
VALUE_FIELDS = (
    ("starts_on", "measured_on"),
    ("value", "numerator", "denominator"),
    ("absence", "quality"),
    "source",
    ("assessment_fr", "assessment_en"),
    ("note_fr", "note_en"),
)


class DefinitionForm(forms.ModelForm):
    """A proposal: what is missing in it is told beside its field, whatever its version."""

    class Meta:
        model = IndicatorDefinition
        fields = ("indicator", *FIELDS, "reason", "breaks_series")
        widgets = {
            name: forms.Textarea(attrs={"rows": 3})
            for name in ("meaning_fr", "meaning_en", "method_fr", "method_en", "reason")
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        indicator = self.cleaned_data.get("indicator")
        if self.instance.pk is None and indicator and indicator.definition_id:
            if not self.cleaned_data.get("reason"):
                self.add_error("reason", _("Une définition change avec un motif."))
            if indicator.definitions.filter(state=IndicatorDefinition.State.PROPOSED).exists():
                self.add_error(
                    "indicator", _("Une autre définition de cet indicateur attend déjà une décision.")
                )
        return cleaned


class MeasurementForm(forms.ModelForm):
    """A value that staff enter or correct; it is checked as submitted."""

    class Meta:
        model = Measurement
        fields = (
            "starts_on",
            "measured_on",
            "value",
            "numerator",
            "denominator",
            "absence",
            "quality",
            "source",
            "assessment_fr",
            "assessment_en",
            "note_fr",
            "note_en",
        )
        widgets = {
            name: forms.Textarea(attrs={"rows": 2})
            for name in ("note_fr", "note_en", "assessment_fr", "assessment_en")
        }

    def _get_validation_exclusions(self) -> set[str]:
        # The state and the definition are set by the desk: what depends on them is checked with the form.
        return set(super()._get_validation_exclusions()) - {"state", "definition"}  # type: ignore[misc]


class MeasurementFormSet(BaseInlineFormSet):
    """New rows are submitted under the definition in force."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        if form.instance.pk is None:
            form.instance.state = Measurement.State.SUBMITTED
            form.instance.indicator = self.instance
            form.instance.definition = self.instance.definition
        return form


class ContributionFormSet(BaseInlineFormSet):
    """Indicators of projects, each project once."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.instance.common_target = self.instance
        return form

    def clean(self) -> None:
        super().clean()
        seen: set[int] = set()
        for form in self.forms:
            chosen = form.cleaned_data.get("indicator") if hasattr(form, "cleaned_data") else None
            if chosen is None or form.cleaned_data.get("DELETE"):
                continue
            if chosen.project_id in seen:
                raise ValidationError(
                    _("« %(project)s » a deux indicateurs ici : chaque projet compte une fois.")
                    % {"project": chosen.project}
                )
            seen.add(chosen.project_id)


class ContributionForm(forms.ModelForm):
    class Meta:
        model = Contribution
        fields = ("indicator",)


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif du refus"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Gardé avec chaque mesure refusée."),
    )
