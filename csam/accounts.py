"""How accounts are opened and kept: by anybody with an e-mail address, which the person must confirm."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from core.mailing import Address, post
from csam.account_notices import TEMPLATES, exists, link_of
from partners.membership_views import PROVEN_ADDRESS
from partners.models import User

#: What counts as a second step; recovery codes only stand in for one that is lost.
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Ce compte est désactivé."),
        "duplicate_email": _("C'est déjà le courriel de votre compte."),
        "email_password_mismatch": _("Le courriel ou le mot de passe est inexact."),
        "email_taken": _("Ce courriel est déjà celui d'un autre compte."),
        "enter_current_password": _("Ce n'est pas votre mot de passe actuel."),
        "incorrect_code": _("Ce code est inexact ou périmé."),
        "incorrect_password": _("Le mot de passe est inexact."),
        "invalid_or_expired_key": _("Ce lien est inexact ou périmé."),
        "invalid_login": _("Le courriel ou le mot de passe est inexact."),
        "invalid_password_reset": _("Ce lien est inexact ou a déjà servi."),
        "too_many_login_attempts": _("Trop d'essais sans succès. Attendez quelques minutes, puis réessayez."),
        "unverified_primary_email": _("Confirmez d'abord votre courriel."),
        "same_as_current": _("Le nouveau doit différer de l'actuel."),
        "rate_limited": _("Trop de demandes en peu de temps. Attendez quelques minutes, puis réessayez."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """By way of the portal's own letters: kept with what became of them, and sent by the worker."""
        declared = TEMPLATES.get(template_prefix)
        if declared is None:
            super().send_mail(template_prefix, email, context)
            return
        owner = User.objects.filter(Q(email__iexact=email) | Q(emailaddress__email__iexact=email)).first()
        # Who acts reads the language of the page; who is told of a stranger's doing, their own.
        is_told = declared is exists and owner is not None
        language = owner.language if is_told and owner else get_language() or settings.LANGUAGE_CODE
        data = {**context, "email": email, "link": link_of(context)}
        to = Address(email, language[:2], owner.pk if owner else None)
        post(declared, to=[to], about=f"account:{uuid.uuid4().hex}", **data)

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """An invitation that was opened proves the address that it was mailed to, and no other."""
        proven = request.session.get(PROVEN_ADDRESS, "")
        return bool(proven) and proven.lower() == email.lower()

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """For those who were not on their way to a page: their desk for staff, their space for partners."""
        return reverse("admin:index" if request.user.is_staff else "partners:space")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("partners:space")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        descriptions = {
            "reauthenticate": _("Confirmer par votre mot de passe"),
            "mfa_reauthenticate": _("Confirmer par un code"),
            "mfa_reauthenticate_webauthn": _("Confirmer par une clé d'accès"),
        }
        methods = super().get_reauthentication_methods(user)
        return [{**m, "description": descriptions.get(m["id"], m["description"])} for m in methods]


class TwoStepAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("Désactivez la validation en deux étapes avant de changer de courriel."),
        "cannot_delete_authenticator": _("La validation en deux étapes ne peut pas être désactivée."),
        "cannot_generate_recovery_codes": _("Activez d'abord la validation en deux étapes."),
        "incorrect_code": _("Ce code est inexact ou périmé."),
        "unverified_email": _("Confirmez votre courriel avant d'activer la validation en deux étapes."),
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff who must have a second step keep at least one."""
        user = authenticator.user
        if not (settings.CSAM_STAFF_TWO_STEP and user.is_staff) or authenticator.type not in SECOND_STEPS:
            return True
        others = Authenticator.objects.filter(user=user, type__in=SECOND_STEPS).exclude(pk=authenticator.pk)
        return bool(others.exists())

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Ma clé d'accès") if not count else gettext("Clé d'accès %d") % (count + 1)
