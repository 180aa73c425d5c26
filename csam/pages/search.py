"""One search over all that the public may read: a single list, ranked alike on every database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from translated_fields import to_attribute

from core.folding import QUERY_LENGTH, QUERY_WORDS, matches, query_stems, stems, words
from core.searchable import SearchableQuerySet
from core.translation import text_and_language
from csam.pages.excerpts import Excerpt, Passage, excerpt, highlight
from indicators.models import Indicator
from partners.models import Organization, Territory
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan, PlanningPhase
from projects.models import Project

PAGE_LENGTH = 20

#: (primary key, 0 when every word is in the title, else 1), in order.
Keys = list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of thing that is found. Their order in ``KINDS`` is their order among equal hits."""

    code: str
    name: str | Promise
    plural: str | Promise
    find: Callable[[str, str], Keys]
    load: Callable[[Sequence[int]], SearchableQuerySet | Any]
    passages: Callable[[Any, str], Iterator[Passage]]
    detail: Callable[[Any], str]


@dataclass(frozen=True)
class Hit:
    kind: Kind
    url: str
    number: str
    title: SafeString
    title_language: str
    detail: str
    excerpt: Excerpt
    is_demonstration: bool


@dataclass(frozen=True)
class KindCount:
    kind: Kind
    count: int


@dataclass(frozen=True)
class Results:
    """``total`` counts every kind; ``page`` holds what is shown of the kind asked for."""

    counts: list[KindCount]
    total: int
    found: int
    page: Page[Any]
    hits: list[Hit]

    @property
    def has_demonstration(self) -> bool:
        return any(hit.is_demonstration for hit in self.hits)


def search(text: str, *, language: str, kind: str = "", page: str | int = 1) -> Results:
    """What answers ``text``: hits in the title first, then by kind, then in alphabetical order.

    The number of queries does not depend on how many rows there are: one for each kind, and those that
    load one page. A page out of range is the last one.
    """
    keys = {k: k.find(text, language) for k in KINDS}
    chosen = [k for k in KINDS if k.code == kind] or KINDS
    ranked = [(k, pk) for rank in (0, 1) for k in chosen for pk, hit in keys[k] if hit == rank]
    shown = Paginator(ranked, PAGE_LENGTH).get_page(page)
    counts = [KindCount(k, len(keys[k])) for k in KINDS]
    return Results(
        counts=counts,
        total=sum(c.count for c in counts),
        found=len(ranked),
        page=shown,
        hits=_load(list(shown.object_list), text, language),
    )


def is_long(text: str, language: str) -> bool:
    """Whether more was typed than is read."""
    return len(text) > QUERY_LENGTH or len(stems(text[:QUERY_LENGTH], language)) > QUERY_WORDS


def single_words(text: str, language: str) -> list[str]:
    """The words of a query of several, to try one by one when together they find nothing."""
    wanted = query_stems(text, language)
    typed = [w for w in dict.fromkeys(words(text[:QUERY_LENGTH])) if matches(w, wanted, language)]
    return typed[:5] if len(typed) > 1 else []


def _load(keys: Sequence[tuple[Kind, int]], text: str, language: str) -> list[Hit]:
    wanted = frozenset(query_stems(text, language))
    rows = {
        (kind, row.pk): row
        for kind in KINDS
        if (pks := [pk for k, pk in keys if k is kind])
        for row in kind.load(pks)
    }
    return [_hit(kind, rows[kind, pk], wanted, language) for kind, pk in keys if (kind, pk) in rows]


def _hit(kind: Kind, row: Any, wanted: frozenset[str], language: str) -> Hit:
    title = _title(row, language)
    return Hit(
        kind=kind,
        url=_address(row),
        number=_number(row),
        title=highlight(title.text, wanted, language),
        title_language=title.language,
        detail=kind.detail(row),
        excerpt=excerpt(kind.passages(row, language), wanted, language),
        is_demonstration=getattr(row, "is_demonstration", False),
    )


def _number(row: Any) -> str:
    if isinstance(row, Objective):
        return row.code
    return str(row.number) if isinstance(row, Orientation) else ""


def _title(row: Any, language: str) -> Passage:
    if isinstance(row, Organization):
        return Passage(row.name_with_acronym, "")
    if isinstance(row, Territory):
        return Passage(row.name, "")
    if isinstance(row, Indicator):
        return _text(row.definition, "title", language)
    return _text(row, "title", language)


