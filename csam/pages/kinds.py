"""The kinds of things that the search over the whole portal finds, and how each is found and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.folding import query_stems, stems
from core.searchable import SearchableQuerySet
from core.translation import text_and_language
from csam.pages.excerpts import Passage
from indicators.models import CommonTarget, Indicator, Learning
from partners.models import Organization, Territory
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan, PlanningPhase
from projects.models import Project

#: (primary key, 0 when every word is in the title, else 1), in order.
Keys = list[tuple[int, int]]


def _text(row: Any, name: str, language: str) -> Passage:
    return Passage(*text_and_language(row, name, language))


def _title(row: Any, language: str) -> Passage:
    return _text(row, "title", language)


def _own_page(row: Any) -> str:
    return str(row.get_absolute_url())


def _no_number(_row: Any) -> str:
    return ""


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of thing that is found. Their order in ``KINDS`` is their order among equal hits."""

    code: str
    name: str | Promise
    plural: str | Promise
    find: Callable[[str, str], Keys]
    load: Callable[[Sequence[int]], SearchableQuerySet | Any]
    passages: Callable[[Any, str], Iterator[Passage]]
    #: What tells it from others of its kind: its plan, its stage.
    detail: Callable[[Any, str], Passage]
    title: Callable[[Any, str], Passage] = _title
    number: Callable[[Any], str] = _no_number
    address: Callable[[Any], str] = _own_page


# How each is found -----------------------------------------------------------------------------------------


def _find(rows: Callable[[], SearchableQuerySet], text: str, language: str) -> Keys:
    found = rows().search(text, language=language)
    ordered = found.order_by("title_hit", found.sort_column(language), "pk")
    return list(ordered.values_list("pk", "title_hit"))


def _find_territories(text: str, language: str) -> Keys:
    """The 34 territories have no search columns: their names are compared here."""
    wanted = set(query_stems(text, language))
    if not wanted:
        return []
    names = Territory.objects.order_by("sort_key").values_list("pk", "name")
    return [(pk, 0) for pk, name in names if wanted <= set(stems(name, language))]


def _projects() -> SearchableQuerySet:
    return Project.objects.published()


def _organizations() -> SearchableQuerySet:
    return Organization.objects.public()


def _orientations() -> SearchableQuerySet:
    return Orientation.objects.filter(plan__in=Plan.objects.public())


def _objectives() -> SearchableQuerySet:
    return Objective.objects.filter(orientation__plan__in=Plan.objects.public())


def _issues() -> SearchableQuerySet:
    return CrossCuttingIssue.objects.filter(plan__in=Plan.objects.public())


def _phases() -> SearchableQuerySet:
    """Of the current plan: the page of the planning process shows no other."""
    return PlanningPhase.objects.filter(plan__in=Plan.objects.public(), plan__is_current=True)


def _indicators() -> SearchableQuerySet:
    return Indicator.objects.published()


def _targets() -> SearchableQuerySet:
    return CommonTarget.objects.published()


def _learnings() -> SearchableQuerySet:
    return Learning.objects.published()


# What a page of results reads of them ----------------------------------------------------------------------


def _load_projects(pks: Sequence[int]) -> SearchableQuerySet:
    rows = _projects().filter(pk__in=pks).without_search_columns().select_related("plan")
    return rows.prefetch_related("organizations", "territories", "deliverables")


def _load_organizations(pks: Sequence[int]) -> SearchableQuerySet:
    return _organizations().filter(pk__in=pks).without_search_columns().prefetch_related("territories")


def _load_indicators(pks: Sequence[int]) -> SearchableQuerySet:
    rows = _indicators().filter(pk__in=pks).without_search_columns()
    return rows.select_related("definition", "project__plan")


def _load_targets(pks: Sequence[int]) -> SearchableQuerySet:
    return _targets().filter(pk__in=pks).without_search_columns().select_related("plan")


def _load_learnings(pks: Sequence[int]) -> SearchableQuerySet:
    rows = _learnings().filter(pk__in=pks).without_search_columns()
    return rows.select_related("report__project", "report__period").defer(
        *(f"report__project__{name}" for name in Project.search_columns())
    )


# What is shown of each -------------------------------------------------------------------------------------


def _project_passages(project: Project, language: str) -> Iterator[Passage]:
    for name in ("summary", "description", "populations"):
        yield _text(project, name, language)
    yield from (_text(deliverable, "title", language) for deliverable in project.deliverables.all())
    yield Passage(", ".join(o.name_with_acronym for o in project.organizations.all()), "")
    yield Passage(", ".join(t.name for t in project.territories.all()), "")


def _organization_passages(organization: Organization, language: str) -> Iterator[Passage]:
    yield _text(organization, "description", language)
    yield Passage(", ".join(t.name for t in organization.territories.all()), "")


