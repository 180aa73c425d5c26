"""What people are told by mail about their account: the letters that allauth asks for, written as all others are.

``TEMPLATES`` says which event stands for which of allauth's templates; :class:`csam.accounts.AccountAdapter` posts it.
They tell of a person's own doings, and some hold a link that opens an account: none but administrators sees them in
the admin, and the link is not kept once the letter has left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.mailing import Event, Letter, event

#: By the prefix of allauth's template: the event that stands for it.
TEMPLATES: dict[str, Event] = {}

LINK = {"link": "https://exemple.org/compte/exemple/"}


def stands_for(*prefixes: str) -> Callable[[Event], Event]:
    def keep(declared: Event) -> Event:
        TEMPLATES.update(dict.fromkeys(prefixes, declared))
        return declared

    return keep


def link_of(context: Mapping[str, Any]) -> str:
    """The personal link among what allauth gives, or nothing."""
    return str(context.get("activate_url") or context.get("password_reset_url") or "")


# To be opened by a link -------------------------------------------------------------------------------------


@stands_for("account/email/email_confirmation", "account/email/email_confirmation_signup")
@event("account_confirm", gettext_lazy("Courriel à confirmer"), sample=lambda: LINK, is_personal=True)
def confirm(*, link: str, **_context: Any) -> Letter:
    return Letter(
        subject=_("Confirmez votre courriel"),
        paragraphs=[
            _(
                "Ce courriel a été donné pour un compte du portail du plan d'action intégré. S'il est bien le vôtre, "
                "suivez ce lien :"
            )
        ],
        action=(_("Confirmer mon courriel"), link),
        is_action_secret=True,
        closing=[_("Sinon, laissez ce message de côté.")],
    )


@stands_for("account/email/password_reset_key")
@event("account_reset", gettext_lazy("Nouveau mot de passe demandé"), sample=lambda: LINK, is_personal=True)
def reset(*, link: str, **_context: Any) -> Letter:
    return Letter(
        subject=_("Choisir un nouveau mot de passe"),
        paragraphs=[
            _(
                "Quelqu'un, vous sans doute, a demandé à choisir un nouveau mot de passe pour votre compte. Si ce "
                "n'était pas vous, laissez ce message de côté : rien ne change."
            ),
            _("Le lien sert une seule fois."),
        ],
        action=(_("Choisir un mot de passe"), link),
        is_action_secret=True,
    )


@stands_for("account/email/account_already_exists")
@event("account_exists", gettext_lazy("Compte déjà ouvert à ce courriel"), sample=dict, is_personal=True)
def exists(**_context: Any) -> Letter:
    return Letter(
        subject=_("Vous avez déjà un compte"),
        paragraphs=[
            _(
                "Quelqu'un, vous peut-être, a voulu ouvrir un compte avec ce courriel. Vous en avez déjà un : "
                "connectez-vous, ou choisissez un nouveau mot de passe."
            )
        ],
        action=(_("Choisir un mot de passe"), reverse("account_reset_password")),
        closing=[_("Si ce n'était pas vous, laissez ce message de côté.")],
    )


@stands_for("account/email/unknown_account")
@event(
    "account_unknown",
    gettext_lazy("Aucun compte à ce courriel"),
    sample=lambda: {"email": "alice@example.org"},
    is_personal=True,
)
def unknown(*, email: str, **_context: Any) -> Letter:
    return Letter(
        subject=_("Aucun compte à ce courriel"),
        paragraphs=[
            _(
                "Quelqu'un, vous peut-être, a demandé un nouveau mot de passe pour le courriel %(email)s. Aucun "
                "compte du portail ne porte ce courriel : essayez-en un autre, ou ouvrez un compte."
            )
            % {"email": email}
        ],
        action=(_("Ouvrir un compte"), reverse("account_signup")),
        closing=[_("Si ce n'était pas vous, laissez ce message de côté.")],
    )


# What happened to the account -------------------------------------------------------------------------------


def _sample() -> dict[str, Any]:
    return {
        "ip": "192.0.2.7",
        "user_agent": "Firefox",
        "timestamp": dt.datetime(2026, 3, 2, 14, 0, tzinfo=dt.UTC),
        "from_email": "alice@example.org",
        "to_email": "tremblay@example.org",
        "deleted_email": "alice@example.org",
    }


def _told(name: str, prefix: str, subject: str | Promise, write: Callable[[Mapping[str, Any]], str]) -> None:
    """Declare that something happened, with where the request came from."""

    @stands_for(prefix)
    @event(name, subject, sample=_sample, is_personal=True)
    def letter(**context: Any) -> Letter:
        at = timezone.localtime(context["timestamp"])
        return Letter(
            subject=str(subject),
            paragraphs=[write(context)],
            facts=[
                (_("Adresse IP"), str(context["ip"] or "–")),
                (_("Navigateur"), str(context["user_agent"] or "–")),
                (_("Date"), formats.date_format(at, "DATETIME_FORMAT")),
            ],
            closing=[
                _(
                    "Si ce n'était pas vous, changez votre mot de passe sans attendre et avertissez le Conseil."
                )
            ],
            action=(_("Changer mon mot de passe"), reverse("account_change_password")),
        )


_told(
    "account_email_changed",
    "account/email/email_changed",
    gettext_lazy("Votre courriel a changé"),
    lambda context: _("Le courriel de votre compte est passé de %(from_email)s à %(to_email)s.") % context,
)
_told(
    "account_email_confirmed",
    "account/email/email_confirm",
    gettext_lazy("Votre courriel est confirmé"),
    lambda _context: _("Votre courriel est confirmé."),
)
_told(
    "account_email_deleted",
    "account/email/email_deleted",
    gettext_lazy("Un courriel est retiré de votre compte"),
    lambda context: _("Le courriel %(deleted_email)s est retiré de votre compte.") % context,
)
_told(
    "account_password_changed",
    "account/email/password_changed",
    gettext_lazy("Votre mot de passe a changé"),
    lambda _context: _("Le mot de passe de votre compte vient d'être changé."),
)
_told(
    "account_password_reset",
    "account/email/password_reset",
    gettext_lazy("Votre mot de passe a changé"),
    lambda _context: _("Le mot de passe de votre compte vient d'être changé."),
)
_told(
    "account_password_set",
    "account/email/password_set",
    gettext_lazy("Votre mot de passe est enregistré"),
    lambda _context: _("Un mot de passe vient d'être choisi pour votre compte."),
)
_told(
    "account_recovery_codes",
    "mfa/email/recovery_codes_generated",
    gettext_lazy("Nouveaux codes de secours"),
    lambda _context: _("De nouveaux codes de secours viennent d'être créés pour votre compte."),
)
_told(
    "account_two_steps_on",
    "mfa/email/totp_activated",
    gettext_lazy("Validation en deux étapes activée"),
    lambda _context: _("La validation en deux étapes de votre compte vient d'être activée."),
)
_told(
    "account_two_steps_off",
    "mfa/email/totp_deactivated",
    gettext_lazy("Validation en deux étapes désactivée"),
    lambda _context: _("La validation en deux étapes de votre compte vient d'être désactivée."),
)
_told(
    "account_passkey_added",
    "mfa/email/webauthn_added",
    gettext_lazy("Clé d'accès ajoutée"),
    lambda _context: _("Une clé d'accès vient d'être ajoutée à votre compte."),
)
_told(
    "account_passkey_removed",
    "mfa/email/webauthn_removed",
    gettext_lazy("Clé d'accès retirée"),
    lambda _context: _("Une clé d'accès vient d'être retirée de votre compte."),
)
