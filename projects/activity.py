"""What happened, in words: the lines of the log, and why an action did not happen."""

from __future__ import annotations

from django.db.models import F
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.workflow import NotAMove, Refused
from projects.models import Activity, Registration
from projects.reading import LABELS
from projects.workflow import Incomplete

ACTIONS: dict[str, str | Promise] = {
    "start": _("Inscription commencée"),
    "propose_change": _("Modification commencée"),
    "save": _("Texte enregistré"),
    "submit": _("Soumise"),
    "take_back": _("Reprise par l'organisation"),
    "request_changes": _("Précisions demandées"),
    "approve": _("Approuvée"),
    "decline": _("Non retenue"),
    "propose_decision": _("Décision proposée"),
    "withdraw": _("Retirée"),
    "reopen": _("Rouverte"),
    "note": _("Note interne"),
    "set_apart": _("Ressemblance écartée"),
    "bring_back": _("Ressemblance signalée de nouveau"),
    "read": _("Brouillon lu par l'administration"),
    "edit": _("Page publique modifiée directement"),
    "unpublish": _("Projet retiré du site"),
    "republish": _("Projet publié de nouveau"),
    "confirm_part": _("Participation confirmée"),
    "decline_part": _("Participation déclinée"),
}


def in_words(action: str) -> str:
    return str(ACTIONS.get(action, action))


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
