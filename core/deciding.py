"""What staff write when they decide on what partners submitted. Each form knows the move that it makes; nothing else
writes a state.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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

    def __init__(self, *args: Any, row: Any, by: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        self.row, self.by = row, by
        self.adapt()

    def adapt(self) -> None:
        """Fit the fields to the row and the person."""

    @property
    def is_asking(self) -> bool:
        """Whether there is something to fill in before the confirmation."""
        return any(not bound.is_hidden for bound in self)

    def perform(self, *, at: dt.datetime) -> Any:
        """Make the move; whatever the workflow refuses is raised."""
        raise NotImplementedError


class OverridableForm(DecisionForm):
    """A decision that an administrator may also take on what they submitted themselves."""

    def may_override(self) -> bool:
        raise NotImplementedError

    def adapt(self) -> None:
        submitter = self.row.versions.order_by("-number").values_list("submitted_by", flat=True).first()
        if submitter is not None and submitter == self.by.pk and self.may_override():
            self.fields["override"] = forms.BooleanField(
                label=_("Je décide de la version que j'ai soumise moi-même"),
                help_text=_("Le journal le dira. Mieux vaut qu'une autre personne décide."),
            )

    @property
    def is_overriding(self) -> bool:
        return bool(self.cleaned_data.get("override"))


class ChangesForm(DecisionForm):
    """What the organisation is asked to complete, and by when."""

    action = "request_changes"
    label = _("Demander des précisions…")
    title = _("Demander des précisions")
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


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note interne"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Pour le personnel du Conseil seulement : l'organisation ne la voit jamais."),
    )
