"""The moves of a registration, R1 to R11: one function each, over the one mechanism of :mod:`core.workflow`.

====  ================  ==================================================  =======================================
R1    start             – → draft                                           member; staff on behalf
R2    save              draft, changes requested → same                     editor, lead; staff on behalf
R3    submit            draft, changes requested → submitted                editor, lead; staff on behalf
R4    take back         submitted → draft                                   editor, lead
R5    request changes   submitted → changes requested                       reviewer, approver
R6    approve           submitted → approved                                approver, not the version's author
R7    decline           submitted → declined                                approver, not the version's author
R8    propose a change  published project → new draft                       editor, lead, reviewer
R9    withdraw          draft, changes requested → withdrawn                lead, administrator
R10   reopen            declined, withdrawn → draft                         approver; lead for withdrawn
R11   unpublish         project → archived                                  administrator
====  ================  ==================================================  =======================================

Each function raises what :meth:`core.workflow.Workflow.move` raises, and Refused when its guard says no.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.workflow import Entry, Incomplete, Move, NotAllowed, NotAMove, Refused, Stale, Workflow
from partners.models import Organization
from plans.models import Plan
from projects import archiving
from projects.models import Activity, ApprovedVersion, Project, Registration, RegistrationVersion
from projects.registrations import applying, notices, roles
from projects.registrations.calls import call_of
from projects.registrations.completeness import problems
from projects.registrations.content import EMPTY, canonical, complete, digest, empty, of_project

State = Registration.State

#: Saves by one person within this time are one line of the activity.
ONE_SITTING = dt.timedelta(minutes=30)


class CallClosed(Refused):
    default = _("L'appel à projets n'est pas ouvert pour votre organisation.")


class OwnVersion(NotAllowed):
    default = _("Une autre personne doit décider : vous avez soumis cette version.")


class AlreadyOpen(Refused):
    """A change to this project is under way; ``row`` is that registration."""

    default = _("Une modification de ce projet est déjà en cours.")


# R1, R8: rows come into being -------------------------------------------------------------------------------


def start(*, plan: Plan, organization: Organization, by: Any, at: dt.datetime) -> Registration:
    """R1. A new draft of that organisation in a plan whose call is open to it."""
    on_behalf = not roles.is_member(by, organization.pk)
    if not roles.may_start(by, organization):
        raise NotAllowed
    if organization.stage == Organization.Stage.ARCHIVED:
        raise Refused(_("Cette organisation est archivée : écrivez au Conseil."))
    if not on_behalf and not call_of(plan, at=at, organization=organization).is_open:
        raise CallClosed
    with transaction.atomic():
        registration = Registration.objects.create(
            plan=plan,
            organization=organization,
            content=empty(),
            created_by=by,
            created_at=at,
            saved_at=at,
            is_on_behalf=on_behalf,
        )
        _log(registration, _begun("start", by, at))
    return registration


def propose_change(*, project: Project, organization: Organization, by: Any, at: dt.datetime) -> Registration:
    """R8. A draft that holds what the published project says. The public page is untouched.

    Raises AlreadyOpen where one is under way. The call's dates do not matter: a project lives on.
    """
    is_partner = project.project_partners.filter(organization=organization).exists()
    writes = roles.is_member(by, organization.pk) and is_partner
    if not writes and not (roles.may_write_on_behalf(by) and is_partner):
        raise NotAllowed
    if project.archived_at is not None:
        raise Refused(_("Ce projet n'est plus publié."))
    content = of_project(project, organization.pk)
    try:
        with transaction.atomic():
            registration = Registration.objects.create(
                plan=project.plan,
                organization=organization,
                project=project,
                is_change=True,
                content=content,
                title=str(content["title_fr"]),
                created_by=by,
                created_at=at,
                saved_at=at,
                is_on_behalf=not writes,
            )
            _log(registration, _begun("propose_change", by, at))
    except IntegrityError:
        raise AlreadyOpen(row=Registration.objects.open().get(project=project)) from None
    return registration


# R2 to R10: rows move ---------------------------------------------------------------------------------------


def save(
    *, registration: Registration, values: Mapping[str, Any], version: int, by: Any, at: dt.datetime
) -> Registration:
    """R2. Keep what was typed, complete or not. Raises Stale with the present row when ``version`` is old.

    ``values`` are keys of :mod:`projects.registrations.content`; another key raises KeyError. Equal values write nothing.
    """
    unknown = set(values) - set(EMPTY)
    if unknown:
        raise KeyError(f"a registration has no {', '.join(sorted(unknown))}")
    return FLOW.move(row=registration, action="save", by=by, at=at, version=version, values=dict(values))


def submit(
    *, registration: Registration, version: int, token: uuid.UUID, by: Any, at: dt.datetime
) -> Registration:
    """R3. Freeze the text as a new version and hand it to the council.

    The same token twice (a double click, a page sent again) is one submission: the row is returned as it is.
    Raises Incomplete with the problems.
    """
    if RegistrationVersion.objects.filter(registration=registration, token=token).exists():
        return Registration.objects.get(pk=registration.pk)
    try:
        return FLOW.move(row=registration, action="submit", by=by, at=at, version=version, token=token)
    except (NotAMove, Stale):
        # The first of two clicks may have been faster than our look.
        if RegistrationVersion.objects.filter(registration=registration, token=token).exists():
            return Registration.objects.get(pk=registration.pk)
        raise


def take_back(*, registration: Registration, by: Any, at: dt.datetime) -> Registration:
    """R4. A submitted registration is a draft again, as long as nobody decided."""
    return FLOW.move(row=registration, action="take_back", by=by, at=at)


def request_changes(
    *,
    registration: Registration,
    number: int,
    message: str,
    by: Any,
    at: dt.datetime,
    fields: Sequence[str] = (),
    due_on: dt.date | None = None,
) -> Registration:
    """R5. Ask for more, on the version with that number; the message is what the partner reads."""
    return FLOW.move(
        row=registration,
        action="request_changes",
        by=by,
        at=at,
        number=number,
        message=message.strip(),
        fields=list(fields),
        due_on=due_on,
    )


def approve(
    *, registration: Registration, number: int, by: Any, at: dt.datetime, override: bool = False
) -> Registration:
    """R6. Make the version with that number the public project: exactly what was on the approver's screen.

    ``override`` lets an administrator approve a version that they submitted themselves; the log says so.
    """
    return FLOW.move(row=registration, action="approve", by=by, at=at, number=number, override=override)


def decline(
    *, registration: Registration, number: int, reason: str, by: Any, at: dt.datetime, override: bool = False
) -> Registration:
    """R7. Not retained, with a reason that the partner reads; a published project stays as it was."""
    return FLOW.move(
        row=registration,
        action="decline",
        by=by,
        at=at,
        number=number,
        message=reason.strip(),
        override=override,
    )


def withdraw(*, registration: Registration, by: Any, at: dt.datetime, message: str = "") -> Registration:
    """R9. Given up by its organisation; it can be reopened."""
    return FLOW.move(row=registration, action="withdraw", by=by, at=at, message=message.strip())


def reopen(*, registration: Registration, by: Any, at: dt.datetime) -> Registration:
    """R10. A declined or withdrawn registration is a draft again."""
    try:
        return FLOW.move(row=registration, action="reopen", by=by, at=at)
    except IntegrityError:
        raise AlreadyOpen(row=Registration.objects.open().get(project=registration.project)) from None


def unpublish(*, project: Project, reason_fr: str, by: Any, at: dt.datetime, reason_en: str = "") -> Project:
    """R11. Archive a published project: its address answers 410 with the reason."""
    if not roles.is_administrator(by):
        raise NotAllowed
    if not reason_fr.strip():
        raise Refused(_("Donnez un motif : il s'affiche à l'adresse du projet."))
    with transaction.atomic():
        try:
            archiving.archive(project=project, reason_fr=reason_fr, reason_en=reason_en, at=at)
        except archiving.AlreadyArchivedError:
            raise NotAMove(_("Ce projet était déjà archivé."), row=project) from None
        Activity.objects.create(
            project=project, action="unpublish", by=by, at=at, message=reason_fr.strip(), is_by_staff=True
        )
    project.refresh_from_db()
    return project


def republish(*, project: Project, by: Any, at: dt.datetime) -> Project:
    """Make an archived project public again; nothing happens to one that is public."""
    if not roles.is_administrator(by):
        raise NotAllowed
    with transaction.atomic():
        if Project.objects.select_for_update().get(pk=project.pk).archived_at is not None:
            archiving.restore(project=project)
            Activity.objects.create(project=project, action="republish", by=by, at=at, is_by_staff=True)
    project.refresh_from_db()
    return project


def read_draft(*, registration: Registration, by: Any, at: dt.datetime) -> None:
    """Keep that an administrator read a text which its organisation is still writing. Its people see that too."""
    if not roles.is_administrator(by):
        raise NotAllowed(row=registration)
    told = {"registration": registration, "action": "read", "by": by}
    if not Activity.objects.filter(**told, at__gt=at - ONE_SITTING).exists():
        Activity.objects.create(**told, at=at, version=registration.version, is_by_staff=True)


def note(*, registration: Registration, text: str, by: Any, at: dt.datetime) -> Activity:
    """An internal note of the staff, which no partner ever sees."""
    if not roles.is_reviewer(by):
        raise NotAllowed
    if not text.strip():
        raise Refused(_("Écrivez la note."))
    return Activity.objects.create(
        registration=registration,
        action="note",
        by=by,
        at=at,
        message=text.strip(),
        is_internal=True,
        is_by_staff=True,
    )


def propose_decision(
    *, registration: Registration, number: int, decision: str, reason: str, by: Any, at: dt.datetime
) -> Registration:
    """A reviewer's proposal (``approve`` or ``decline``), which another person confirms. Internal."""
    if decision not in ("approve", "decline"):
        raise ValueError(f"{decision!r} is no decision")
    if decision == "decline" and not reason.strip():
        raise Refused(_("Donnez le motif : la personne qui décide pourra le reprendre."))
    return FLOW.move(
        row=registration,
        action="propose_decision",
        by=by,
        at=at,
        number=number,
        decision=decision,
        reason=reason.strip(),
    )


