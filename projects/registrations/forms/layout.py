"""How the fields of a step stand on its page."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django.utils.functional import Promise


def helper(*layout: Any) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.include_media = False
    helper.field_template = "registrations/_field.html"
    helper.layout = Layout(*layout)
    return helper


def english(*names: str) -> Div:
    return Div(*names, template="registrations/_english.html")


def part(legend: str | Promise, *names: Any) -> Fieldset:
    return Fieldset(legend, *names, template="registrations/_part.html")
