"""Pages on which somebody writes a text that is saved while they write, and handed in at the end: what registrations and
reports share of them. What their forms ask, each knows itself.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Protocol

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from core.parking import ParkingLot
from core.workflow import Incomplete, Refused, Stale


class Written(Protocol):
    """A row of a workflow, with the token of its next submission and a page of its own."""

    @property
    def submission_token(self) -> uuid.UUID: ...

    @property
    def is_waiting_for_staff(self) -> bool: ...

    def get_absolute_url(self) -> str: ...


def is_autosave(request: HttpRequest) -> bool:
    """Whether the script of the form asks, and is answered as JSON."""
    return request.headers.get("X-Autosave") == "1"


def sign_in_first(request: HttpRequest, parking: ParkingLot, pk: int, step: str = "") -> HttpResponse:
    """The session ended while they wrote: what they sent waits until they are back."""
    if is_autosave(request):
        return JsonResponse({"problem": "session"}, status=401)
    if request.method == "POST":
        parking.park(request, pk, step)
    return redirect_to_login(request.path)


def closed(request: HttpRequest, told: str, address: str) -> HttpResponse:
    """Nothing can be written there at the moment: their page says more."""
    if is_autosave(request):
        return closed_to_scripts()
    messages.info(request, told)
    return redirect(address)


def closed_to_scripts() -> JsonResponse:
    return JsonResponse({"problem": "closed"}, status=410)


def saved_at(at: dt.datetime) -> str:
    local = timezone.localtime(at)
    return _("Enregistré à %(hour)s h %(minute)s") % {"hour": local.hour, "minute": f"{local.minute:02}"}


# Handing in ------------------------------------------------------------------------------------------------


def handed_in(
    request: HttpRequest,
    row: Written,
    *,
    submit: Callable[..., Written],
    page: Callable[..., HttpResponse],
    told: str,
) -> HttpResponse:
    """Hand in exactly what its writer has read: a text that changed since, or lacks something, is shown again.

    ``submit(version=, token=, by=, at=)`` makes the move; ``page(row, is_refused=, status=)`` draws the page on
    which the text is read before.
    """
    try:
        if request.POST.get("token") != str(row.submission_token):
            raise Stale(row=row)
        row = submit(
            version=_number(request.POST.get("version")),
            token=row.submission_token,
            by=request.user,
            at=timezone.now(),
        )
    except Incomplete as refused:
        return page(refused.row, is_refused=True, status=422)
    except Stale as stale:
        messages.warning(
            request, _("Le texte a changé depuis que vous l'avez relu : relisez-le avant de soumettre.")
        )
        return page(stale.row, status=409)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(row.get_absolute_url())
    messages.success(request, told)
    return redirect(row.get_absolute_url())


def handed_in_before(request: HttpRequest, row: Written, *, told: str) -> HttpResponse:
    """A second click on « Soumettre » comes here: it reads what the first one did."""
    if request.method == "POST" and row.is_waiting_for_staff:
        messages.success(request, told)
    return redirect(row.get_absolute_url())


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else -1