def _address(row: Any) -> str:
    if isinstance(row, Territory):
        return f"{reverse('projects:list')}?territoire={row.slug}"
    return str(row.get_absolute_url())


def _text(row: Any, name: str, language: str) -> Passage:
    return Passage(*text_and_language(row, name, language))


# What each kind holds --------------------------------------------------------------------------------------


def _find(rows: Callable[[], SearchableQuerySet], text: str, language: str) -> Keys:
    found = rows().search(text, language=language)
    ordered = found.order_by("title_hit", to_attribute("sort_key", language), "pk")
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


def _indicator_passages(indicator: Indicator, language: str) -> Iterator[Passage]:
    yield _text(indicator.definition, "meaning", language)
    yield _text(indicator.definition, "unit", language)
    yield _text(indicator.project, "title", language)


def _load_projects(pks: Sequence[int]) -> SearchableQuerySet:
    rows = Project.objects.published().filter(pk__in=pks).without_search_columns().select_related("plan")
    return rows.prefetch_related("organizations", "territories", "deliverables")


def _project_passages(project: Project, language: str) -> Iterator[Passage]:
    for name in ("summary", "description", "populations"):
        yield _text(project, name, language)
    yield from (_text(deliverable, "title", language) for deliverable in project.deliverables.all())
    yield Passage(", ".join(o.name_with_acronym for o in project.organizations.all()), "")
    yield Passage(", ".join(t.name for t in project.territories.all()), "")


def _organization_passages(organization: Organization, language: str) -> Iterator[Passage]:
    yield _text(organization, "description", language)
    yield Passage(", ".join(t.name for t in organization.territories.all()), "")


def _territory_passages(_territory: Territory, _language: str) -> Iterator[Passage]:
    yield from ()


def _body(row: Any, language: str, *, name: str) -> Iterator[Passage]:
    yield _text(row, name, language)


def _plan(plan: Plan) -> str:
    return gettext("Plan %(years)s") % {"years": plan.years}


KINDS = [
    Kind(
        "orientations",
        _("Orientation"),
        _("Orientations"),
        partial(_find, _orientations),
        lambda pks: _orientations().filter(pk__in=pks).select_related("plan"),
        partial(_body, name="problem"),
        lambda orientation: _plan(orientation.plan),
    ),
    Kind(
        "objectifs",
        _("Objectif général"),
        _("Objectifs généraux"),
        partial(_find, _objectives),
        lambda pks: _objectives().filter(pk__in=pks).select_related("orientation__plan"),
        partial(_body, name="description"),
        lambda objective: _plan(objective.orientation.plan),
    ),
    Kind(
        "enjeux",
        _("Enjeu transversal"),
        _("Enjeux transversaux"),
        partial(_find, _issues),
        lambda pks: _issues().filter(pk__in=pks).select_related("plan"),
        partial(_body, name="description"),
        lambda issue: _plan(issue.plan),
    ),
    Kind(
        "projets",
        pgettext_lazy("genre de résultat", "Projet"),
        _("Projets"),
        partial(_find, _projects),
        _load_projects,
        _project_passages,
        lambda project: project.get_stage_display(),
    ),
    Kind(
        "organisations",
        pgettext_lazy("genre de résultat", "Organisation"),
        _("Organisations"),
        partial(_find, _organizations),
        lambda pks: (
            _organizations().filter(pk__in=pks).without_search_columns().prefetch_related("territories")
        ),
        _organization_passages,
        lambda organization: organization.get_sector_display(),
    ),
    Kind(
        "indicateurs",
        pgettext_lazy("genre de résultat", "Indicateur"),
        _("Indicateurs"),
        partial(_find, _indicators),
        lambda pks: (
            _indicators()
            .filter(pk__in=pks)
            .without_search_columns()
            .select_related("definition", "project__plan")
        ),
        _indicator_passages,
        lambda indicator: _plan(indicator.project.plan),
    ),
    Kind(
        "phases",
        _("Phase de la démarche"),
        _("Phases de la démarche"),
        partial(_find, _phases),
        lambda pks: _phases().filter(pk__in=pks).select_related("plan"),
        partial(_body, name="text"),
        lambda phase: _plan(phase.plan),
    ),
    Kind(
        "territoires",
        pgettext_lazy("genre de résultat", "Territoire"),
        _("Territoires"),
        _find_territories,
        lambda pks: Territory.objects.filter(pk__in=pks),
        _territory_passages,
        lambda territory: territory.get_kind_display(),
    ),
]
