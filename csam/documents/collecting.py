"""Collecting what a document says, in one consistent snapshot and a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Prefetch
from django.utils import translation
from django.utils.translation import gettext as _
from translated_fields import to_attribute

from core.partial_dates import PartialDate
from core.translation import text_and_language
from csam.documents import content
from csam.documents.content import PlanContent, Text
from indicators import dashboard
from indicators.context import disagreeing
from indicators.dashboard import Followed, Tally
from indicators.models import CommonTarget, ContextIndicator, ContextValue, IndicatorDefinition
from indicators.pooling import Pooled
from indicators.progress import Progress
from partners.models import Organization, Territory
from plans.models import Objective, Plan
from projects.models import Deliverable, Project, ProjectObjective, ProjectPartner
from projects.models.project import ProjectQuerySet


def collect(*, plan: Plan, kind: str, language: str, on: dt.date, full: bool) -> PlanContent:
    """The published data of a plan as plain values in that language; lateness is judged on that day."""
    with snapshot(), translation.override(language):
        return Collector(plan=plan, language=language, on=on, full=full).collect(kind)


def collect_sheet(*, project: Project, language: str, on: dt.date) -> PlanContent:
    """The same for one published project alone, with what of the plan its sheet names."""
    with snapshot(), translation.override(language):
        return Collector(plan=project.plan, language=language, on=on, full=True, only=project).sheet()


@contextmanager
def snapshot() -> Iterator[None]:
    """One view of the database for all the queries inside, even while somebody edits.

    Inside a transaction that is already open, that transaction's own view is used.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class Collector:
    """Reads the rows of a plan once, and says each as plain values in its language."""

    def __init__(
        self, *, plan: Plan, language: str, on: dt.date, full: bool, only: Project | None = None
    ) -> None:
        self.plan = Plan.objects.get(pk=plan.pk)
        self.language = language
        self.on = on
        self.full = full
        self.only = only
        self.rows = list(self._project_rows())
        self.followed = dashboard.followed_in(self._published(), on=on)
        self.by_project: dict[int, list[Followed]] = {}
        for row in sorted(self.followed, key=lambda f: (f.indicator.position, f.indicator.pk)):
            self.by_project.setdefault(row.indicator.project_id, []).append(row)
        self.targets = [] if only else dashboard.common_targets(plan, on=on)
        self.objectives = list(
            Objective.objects.filter(orientation__plan=plan)
            .select_related("orientation")
            .order_by("orientation__number", "number")
        )

    def collect(self, kind: str) -> PlanContent:
        plan = self.plan
        figures = list(plan.figures.all())
        return PlanContent(
            kind=kind,
            language=self.language,
            as_of=self.on.isoformat(),
            slug=plan.slug,
            title=self.text(plan, "title"),
            years=plan.years,
            vision=self.text(plan, "vision"),
            introduction=self.text(plan, "introduction"),
            systemic_approach=self.text(plan, "systemic_approach"),
            implementation=self.text(plan, "implementation"),
            limits=self.text(plan, "limits"),
            has_demonstration_data=self.has_demonstration_data(),
            orientations=self.orientations(),
            unplaced=tuple(self.project(row) for row in self.rows if self.place(row) is None),
            issues=self._issues(),
            phases=tuple(
                content.Phase(
                    phase.number,
                    self.text(phase, "title"),
                    self.text(phase, "text"),
                    self.period(phase.starts, phase.ends),
                    tuple(self.figure(f) for f in figures if f.phase_id == phase.pk),
                )
                for phase in plan.phases.all()
            ),
            figures=tuple(self.figure(f) for f in figures if f.phase_id is None),
            milestones=tuple(
                content.Milestone(
                    m.happened.format(self.language), self.text(m, "title"), self.text(m, "text")
                )
                for m in plan.milestones.all()
            ),
            organizations=self.organizations(),
            territories=self._territories(),
            tally=self.tally(self.followed),
            targets=self._targets(None),
            context=self._context(),
        )

    def sheet(self) -> PlanContent:
        plan = self.plan
        served = {tie.objective_id for row in self.rows for tie in row.objective_ties.all()}
        self.objectives = [objective for objective in self.objectives if objective.pk in served]
        return PlanContent(
            kind=content.SHEET,
            language=self.language,
            as_of=self.on.isoformat(),
            slug=plan.slug,
            title=self.text(plan, "title"),
            years=plan.years,
            vision=Text(),
            introduction=Text(),
            systemic_approach=Text(),
            implementation=Text(),
            limits=Text(),
            has_demonstration_data=self.has_demonstration_data(),
            orientations=tuple(o for o in self.orientations() if o.objectives),
            unplaced=tuple(self.project(row) for row in self.rows if self.place(row) is None),
            issues=self._issues(),
            phases=(),
            figures=(),
            milestones=(),
            organizations=self.organizations(),
            territories=self._territories(),
        )

    def text(self, obj: object, name: str) -> Text:
        return Text(*text_and_language(obj, name, self.language))

    def figure(self, figure: object) -> content.Figure:
        return content.Figure(str(figure.value), self.text(figure, "label"))  # type: ignore[attr-defined]

    def period(self, starts: PartialDate | None, ends: PartialDate | None) -> str:
        first = starts.format(self.language) if starts else ""
        last = ends.format(self.language) if ends else ""
        if first and last:
            return first if first == last else _("%(start)s à %(end)s") % {"start": first, "end": last}
        if first:
            return _("à partir de %(start)s") % {"start": first}
        return _("jusqu'à %(end)s") % {"end": last} if last else ""

    def project(self, row: Project) -> content.Project:
        return content.Project(
            slug=row.slug,
            title=self.text(row, "title"),
            summary=self.text(row, "summary"),
            stage=row.stage,
            stage_label=str(row.get_stage_display()),
            period=self.period(row.starts, row.ends),
            covers_whole_island=row.covers_whole_island,
            objectives=tuple(tie.objective.code for tie in row.objective_ties.all()),
            issues=tuple(issue.number for issue in row.issues.all()),
            territories=tuple(territory.code for territory in row.territories.all()),
            partners=tuple(
                content.Part(
                    organization=part.organization.slug,
                    name=part.organization.name,
                    role=part.role,
                    role_label=str(part.get_role_display()),
                    is_confirmed=part.confirmed_on is not None,
                )
                for part in row.project_partners.all()
            ),
            sheet=self._sheet(row) if self.full else None,
        )

    def _sheet(self, row: Project) -> content.Sheet:
        is_public = row.has_public_contact
        return content.Sheet(
            description=self.text(row, "description"),
            populations=self.text(row, "populations"),
            links=tuple(str(link.get_link_display()) for link in row.food_chain_links.all()),
            contact_name=row.contact_name if is_public else "",
            contact_email=row.contact_email if is_public else "",
            website=row.website,
            deliverables=tuple(self._deliverable(d) for d in row.deliverables.all()),
            indicators=tuple(
                self.aimed(found.indicator.slug, found.indicator.definition, found.progress)
                for found in self.by_project.get(row.pk, ())
                if found.indicator.definition
            ),
        )

    def _deliverable(self, row: Deliverable) -> content.Deliverable:
        return content.Deliverable(
            title=self.text(row, "title"),
            due=row.due.format(self.language) if row.due else "",
            state=row.state,
            state_label=str(row.get_state_display()),
            is_late=row.is_overdue(on=self.on),
        )

    def aimed(self, slug: str, aim: IndicatorDefinition | CommonTarget, progress: Progress) -> content.Aimed:
        return content.Aimed(
            slug=slug,
            title=self.text(aim, "title"),
            unit=str(self.text(aim, "unit")),
            decimals=aim.decimals,
            target=number(aim.target),
            target_on=aim.target_on.isoformat() if aim.target_on else "",
            measured=content.Measured(
                status=progress.status.value,
                status_label=str(progress.status.label),
                value=number(progress.value),
                value_on=progress.value_on.isoformat() if progress.value_on else "",
                percent=number(progress.percent),
                expected=number(progress.expected),
                kept=progress.kept,
                reported=progress.reported,
                is_stale=progress.is_stale,
            ),
        )

    def _targets(self, objective: int | None) -> tuple[content.CommonTarget, ...]:
        """Those of that objective; of the whole plan where it is None."""
        return tuple(
            self.target(row.target, row.pooled)
            for row in self.targets
            if row.target.objective_id == objective
        )

    def target(self, row: CommonTarget, pooled: Pooled) -> content.CommonTarget:
        return content.CommonTarget(
            aimed=self.aimed(row.slug, row, pooled.progress),
            meaning=self.text(row, "meaning"),
            objective=row.objective.code if row.objective else "",
            reported=pooled.reported,
            expected=pooled.expected,
        )

    def tally(self, rows: Iterable[Followed]) -> content.Tally:
        tally = Tally.of(rows)
        return content.Tally(
            counts=tuple(
                content.StatusCount(status.value, str(status.label), n) for status, n in tally.labelled
            ),
            reported=tally.reported,
            followed=tally.followed,
        )

    def _context(self) -> tuple[content.Context, ...]:
        found = []
        for row in ContextIndicator.objects.with_values():
            values = list(row.values.all())
            disputed = disagreeing(values)
            statistics = tuple(self._statistic(value, value.pk in disputed) for value in values)
            found.append(
                content.Context(
                    self.text(row, "title"),
                    self.text(row, "meaning"),
                    str(self.text(row, "unit")),
                    row.decimals,
                    statistics,
                )
            )
        return tuple(found)

    def _statistic(self, row: ContextValue, is_disputed: bool) -> content.Statistic:
        is_primary = row.nature == ContextValue.Nature.PRIMARY
        return content.Statistic(
            territory=self.text(row, "territory"),
            years=row.years,
            value=number(row.value),
            is_approximate=row.is_approximate,
            is_disputed=is_disputed,
            source=row.source,
            source_url=row.source_url,
            nature="" if is_primary else str(row.get_nature_display()),
            note=self.text(row, "note"),
        )

    def _project_rows(self) -> list[Project]:
        rows = (
            self._published()
            .prefetch_related(
                Prefetch(
                    "objective_ties",
                    ProjectObjective.objects.filter(objective__orientation__plan=self.plan).select_related(
                        "objective__orientation"
                    ),
                ),
                Prefetch("project_partners", ProjectPartner.objects.select_related("organization")),
                "territories",
                "issues",
            )
            .order_by(to_attribute("sort_key", self.language), "pk")
        )
        return list(rows.prefetch_related("food_chain_links", "deliverables") if self.full else rows)

    def _published(self) -> ProjectQuerySet:
        rows = Project.objects.published().filter(plan=self.plan)
        return rows.filter(pk=self.only.pk) if self.only else rows

    def _issues(self) -> tuple[content.Issue, ...]:
        rows = self.plan.issues.all()
        if self.only:
            rows = rows.filter(projects=self.only)
        return tuple(
            content.Issue(row.number, self.text(row, "title"), self.text(row, "description")) for row in rows
        )

    def _territories(self) -> tuple[content.Territory, ...]:
        rows = Territory.objects.all()
        if self.only:
            rows = rows.filter(projects=self.only)
        return tuple(
            content.Territory(
                t.code, t.slug, t.name, t.abbreviation, t.kind, str(t.latitude), str(t.longitude)
            )
            for t in rows
        )

    def place(self, row: Project) -> int | None:
        """The objective under which the project stands: its primary one, else its first."""
        return next((tie.objective_id for tie in row.objective_ties.all()), None)

    def orientations(self) -> tuple[content.Orientation, ...]:
        projects: dict[int | None, list[content.Project]] = {}
        for row in self.rows:
            projects.setdefault(self.place(row), []).append(self.project(row))
        objectives: dict[int, list[content.Objective]] = {}
        for objective in self.objectives:
            objectives.setdefault(objective.orientation_id, []).append(
                content.Objective(
                    objective.code,
                    self.text(objective, "title"),
                    self.text(objective, "description"),
                    tuple(projects.get(objective.pk, ())),
                    self._targets(objective.pk),
                )
            )
        return tuple(
            content.Orientation(
                orientation.number,
                self.text(orientation, "title"),
                self.text(orientation, "short_title"),
                self.text(orientation, "problem"),
                orientation.colour,
                tuple(objectives.get(orientation.pk, ())),
                self.tally(row for row in self.followed if orientation.number in row.orientations),
            )
            for orientation in self.plan.orientations.all()
        )

    def organizations(self) -> tuple[content.Organization, ...]:
        rows = (
            Organization.objects.exclude(stage=Organization.Stage.PENDING)
            .filter(project_parts__project__in=self._published())
            .distinct()
            .alphabetical(language=self.language)
            .prefetch_related("territories")
        )
        return tuple(
            content.Organization(
                slug=row.slug,
                name=row.name,
                acronym=row.acronym,
                sector=row.sector,
                sector_label=str(row.get_sector_display()),
                description=self.text(row, "description") if self.full else Text(),
                website=row.website,
                territories=tuple(territory.name for territory in row.territories.all()),
                covers_whole_island=row.covers_whole_island,
            )
            for row in rows
        )

    def has_demonstration_data(self) -> bool:
        return bool(
            self.plan.is_demonstration
            or any(row.is_demonstration for row in self.rows)
            or any(objective.is_demonstration for objective in self.objectives)
            or any(row.indicator.is_demonstration for row in self.followed)
            or any(row.is_demonstration for row in self.targets)
            or any(
                part.organization.is_demonstration for row in self.rows for part in row.project_partners.all()
            )
        )


def number(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")
