"""The weekly digest of follow-up to the staff. It is never empty, and one week brings one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from core.mailing import post
from core.models import Mail
from indicators.models import ProgressReport, ReportingPeriod, Unsubscription
from indicators.reports import doubts, notices
from projects.registrations.notices import reviewers


@dataclass(frozen=True)
class Digest:
    """What there is to do and to know. ``coverage`` says of each period how many handed in, of how many asked."""

    waiting: list[ProgressReport]
    late: list[ProgressReport]
    doubtful: int
    coverage: list[tuple[ReportingPeriod, int, int]]

    @property
    def is_empty(self) -> bool:
        return not self.waiting and not self.late


def digest(*, on: dt.date) -> Digest:
    waiting = list(ProgressReport.objects.waiting().with_names())
    late = sorted(ProgressReport.objects.late(on=on).with_names(), key=lambda report: (report.due, report.pk))
    periods = sorted(
        {report.period for report in (*waiting, *late) if report.period},
        key=lambda period: period.ends_on,
        reverse=True,
    )
    return Digest(
        waiting=waiting,
        late=late,
        doubtful=len(doubts.doubtful(waiting, "", on=on)),
        coverage=_coverage(periods),
    )


def send(*, now: dt.datetime) -> int:
    """From Monday morning on, once per person and week; returns how many letters."""
    today = timezone.localdate(now)
    year, week, _day = today.isocalendar()
    about = f"digest:{year}-{week:02}"
    left_out = _left_out(about)
    to = [person for person in reviewers() if person.pk not in left_out]
    found = digest(on=today) if to else None
    if found is None or found.is_empty:
        return 0
    return sum(
        len(post(notices.weekly_digest, to=[person], about=about, found=found, person=person))
        for person in to
    )


def _left_out(about: str) -> set[int | None]:
    """Who wants none, and who got that week's already."""
    no_more = Unsubscription.objects.filter(kind=Unsubscription.Kind.DIGEST).values_list("user", flat=True)
    told = Mail.objects.filter(event=notices.weekly_digest.name, about=about)
    return {*no_more, *told.values_list("recipient", flat=True)}


def _coverage(periods: list[ReportingPeriod]) -> list[tuple[ReportingPeriod, int, int]]:
    """A correction that is being written was handed in before; a report that was only begun was not."""
    is_handed_in = Q(submitted_at__isnull=False) & ~Q(
        state=ProgressReport.State.DRAFT, accepted_version__isnull=True
    )
    asked = ProgressReport.objects.filter(period__in=periods).exclude(state=ProgressReport.State.WAIVED)
    counted = (
        asked.order_by().values("period").annotate(done=Count("pk", filter=is_handed_in), all=Count("pk"))
    )
    by_period = {row["period"]: (row["done"], row["all"]) for row in counted}
    return [(period, *by_period.get(period.pk, (0, 0))) for period in periods]
