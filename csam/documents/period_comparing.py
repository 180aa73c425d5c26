"""What changed between two progress editions of a period: reports accepted since, corrected, gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from csam.documents.comparing import Change, Changed, Comparison, ThenAndNow, change
from csam.documents.content import Period, PlanContent, Report, ReportedValue
from csam.documents.sections import alphabetical


def compare_periods(old: PlanContent, new: PlanContent) -> Comparison:
    """Both are of one period. A project that is no longer published is told with the words of then."""
    was, now = _period(old), _period(new)
    before = {report.project: report for report in was.reports}
    after = {report.project: report for report in now.reports}
    then = {project.slug: project for project in old.projects}
    current = {project.slug: project for project in new.projects}
    return Comparison(
        figures=list(_figures(old, new)),
        added=alphabetical(current[slug] for slug in after.keys() - before.keys()),
        withdrawn=alphabetical(then[slug] for slug in before.keys() - after.keys()),
        changed=[
            Changed(f"projet-{project.slug}", project.title, "", changes)
            for project in alphabetical(current[slug] for slug in after.keys() & before.keys())
            if (changes := list(_of_report(before[project.slug], after[project.slug])))
        ],
        plan=[],
    )


def _period(content: PlanContent) -> Period:
    if content.period is None:
        raise ValueError("not a progress edition")
    return content.period


def _figures(old: PlanContent, new: PlanContent) -> Iterator[ThenAndNow]:
    was, now = _period(old).whole, _period(new).whole
    yield ThenAndNow(_("Bilans acceptés"), was.reported, now.reported)
    yield ThenAndNow(_("Bilans demandés"), was.expected, now.expected)
    yield ThenAndNow(_("Projets dispensés"), was.waived, now.waived)
    yield ThenAndNow(_("Livrables livrés dans la période"), was.delivered, now.delivered)
    yield ThenAndNow(_("Livrables en retard à sa fin"), was.late, now.late)
    yield ThenAndNow(_("Indicateurs suivis"), old.tally.total, new.tally.total)
    yield ThenAndNow(_("Projets qui ont une valeur"), old.tally.reported, new.tally.reported)


def _of_report(was: Report, now: Report) -> Iterator[Change]:
    for label, is_list, read in _FIELDS:
        yield from change(label, is_list, read(was), read(now))


def _value_lines(report: Report) -> list[str]:
    return [_joined(str(value.title), *_said(value)) for value in report.values]


def _said(value: ReportedValue) -> tuple[str, ...]:
    return value.figure or str(value.assessment) or value.absence, str(value.note)


def _deliverable_lines(report: Report) -> list[str]:
    return [
        _joined(str(row.title), row.state_label, row.delivered_on, str(row.note))
        for row in report.deliverables
    ]


def _joined(*parts: str) -> str:
    return " – ".join(part for part in parts if part)


_FIELDS: tuple[tuple[str | Promise, bool, Callable[[Report], list[str]]], ...] = (
    (_("Ce qui a été fait"), False, lambda report: [str(report.narrative)]),
    (_("Valeurs rapportées"), True, _value_lines),
    (_("Livrables"), True, _deliverable_lines),
    (_("Ce que le projet a appris"), False, lambda report: [str(report.learned)]),
)
