"""What staff write when they decide. Each form knows the move that it makes; nothing else writes a state."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.deciding import ChangesForm, DecisionForm, OverridableForm, Text
from partners.models import Organization
from plans.models import Plan
from projects.models import Registration
from projects.registrations import roles, workflow
from projects.registrations.completeness import STEPS
from projects.registrations.reading import LABELS


class ReviewForm(DecisionForm):
    row: Registration


class OverridableReviewForm(OverridableForm):
    row: Registration

    def may_override(self) -> bool:
        return roles.is_administrator(self.by)


class ApproveForm(OverridableReviewForm):
    action = "approve"
    label = _("Approuver…")
    title = _("Approuver cette inscription")
    explanation = _("Le texte de cette version devient la page publique du projet, tel que vous l'avez lu.")
    done = _("Approuvée : le projet est en ligne.")
    is_main = True

    def perform(self, *, at: dt.datetime) -> Registration:
        number = self.cleaned_data["number"]
        return workflow.approve(
            registration=self.row, number=number, by=self.by, at=at, override=self.is_overriding
        )


class DeclineForm(OverridableReviewForm):
    action = "decline"
    label = _("Ne pas retenir…")
    title = _("Ne pas retenir cette inscription")
    explanation = _(
        "L'organisation reçoit le motif. Un projet déjà publié reste comme il est; l'inscription peut être rouverte."
    )
    done = _("L'inscription n'est pas retenue; l'organisation en connaît le motif.")

    reason = forms.CharField(
        label=_("Motif"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("C'est ce que l'organisation lira, mot pour mot."),
    )

    def perform(self, *, at: dt.datetime) -> Registration:
        return workflow.decline(
            registration=self.row,
            number=self.cleaned_data["number"],
            reason=self.cleaned_data["reason"],
            by=self.by,
            at=at,
            override=self.is_overriding,
        )


def _pointed_at() -> list[tuple[Text, list[tuple[str, Text]]]]:
    return [(step.label, [(name, LABELS[name]) for name in step.names]) for step in STEPS if step.names]


class RequestChangesForm(ChangesForm):
    explanation = _("L'inscription retourne à l'organisation, qui la complète et la soumet de nouveau.")
    field_order = ("number", "message", "fields_asked", "due_on")

    fields_asked = forms.MultipleChoiceField(
        label=_("Champs visés"),
        choices=_pointed_at,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Facultatif : ils seront signalés dans le formulaire."),
    )

    def perform(self, *, at: dt.datetime) -> Registration:
        data = self.cleaned_data
        return workflow.request_changes(
            registration=self.row,
            number=data["number"],
            message=data["message"],
            fields=data["fields_asked"],
            due_on=data["due_on"],
            by=self.by,
            at=at,
        )


class ProposeForm(ReviewForm):
    action = "propose_decision"
    label = _("Proposer une décision…")
    title = _("Proposer une décision")
    explanation = _(
        "Une autre personne la confirme ou décide autrement. L'organisation n'en voit rien d'ici là."
    )
    done = _("Votre proposition attend qu'une autre personne la confirme.")

    decision = forms.ChoiceField(
        label=_("Décision proposée"),
        choices=[("approve", _("Approuver")), ("decline", _("Ne pas retenir"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Motif"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_("Nécessaire pour ne pas retenir : la personne qui décide pourra le reprendre."),
    )

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if self.cleaned_data.get("decision") == "decline" and not self.cleaned_data.get("reason"):
            self.add_error("reason", _("Donnez le motif : la personne qui décide pourra le reprendre."))
        return data

    def perform(self, *, at: dt.datetime) -> Registration:
        data = self.cleaned_data
        return workflow.propose_decision(
            registration=self.row,
            number=data["number"],
            decision=data["decision"],
            reason=data["reason"],
            by=self.by,
            at=at,
        )


class WithdrawForm(ReviewForm):
    action = "withdraw"
    label = _("Retirer…")
    title = _("Retirer cette inscription")
    explanation = _("Pour une inscription abandonnée. Rien n'est effacé : elle peut être rouverte.")
    done = _("L'inscription est retirée.")

    message = forms.CharField(
        label=_("Raison, pour le journal"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )

    def perform(self, *, at: dt.datetime) -> Registration:
        return workflow.withdraw(
            registration=self.row, message=self.cleaned_data["message"], by=self.by, at=at
        )


class ReopenForm(ReviewForm):
    action = "reopen"
    label = _("Rouvrir…")
    title = _("Rouvrir cette inscription")
    explanation = _("Elle redevient un brouillon, que son organisation reprend où elle l'avait laissé.")
    done = _("L'inscription est rouverte : c'est au tour de l'organisation.")

    def perform(self, *, at: dt.datetime) -> Registration:
        return workflow.reopen(registration=self.row, by=self.by, at=at)


FORMS: dict[str, type[DecisionForm]] = {
    form.action: form
    for form in (ApproveForm, RequestChangesForm, DeclineForm, ProposeForm, WithdrawForm, ReopenForm)
}


class StartForm(forms.Form):
    """For whom staff register a project."""

    plan = forms.ModelChoiceField(
        Plan.objects.exclude(stage=Plan.Stage.CLOSED).order_by("-first_year", "pk"), label=_("Plan")
    )
    organization = forms.ModelChoiceField(
        Organization.objects.exclude(stage=Organization.Stage.ARCHIVED).order_by("sort_key_fr", "pk"),
        label=_("Organisation"),
        help_text=_("Celle au nom de qui vous écrivez. Elle reçoit un courriel dès que vous enregistrez."),
    )
