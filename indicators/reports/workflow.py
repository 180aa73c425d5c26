"""The moves of a progress report, P1 to P12: one function each, over the one mechanism of :mod:`core.workflow`.

====  ================  ==================================================  =======================================
P1    open (a period)   – → expected, for each published project            administrator (:mod:`.periods`)
P2    start             – → draft, a report without period                  carriers; staff on behalf
P3    save              expected, draft → draft; changes requested → same   carriers; staff on behalf
P4    submit            draft, changes requested → submitted                carriers; staff on behalf
P5    take back         submitted → draft                                   carriers
P6    request changes   submitted → changes requested                       reviewer, approver
P7    accept            submitted → accepted                                approver, not the version's author
P8    waive             expected, draft, changes requested → waived         approver
P9    restore           waived → expected, or draft where there is text     approver
P10   extend            expected, draft, changes requested → same           reviewer, approver
P11   correct           accepted → draft; the public reads on               carriers; staff on behalf
P12   drop correction   draft, changes requested → accepted                 carriers; staff on behalf
====  ================  ==================================================  =======================================

Carriers are the people of the organisations that lead or co-lead the project. Each function raises what
:meth:`core.workflow.Workflow.move` raises, and Refused when its guard says no.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.workflow import Entry, Incomplete, Move, NotAllowed, NotAMove, Refused, Stale, Workflow
from indicators.models import ProgressReport, ReportActivity, ReportVersion
from indicators.reports import notices, publishing, roles
from indicators.reports.completeness import problems
from indicators.reports.content import Content, complete, digest, empty
from indicators.reports.questions import Questions
from projects.models import Project
from projects.registrations.workflow import ONE_SITTING, decides

State = ProgressReport.State


def start(
    *,
    project: Project,
    title: str,
    starts_on: dt.date,
    ends_on: dt.date,
    by: Any,
    at: dt.datetime,
) -> ProgressReport:
    """P2. A report between the periods, of a time that its writer names."""
    if not roles.may_start(by, project):
        raise NotAllowed
    if not title.strip():
        raise Refused(_("Donnez un nom à ce bilan."))
    if ends_on < starts_on:
        raise Refused(_("La période finit après son début."))
    with transaction.atomic():
        report = ProgressReport.objects.create(
            project=project,
            own_title=title.strip()[:120],
            own_starts_on=starts_on,
            own_ends_on=ends_on,
            state=State.DRAFT,
            content=empty(),
            begun_by=by,
            created_at=at,
            saved_at=at,
            is_on_behalf=not roles.is_carrier(by, project.pk),
        )
        _log(report, Entry(action="start", by=by, at=at, before="", after=State.DRAFT))
    return report


def save(
    *, report: ProgressReport, values: Mapping[str, Any], version: int, by: Any, at: dt.datetime
) -> ProgressReport:
    """P3. Keep what was typed, complete or not. Raises Stale with the present row when ``version`` is old.

    ``values`` are keys of :mod:`indicators.reports.content`; another key raises KeyError. Equal values write
    nothing, so that a report which somebody only looked at is still expected.
    """
    if unknown := set(values) - set(empty()):
        raise KeyError(f"a report has no {', '.join(sorted(unknown))}")
    return FLOW.move(row=report, action="save", by=by, at=at, version=version, values=dict(values))


def submit(
    *, report: ProgressReport, version: int, token: uuid.UUID, by: Any, at: dt.datetime
) -> ProgressReport:
    """P4. Freeze the text as a new version and hand it to the council. The same token twice is one submission.

    Raises Incomplete with the problems.
    """
    frozen = ReportVersion.objects.filter(report=report, token=token)
    if frozen.exists():
        return ProgressReport.objects.get(pk=report.pk)
    try:
        return FLOW.move(row=report, action="submit", by=by, at=at, version=version, token=token)
    except (NotAMove, Stale):
        # The first of two clicks may have been faster than our look.
        if frozen.exists():
            return ProgressReport.objects.get(pk=report.pk)
        raise


def take_back(*, report: ProgressReport, by: Any, at: dt.datetime) -> ProgressReport:
    """P5. A submitted report is a draft again, as long as nobody decided."""
    return FLOW.move(row=report, action="take_back", by=by, at=at)


def request_changes(
    *,
    report: ProgressReport,
    number: int,
    message: str,
    by: Any,
    at: dt.datetime,
    due_on: dt.date | None = None,
) -> ProgressReport:
    """P6. Ask for more, on the version with that number; the message is what the partner reads."""
    return FLOW.move(
        row=report,
        action="request_changes",
        by=by,
        at=at,
        number=number,
        message=message.strip(),
        due_on=due_on,
    )


def accept(
    *, report: ProgressReport, number: int, by: Any, at: dt.datetime, override: bool = False
) -> ProgressReport:
    """P7. Make the version with that number public, its values and deliverables with it, in one transaction."""
    return FLOW.move(row=report, action="accept", by=by, at=at, number=number, override=override)


def waive(*, report: ProgressReport, reason: str, by: Any, at: dt.datetime) -> ProgressReport:
    """P8. This report is not expected, for a reason that the partner reads."""
    return FLOW.move(row=report, action="waive", by=by, at=at, message=reason.strip())


def restore(*, report: ProgressReport, by: Any, at: dt.datetime) -> ProgressReport:
    """P9. It is expected after all."""
    return FLOW.move(row=report, action="restore", by=by, at=at)


def extend(*, report: ProgressReport, until: dt.date, by: Any, at: dt.datetime) -> ProgressReport:
    """P10. More time, given before or after the due date has passed."""
    return FLOW.move(row=report, action="extend", by=by, at=at, until=until)


def correct(*, report: ProgressReport, by: Any, at: dt.datetime) -> ProgressReport:
    """P11. Begin a correction of what was accepted; what is public stays until the correction is."""
    return FLOW.move(row=report, action="correct", by=by, at=at)


def drop_correction(*, report: ProgressReport, by: Any, at: dt.datetime) -> ProgressReport:
    """P12. Give a correction up: the report says again what was accepted."""
    return FLOW.move(row=report, action="drop_correction", by=by, at=at)


def note(*, report: ProgressReport, text: str, by: Any, at: dt.datetime) -> ReportActivity:
    """An internal note of the staff, which no partner ever sees."""
    if not roles.is_reviewer(by):
        raise NotAllowed
    if not text.strip():
        raise Refused(_("Écrivez la note."))
    return ReportActivity.objects.create(
        report=report,
        action="note",
        by=by,
        at=at,
        message=text.strip(),
        is_internal=True,
        is_by_staff=True,
    )


# Guards -----------------------------------------------------------------------------------------------------


def _is_published(row: ProgressReport, _data: Mapping[str, Any]) -> None:
    if not Project.objects.published().filter(pk=row.project_id).exists():
        raise Refused(_("Ce projet n'est plus publié."), row=row)


def _is_latest(row: ProgressReport, data: Mapping[str, Any]) -> None:
    if data["number"] != latest_version(row).number:
        raise Stale(_("Une version plus récente a été soumise : relisez-la avant de décider."), row=row)


def _has_message(row: ProgressReport, data: Mapping[str, Any]) -> None:
    _is_latest(row, data)
    if not data["message"]:
        raise Refused(_("Écrivez au partenaire ce qui manque ou pourquoi."), row=row)


def _may_be_public(row: ProgressReport, data: Mapping[str, Any]) -> None:
    _is_latest(row, data)
    _is_published(row, data)


def _may_be_waived(row: ProgressReport, data: Mapping[str, Any]) -> None:
    if not data["message"]:
        raise Refused(_("Donnez un motif : l'organisation le lira."), row=row)
    if row.accepted_version_id is not None:
        raise Refused(_("Ce bilan a déjà été accepté : il n'y a rien à dispenser."), row=row)


def _is_correction(row: ProgressReport, _data: Mapping[str, Any]) -> None:
    if row.accepted_version_id is None:
        raise Refused(
            _("Ce bilan n'a pas encore été accepté : il n'y a pas de correction à abandonner."), row=row
        )


# Writes: what each move changes, and what its log keeps -----------------------------------------------------


def _write_save(row: ProgressReport, by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    before = complete(row.content)
    changes = {name: [before[name], new] for name, new in data["values"].items() if before[name] != new}
    if changes:
        if row.state == State.EXPECTED:
            row.state, row.begun_by = State.DRAFT, by
        if row.state == State.DRAFT and row.version == 0:
            row.is_on_behalf = not roles.carries(by, row)
        row.content = {**before, **data["values"]}
        row.version += 1
        row.saved_at = at
    return {"changes": changes}


def _write_submit(row: ProgressReport, by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    questions = Questions.of(row)
    if found := problems(row.content, questions, on=timezone.localdate(at)):
        raise Incomplete(found, row=row)
    row.content = questions.arranged(row.content)
    previous = row.versions.order_by("-number").first()
    version = ReportVersion.objects.create(
        report=row,
        number=(previous.number if previous else 0) + 1,
        content=row.content,
        digest=digest(row.content),
        token=data["token"],
        submitted_by=by,
        submitted_at=at,
    )
    row.version += 1
    row.submitted_at, row.decided_at, row.answer_due_on = at, None, None
    row.submission_token = uuid.uuid4()
    return {"version": version.number}


def _write_take_back(
    row: ProgressReport, _by: Any, _at: dt.datetime, _data: Mapping[str, Any]
) -> dict[str, Any]:
    row.version += 1
    return {"version": latest_version(row).number}


def _write_request(row: ProgressReport, _by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    row.decided_at, row.answer_due_on = at, data["due_on"]
    row.version += 1
    return {"version": data["number"]}


def _write_accept(row: ProgressReport, by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    version = latest_version(row)
    Project.objects.select_for_update(of=("self",)).get(pk=row.project_id)
    publishing.publish(report=row, content=version.content, by=by, at=at)
    row.accepted_version, row.accepted_at, row.decided_at = version, at, at
    row.version += 1
    return {"version": version.number, "override": data["override"]}


def _write_waive(row: ProgressReport, _by: Any, at: dt.datetime, data: Mapping[str, Any]) -> None:
    row.waiver_reason, row.decided_at = data["message"], at
    row.version += 1


def _write_restore(row: ProgressReport, _by: Any, _at: dt.datetime, _data: Mapping[str, Any]) -> None:
    row.state = State.DRAFT if row.content else State.EXPECTED
    row.waiver_reason, row.decided_at = "", None
    row.version += 1


def _write_extend(row: ProgressReport, _by: Any, _at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    if row.due and data["until"] <= row.due:
        raise Refused(_("Choisissez un jour après l'échéance actuelle."), row=row)
    row.extended_to = data["until"]
    if row.state == State.CHANGES_REQUESTED:
        row.answer_due_on = data["until"]
    return {"message": data["until"].isoformat()}


def _write_correct(row: ProgressReport, by: Any, at: dt.datetime, _data: Mapping[str, Any]) -> None:
    row.is_on_behalf = not roles.carries(by, row)
    row.saved_at = at
    row.version += 1


def _write_drop(row: ProgressReport, _by: Any, at: dt.datetime, _data: Mapping[str, Any]) -> dict[str, Any]:
    assert row.accepted_version is not None  # noqa: S101 (the guard looked)
    row.content, row.answer_due_on = row.accepted_version.content, None
    row.saved_at, row.decided_at = at, row.accepted_at
    row.version += 1
    return {"version": row.accepted_version.number}


def latest_version(row: ProgressReport) -> ReportVersion:
    """The last submitted version; a row that was never submitted has none (DoesNotExist)."""
    return row.versions.order_by("-number")[:1].get()


# Permissions ------------------------------------------------------------------------------------------------


def _writes(by: Any, row: ProgressReport, _data: Mapping[str, Any]) -> bool:
    return roles.may_write(by, row)


def _own(by: Any, row: ProgressReport, _data: Mapping[str, Any]) -> bool:
    return roles.carries(by, row)


def _reviews(by: Any, _row: ProgressReport, _data: Mapping[str, Any]) -> bool:
    return roles.is_reviewer(by)


def _approves(by: Any, _row: ProgressReport, _data: Mapping[str, Any]) -> bool:
    return roles.is_approver(by)


# The table --------------------------------------------------------------------------------------------------

_BEGUN = frozenset({State.DRAFT.value, State.CHANGES_REQUESTED.value})
_EDITABLE = _BEGUN | {State.EXPECTED.value}
_WAITING = frozenset({State.SUBMITTED.value})

MOVES: list[Move[ProgressReport]] = [
    Move("save", _EDITABLE, None, _writes, guard=_is_published, write=_write_save, tell=notices.on_save),
    Move(
        "submit", _BEGUN, State.SUBMITTED, _writes, _is_published, write=_write_submit, tell=notices.on_submit
    ),
    Move("take_back", _WAITING, State.DRAFT, _own, write=_write_take_back, tell=notices.on_take_back),
    Move(
        "request_changes",
        _WAITING,
        State.CHANGES_REQUESTED,
        _reviews,
        guard=_has_message,
        write=_write_request,
        tell=notices.on_request,
    ),
    Move(
        "accept",
        _WAITING,
        State.ACCEPTED,
        decides,
        guard=_may_be_public,
        write=_write_accept,
        tell=notices.on_accept,
    ),
    Move(
        "waive",
        _EDITABLE,
        State.WAIVED,
        _approves,
        guard=_may_be_waived,
        write=_write_waive,
        tell=notices.on_waive,
    ),
    Move(
        "restore",
        frozenset({State.WAIVED.value}),
        None,
        _approves,
        write=_write_restore,
        tell=notices.on_restore,
    ),
    Move("extend", _EDITABLE, None, _reviews, write=_write_extend, tell=notices.on_extend),
    Move("correct", frozenset({State.ACCEPTED.value}), State.DRAFT, _writes, write=_write_correct),
    Move("drop_correction", _BEGUN, State.ACCEPTED, _writes, guard=_is_correction, write=_write_drop),
]


def _log(row: ProgressReport, entry: Entry) -> None:
    if entry.action == "save":
        if entry.changes:
            _log_save(row, entry)
        return
    message = entry.message
    if entry.extra.get("override"):
        told = __("Décision prise sur sa propre version, par une administratrice ou un administrateur.")
        message = f"{message}\n{told}"
    ReportActivity.objects.create(
        report=row,
        action=entry.action,
        by=entry.by,
        at=entry.at,
        state_before=entry.before,
        state_after=entry.after,
        version=entry.extra.get("version"),
        message=message.strip(),
        is_by_staff=not roles.carries(entry.by, row),
    )


def _log_save(row: ProgressReport, entry: Entry) -> None:
    """Saves of one sitting are one line: the first old value and the last new one of each field."""
    last = row.activities.order_by("-at", "-pk").first()
    if last is None or not _goes_on(last, entry):
        last = ReportActivity(
            report=row,
            action="save",
            by=entry.by,
            state_before=entry.before,
            is_by_staff=not roles.carries(entry.by, row),
        )
    merged = dict(last.changes)
    for name, (old, new) in entry.changes.items():
        merged[name] = [merged[name][0] if name in merged else old, new]
    last.changes = {name: pair for name, pair in merged.items() if pair[0] != pair[1]}
    last.at, last.version, last.state_after = entry.at, row.version, entry.after
    last.save()


def _goes_on(last: ReportActivity, entry: Entry) -> bool:
    is_theirs = last.action == "save" and last.by_id == entry.by.pk
    return is_theirs and entry.at - last.at <= ONE_SITTING


def content_of(row: ProgressReport) -> Content:
    """What it says so far, with every key."""
    return complete(row.content)


FLOW: Workflow[ProgressReport] = Workflow(ProgressReport, MOVES, log=_log)
