"""What the views of django-allauth do not: one's profile, and a second step that counts from when it is set up."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from csam import two_steps
from csam.account_forms import ProfileForm


@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Votre profil est à jour."))
        return redirect("partners:space")
    return render(request, "account/profile.html", {"form": form})


class ActivateApplication(ActivateTOTPView):
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _remember_newest(self.request, Authenticator.Type.TOTP)
        return response


class AddPasskey(AddWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _remember_newest(self.request, Authenticator.Type.WEBAUTHN)
        return response


def _remember_newest(request: HttpRequest, kind: Authenticator.Type) -> None:
    newest = Authenticator.objects.filter(user_id=request.user.pk, type=kind).latest("pk")
    two_steps.remember_new(request, newest)
