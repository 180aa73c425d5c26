"""What became of a report, in words: whose turn it is, who did what, and why an action did not happen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.workflow import Incomplete, NotAMove, Refused
from indicators.models import ProgressReport, ReportActivity
from indicators.reports.reading import Difference, differences
from projects.registrations.history import Turn

State = ProgressReport.State

TURNS = {
    State.EXPECTED: Turn(_("À écrire"), _("à vous"), True, "draft"),
    State.DRAFT: Turn(_("Brouillon"), _("à vous"), True, "draft"),
    State.SUBMITTED: Turn(_("Soumis"), _("en examen au Conseil"), False, "submitted"),
    State.CHANGES_REQUESTED: Turn(_("Précisions demandées"), _("à vous"), True, "changes_requested"),
    State.ACCEPTED: Turn(_("Accepté"), "", False, "approved"),
    State.WAIVED: Turn(_("Dispensé"), "", False, "withdrawn"),
}

#: What an action was: told of somebody to the report's people, and as a heading at the desk.
DEEDS: dict[str, tuple[str | Promise, str | Promise]] = {
    "open": (_("a demandé ce bilan"), _("Demandé")),
    "start": (_("a commencé ce bilan"), _("Commencé")),
    "save": (_("a modifié le texte"), _("Texte enregistré")),
    "submit": (_("a soumis le bilan"), _("Soumis")),
    "take_back": (_("a repris le bilan pour le corriger"), _("Repris par l'organisation")),
    "request_changes": (_("a demandé des précisions"), _("Précisions demandées")),
    "accept": (_("a accepté le bilan"), _("Accepté")),
    "waive": (_("a dispensé le projet de ce bilan"), _("Dispensé")),
    "restore": (_("attend de nouveau ce bilan"), _("De nouveau attendu")),
    "extend": (_("a reporté l'échéance"), _("Échéance reportée")),
    "correct": (_("a commencé une correction"), _("Correction commencée")),
    "drop_correction": (_("a abandonné la correction"), _("Correction abandonnée")),
    "note": ("", _("Note interne")),
}


@dataclass(frozen=True)
class Deed:
    """A line of the history. To partners staff act as the council: who among them is theirs to know."""

    at: dt.datetime
    who: str | Promise
    what: str | Promise
    action: str
    version: int | None
    message: str
    is_internal: bool
    changes: list[Difference]


def turn(report: ProgressReport) -> Turn:
    return TURNS[State(report.state)]


def of(report: ProgressReport) -> list[Deed]:
    """For its people: the latest first, without what is internal."""
    rows = report.activities.filter(is_internal=False).select_related("by")
    return [
        _deed(row, _("Le Conseil") if row.is_by_staff or row.by is None else str(row.by), 0) for row in rows
    ]


def for_staff(report: ProgressReport) -> list[Deed]:
    """For the desk: internal notes too, but not what is being written since the last version."""
    rows = report.activities.select_related("by")
    if report.is_editable:
        rows = (
            rows.exclude(action="save", at__gt=report.submitted_at)
            if report.submitted_at
            else rows.exclude(action="save")
        )
    return [_deed(row, str(row.by or "–"), 1) for row in rows]


def _deed(row: ReportActivity, who: str | Promise, style: int) -> Deed:
    before = {name: old for name, (old, _new) in row.changes.items()}
    after = {name: new for name, (_old, new) in row.changes.items()}
    message = row.message
    if row.action == "extend":
        message = __("Nouvelle échéance : %(date)s") % {
            "date": formats.date_format(dt.date.fromisoformat(row.message), "DATE_FORMAT")
        }
    return Deed(
        at=row.at,
        who=who,
        what=DEEDS.get(row.action, (row.action, row.action))[style],
        action=row.action,
        version=row.version if row.action in ("submit", "accept") else None,
        message=message,
        is_internal=row.is_internal,
        changes=differences(before, after) if row.changes and not style else [],
    )


def asked(report: ProgressReport) -> ReportActivity | None:
    """What the council waits for."""
    if report.state != State.CHANGES_REQUESTED:
        return None
    return report.activities.filter(action="request_changes").first()


def last_writer(report: ProgressReport) -> ReportActivity | None:
    rows = report.activities.filter(is_internal=False).exclude(by=None).select_related("by")
    return rows.order_by("-at", "-pk").first()


def why_not(error: Refused) -> list[str]:
    """What to tell the person whose action was refused: what somebody else did, or what is missing."""
    if isinstance(error, NotAMove) and isinstance(error.row, ProgressReport):
        moves = error.row.activities.exclude(state_before=F("state_after"))
        done = moves.filter(state_after=error.row.state).select_related("by").first()
        return [str(error), _told(done)] if done else [str(error)]
    if isinstance(error, Incomplete):
        return [str(error), *(f"{p.label or p.name} : {p.message}" for p in error.problems)]
    return [str(error)]


def _told(row: ReportActivity) -> str:
    return __("%(what)s, par %(who)s, le %(when)s.") % {
        "what": DEEDS[row.action][1],
        "who": row.by or __("une personne partie depuis"),
        "when": formats.date_format(timezone.localtime(row.at), "DATETIME_FORMAT"),
    }