# Guards -----------------------------------------------------------------------------------------------------


def _is_latest(row: Registration, data: Mapping[str, Any]) -> None:
    if data["number"] != latest_version(row).number:
        raise Stale(_("Une version plus récente a été soumise : relisez-la avant de décider."), row=row)


def _has_message(row: Registration, data: Mapping[str, Any]) -> None:
    _is_latest(row, data)
    if not data["message"]:
        raise Refused(_("Écrivez au partenaire ce qui manque ou pourquoi."), row=row)


def _may_be_public(row: Registration, data: Mapping[str, Any]) -> None:
    _is_latest(row, data)
    if row.organization.stage != Organization.Stage.VERIFIED:
        raise Refused(_("L'organisation n'est pas encore vérifiée : vérifiez-la d'abord."), row=row)
    if row.is_change and row.project and row.project.archived_at is not None:
        raise Refused(_("Le projet a été archivé entre-temps : republiez-le d'abord."), row=row)
    # The plan may have changed since the text was submitted: an objective removed, an organisation archived.
    content = latest_version(row).content
    if found := problems(content, plan=row.plan, organization=row.organization):
        raise Incomplete(found, row=row)


def _can_be_submitted(row: Registration, _data: Mapping[str, Any]) -> None:
    if found := problems(row.content, plan=row.plan, organization=row.organization):
        raise Incomplete(found, row=row)


