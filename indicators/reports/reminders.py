"""Reminders of reports: when a period opens, 14 and 3 days before the due date, 7 and 21 days after it.

Looked for each hour: an occasion that was missed is made good by the latest one that applies. A person gets one letter
for all the reports that they are to be reminded of, written in one transaction with a row per report and occasion, so
that a run which is cut short loses and doubles none. A draft silences nothing; neither does a day on which no worker ran.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.mailing import post
from core.models import Mail
from core.workflow import NotAllowed
from indicators.models import ProgressReport, ReportingPeriod, ReportReminder, Unsubscription
from indicators.reports import notices, recipients, roles
from indicators.reports.notices import OPTIONAL, Due
from partners.models import User

Occasion = ReportReminder.Occasion
Skipped = ReportReminder.Skipped

#: Days from today to the due date: from the occasion's first day on, until the next one's.
BEFORE = ((3, Occasion.DUE_3), (14, Occasion.DUE_14))
AFTER = ((21, Occasion.LATE_21), (7, Occasion.LATE_7))
#: Later than this nobody is written to by a machine any more.
GIVEN_UP = 60
#: Those that go to the leads as well.
TO_LEADS = frozenset({Occasion.LATE_7, Occasion.LATE_21, Occasion.BY_HAND})


def remind(*, now: dt.datetime, period: ReportingPeriod | None = None) -> int:
    """Write what is due at that moment, of one period or of all; returns how many letters."""
    today = timezone.localdate(now)
    reports = ProgressReport.objects.asked().with_names().order_by("pk")
    if period is not None:
        reports = reports.filter(period=period)
    dues = [due for report in reports if (due := due_on(report, today))]
    return len(_write(dues, at=now))


def remind_by_hand(*, reports: Iterable[ProgressReport], by: Any, at: dt.datetime) -> list[Mail]:
    """Remind the people of these reports now, leads included; once a day each. Those handed in are left out."""
    if not roles.is_reviewer(by):
        raise NotAllowed
    chosen = ProgressReport.objects.asked().filter(pk__in=[report.pk for report in reports])
    today = timezone.localdate(at)
    rows = chosen.with_names().order_by("pk")
    return _write([Due(row, Occasion.BY_HAND, today) for row in rows], at=at, by=by)


def due_on(report: ProgressReport, today: dt.date) -> Due | None:
    """The latest occasion of that report; None where there is none on that day."""
    created = timezone.localdate(report.created_at)
    due = report.due
    if due is not None:
        for days, occasion in BEFORE:
            # Who was asked after that day is told of the opening, not reminded the next morning.
            if 0 <= (due - today).days <= days and created <= due - dt.timedelta(days=days):
                return Due(report, occasion, due)
        for days, occasion in AFTER:
            if days <= (today - max(due, created)).days <= GIVEN_UP:
                return Due(report, occasion, due)
    opened = report.period and max(report.period.opens_on, created)
    if opened and opened <= today and (due is None or today <= max(due, created)):
        return Due(report, Occasion.OPENED, opened)
    return None


def _write(dues: Sequence[Due], *, at: dt.datetime, by: Any = None) -> list[Mail]:
    """The letters that were not written before. Looking takes the same few queries for any number of reports; each
    letter, those that write it.
    """
    for_person = _untold(dues, at)
    unsubscribed = set(
        Unsubscription.objects.filter(
            kind=Unsubscription.Kind.DUE, user__in=[person.pk for person in for_person]
        ).values_list("user", flat=True)
    )
    letters = []
    for person, theirs in sorted(for_person.items(), key=lambda pair: pair[0].pk):
        if mail := _tell(person, theirs, person.pk in unsubscribed, at=at, by=by):
            letters.append(mail)
    return letters


def _untold(dues: Sequence[Due], at: dt.datetime) -> dict[User, list[Due]]:
    """Who has still to be told of what; what there is nobody to tell of is written down once."""
    known = _known(dues)
    circles = recipients.circles([due.report for due in dues])
    for_person: dict[User, list[Due]] = {}
    for_nobody: list[Due] = []
    for due in dues:
        circle = circles[due.report.pk]
        people = circle.people if due.occasion in TO_LEADS else circle.writers
        if not people and (due.report.pk, None, due.occasion, due.day) not in known:
            for_nobody.append(due)
        for person in people:
            if (due.report.pk, person.pk, due.occasion, due.day) not in known:
                for_person.setdefault(person, []).append(due)
    # Another run may be faster by a hair: it wrote the same.
    nobody = [_row(due, at=at, skipped=Skipped.NOBODY) for due in for_nobody]
    ReportReminder.objects.bulk_create(nobody, ignore_conflicts=True)
    return for_person


def _known(dues: Sequence[Due]) -> set[tuple[int, int | None, str, dt.date]]:
    rows = ReportReminder.objects.filter(report__in={due.report.pk for due in dues})
    return set(rows.values_list("report", "user", "occasion", "day"))


def _tell(person: User, dues: list[Due], is_unsubscribed: bool, *, at: dt.datetime, by: Any) -> Mail | None:
    """One letter to that person, with the rows that say so: both or neither."""
    declined = [due for due in dues if is_unsubscribed and due.occasion in OPTIONAL]
    wanted = [due for due in dues if due not in declined]
    mail: Mail | None = None
    try:
        with transaction.atomic():
            if wanted:
                posted = post(notices.reminder, to=[person], about=_about(wanted), dues=wanted, person=person)
                mail = next(iter(posted), None)
            ReportReminder.objects.bulk_create(
                [_row(due, user=person, at=at, skipped=Skipped.UNSUBSCRIBED) for due in declined]
                + [_row(due, user=person, at=at, mail=mail, by=by) for due in wanted]
            )
    except IntegrityError:
        return None  # another run was faster by a hair: it told them
    return mail


def _row(due: Due, **values: Any) -> ReportReminder:
    return ReportReminder(report=due.report, occasion=due.occasion, day=due.day, **values)


def _about(dues: list[Due]) -> str:
    """The name of exactly these occasions: a letter about them is never written twice."""
    text = " ".join(f"{due.report.pk}:{due.occasion}:{due.day:%Y%m%d}" for due in dues)
    return f"reports:{hashlib.sha256(text.encode()).hexdigest()[:24]}"
