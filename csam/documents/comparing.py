"""What changed between two editions, from the data frozen with them: no PDF is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from csam.documents.content import Deliverable, PlanContent, Project, Text
from csam.documents.sections import alphabetical, counts_of
from indicators.explaining import figure
from projects.registrations.differences import Piece, compare_items, compare_words


@dataclass(frozen=True)
class Change:
    """One field that reads otherwise; ``pieces`` are runs of words, or whole items where ``is_list``."""

    label: str | Promise
    is_list: bool
    pieces: list[Piece]


@dataclass(frozen=True)
class Changed:
    """A project, an objective or another part of the plan that is in both, with what changed of it."""

    anchor: str
    title: Text
    code: str
    changes: list[Change]


@dataclass(frozen=True)
class ThenAndNow:
    label: str | Promise
    then: int
    now: int

    @property
    def difference(self) -> int:
        return self.now - self.then

    @property
    def size(self) -> int:
        """Of the difference, without its sign."""
        return abs(self.difference)


@dataclass(frozen=True)
class Comparison:
    figures: list[ThenAndNow]
    added: list[Project]
    withdrawn: list[Project]
    changed: list[Changed]
    #: Orientations, objectives and texts of the plan itself.
    plan: list[Changed]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.withdrawn or self.changed or self.plan)


#: A field of something, as one text or as a list of items.
Field = tuple[str | Promise, bool, Callable[[PlanContent, Project], list[str]]]


def compare(old: PlanContent, new: PlanContent) -> Comparison:
    """Projects are the same when their address is."""
    before = {project.slug: project for project in old.projects}
    after = {project.slug: project for project in new.projects}
    changed = [
        Changed(f"projet-{project.slug}", project.title, "", changes)
        for project in alphabetical(after.values())
        if project.slug in before and (changes := list(_of_project(old, before[project.slug], new, project)))
    ]
    return Comparison(
        figures=_figures(old, new),
        added=alphabetical(after[slug] for slug in after.keys() - before.keys()),
        withdrawn=alphabetical(before[slug] for slug in before.keys() - after.keys()),
        changed=changed,
        plan=list(_of_plan(old, new)),
    )


def _figures(old: PlanContent, new: PlanContent) -> list[ThenAndNow]:
    labels = {
        "orientations": _("Orientations"),
        "objectives": _("Objectifs généraux"),
        "projects": _("Projets"),
        "organizations": _("Organisations engagées"),
        "territories": _("Territoires rejoints"),
    }
    then, now = counts_of(old), counts_of(new)
    found = [ThenAndNow(label, then[name], now[name]) for name, label in labels.items()]
    for stage, label in _stages(old, new).items():
        found.append(ThenAndNow(label, _at_stage(old, stage), _at_stage(new, stage)))
    delivered = [sum(d.state == "delivered" for d in _deliverables(content)) for content in (old, new)]
    expected = [sum(1 for _d in _deliverables(content)) for content in (old, new)]
    return [
        *found,
        ThenAndNow(_("Livrables"), *expected),
        ThenAndNow(_("Livrables livrés"), *delivered),
        ThenAndNow(_("Indicateurs suivis"), old.tally.total, new.tally.total),
        ThenAndNow(_("Projets qui ont rapporté"), old.tally.reported, new.tally.reported),
    ]


def _stages(*contents: PlanContent) -> dict[str, str]:
    labels = {project.stage: project.stage_label for content in contents for project in content.projects}
    return {
        str(stage): str(_("Projets : %(stage)s")) % {"stage": labels[stage]}
        for stage in ("planned", "under_way", "completed", "suspended", "cancelled")
        if stage in labels
    }


def _at_stage(content: PlanContent, stage: str) -> int:
    return sum(project.stage == stage for project in content.projects)


def _deliverables(content: PlanContent) -> Iterator[Deliverable]:
    for project in content.projects:
        yield from project.sheet.deliverables if project.sheet else ()


def _of_project(old: PlanContent, was: Project, new: PlanContent, now: Project) -> Iterator[Change]:
    for label, is_list, read in _PROJECT_FIELDS:
        yield from change(label, is_list, read(old, was), read(new, now))


def change(label: str | Promise, is_list: bool, was: list[str], now: list[str]) -> Iterator[Change]:
    if was != now:
        pieces = compare_items(was, now) if is_list else compare_words("".join(was), "".join(now))
        yield Change(label, is_list, pieces)


def _of_plan(old: PlanContent, new: PlanContent) -> Iterator[Changed]:
    texts: list[tuple[str, str | Promise, Text, Text]] = [
        ("contexte", _("Titre"), old.title, new.title),
        ("contexte", _("Vision"), old.vision, new.vision),
        ("contexte", _("Introduction"), old.introduction, new.introduction),
        ("approche", _("Approche systémique"), old.systemic_approach, new.systemic_approach),
        ("suites", _("Mise en œuvre"), old.implementation, new.implementation),
        ("conclusion", _("Limites et leçons"), old.limits, new.limits),
    ]
    for anchor, label, was, now in texts:
        if changes := list(change(label, False, [str(was)], [str(now)])):
            yield Changed(anchor, Text(str(label), new.language), "", changes)
    yield from _parts(
        {f"orientation-{o.number}": (str(o.number), o.title, o.problem) for o in old.orientations},
        {f"orientation-{o.number}": (str(o.number), o.title, o.problem) for o in new.orientations},
        _("Problématique"),
    )
    yield from _parts(
        {f"objectif-{o.code}": (o.code, o.title, o.description) for o in old.objectives},
        {f"objectif-{o.code}": (o.code, o.title, o.description) for o in new.objectives},
        _("Description"),
    )


def _parts(
    before: dict[str, tuple[str, Text, Text]], after: dict[str, tuple[str, Text, Text]], label: str | Promise
) -> Iterator[Changed]:
    nothing = ("", Text(), Text())
    for anchor in dict.fromkeys([*before, *after]):
        was, now = before.get(anchor, nothing), after.get(anchor, nothing)
        changes = [
            *change(_("Titre"), False, [str(was[1])], [str(now[1])]),
            *change(label, False, [str(was[2])], [str(now[2])]),
        ]
        if changes:
            yield Changed(anchor, now[1] or was[1], now[0] or was[0], changes)


def _territories(content: PlanContent, project: Project) -> list[str]:
    names = {territory.code: territory.name for territory in content.territories}
    whole = [str(_("Toute l'île"))] if project.covers_whole_island else []
    return [*whole, *(names[code] for code in project.territories if code in names)]


def _issues(content: PlanContent, project: Project) -> list[str]:
    titles = {issue.number: str(issue.title) for issue in content.issues}
    return [titles[number] for number in project.issues if number in titles]


def _deliverable_lines(_content: PlanContent, project: Project) -> list[str]:
    rows = project.sheet.deliverables if project.sheet else ()
    return [" – ".join(part for part in (str(row.title), row.due, row.state_label) if part) for row in rows]


def _result_lines(_content: PlanContent, project: Project) -> list[str]:
    rows = project.sheet.indicators if project.sheet else ()
    return [
        " – ".join(
            part
            for part in (
                str(row.title),
                figure(row.measured.progress.value, row.decimals, row.unit) if row.measured.value else "",
                row.measured.status_label,
            )
            if part
        )
        for row in rows
    ]


_PROJECT_FIELDS: tuple[Field, ...] = (
    (_("Titre"), False, lambda _c, p: [str(p.title)]),
    (_("Étape"), False, lambda _c, p: [p.stage_label]),
    (_("Période"), False, lambda _c, p: [p.period]),
    (_("Résumé"), False, lambda _c, p: [str(p.summary)]),
    (_("Description"), False, lambda _c, p: [str(p.sheet.description) if p.sheet else ""]),
    (_("Objectifs"), True, lambda _c, p: list(p.objectives)),
    (_("Enjeux transversaux"), True, _issues),
    (_("Maillons de la chaîne"), True, lambda _c, p: list(p.sheet.links) if p.sheet else []),
    (_("Territoires"), True, _territories),
    (_("Populations visées"), False, lambda _c, p: [str(p.sheet.populations) if p.sheet else ""]),
    (_("Partenaires"), True, lambda _c, p: [f"{part.name} ({part.role_label})" for part in p.partners]),
    (_("Livrables"), True, _deliverable_lines),
    (_("Résultats"), True, _result_lines),
    (_("Site web"), False, lambda _c, p: [p.sheet.website if p.sheet else ""]),
)
