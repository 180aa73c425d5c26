"""Form fields and forms that several apps use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.partial_dates import PartialDate, Precision, UnreadableDateError
from core.uploads import clean_file, clean_image


def dress(fields: Mapping[str, forms.Field]) -> None:
    """Give fields outside the admin the classes of the site's controls."""
    for field in fields.values():
        widget = field.widget
        if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect | forms.CheckboxInput):
            name = "form-check-input"
        else:
            name = "form-select" if isinstance(widget, forms.Select) else "form-control"
        widget.attrs["class"] = name


class PartialDateField(forms.Field):
    """A date typed as people say it: « 2023-01-31 », « mars 2023 », « automne 2021 », « mi-2024 »."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault(
            "help_text", _("Par exemple 2023-01-31, mars 2023, automne 2023, mi-2023 ou 2023.")
        )
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "maxlength": "60"}

    def prepare_value(self, value: Any) -> Any:
        return value.format() if isinstance(value, PartialDate) else value

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()[:100]
        if not text:
            return None
        try:
            return PartialDate.parse(text)
        except UnreadableDateError as error:
            raise ValidationError(str(error), code="invalid") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "").strip()


class ImageField(forms.FileField):
    """A picture that is drawn anew before it is kept: see ``core.uploads``."""

    widget = forms.ClearableFileInput

    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        return clean_image(file) if file else None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": "image/jpeg,image/png,image/webp,image/gif"}


class EvidenceField(forms.FileField):
    """A PDF or a picture, opened and cleaned before it is kept: see ``core.uploads``."""

    widget = forms.ClearableFileInput

    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        return clean_file(file) if file else None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        accepted = "application/pdf,image/jpeg,image/png,image/webp,image/gif"
        return {**super().widget_attrs(widget), "accept": accepted}


class PartialDatesForm(forms.ModelForm):
    """A model form whose partial dates are each one text field over a date column and its precision.

    ``partial_dates`` names them: ``{"starts": ("starts_on", "starts_precision")}``, each declared as a
    :class:`PartialDateField`.
    """

    partial_dates: ClassVar[dict[str, tuple[str, str]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.partial_dates:
            self.initial.setdefault(name, self._current(name))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name, (date_field, precision_field) in self.partial_dates.items():
            if name in self.cleaned_data:
                date: PartialDate | None = self.cleaned_data[name]
                setattr(self.instance, date_field, date.first_day if date else None)
                setattr(self.instance, precision_field, date.precision if date else Precision.DAY)
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The columns are filled through the text field: their constraints must be checked with the form's.
        columns = {column for pair in self.partial_dates.values() for column in pair}
        return set(super()._get_validation_exclusions()) - columns  # type: ignore[misc]

    def _current(self, name: str) -> PartialDate | None:
        date_field, precision_field = self.partial_dates[name]
        day = getattr(self.instance, date_field)
        return PartialDate(day, getattr(self.instance, precision_field)) if day else None
