"""The form of a report: it turns what is typed into a content, and back. What a complete one needs is said by
:mod:`indicators.reports.completeness` and only shown here.

The form is always bound, to what was sent or to what is stored. Nothing is required. The value that an indicator had
before stands beside its field and in its placeholder, never in the field: what nobody typed is no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.draft_fields import Choice, Words
from core.forms import EvidenceField
from core.listing import capital
from core.partial_dates import PartialDate
from core.translation import text_and_language
from indicators.explaining import figure
from indicators.models import Measurement
from indicators.reports.completeness import Problem
from indicators.reports.content import DELIVERABLE, TEXTS, VALUE, Content, complete, row_of
from indicators.reports.questions import Questions, ValueQuestion
from projects.models import Deliverable


class Day(Words):
    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        widget.input_type = "date"  # type: ignore[attr-defined]
        return {"class": "form-control form-control-short"}


class DeliverableRow(forms.Form):
    """Where a deliverable is. Its file is sent by the buttons, and kept when nothing new is sent."""

    use_required_attribute = False

    state = Choice(label=_("Où en est-il?"))
    delivered_on = Day(label=_("Livré le"), help_text=_("Seulement s'il est livré."))
    note = Words(
        label=_("Ce qui le montre"),
        rows=2,
        help_text=_("En quelques mots : ce qui existe maintenant, où, pour qui."),
    )
    url = Words(label=_("Lien vers le livrable"), help_text=_("Commence par https://."))
    file_sent = EvidenceField(
        label=_("Fichier"),
        required=False,
        help_text=_("Un PDF ou une image. Public une fois le bilan accepté."),
    )

    def __init__(
        self, data: Mapping[str, Any], files: Any, *, deliverable: Deliverable, is_needed: bool, kept: str
    ) -> None:
        super().__init__(data, files, prefix=f"deliverables-{deliverable.pk}")
        self.deliverable, self.is_needed = deliverable, is_needed
        present = capital(deliverable.get_state_display())
        unchanged = _("Choisissez…") if is_needed else __("Inchangé : %(state)s") % {"state": present.lower()}
        choices = [(value, capital(label)) for value, label in Deliverable.State.choices]
        state: Any = self.fields["state"]
        state.choices = [("", unchanged), *choices]
        if is_needed:
            state.help_text = __("Jusqu'ici : %(state)s.") % {"state": present.lower()}
        self.fields["url"].widget.attrs["inputmode"] = "url"
        self.fields["file_sent"].widget.attrs["class"] = "form-control"
        #: The stored file, never named by the browser: so that nobody can lay hands on one of others.
        self.kept = kept

    @property
    def has_answers(self) -> bool:
        said = (self.data.get(self.add_prefix(name)) for name in DELIVERABLE)
        return bool(self.kept or self.errors or any(said))

    def values(self) -> dict[str, Any]:
        typed = {name: self.cleaned_data.get(name, "") for name in DELIVERABLE if name != "file"}
        return {"id": self.deliverable.pk, **typed, "file": self.kept}


class ValueRow(forms.Form):
    """What an indicator says at the end of the period, or why it says nothing."""

    use_required_attribute = False

    value = Words(label=_("Valeur"))
    numerator = Words(label=_("Numérateur"))
    denominator = Words(label=_("Dénominateur"))
    assessment = Words(label=_("Appréciation"), rows=3)
    absence = Choice(label=_("Pas de valeur, parce qu'elle est"))
    quality = Choice(label=_("Qualité"))
    measured_on = Day(label=_("À la date du"))
    source = Words(label=_("Source"), help_text=_("D'où vient ce nombre : registre, sondage, comptoir…"))
    note = Words(label=_("Précision"), rows=2)

    def __init__(self, data: Mapping[str, Any], *, question: ValueQuestion, report: Any) -> None:
        super().__init__(data, prefix=f"values-{question.key}")
        self.question = question
        fields: dict[str, Any] = self.fields
        fields["absence"].choices = [
            ("", _("(il y a une valeur)")),
            *((value, capital(label)) for value, label in Measurement.Absence.choices),
        ]
        fields["quality"].choices = [
            ("", _("Choisissez…")),
            *((value, capital(label)) for value, label in Measurement.Quality.choices),
        ]
        fields["measured_on"].help_text = __("Vide : le %(date)s, fin de la période.") % {
            "date": PartialDate(report.ends_on).format()
        }
        answers = ("numerator", "denominator") if question.is_ratio else ("value",)
        self.answers = ("assessment",) if question.is_words else answers
        for name in ("value", "numerator", "denominator", "assessment"):
            if name not in self.answers:
                del fields[name]
        for name in self.answers:
            fields[name].widget.attrs |= {"autocomplete": "off", "placeholder": self._placeholder(name)}
            if not question.is_words:
                fields[name].widget.attrs["inputmode"] = "decimal"
        unit = text_and_language(question.definition, "unit")[0]
        if unit and "value" in self.answers:
            fields["value"].label = __("Valeur (%(unit)s)") % {"unit": unit}

    def _placeholder(self, name: str) -> str:
        last = getattr(self.question.last, name, None) if self.question.last else None
        if name == "assessment" or last is None:
            return ""
        shown = figure(last, self.question.definition.decimals)
        return __("avant : %(value)s") % {"value": shown}

    @property
    def before(self) -> str:
        """What was accepted last, with its date."""
        last, definition = self.question.last, self.question.definition
        if last is None:
            return ""
        shown = figure(last.figure, definition.decimals, text_and_language(definition, "unit")[0])
        if last.absence:
            shown = last.get_absence_display()
        elif last.assessment:
            shown = str(last.assessment)[:200]
        return __("%(value)s, au %(date)s") % {"value": shown, "date": PartialDate(last.measured_on).format()}

    @property
    def fields_of_answer(self) -> list[forms.BoundField]:
        return [self[name] for name in self.answers]

    def values(self) -> dict[str, Any]:
        typed = {name: self.cleaned_data.get(name, "") for name in VALUE}
        return {"key": self.question.key, **typed}


class ReportForm(forms.Form):
    use_required_attribute = False

    narrative_fr = Words(
        label=_("Ce qui a été fait"),
        rows=7,
        help_text=_(
            "Quelques phrases suffisent : ce qui a eu lieu, avec qui, pour qui. Public une fois accepté."
        ),
    )
    learned_fr = Words(
        label=_("Ce que vous avez appris"),
        rows=5,
        help_text=_("Ce que vous referiez ou non, et ce qui servirait à d'autres. Public une fois accepté."),
    )
    difficulties = Words(
        label=_("Difficultés"),
        rows=4,
        help_text=_("Ce qui freine le projet. Pour le Conseil seulement : jamais publié."),
    )
    needs = Words(
        label=_("Besoins"),
        rows=4,
        help_text=_("Ce qui aiderait, et de qui. Pour le Conseil seulement : jamais publié."),
    )
    narrative_en = Words(label=_("Ce qui a été fait, en anglais (facultatif)"), rows=5)
    learned_en = Words(label=_("Ce que vous avez appris, en anglais (facultatif)"), rows=4)

    def __init__(self, data: Mapping[str, Any], files: Any = None, *, questions: Questions) -> None:
        super().__init__(data)
        self.questions = questions
        stored = questions.report.content
        self.deliverables = [
            DeliverableRow(
                data,
                files,
                deliverable=row,
                is_needed=questions.needs_answer(row),
                kept=row_of(stored, "deliverables", row.pk).get("file", ""),
            )
            for row in questions.deliverables
        ]
        self.indicators = [
            ValueRow(data, question=question, report=questions.report) for question in questions.values
        ]

    @property
    def rows(self) -> list[DeliverableRow | ValueRow]:
        return [*self.deliverables, *self.indicators]

    def is_valid(self) -> bool:
        """Only what can never be stored is refused: a file of another kind, a choice that was never offered."""
        return all([super().is_valid(), *(row.is_valid() for row in self.rows)])

    def values(self) -> Content:
        """What was typed, as a canonical content; call it after :meth:`is_valid`."""
        self.is_valid()
        typed: Content = {name: self.cleaned_data.get(name, "") for name in TEXTS}
        typed["deliverables"] = [row.values() for row in self.deliverables]
        typed["values"] = [row.values() for row in self.indicators]
        return self.questions.arranged(typed)

    def tell(self, found: Iterable[Problem]) -> None:
        """Show problems beside their fields."""
        self.is_valid()
        rows = {row.prefix: row for row in self.rows}
        for problem in found:
            row = rows.get(f"{problem.table}-{problem.key}") if problem.table else self
            if row is not None and problem.name in row.fields:
                row.add_error(problem.name, str(problem.message))

    def all_errors(self) -> list[tuple[str, str, str]]:
        """Every error: the id of its field, what it is about, the message."""
        found = []
        for part in (self, *self.rows):
            about = _about(part)
            for name, told in part.errors.items():
                id_ = part[name].auto_id if name in part.fields else ""
                found += [(id_, about, str(message)) for message in told]
        return found

    @staticmethod
    def data_of(content: Mapping[str, Any], questions: Questions) -> dict[str, Any]:
        """What is stored, as a browser would send it."""
        full = complete(content)
        data: dict[str, Any] = {name: full[name] for name in TEXTS}
        for deliverable in questions.deliverables:
            row = row_of(full, "deliverables", deliverable.pk)
            data |= {f"deliverables-{deliverable.pk}-{name}": row.get(name, "") for name in DELIVERABLE}
        for question in questions.values:
            row = row_of(full, "values", question.key)
            data |= {f"values-{question.key}-{name}": row.get(name, "") for name in VALUE}
        return data


def _about(part: ReportForm | DeliverableRow | ValueRow) -> str:
    if isinstance(part, DeliverableRow):
        return str(part.deliverable)
    return part.question.label if isinstance(part, ValueRow) else ""


class StartForm(forms.Form):
    """A report between the periods."""

    title = Words(label=_("Nom du bilan"), help_text=_("Par exemple : Fin de la première saison."))
    starts_on = forms.DateField(
        label=_("Du"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        label=_("Au"),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )
