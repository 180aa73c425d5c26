"""« Données ouvertes »: what is open, how to ask for it, and the same as tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.partial_dates import PartialDate
from core.spreadsheets import row_of
from indicators.models import Measurement
from plans.models import Plan
from projects.models import Project, ProjectPartner

ROWS_AT_ONCE = 500


@require_safe
@login_not_required
def open_data(request: HttpRequest) -> HttpResponse:
    context = {
        "plans": Plan.objects.public(),
        "site_address": request.build_absolute_uri("/").rstrip("/"),
        "trail": [],
    }
    return render(request, "api/open_data.html", context)


@require_safe
@login_not_required
def projects_csv(request: HttpRequest, plan: str) -> HttpResponseBase:
    shown = get_object_or_404(Plan.objects.public(), slug=plan)
    headings = ["identifiant", "titre_fr", "titre_en", "résumé_fr", "résumé_en", "objectifs", "enjeux"]
    headings += ["maillons", "territoires", "toute_l_île", "étape", "début", "fin", "porteur", "partenaires"]
    headings += ["démonstration", "adresse"]
    found = (
        shown.projects.published().with_card().prefetch_related("issues", "food_chain_links").order_by("slug")
    )
    return _table(f"projets-{shown.slug}", headings, (_project(request, row) for row in _each(found)))


@require_safe
@login_not_required
def organizations_csv(request: HttpRequest, plan: str) -> HttpResponseBase:
    """The organisations that take part in the plan."""
    shown = get_object_or_404(Plan.objects.public(), slug=plan)
    headings = ["identifiant", "nom", "acronyme", "secteur", "site_web", "territoires", "toute_l_île"]
    headings += ["projets", "démonstration", "adresse"]
    found = shown.projects.published().partners().prefetch_related("territories").order_by("slug")
    rows = (
        [
            o.slug,
            o.name,
            o.acronym,
            o.sector,
            o.website,
            _list(t.slug for t in o.territories.all()),
            int(o.covers_whole_island),
            o.project_count,
            int(o.is_demonstration),
            request.build_absolute_uri(o.get_absolute_url()),
        ]
        for o in _each(found)
    )
    return _table(f"organisations-{shown.slug}", headings, rows)


@require_safe
@login_not_required
def measurements_csv(request: HttpRequest, plan: str) -> HttpResponseBase:
    """Every accepted value of every public indicator of the plan."""
    shown = get_object_or_404(Plan.objects.public(), slug=plan)
    headings = ["indicateur", "titre_fr", "titre_en", "projet", "unité_fr", "unité_en", "début", "date"]
    headings += ["valeur", "numérateur", "dénominateur", "absence", "qualité", "source", "définition"]
    headings += ["démonstration"]
    found = (
        Measurement.objects.accepted()
        .filter(indicator__project__in=shown.projects.published().order_by().values("pk"))
        .filter(indicator__archived_at=None)
        .exclude(indicator__definition=None)
        .select_related("indicator__project", "definition")
        .order_by("indicator__slug", "measured_on", "pk")
    )
    return _table(f"mesures-{shown.slug}", headings, (_measurement(row) for row in _each(found)))


def _project(request: HttpRequest, project: Project) -> list[Any]:
    parts = project.project_partners.all()
    lead = project.lead
    return [
        project.slug,
        *_both(project, "title"),
        *_both(project, "summary"),
        _list(tie.objective.code for tie in project.objective_ties.all()),
        _list(str(issue.number) for issue in project.issues.all()),
        _list(tie.link for tie in project.food_chain_links.all()),
        _list(t.slug for t in project.territories.all()),
        int(project.covers_whole_island),
        project.stage,
        _known(project.starts),
        _known(project.ends),
        lead.slug if lead else "",
        _list(part.organization.slug for part in parts if part.role != ProjectPartner.Role.LEAD),
        int(project.is_demonstration),
        request.build_absolute_uri(project.get_absolute_url()),
    ]


def _measurement(row: Measurement) -> list[Any]:
    numbers = (row.figure, row.numerator, row.denominator)
    return [
        row.indicator.slug,
        *_both(row.definition, "title"),
        row.indicator.project.slug,
        *_both(row.definition, "unit"),
        row.starts_on or "",
        row.measured_on,
        *("" if n is None else f"{n.normalize():f}" for n in numbers),
        row.absence,
        row.quality,
        row.source or row.definition.source,
        row.definition.number,
        int(row.indicator.is_demonstration),
    ]


def _both(row: Model, name: str) -> tuple[str, str]:
    """A translated text, French and English."""
    return getattr(row, f"{name}_fr"), getattr(row, f"{name}_en")


def _each(rows: Any) -> Iterator[Any]:
    return iter(rows.iterator(chunk_size=ROWS_AT_ONCE))


def _list(values: Iterable[str]) -> str:
    return " | ".join(values)


def _known(date: PartialDate | None) -> str:
    return date.isoformat() if date else ""


class _Echo:
    """A file that hands back each line that is written to it."""

    def write(self, line: str) -> str:
        return line


def _table(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """UTF-8 with its mark, commas, ISO dates, decimal points, codes; row by row, so that its length is no matter."""
    answer = StreamingHttpResponse(_lines(headings, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(headings)
    for row in rows:
        yield writer.writerow(row_of(row))
