"""The public pages of follow-up: the dashboard of a plan, an indicator, its data."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.listing import page_number
from core.spreadsheets import row_of
from indicators import dashboard as boards
from indicators.context import disagreeing
from indicators.dashboard import Followed, Tally
from indicators.explaining import steps
from indicators.models import (
    BreakdownValue,
    CommonTarget,
    ContextIndicator,
    Contribution,
    Indicator,
    IndicatorDefinition,
    Measurement,
)
from indicators.progress import Aim, Point, Progress
from indicators.reports import coverage
from indicators.vocabulary import Status
from plans.models import Plan
from projects.models import ProjectObjective

PAGE_LENGTH, LATE = 30, 12


@dataclass(frozen=True)
class Chart:
    """What the line of an indicator's page draws."""

    title: str
    unit: str
    decimals: int
    aim: Aim
    progress: Progress
    before: tuple[Point, ...]


@require_safe
@login_not_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """The current plan, or the one named in ``plan``."""
    asked = request.GET.get("plan", "")
    plan = get_object_or_404(Plan.objects.public(), slug=asked) if asked else Plan.objects.current()
    if plan is None:
        nothing = {"plan": None, "trail": [], "context": _context(), "shows_demonstration": False}
        return render(request, "indicators/dashboard.html", nothing)
    today = timezone.localdate()
    rows = boards.followed(plan, on=today)
    published = plan.projects.published()
    late = boards.late_deliverables(published, on=today)
    targets = boards.common_targets(plan, on=today)
    context = {
        "plan": plan,
        "trail": [],
        "tally": Tally.of(rows),
        "project_count": published.count(),
        "coverages": coverage.of_plan(plan, on=today),
        "deliveries": boards.deliveries(published, on=today),
        "orientations": boards.orientation_rows(plan, rows, on=today),
        "late": late[:LATE],
        "targets": targets,
        "context": _context(),
        "shows_demonstration": any(r.indicator.is_demonstration for r in rows)
        or any(t.is_demonstration for t in targets),
        **_listed(request, rows),
    }
    return render(request, "indicators/dashboard.html", context)


@require_safe
@login_not_required
def indicator(request: HttpRequest, slug: str) -> HttpResponse:
    shown, definition = _public_indicator(slug)
    today = timezone.localdate()
    progress = shown.progress(on=today)
    measurements = sorted(shown.measurements.all(), key=lambda m: m.measured_on, reverse=True)
    older = [m for m in measurements if m.definition.number < definition.series_from]
    context = {
        "indicator": shown,
        "definition": definition,
        "progress": progress,
        "steps": steps(definition.aim, progress, decimals=definition.decimals, unit=definition.unit),
        "measurements": measurements,
        "has_breakdown": any(m.breakdown_values.all() for m in measurements),
        "has_versions": len({m.definition_id for m in measurements}) > 1,
        "versions": [d for d in shown.definitions.all() if d.decided_at and d.state == d.State.APPROVED],
        "targets": [c.common_target for c in shown.contributions.all()],
        "chart": Chart(
            title=shown.title,
            unit=definition.unit,
            decimals=definition.decimals,
            aim=definition.aim,
            progress=progress,
            before=tuple(Point(m.measured_on, m.figure) for m in reversed(older) if m.figure is not None),
        ),
        "trail": [(_("Suivi"), reverse("indicators:dashboard"))],
        "shows_demonstration": shown.is_demonstration,
    }
    return render(request, "indicators/indicator_detail.html", context)


@require_safe
@login_not_required
def indicator_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The accepted values as open data: UTF-8, a heading row, ISO dates, decimal points."""
    shown, _definition = _public_indicator(slug)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{shown.slug}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(
        [
            _("indicateur"),
            _("début"),
            _("date"),
            _("valeur"),
            _("numérateur"),
            _("dénominateur"),
            _("unité"),
            _("sans valeur parce que"),
            _("appréciation"),
            _("qualité"),
            _("source"),
            _("version de la définition"),
            _("version de la valeur"),
            _("note"),
        ]
    )
    for m in shown.measurements.all():
        row = [
            shown.slug,
            m.starts_on or "",
            m.measured_on,
            *(("" if n is None else f"{n.normalize():f}") for n in (m.figure, m.numerator, m.denominator)),
            m.definition.unit,
            m.get_absence_display() if m.absence else "",
            m.assessment,
            m.get_quality_display(),
            m.source or m.definition.source,
            m.definition.number,
            m.version,
            m.note,
        ]
        writer.writerow(row_of(row))
    return response


def _public_indicator(slug: str) -> tuple[Indicator, IndicatorDefinition]:
    values = Measurement.objects.accepted().select_related("definition")
    parts = BreakdownValue.objects.select_related("category")
    ties = ProjectObjective.objects.select_related("objective__orientation__plan")
    counted = Contribution.objects.filter(common_target__in=CommonTarget.objects.published())
    found = (
        Indicator.objects.published()
        .select_related("definition", "project__plan")
        .prefetch_related(
            "definition__interim_targets",
            "definitions",
            Prefetch("measurements", values.prefetch_related(Prefetch("breakdown_values", parts))),
            Prefetch("project__objective_ties", ties),
            Prefetch("contributions", counted.select_related("common_target__plan")),
        )
    )
    shown: Indicator = get_object_or_404(found, slug=slug)
    if shown.definition is None:
        raise Http404
    return shown, shown.definition


def _context() -> list[tuple[ContextIndicator, list[tuple[Any, bool]]]]:
    """Published statistics with their values, each with whether sources disagree about it."""
    found = []
    for one in ContextIndicator.objects.with_values():
        values = list(one.values.all())
        apart = disagreeing(values)
        found.append((one, [(value, value.pk in apart) for value in values]))
    return found


def _listed(request: HttpRequest, rows: Sequence[Followed]) -> dict[str, Any]:
    """The list of indicators, filtered as the address asks; what it cannot mean is said and left out."""
    orientation, status = request.GET.get("orientation", ""), request.GET.get("etat", "")
    problems = []
    if orientation and not any(str(n) == orientation for row in rows for n in row.orientations):
        problems.append(_("Orientation : « %(value)s » n'existe pas.") % {"value": orientation[:40]})
        orientation = ""
    if status and status not in Status.values:
        problems.append(_("État : « %(value)s » n'existe pas.") % {"value": status[:40]})
        status = ""
    chosen = [
        row
        for row in rows
        if (not orientation or int(orientation) in row.orientations)
        and (not status or row.progress.status == status)
    ]
    pages = Paginator(chosen, PAGE_LENGTH)
    number, problem = page_number(request.GET.get("page", ""), pages.num_pages)
    kept = {"plan": request.GET.get("plan", ""), "orientation": orientation, "etat": status}
    query = urlencode({name: value for name, value in kept.items() if value})
    return {
        "page": pages.page(number),
        "query": f"{query}&" if query else "",
        "chosen_orientation": orientation,
        "chosen_status": status,
        "statuses": [s for s in Status if any(row.progress.status == s for row in rows)],
        "problems": [*problems, *([problem] if problem else [])],
    }
