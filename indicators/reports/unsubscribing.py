"""Saying no to the letters that nobody is obliged to read, by a link that needs no account (RFC 8058)."""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.urls import reverse

from indicators.models import Unsubscription
from partners.models import User

SALT = "reports.unsubscribe"
Kind = Unsubscription.Kind


def address(person: User, kind: Unsubscription.Kind) -> str:
    """The path of that person's own link; empty for somebody who is not kept, as in a preview."""
    if person._state.adding:
        return ""
    token = signing.dumps([person.pk, kind.value], salt=SALT, compress=False)
    return reverse("reports:unsubscribe", kwargs={"token": token})


def read(token: str) -> tuple[User, Unsubscription.Kind] | None:
    """Whose link that is, and which letters it is about; None for one that we did not write."""
    try:
        pk, kind = signing.loads(token, salt=SALT)
        person = User.objects.filter(pk=pk).first()
        return (person, Kind(kind)) if person else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def unsubscribe(*, person: User, kind: Unsubscription.Kind, at: dt.datetime) -> None:
    Unsubscription.objects.get_or_create(user=person, kind=kind, defaults={"at": at})


def subscribe_again(*, person: User, kind: Unsubscription.Kind) -> None:
    Unsubscription.objects.filter(user=person, kind=kind).delete()
