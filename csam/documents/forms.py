"""What staff fill in to ask for documents."""

from __future__ import annotations

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from csam.documents.models import Document
from plans.models import Plan


class RequestForm(forms.Form):
    plan = forms.ModelChoiceField(Plan.objects.none(), label=_("Plan"))
    kinds = forms.MultipleChoiceField(
        label=_("Documents"),
        choices=[(kind, label) for kind, label in Document.Kind.choices],
        initial=list(Document.Kind.values),
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