def _call_is_open(row: Registration, at: dt.datetime, by: Any) -> None:
    """A new project is submitted while the call is open; answers to the council and changes come any time."""
    if row.is_change or row.state == State.CHANGES_REQUESTED or not roles.is_member(by, row.organization_id):
        return
    if not call_of(row.plan, at=at, organization=row.organization).is_open:
        raise CallClosed(row=row)


# Writes: what each move changes, and what its log keeps -----------------------------------------------------


def _write_save(row: Registration, _by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    before, after = complete(row.content), {**complete(row.content), **data["values"]}
    changes = {name: [before[name], after[name]] for name in data["values"] if before[name] != after[name]}
    if changes:
        row.content = after
        row.title = str(after["title_fr"]).strip()[:200]
        row.version += 1
    row.saved_at = at
    return {"changes": changes}


def _write_submit(row: Registration, by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    _call_is_open(row, at, by)
    row.content = canonical(row.content)
    row.title = str(row.content["title_fr"])[:200]
    previous = row.versions.order_by("-number").first()
    version = RegistrationVersion.objects.create(
        registration=row,
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
    _forget_proposal(row)
    return {"version": version.number}


def _write_take_back(
    row: Registration, _by: Any, _at: dt.datetime, _data: Mapping[str, Any]
) -> dict[str, Any]:
    row.version += 1
    _forget_proposal(row)
    return {"version": latest_version(row).number}


def _write_request(row: Registration, _by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    row.decided_at, row.answer_due_on = at, data["due_on"]
    row.version += 1
    _forget_proposal(row)
    return {"version": data["number"], "fields": data["fields"]}


def _write_approve(row: Registration, by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    version = latest_version(row)
    before = None
    if row.project_id is not None:
        row.project = Project.objects.select_for_update().get(pk=row.project_id)
        before = of_project(row.project, row.organization_id)
    row.project = applying.apply(registration=row, content=version.content, by=by, at=at)
    ApprovedVersion.objects.create(
        version=version,
        project=row.project,
        approved_by=by,
        approved_at=at,
        before=before,
        content=of_project(row.project, row.organization_id),
    )
    row.decided_at = at
    row.version += 1
    _forget_proposal(row)
    return {"version": version.number, "override": data["override"]}


def _write_decision(row: Registration, _by: Any, at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    row.decided_at = at
    row.version += 1
    _forget_proposal(row)
    return {"version": data.get("number"), "override": data.get("override", False)}


def _write_reopen(row: Registration, _by: Any, _at: dt.datetime, _data: Mapping[str, Any]) -> None:
    row.version += 1
    row.decided_at = None


def _write_proposal(row: Registration, by: Any, _at: dt.datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    row.proposed_decision, row.proposed_reason = data["decision"], data["reason"]
    row.proposed_version, row.proposed_by = data["number"], by
    return {"version": data["number"], "message": data["reason"], "is_internal": True}


def _forget_proposal(row: Registration) -> None:
    row.proposed_decision, row.proposed_reason = "", ""
    row.proposed_version = row.proposed_by = None


def latest_version(row: Registration) -> RegistrationVersion:
    """The last submitted version; a row that was never submitted has none (DoesNotExist)."""
    return row.versions.order_by("-number")[:1].get()


# Permissions ------------------------------------------------------------------------------------------------


def _writes(by: Any, row: Registration, _data: Mapping[str, Any]) -> bool:
    return roles.may_write(by, row)


def _own(by: Any, row: Registration, _data: Mapping[str, Any]) -> bool:
    return roles.is_member(by, row.organization_id)


def _reviews(by: Any, _row: Registration, _data: Mapping[str, Any]) -> bool:
    return roles.is_reviewer(by)


def decides(by: Any, row: Any, data: Mapping[str, Any]) -> bool:
    """An approver who did not submit the version; an administrator who says that they override that.

    Of registrations and of progress reports. Raises OwnVersion where saying so would be enough.
    """
    if not roles.is_approver(by):
        return False
    if latest_version(row).submitted_by_id != by.pk:
        return True
    if data.get("override") and roles.is_administrator(by):
        return True
    if "number" in data:
        raise OwnVersion(row=row)
    return roles.is_administrator(by)


def _withdraws(by: Any, row: Registration, _data: Mapping[str, Any]) -> bool:
    return roles.is_lead(by, row.organization_id) or roles.is_administrator(by)


def _reopens(by: Any, row: Registration, _data: Mapping[str, Any]) -> bool:
    is_theirs = row.state == State.WITHDRAWN and roles.is_lead(by, row.organization_id)
    return is_theirs or roles.is_approver(by)


# The table --------------------------------------------------------------------------------------------------

_EDITABLE = frozenset({State.DRAFT.value, State.CHANGES_REQUESTED.value})
_WAITING = frozenset({State.SUBMITTED.value})
_ENDED = frozenset({State.DECLINED.value, State.WITHDRAWN.value})

MOVES: list[Move[Registration]] = [
    Move("save", _EDITABLE, None, _writes, write=_write_save, tell=notices.on_save),
    Move(
        "submit",
        _EDITABLE,
        State.SUBMITTED,
        _writes,
        guard=_can_be_submitted,
        write=_write_submit,
        tell=notices.on_submit,
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
        "approve",
        _WAITING,
        State.APPROVED,
        decides,
        guard=_may_be_public,
        write=_write_approve,
        tell=notices.on_approve,
    ),
    Move(
        "decline",
        _WAITING,
        State.DECLINED,
        decides,
        guard=_has_message,
        write=_write_decision,
        tell=notices.on_decline,
    ),
    Move("withdraw", _EDITABLE, State.WITHDRAWN, _withdraws, write=_write_decision, tell=notices.on_withdraw),
    Move("reopen", _ENDED, State.DRAFT, _reopens, write=_write_reopen, tell=notices.on_reopen),
    Move("propose_decision", _WAITING, None, _reviews, guard=_is_latest, write=_write_proposal),
]


def _begun(action: str, by: Any, at: dt.datetime) -> Entry:
    return Entry(action=action, by=by, at=at, before="", after=State.DRAFT)


def _log(row: Registration, entry: Entry) -> None:
    if entry.action == "save":
        if entry.changes:
            _log_save(row, entry)
        return
    message = entry.message
    if entry.extra.get("override"):
        message = f"{message}\n{_('Décision prise sur sa propre version, par une administratrice ou un administrateur.')}"
    Activity.objects.create(
        registration=row,
        project=row.project,
        action=entry.action,
        by=entry.by,
        at=entry.at,
        state_before=entry.before,
        state_after=entry.after,
        version=entry.extra.get("version"),
        message=message.strip(),
        fields=list(entry.extra.get("fields", [])),
        is_internal=bool(entry.extra.get("is_internal")),
        is_by_staff=not roles.is_member(entry.by, row.organization_id),
    )


def _log_save(row: Registration, entry: Entry) -> None:
    """Saves of one sitting are one line: the first old value and the last new one of each field."""
    last = row.activities.order_by("-at", "-pk").first()
    goes_on = (
        last is not None
        and last.action == "save"
        and last.by_id == entry.by.pk
        and entry.at - last.at <= ONE_SITTING
    )
    activity = (
        last
        if goes_on and last
        else Activity(
            registration=row,
            project=row.project,
            action="save",
            by=entry.by,
            state_before=entry.before,
            state_after=entry.after,
            is_by_staff=not roles.is_member(entry.by, row.organization_id),
        )
    )
    merged = dict(activity.changes)
    for name, (old, new) in entry.changes.items():
        merged[name] = [merged[name][0] if name in merged else old, new]
    activity.changes = {name: pair for name, pair in merged.items() if pair[0] != pair[1]}
    activity.at, activity.version = entry.at, row.version
    activity.save()


FLOW: Workflow[Registration] = Workflow(Registration, MOVES, log=_log)
