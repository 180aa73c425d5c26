"""Signing in and looking after one's account: the views of django-allauth at French addresses."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path
from django.views.generic import RedirectView

from csam import account_views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="partners:space"), name="account_index"),
    path("profil/", account_views.profile, name="account_profile"),
    path("connexion/", account.login, name="account_login"),
    path(
        "connexion/cle/",
        login_not_required(passkeys.login_webauthn),
        name="mfa_login_webauthn",
    ),
    path("deconnexion/", account.logout, name="account_logout"),
    path("inscription/", account.signup, name="account_signup"),
    path("inactif/", account.account_inactive, name="account_inactive"),
    path("confirmer/", account.reauthenticate, name="account_reauthenticate"),
    path("courriel/", account.email, name="account_email"),
    path("courriel/confirmer/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^courriel/confirmer/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("mot-de-passe/", account.password_change, name="account_change_password"),
    path("mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("mot-de-passe/oublie/", account.password_reset, name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^mot-de-passe/oublie/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/oublie/change/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("deux-etapes/", mfa.index, name="mfa_index"),
    path("deux-etapes/code/", mfa.authenticate, name="mfa_authenticate"),
    path("deux-etapes/confirmer/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("deux-etapes/application/", account_views.ActivateApplication.as_view(), name="mfa_activate_totp"),
    path("deux-etapes/application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("deux-etapes/cles/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("deux-etapes/cles/ajouter/", account_views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("deux-etapes/cles/confirmer/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("deux-etapes/cles/<int:pk>/renommer/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("deux-etapes/cles/<int:pk>/retirer/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("deux-etapes/codes-de-secours/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "deux-etapes/codes-de-secours/nouveaux/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "deux-etapes/codes-de-secours/telecharger/",
        recovery.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
