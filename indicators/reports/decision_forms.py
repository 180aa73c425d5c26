"""What staff write when they decide on a report. Each form knows the move that it makes; nothing else writes a state."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators.models import ProgressReport
from indicators.reports import roles, workflow

Text = str | Promise


class DecisionForm(forms.Form):
    """A move on the version that was read. Its number travels with the form."""

    do_not_call_in_templates = True  # pages name the kinds of forms, without making one

    action: ClassVar[str]
    label: ClassVar[Text]
    title: ClassVar[Text]
    explanation: ClassVar[Text] = ""
    done: ClassVar[Text]
    is_main: ClassVar[bool] = False

    number = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, report: ProgressReport, by: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        self.report, self.by = report, by
        self.adapt()

    def adapt(self) -> None:
        """Fit the fields to the report and the person."""

    @property
    def is_asking(self) -> bool:
        """Whether there is something to fill in before the confirmation."""
        return any(not bound.is_hidden for bound in self)

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        raise NotImplementedError


class AcceptForm(DecisionForm):
    action = "accept"
    label = _("Accepter…")
    title = _("Accepter ce bilan")
    explanation = _(
        "Cette version devient publique telle que vous l'avez lue, avec ses valeurs et l'état de ses livrables. Les "
        "difficultés et les besoins restent au Conseil."
    )
    done = _("Accepté : le bilan est public, avec ses valeurs.")
    is_main = True

    def adapt(self) -> None:
        submitter = self.report.versions.order_by("-number").values_list("submitted_by", flat=True).first()
        if submitter == self.by.pk and roles.is_administrator(self.by):
            self.fields["override"] = forms.BooleanField(
                label=_("Je décide de la version que j'ai soumise moi-même"),
                help_text=_("Le journal le dira. Mieux vaut qu'une autre personne décide."),
            )

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        data = self.cleaned_data
        return workflow.accept(
            report=self.report,
            number=data["number"],
            by=self.by,
            at=at,
            override=bool(data.get("override")),
        )


class RequestChangesForm(DecisionForm):
    action = "request_changes"
    label = _("Demander des précisions…")
    title = _("Demander des précisions")
    explanation = _("Le bilan retourne à l'organisation, qui le complète et le soumet de nouveau.")
    done = _("La demande est partie : c'est au tour de l'organisation.")

    message = forms.CharField(
        label=_("Message à l'organisation"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Dites ce qui manque et ce qui aiderait. L'organisation lira ce texte, mot pour mot."),
    )
    due_on = forms.DateField(
        label=_("Réponse souhaitée d'ici le"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
        help_text=_("Facultatif. L'organisation reçoit un rappel si elle tarde."),
    )

    def clean_due_on(self) -> dt.date | None:
        due: dt.date | None = self.cleaned_data["due_on"]
        if due and due < timezone.localdate():
            raise ValidationError(_("Choisissez une date à venir."))
        return due

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        data = self.cleaned_data
        return workflow.request_changes(
            report=self.report,
            number=data["number"],
            message=data["message"],
            due_on=data["due_on"],
            by=self.by,
            at=at,
        )


class ExtendForm(DecisionForm):
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
        if self.report.due and until <= self.report.due:
            raise ValidationError(_("Choisissez un jour après l'échéance actuelle."))
        return until

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        return workflow.extend(report=self.report, until=self.cleaned_data["until"], by=self.by, at=at)


class WaiveForm(DecisionForm):
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
        return workflow.waive(report=self.report, reason=self.cleaned_data["reason"], by=self.by, at=at)


class RestoreForm(DecisionForm):
    action = "restore"
    label = _("L'attendre de nouveau…")
    title = _("Attendre de nouveau ce bilan")
    explanation = _("La dispense est levée; ce que l'organisation avait écrit est encore là.")
    done = _("Ce bilan est de nouveau attendu.")

    def perform(self, *, at: dt.datetime) -> ProgressReport:
        return workflow.restore(report=self.report, by=self.by, at=at)


FORMS: dict[str, type[DecisionForm]] = {
    form.action: form for form in (AcceptForm, RequestChangesForm, ExtendForm, WaiveForm, RestoreForm)
}
