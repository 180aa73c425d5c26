"""What became of a registration, in words: whose turn it is, who did what, and why an action did not happen.

Each action has two ways to be told: its name, as the staff's log lists it, and what somebody did, as partners read it
of their organisation's registration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.workflow import Incomplete, NotAMove, Refused
from projects.models import Activity, Registration
from projects.registrations.differences import Difference, differences
from projects.registrations.reading import LABELS

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


@dataclass(frozen=True)
class Action:
    """How an action is told: ``label`` names it; ``deed`` says it of somebody, where partners read of it."""

    label: str | Promise
    deed: str | Promise = ""


ACTIONS: dict[str, Action] = {
    "start": Action(_("Inscription commencée"), _("a commencé l'inscription")),
    "propose_change": Action(_("Modification commencée"), _("a commencé une modification du projet publié")),
    "save": Action(_("Texte enregistré"), _("a modifié le texte")),
    "submit": Action(_("Soumise"), _("a soumis l'inscription")),
    "take_back": Action(_("Reprise par l'organisation"), _("a repris l'inscription pour la corriger")),
    "request_changes": Action(_("Précisions demandées"), _("a demandé des précisions")),
    "approve": Action(_("Approuvée"), _("a approuvé l'inscription")),
    "decline": Action(_("Non retenue"), _("n'a pas retenu l'inscription")),
    "propose_decision": Action(_("Décision proposée")),
    "withdraw": Action(_("Retirée"), _("a retiré l'inscription")),
    "reopen": Action(_("Rouverte"), _("a rouvert l'inscription")),
    "note": Action(_("Note interne")),
    "set_apart": Action(_("Ressemblance écartée")),
    "bring_back": Action(_("Ressemblance signalée de nouveau")),
    "read": Action(
        _("Brouillon lu par l'administration"),
        _("a lu le brouillon, comme le permet l'administration du portail"),
    ),
    "edit": Action(_("Page publique modifiée directement")),
    "unpublish": Action(_("Projet retiré du site")),
    "republish": Action(_("Projet publié de nouveau")),
    "confirm_part": Action(_("Participation confirmée")),
    "decline_part": Action(_("Participation déclinée")),
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
        what=ACTIONS[row.action].deed or in_words(row.action) if row.action in ACTIONS else row.action,
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


# For the staff ---------------------------------------------------------------------------------------------


def in_words(action: str) -> str:
    return str(ACTIONS[action].label) if action in ACTIONS else action


def last_move(registration: Registration) -> Activity | None:
    """The activity that brought the registration into its present state."""
    moves = registration.activities.exclude(state_before=F("state_after")).filter(
        state_after=registration.state
    )
    return moves.select_related("by").order_by("-at", "-pk").first()


def why_not(error: Refused) -> list[str]:
    """What to tell the person whose action was refused: what somebody else did, or what is missing."""
    if isinstance(error, NotAMove) and isinstance(error.row, Registration):
        done = last_move(error.row)
        return [str(error), told(done)] if done else [str(error)]
    if isinstance(error, Incomplete):
        return [str(error), *(f"{LABELS[problem.name]} : {problem.message}" for problem in error.problems)]
    return [str(error)]


def told(activity: Activity) -> str:
    """« Approuvée, par Alice, le 2 mars 2026 à 9 h 41 »."""
    return __("%(what)s, par %(who)s, le %(when)s.") % {
        "what": in_words(activity.action),
        "who": activity.by or __("une personne partie depuis"),
        "when": moment(activity),
    }


def moment(activity: Activity) -> str:
    return formats.date_format(timezone.localtime(activity.at), "DATETIME_FORMAT")
