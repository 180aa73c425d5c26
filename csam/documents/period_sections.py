"""The sections of the progress edition of a reporting period, in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from csam.documents.acronyms import acronyms_in
from csam.documents.content import Orientation, Period, PlanContent, Project, Report
from csam.documents.sections import Section, alphabetical, foreign

#: A project with what it reported.
Reported = tuple[Project, Report]


def sections_of_period(content: PlanContent, period: Period) -> list[Section]:
    """Those to print; there is something to say of a period of which nothing was reported, too."""
    return [
        Section("en-bref", _("La période en bref"), "period_brief", lambda c: _brief(c, period)),
        *_targets(period),
        *(_orientation(content, period, orientation) for orientation in content.orientations),
        *_closing(content, period),
        *_references(content, period),
    ]


def _targets(period: Period) -> Iterator[Section]:
    if period.targets:
        yield Section("cibles", _("Les cibles communes"), "period_targets", lambda _c: {"period": period})


def _orientation(content: PlanContent, period: Period, orientation: Orientation) -> Section:
    objectives = [(objective, _reported(period, objective.projects)) for objective in orientation.objectives]
    return Section(
        anchor=f"orientation-{orientation.number}",
        title=str(orientation.title),
        template="period_orientation",
        prepare=lambda _content: {
            "orientation": orientation,
            "part": dict(period.orientations)[orientation.number],
            "objectives": [(objective, rows) for objective, rows in objectives if rows],
            "quiet": [objective for objective, rows in objectives if not rows],
        },
        hue=orientation.colour,
        number=orientation.number,
        title_language=foreign(orientation.title, content),
        children=tuple(
            (f"objectif-{o.code}", o.code, str(o.title), foreign(o.title, content))
            for o, rows in objectives
            if rows
        ),
        orientation=orientation,
    )


def _closing(content: PlanContent, period: Period) -> Iterator[Section]:
    if rows := _reported(period, content.unplaced):
        yield Section("autres", _("Autres projets"), "period_others", lambda _c: {"rows": rows})
    if any(report.learned for report in period.reports):
        title = _("Ce que les projets ont appris")
        yield Section("appris", title, "period_learned", lambda c: {"groups": _learned(c, period)})
    if period.silent or period.waived or period.unasked:
        yield Section(
            "sans-bilan", _("Les projets sans bilan accepté"), "period_silent", lambda c: _silent(c, period)
        )
    yield Section("methode", _("Comment ces chiffres sont établis"), "period_method")


def _references(content: PlanContent, period: Period) -> Iterator[Section]:
    if acronyms := acronyms_in(content):
        yield Section("acronymes", _("Sigles et acronymes"), "acronyms", lambda _c: {"acronyms": acronyms})
    if content.organizations:
        yield Section(
            "index-organisations",
            _("Index par organisation"),
            "index",
            lambda c: {"entries": _index(c, period)},
            cites_pages=True,
        )


def _brief(content: PlanContent, period: Period) -> dict[str, Any]:
    parts = dict(period.orientations)
    return {
        "period": period,
        "rows": [(orientation, parts[orientation.number]) for orientation in content.orientations],
    }


def _reported(period: Period, projects: tuple[Project, ...]) -> list[Reported]:
    """Those of the projects that have an accepted report, with it, in their order."""
    reports = {report.project: report for report in period.reports}
    return [(project, reports[project.slug]) for project in projects if project.slug in reports]


def _learned(content: PlanContent, period: Period) -> list[dict[str, Any]]:
    """By objective, in the order of the plan; the projects without one last."""
    places: list[tuple[Any, tuple[Project, ...]]] = [(o, o.projects) for o in content.objectives]
    groups = [
        {
            "objective": objective,
            "rows": [row for row in _reported(period, projects) if row[1].learned],
        }
        for objective, projects in [*places, (None, content.unplaced)]
    ]
    return [group for group in groups if group["rows"]]


def _silent(content: PlanContent, period: Period) -> dict[str, Any]:
    projects = {project.slug: project for project in content.projects}
    return {
        "silent": alphabetical(projects[slug] for slug in period.silent),
        "waived": alphabetical(projects[slug] for slug in period.waived),
        "unasked": period.unasked,
    }


def _index(content: PlanContent, period: Period) -> list[dict[str, Any]]:
    """The organisations of the projects that reported, with these."""
    reported = [project for project, _report in _reported(period, content.projects)]
    return [
        {
            "name": organization.name,
            "projects": alphabetical(
                project
                for project in reported
                if any(part.organization == organization.slug for part in project.partners)
            ),
        }
        for organization in content.organizations
    ]
