"""The portal's addresses, and some that go wrong on purpose."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.shortcuts import render
from django.urls import path

from csam.stale_forms import csrf_failure
from csam.urls import handler400  # noqa: F401 (Django looks for it here)
from csam.urls import urlpatterns as portal


@login_not_required
def go_wrong(request, status):
    if status == 400:
        raise BadRequest
    if status == 403:
        raise PermissionDenied
    if status == 429:
        return render(request, "429.html", status=429)
    raise RuntimeError("on purpose")


@login_not_required
def refuse_form(request):
    return csrf_failure(request)


urlpatterns = [
    *(path(f"{prefix}essai/<int:status>/", go_wrong) for prefix in ("", "en/")),
    *(path(f"{prefix}essai/403-formulaire/", refuse_form) for prefix in ("", "en/")),
    *portal,
]
