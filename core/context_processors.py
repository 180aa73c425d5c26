"""What every page prints: where it is, in which language, and the plan that is current."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

NAMES = {"fr": "Français", "en": "English"}


def site(request: HttpRequest) -> dict[str, Any]:
    language = (get_language() or "fr")[:2]
    other = "en" if language == "fr" else "fr"
    here = request.get_full_path()
    return {
        "canonical_url": request.build_absolute_uri(request.path),
        "html_lang": f"{language}-CA",
        "language": language,
        "other_language": {
            "code": other,
            "html_lang": f"{other}-CA",
            "name": NAMES[other],
            "url": SimpleLazyObject(lambda: translate_url(here, other)),
        },
        "alternates": SimpleLazyObject(lambda: _alternates(request)),
        "site_name": _("Plan d'action intégré"),
        "social_image": SimpleLazyObject(
            lambda: request.build_absolute_uri(static(f"img/partage-{language}.png"))
        ),
        "privacy_officer": settings.CSAM_PRIVACY_OFFICER,
        # What the setting says is written in French; without it, a text of the catalogue stands there.
        "privacy_officer_is_french": not isinstance(settings.CSAM_PRIVACY_OFFICER, Promise),
        "contact_email": settings.CSAM_CONTACT_EMAIL,
        "postal_address": settings.CSAM_POSTAL_ADDRESS,
        "version": settings.CSAM_VERSION,
    }


def _alternates(request: HttpRequest) -> list[dict[str, str]]:
    address = request.build_absolute_uri(request.path)
    return [{"html_lang": f"{code}-CA", "url": translate_url(address, code)} for code in NAMES]
