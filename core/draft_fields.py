"""Fields of drafts: they keep what is typed as it is typed, and require nothing. Only what was never offered is refused."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

#: No text is longer, complete or not: what nobody types and a database should not be asked to keep.
LARGEST_TEXT = 50_000


class Words(forms.CharField):
    """A text, kept as it is typed."""

    def __init__(self, *, rows: int = 0, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
        options = {"required": False, "strip": False, "max_length": LARGEST_TEXT, "widget": widget, **options}
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"class": "form-control"}

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class Choice(forms.TypedChoiceField):
    def __init__(self, **options: Any) -> None:
        options = {"required": False, "widget": forms.Select(attrs={"class": "form-select"}), **options}
        super().__init__(**options)


class Boxes(forms.TypedMultipleChoiceField):
    #: Many short choices, laid in columns.
    is_long = False

    def __init__(self, **options: Any) -> None:
        widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
        super().__init__(**{"required": False, "widget": widget, **options})


class Flag(forms.BooleanField):
    def __init__(self, **options: Any) -> None:
        widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
        super().__init__(**{"required": False, "widget": widget, **options})


class Dated(Words):
    """A date as people say it; unreadable ones are kept and told."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("Par exemple 2026-09-15, mars 2026, automne 2026 ou 2026."))
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"class": "form-control form-control-short", "autocomplete": "off"}
