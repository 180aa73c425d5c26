"""A form that came with an old token, as after signing in again in another tab: what was typed is shown, and sent again
with one press.

Only where the browser says that the form came from a page of ours: otherwise a page of elsewhere could have somebody
press a button that they never meant to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from core.draft_fields import Words
from projects.registrations.forms import FORMS
from projects.registrations.reading import LABELS

#: Never printed, and nothing with it is sent again: it is typed anew.
SECRET = re.compile("password|passwd|secret|credential|^code$", re.IGNORECASE)
#: What forms carry beside what people type.
UNTYPED = frozenset(
    {"csrfmiddlewaretoken", "seen", "writer", "do", "step", "token", "version", "number", "next"}
)
ROW = re.compile(r"(\w+)-(\d{1,4})-(\w+)")
#: From so many characters on a text has a box of several lines.
LONG = 80
OTHERS: dict[str, str | Promise] = {
    "message": _("Message"),
    "reason": _("Motif"),
    "text": _("Texte"),
    "name": _("Nom"),
    "email": _("Courriel"),
    "description_fr": _("Description"),
}


@dataclass(frozen=True)
class Typed:
    """A field as it was sent. ``is_shown``: somebody typed it."""

    name: str
    value: str
    label: str
    is_shown: bool

    @property
    def is_long(self) -> bool:
        return len(self.value) > LONG or "\n" in self.value


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a form without a valid token, with what was typed in it."""
    fields = typed(request)
    context = {
        "fields": fields,
        "has_text": any(field.is_shown for field in fields),
        "may_send": bool(fields) and _is_ours(request) and not any(map(SECRET.search, request.POST)),
        "files": [str(getattr(file, "name", "")) for file in request.FILES.values()],
        "address": request.get_full_path(),
    }
    return render(request, "403_csrf.html", context, status=403)


def typed(request: HttpRequest) -> list[Typed]:
    """Everything that was sent, but secrets and the old token, in its order."""
    return [
        Typed(name, value, _label(name), bool(value.strip()) and _is_typed(name, value))
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not SECRET.search(name)
    ]


def _is_typed(name: str, value: str) -> bool:
    """Boxes that were ticked, choices and marks are sent again unseen."""
    field = _field(name)
    if field is not None:
        return isinstance(field, Words)
    return name not in UNTYPED and not value.isdecimal() and (" " in value.strip() or len(value.strip()) > 3)


def _label(name: str) -> str:
    row, field = ROW.fullmatch(name), _field(name)
    if row and field:
        return f"{LABELS[row[1]]} {int(row[2]) + 1} : {field.label}"
    return str(LABELS.get(name) or OTHERS.get(name) or name)


def _field(name: str) -> Field | None:
    """The field of the registration form that bears the name, if one does."""
    if row := ROW.fullmatch(name):
        tables = (step.tables.get(row[1]) for step in FORMS.values())
        return next((table.base_fields.get(row[3]) for table in tables if table), None)
    return next((step.base_fields[name] for step in FORMS.values() if name in step.base_fields), None)


def _is_ours(request: HttpRequest) -> bool:
    """By what browsers say of where a form comes from; one that says nothing is not believed."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", ""))
    return (origin.scheme, origin.netloc) == (request.scheme, request.get_host())
