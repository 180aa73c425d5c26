"""The second step that staff must pass when the setting says so, at every page that asks to sign in.

Asking at sign-in would not be enough: a session may have begun before the rule, or before its person became
staff.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from csam.accounts import SECOND_STEPS

METHOD = "mfa"  # as allauth names it in the session


def is_passed(request: HttpRequest) -> bool:
    """Whether this session has shown a second step: not only that its person owns one."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == METHOD for record in records)


def remember_new(request: HttpRequest, authenticator: Authenticator) -> None:
    """Setting up a second step proves it: it is not asked for again in the session that did it."""
    record_authentication(
        request, request.user, METHOD, id=authenticator.pk, type=str(authenticator.type), reauthenticated=True
    )


class StaffTwoStepMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not settings.CSAM_STAFF_TWO_STEP or not _is_guarded(request, view):
            return None
        user = request.user
        if not user.is_authenticated or not user.is_staff or is_passed(request):
            return None
        if is_mfa_enabled(user, SECOND_STEPS):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")
        messages.warning(
            request,
            _("Le personnel du Conseil se connecte en deux étapes : activez d'abord l'une de celles-ci."),
        )
        return redirect("mfa_index")


def _is_guarded(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """The whole console, and what asks to sign in, but for the pages where the second step is set up."""
    if request.path.startswith(reverse("admin:index")):
        return True
    is_account = request.path.startswith(reverse("account_index"))
    return getattr(view, "login_required", True) and not is_account
