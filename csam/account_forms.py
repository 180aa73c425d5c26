"""The forms of accounts, in the words of the portal.

A label is written once, above its field: what a field's placeholder repeats disappears as soon as one types.
"""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from partners.models import User

LABELS = {
    "login": _("Courriel"),
    "email": _("Courriel"),
    "password": _("Mot de passe"),
    "remember": _("Garder ma session ouverte sur cet appareil"),
    "oldpassword": _("Mot de passe actuel"),
    "password1": _("Nouveau mot de passe"),
    "password2": _("Nouveau mot de passe, une seconde fois"),
    "code": _("Code"),
}


class Worded:
    """Gives the fields of an allauth form our labels and classes, once it has made them."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _word(name, field)


def _word(name: str, field: forms.Field) -> None:
    field.label = LABELS.get(name, field.label)
    field.widget.attrs.pop("placeholder", None)
    is_box = isinstance(field.widget, forms.CheckboxInput)
    is_list = isinstance(field.widget, forms.Select)
    field.widget.attrs["class"] = (
        "form-check-input" if is_box else "form-select" if is_list else "form-control"
    )
    if name in ("password", "oldpassword"):
        field.help_text = ""
    if name == "code":
        field.help_text = _("Les six chiffres de votre application, ou l'un de vos codes de secours.")
        field.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
    if name == "login":
        field.widget.attrs["autocomplete"] = "username"


class LoginForm(Worded, account.LoginForm):
    """Signing in."""


class SignupForm(Worded, account.SignupForm):
    """Opening an account: who one is, and the language of the mail one will get."""

    name = forms.CharField(
        label=_("Votre nom"), max_length=150, widget=forms.TextInput({"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Langue des messages que vous recevrez"), choices=User.Language.choices
    )
    field_order = ("name", "email", "language", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = (get_language() or "fr")[:2]
        self.fields["password1"].label = _("Mot de passe")
        self.fields["password2"].label = _("Mot de passe, une seconde fois")

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        super().custom_signup(request, user)
        user.name, user.language = self.cleaned_data["name"], self.cleaned_data["language"]
        user.save(update_fields=["name", "language"])


class ProfileForm(Worded, forms.ModelForm):
    """What a person may change about themselves at once: the address and the password take a proof."""

    class Meta:
        model = User
        fields = ("name", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Votre nom")
        self.fields["name"].required = True
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["language"].label = _("Langue des messages que vous recevrez")


class ResetPasswordForm(Worded, account.ResetPasswordForm):
    """Asking for a link to choose a new password."""


class ResetPasswordKeyForm(Worded, account.ResetPasswordKeyForm):
    """Choosing a new password, from that link."""


class ChangePasswordForm(Worded, account.ChangePasswordForm):
    """Changing the password while signed in."""


class SetPasswordForm(Worded, account.SetPasswordForm):
    """Choosing a first password."""


class AddEmailForm(Worded, account.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Nouveau courriel")


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    """Giving the password again before a delicate change."""


class TwoStepForm(Worded, mfa.AuthenticateForm):
    """The second step of signing in."""


class TwoStepReauthenticateForm(Worded, mfa.ReauthenticateForm):
    """Giving a code again before a delicate change."""


class ActivateTOTPForm(Worded, totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code de l'application")
        self.fields["code"].help_text = _("Les six chiffres que l'application affiche.")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class PasskeyForm(webauthn.AuthenticateWebAuthnForm):
    """The second step of signing in, by passkey: the browser fills it."""


class PasskeyReauthenticateForm(webauthn.ReauthenticateWebAuthnForm):
    """Showing a passkey again before a delicate change."""


class PasskeyLoginForm(webauthn.LoginWebAuthnForm):
    """Signing in by passkey alone."""


class AddPasskeyForm(Worded, webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Nom de la clé, pour la reconnaître")
        self.fields["passwordless"].label = _("Me connecter avec cette clé seule, sans mot de passe")
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(Worded, webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Nom de la clé, pour la reconnaître")
