"""What staff fill in to ask for documents."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from csam.documents.models import Document
from indicators.models import ReportingPeriod
from plans.models import Plan


class PeriodField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.plan})"


class RequestForm(forms.Form):
    plan = forms.ModelChoiceField(Plan.objects.none(), label=_("Plan"))
    kinds = forms.MultipleChoiceField(
        label=_("Documents"),
        choices=[(kind.value, kind.label) for kind in Document.PLAN_KINDS],
        initial=[kind.value for kind in Document.PLAN_KINDS],
        widget=forms.CheckboxSelectMultiple,
    )
    languages = forms.MultipleChoiceField(
        label=_("Langues"),
        choices=[(code, label) for code, label in Document.Language.choices],
        initial=list(Document.Language.values),
        widget=forms.CheckboxSelectMultiple,
    )
    publish = forms.BooleanField(
        label=_("Publier dès que c'est prêt"),
        required=False,
        help_text=_("Sinon, le document reste ici : vous le relisez, puis vous le publiez."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _offer_public_plans(self)


class EditionForm(forms.Form):
    plan = forms.ModelChoiceField(Plan.objects.none(), label=_("Plan"))
    period = PeriodField(
        ReportingPeriod.objects.none(),
        label=_("Bilan d'une période"),
        required=False,
        empty_label=_("Non : la synthèse et le plan intégral"),
        help_text=_(
            "Avec une période, l'édition est son bilan d'étape : ce que les projets en ont rapporté."
        ),
    )
    languages = forms.MultipleChoiceField(
        label=_("Langues"),
        choices=[(code, label) for code, label in Document.Language.choices],
        initial=list(Document.Language.values),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Une édition paraît toujours en français, et en anglais si vous le voulez."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _offer_public_plans(self)
        opened = ReportingPeriod.objects.filter(plan__in=Plan.objects.public(), opened_at__isnull=False)
        periods = cast("forms.ModelChoiceField[ReportingPeriod]", self.fields["period"])
        periods.queryset = opened.select_related("plan")

    def clean(self) -> dict[str, Any] | None:
        values = super().clean()
        plan, period = self.cleaned_data.get("plan"), self.cleaned_data.get("period")
        if plan and period and period.plan_id != plan.pk:
            self.add_error("period", _("Cette période est celle d'un autre plan."))
        return values


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        label=_("Motif"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Il se lit à l'adresse de l'édition, à la place de ses documents."),
    )


def _offer_public_plans(form: forms.Form) -> None:
    plans = Plan.objects.public()
    field = cast("forms.ModelChoiceField[Plan]", form.fields["plan"])
    field.queryset = plans
    field.initial = plans.filter(is_current=True).first()
