"""Collecting what the progress edition of a reporting period says, from what was accepted and nothing else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.utils import translation

from core.partial_dates import PartialDate
from csam.documents import content
from csam.documents.collecting import Collector, snapshot
from csam.documents.content import PROGRESS, Period, PeriodPart, PlanContent, Text
from indicators.dashboard import Followed
from indicators.models import ProgressReport, ReportingPeriod
from indicators.reports import public
from indicators.reports.public import PublicDeliverable, PublicReport, PublicValue
from projects.models import Deliverable, Project

State = ProgressReport.State


def collect_period(*, period: ReportingPeriod, language: str, on: dt.date) -> PlanContent:
    """The period as plain values in that language, in one snapshot. Progress and lateness are judged at its end, or
    on that day where it is not over."""
    with snapshot(), translation.override(language):
        row = ReportingPeriod.objects.select_related("plan").get(pk=period.pk)
        return _PeriodCollector(row, language=language, on=on).collect()


def eve_of(period: ReportingPeriod) -> dt.date:
    return period.starts_on - dt.timedelta(days=1)


class _PeriodCollector:
    def __init__(self, period: ReportingPeriod, *, language: str, on: dt.date) -> None:
        self.period = period
        self.on = on
        self.end = min(period.ends_on, on)
        self.plan = Collector(plan=period.plan, language=language, on=self.end, full=False)
        self.language = language
        self.projects = {row.pk: row for row in self.plan.rows}
        asked = ProgressReport.objects.filter(period=period, project__in=self.projects)
        self.asked = list(asked.select_related("period", "accepted_version", "project"))
        self.accepted = {row.project_id: row for row in self.asked if row.accepted_version_id}
        self.indicators: dict[str, Followed] = {f.indicator.slug: f for f in self.plan.followed}
        wanted = Deliverable.objects.filter(project__in=self.projects).exclude(
            state=Deliverable.State.DROPPED
        )
        self.deliverables = list(wanted.order_by("project", "number"))
        self.before = self._states_before()

    def collect(self) -> PlanContent:
        plan = self.plan.plan
        told = {report.report.project_id: report for report in public.public(list(self.accepted.values()))}
        orientations = self._slim(self.plan.orientations())
        return PlanContent(
            kind=PROGRESS,
            language=self.language,
            as_of=self.on.isoformat(),
            slug=plan.slug,
            title=self.plan.text(plan, "title"),
            years=plan.years,
            vision=Text(),
            introduction=Text(),
            systemic_approach=Text(),
            implementation=Text(),
            limits=Text(),
            has_demonstration_data=self.period.is_demonstration or self.plan.has_demonstration_data(),
            orientations=orientations,
            unplaced=tuple(
                _slim(self.plan.project(row)) for row in self.plan.rows if self.plan.place(row) is None
            ),
            issues=(),
            phases=(),
            figures=(),
            milestones=(),
            organizations=self._organizations(),
            territories=(),
            tally=self.plan.tally(self.plan.followed),
            period=self._period([told[row.pk] for row in self.plan.rows if row.pk in told]),
        )

    def _period(self, told: list[PublicReport]) -> Period:
        silent = [r for r in self.asked if r.pk not in self._reported and r.state != State.WAIVED]
        waived = [r for r in self.asked if r.pk not in self._reported and r.state == State.WAIVED]
        return Period(
            key=self.period.pk,
            title=self.plan.text(self.period, "title"),
            starts_on=self.period.starts_on.isoformat(),
            ends_on=self.period.ends_on.isoformat(),
            measured_on=self.end.isoformat(),
            whole=self._part(set(self.projects)),
            orientations=tuple(
                (orientation.number, self._part(self._serving(orientation.number)))
                for orientation in self.plan.plan.orientations.all()
            ),
            stages=self._stages(),
            targets=tuple(
                content.TargetThenAndNow(
                    then=self.plan.target(row.target, row.target.pooled(on=eve_of(self.period))),
                    now=self.plan.target(row.target, row.pooled),
                )
                for row in self.plan.targets
            ),
            reports=tuple(self._report(report) for report in told),
            silent=self._slugs(silent),
            waived=self._slugs(waived),
            unasked=len(self.projects) - len(self.asked),
        )

    @property
    def _reported(self) -> set[int]:
        return {row.pk for row in self.accepted.values()}

    def _slugs(self, reports: Iterable[ProgressReport]) -> tuple[str, ...]:
        """In the order of the projects' titles."""
        keys = {report.project_id for report in reports}
        return tuple(row.slug for row in self.plan.rows if row.pk in keys)

    def _serving(self, number: int) -> set[int]:
        return {
            row.pk
            for row in self.plan.rows
            if any(tie.objective.orientation.number == number for tie in row.objective_ties.all())
        }

    def _part(self, projects: set[int]) -> PeriodPart:
        """The same counts as :mod:`indicators.reports.coverage` gives of these projects."""
        asked = [row for row in self.asked if row.project_id in projects]
        theirs = [row for row in self.deliverables if row.project_id in projects]
        return PeriodPart(
            reported=sum(row.accepted_version_id is not None for row in asked),
            expected=sum(row.state != State.WAIVED for row in asked),
            waived=sum(row.state == State.WAIVED for row in asked),
            delivered=sum(self._was_delivered(row) for row in theirs),
            late=sum(self._was_late(row) for row in theirs),
        )

    def _was_delivered(self, row: Deliverable) -> bool:
        return bool(row.delivered_on and self.period.starts_on <= row.delivered_on <= self.end)

    def _was_late(self, row: Deliverable) -> bool:
        """At the end of the period: what was delivered after it was still expected then."""
        is_due = bool(row.due and row.due.last_day < self.end)
        came_later = bool(row.delivered_on and row.delivered_on > self.end)
        return row.is_overdue(on=self.end) or (is_due and came_later)

    def _stages(self) -> tuple[content.StatusCount, ...]:
        counts = Counter(row.stage for row in self.plan.rows)
        return tuple(
            content.StatusCount(stage, str(label), counts[stage])
            for stage, label in Project.Stage.choices
            if counts[stage]
        )

    # What one report says

    def _report(self, report: PublicReport) -> content.Report:
        project = self.projects[report.report.project_id]
        return content.Report(
            project=project.slug,
            narrative=self._said(report, "narrative"),
            learned=self._said(report, "learned"),
            values=tuple(self._value(value) for value in report.values),
            deliverables=tuple(self._changed(project, report.deliverables)),
        )

    def _said(self, report: PublicReport, name: str) -> Text:
        """In the language of the document; else in the other one."""
        other = "en" if self.language == "fr" else "fr"
        found = [(getattr(report, f"{name}_{code}"), code) for code in (self.language, other)]
        return next((Text(*pair) for pair in found if pair[0]), Text())

    def _value(self, value: PublicValue) -> content.ReportedValue:
        followed = self.indicators.get(value.key)
        definition = value.definition
        return content.ReportedValue(
            title=self.plan.text(definition, "title") if definition else Text(value.key),
            slug=value.key if followed else "",
            figure=value.text,
            assessment=Text(value.assessment),
            absence=value.absence_label if value.absence else "",
            note=Text(value.note),
            aimed=self.plan.aimed(value.key, followed.indicator.definition, followed.progress)
            if followed and followed.indicator.definition
            else None,
        )

    def _changed(
        self, project: Project, told: Iterable[PublicDeliverable]
    ) -> Iterable[content.ReportedDeliverable]:
        """Those of which the report says another state than the report before, and those delivered in the period."""
        by_key = {row.deliverable.pk: row for row in told if row.deliverable}
        rows = [row for row in self.deliverables if row.project_id == project.pk]
        for row in rows:
            said = by_key.get(row.pk)
            if said and said.state and said.state != self.before.get(row.pk, ""):
                yield self._deliverable(row, said.state, said.state_label, said.delivered_on, said.note)
            elif self._was_delivered(row):
                note = said.note if said else ""
                yield self._deliverable(row, row.state, str(row.get_state_display()), row.delivered_on, note)

    def _deliverable(
        self, row: Deliverable, state: str, label: str, day: dt.date | None, note: str
    ) -> content.ReportedDeliverable:
        return content.ReportedDeliverable(
            title=self.plan.text(row, "title"),
            state=state,
            state_label=label,
            delivered_on=PartialDate(day).format(self.language) if day else "",
            note=Text(note),
        )

    def _states_before(self) -> dict[int, str]:
        """Of each deliverable, the state that the latest accepted report of an earlier period says."""
        earlier = (
            ProgressReport.objects.published()
            .filter(project__in=self.accepted, period__ends_on__lt=self.period.ends_on)
            .order_by("period__ends_on", "pk")
            .values_list("accepted_version__content", flat=True)
        )
        return {
            int(row["id"]): row["state"]
            for said in earlier
            for row in said.get("deliverables", [])
            if row.get("state")
        }

    # The plan around it

    def _slim(self, orientations: tuple[content.Orientation, ...]) -> tuple[content.Orientation, ...]:
        return tuple(
            dataclasses.replace(
                orientation,
                problem=Text(),
                objectives=tuple(
                    dataclasses.replace(
                        objective,
                        description=Text(),
                        targets=(),
                        projects=tuple(_slim(project) for project in objective.projects),
                    )
                    for objective in orientation.objectives
                ),
            )
            for orientation in orientations
        )

    def _organizations(self) -> tuple[content.Organization, ...]:
        """Those of the projects that reported."""
        theirs = {
            part.organization.slug
            for pk in self.accepted
            for part in self.projects[pk].project_partners.all()
        }
        return tuple(row for row in self.plan.organizations() if row.slug in theirs)


def _slim(project: content.Project) -> content.Project:
    """Without what a progress edition does not print: a change of it makes no other edition."""
    return dataclasses.replace(
        project, summary=Text(), period="", covers_whole_island=False, issues=(), territories=()
    )
