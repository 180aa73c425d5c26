"""What became of a registration, in words for its partners: whose turn it is, and who did what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.differences import Difference, differences
from projects.models import Activity, Registration
from projects.reading import LABELS

State = Registration.State


@dataclass(frozen=True)
class Turn:
    """A state as partners read it: its name, and whose turn it is."""

    label: str | Promise
    who: str | Promise
    is_ours: bool
    badge: str


TURNS = {
    State.DRAFT: Turn(_("Brouillon"), _("à vous"), True, "draft"),
    State.SUBMITTED: Turn(_("Soumise"), _("en examen au Conseil"), False, "submitted"),
    State.CHANGES_REQUESTED: Turn(_("Précisions demandées"), _("à vous"), True, "changes_requested"),
    State.APPROVED: Turn(_("Approuvée"), "", False, "approved"),
    State.DECLINED: Turn(_("Non retenue"), "", False, "declined"),
    State.WITHDRAWN: Turn(_("Retirée"), "", False, "withdrawn"),
}

#: What an action was, told of somebody.
DEEDS: dict[str, str | Promise] = {
    "start": _("a commencé l'inscription"),
    "propose_change": _("a commencé une modification du projet publié"),
    "save": _("a modifié le texte"),
    "submit": _("a soumis l'inscription"),
    "take_back": _("a repris l'inscription pour la corriger"),
    "request_changes": _("a demandé des précisions"),
    "approve": _("a approuvé l'inscription"),
    "decline": _("n'a pas retenu l'inscription"),
    "withdraw": _("a retiré l'inscription"),
    "reopen": _("a rouvert l'inscription"),
    "read": _("a lu le brouillon, comme le permet l'administration du portail"),
}


@dataclass(frozen=True)
class Deed:
    """A line of the history. Staff act as the council: who among them is theirs to know."""

    at: dt.datetime
    who: str | Promise
    what: str | Promise
    version: int | None
    message: str
    fields: list[str | Promise]
    changes: list[Difference]


def turn(registration: Registration) -> Turn:
    return TURNS[State(registration.state)]


def of(registration: Registration) -> list[Deed]:
    """The latest first, without what is internal."""
    rows = registration.activities.filter(is_internal=False).select_related("by")
    return [_deed(row) for row in rows]


def _deed(row: Activity) -> Deed:
    before = {name: old for name, (old, _new) in row.changes.items()}
    after = {name: new for name, (_old, new) in row.changes.items()}
    return Deed(
        at=row.at,
        who=_("Le Conseil") if row.is_by_staff or row.by is None else str(row.by),
        what=DEEDS.get(row.action, row.action),
        version=row.version if row.action == "submit" else None,
        message=row.message,
        fields=[LABELS[name] for name in row.fields if name in LABELS],
        changes=differences(before, after) if row.changes else [],
    )


def asked(registration: Registration) -> dict[str, Any] | None:
    """What the council waits for: its message, and the fields that it points at with their step."""
    if registration.state != State.CHANGES_REQUESTED:
        return None
    row = registration.activities.filter(action="request_changes", is_internal=False).first()
    return {"message": row.message, "fields": [n for n in row.fields if n in LABELS]} if row else None


def messages_of(registrations: Sequence[Registration]) -> dict[int, str]:
    """By registration: the last thing that the council wrote to its partners, where it is still to be read."""
    waiting = [row.pk for row in registrations if row.state in (State.CHANGES_REQUESTED, State.DECLINED)]
    rows = Activity.objects.filter(
        registration__in=waiting, action__in=("request_changes", "decline"), is_internal=False
    )
    return {row.registration_id: row.message for row in rows.order_by("at", "pk") if row.registration_id}


def decision(registration: Registration) -> Activity | None:
    """Why it was not retained."""
    if registration.state != State.DECLINED:
        return None
    return registration.activities.filter(action="decline", is_internal=False).first()
