"""What staff write when they decide on a report. Each form knows the move that it makes; nothing else writes a state."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.deciding import ChangesForm, DecisionForm, OverridableForm
from indicators.models import ProgressReport
from indicators.reports import roles, workflow


class ReportForm(DecisionForm):
    row: ProgressReport


class AcceptForm(OverridableForm):
    action = "accept"
    label = _("Accepter…")
    title = _("Accepter ce bilan")
    explanation = _(
        "Cette version devient publique telle que vous l'avez lue, avec ses valeurs et l'état de ses livrables. Les "
        "difficultés et les besoins restent au Conseil."
    )
    done = _("Accepté : le bilan est public, avec ses valeurs.")
    is_main = True

    def may_override(self) -> bool:
        return roles.is_administrator(self.by)

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        data = self.cleaned_data
        return workflow.accept(
            report=self.row,
            number=data["number"],
            by=self.by,
            at=at,
            override=self.is_overriding,
        )


class RequestChangesForm(ChangesForm):
    explanation = _("Le bilan retourne à l'organisation, qui le complète et le soumet de nouveau.")

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        data = self.cleaned_data
        return workflow.request_changes(
            report=self.row,
            number=data["number"],
            message=data["message"],
            due_on=data["due_on"],
            by=self.by,
            at=at,
        )


class ExtendForm(ReportForm):
    action = "extend"
    label = _("Reporter l'échéance…")
    title = _("Reporter l'échéance de ce bilan")
    explanation = _(
        "Pour ce projet seulement, même si l'échéance est passée. Celle de toute une période se change à sa page."
    )
    done = _("L'échéance est reportée.")

    until = forms.DateField(
        label=_("Nouvelle échéance"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_until(self) -> dt.date:
        until: dt.date = self.cleaned_data["until"]
        if self.row.due and until <= self.row.due:
            raise ValidationError(_("Choisissez un jour après l'échéance actuelle."))
        return until

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        return workflow.extend(report=self.row, until=self.cleaned_data["until"], by=self.by, at=at)


class WaiveForm(ReportForm):
    action = "waive"
    label = _("Dispenser…")
    title = _("Dispenser le projet de ce bilan")
    explanation = _("Il n'est plus attendu et n'est jamais en retard. On peut l'attendre de nouveau.")
    done = _("Le projet est dispensé de ce bilan.")

    reason = forms.CharField(
        label=_("Motif"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("C'est ce que l'organisation lira, mot pour mot."),
    )

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        return workflow.waive(report=self.row, reason=self.cleaned_data["reason"], by=self.by, at=at)


class RestoreForm(ReportForm):
    action = "restore"
    label = _("L'attendre de nouveau…")
    title = _("Attendre de nouveau ce bilan")
    explanation = _("La dispense est levée; ce que l'organisation avait écrit est encore là.")
    done = _("Ce bilan est de nouveau attendu.")

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        return workflow.restore(report=self.row, by=self.by, at=at)


FORMS: dict[str, type[DecisionForm]] = {
    form.action: form for form in (AcceptForm, RequestChangesForm, ExtendForm, WaiveForm, RestoreForm)
}