def _indicator_passages(indicator: Indicator, language: str) -> Iterator[Passage]:
    yield _text(indicator.definition, "meaning", language)
    yield _text(indicator.definition, "unit", language)
    yield _text(indicator.project, "title", language)


def _target_passages(target: CommonTarget, language: str) -> Iterator[Passage]:
    for name in ("meaning", "unit", "source"):
        yield _text(target, name, language)


def _learning_passages(learning: Learning, language: str) -> Iterator[Passage]:
    yield Passage(*learning.passage(language))


def _period(learning: Learning, language: str) -> Passage:
    report = learning.report
    return _text(report.period, "title", language) if report.period else Passage(report.own_title, "fr")


def _nothing_more(_row: Any, _language: str) -> Iterator[Passage]:
    yield from ()


def _body(row: Any, language: str, *, name: str) -> Iterator[Passage]:
    yield _text(row, name, language)


def _plan(plan: Plan) -> Passage:
    return Passage(gettext("Plan %(years)s") % {"years": plan.years}, "")


KINDS = [
    Kind(
        "orientations",
        _("Orientation"),
        _("Orientations"),
        find=partial(_find, _orientations),
        load=lambda pks: _orientations().filter(pk__in=pks).select_related("plan"),
        passages=partial(_body, name="problem"),
        detail=lambda orientation, _language: _plan(orientation.plan),
        number=lambda orientation: str(orientation.number),
    ),
    Kind(
        "objectifs",
        _("Objectif général"),
        _("Objectifs généraux"),
        find=partial(_find, _objectives),
        load=lambda pks: _objectives().filter(pk__in=pks).select_related("orientation__plan"),
        passages=partial(_body, name="description"),
        detail=lambda objective, _language: _plan(objective.orientation.plan),
        number=lambda objective: str(objective.code),
    ),
    Kind(
        "enjeux",
        _("Enjeu transversal"),
        _("Enjeux transversaux"),
        find=partial(_find, _issues),
        load=lambda pks: _issues().filter(pk__in=pks).select_related("plan"),
        passages=partial(_body, name="description"),
        detail=lambda issue, _language: _plan(issue.plan),
    ),
    Kind(
        "projets",
        pgettext_lazy("genre de résultat", "Projet"),
        _("Projets"),
        find=partial(_find, _projects),
        load=_load_projects,
        passages=_project_passages,
        detail=lambda project, _language: Passage(project.get_stage_display(), ""),
    ),
    Kind(
        "organisations",
        pgettext_lazy("genre de résultat", "Organisation"),
        _("Organisations"),
        find=partial(_find, _organizations),
        load=_load_organizations,
        passages=_organization_passages,
        detail=lambda organization, _language: Passage(organization.get_sector_display(), ""),
        title=lambda organization, _language: Passage(organization.name_with_acronym, ""),
    ),
    Kind(
        "indicateurs",
        pgettext_lazy("genre de résultat", "Indicateur"),
        _("Indicateurs"),
        find=partial(_find, _indicators),
        load=_load_indicators,
        passages=_indicator_passages,
        detail=lambda indicator, _language: _plan(indicator.project.plan),
        title=lambda indicator, language: _title(indicator.definition, language),
    ),
    Kind(
        "cibles",
        pgettext_lazy("genre de résultat", "Cible commune"),
        _("Cibles communes"),
        find=partial(_find, _targets),
        load=_load_targets,
        passages=_target_passages,
        detail=lambda target, _language: _plan(target.plan),
    ),
    Kind(
        "apprentissages",
        pgettext_lazy("genre de résultat", "Apprentissage"),
        _("Apprentissages"),
        find=partial(_find, _learnings),
        load=_load_learnings,
        passages=_learning_passages,
        detail=_period,
        title=lambda learning, language: _title(learning.report.project, language),
    ),
    Kind(
        "phases",
        _("Phase de la démarche"),
        _("Phases de la démarche"),
        find=partial(_find, _phases),
        load=lambda pks: _phases().filter(pk__in=pks).select_related("plan"),
        passages=partial(_body, name="text"),
        detail=lambda phase, _language: _plan(phase.plan),
    ),
    Kind(
        "territoires",
        pgettext_lazy("genre de résultat", "Territoire"),
        _("Territoires"),
        find=_find_territories,
        load=lambda pks: Territory.objects.filter(pk__in=pks),
        passages=_nothing_more,
        detail=lambda territory, _language: Passage(territory.get_kind_display(), ""),
        title=lambda territory, _language: Passage(territory.name, ""),
        address=lambda territory: f"{reverse('projects:list')}?territoire={territory.slug}",
    ),
]
