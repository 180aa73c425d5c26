"""The indicators, measurements, common targets and reports of the demonstration projects, every one flagged."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from indicators import defining, demonstration_reports
from indicators.models import (
    BreakdownCategory,
    BreakdownValue,
    CommonTarget,
    Contribution,
    Indicator,
    IndicatorDefinition,
    InterimTarget,
    Measurement,
)
from indicators.tables import both, chosen, date, number, rows
from indicators.vocabulary import BaselineStatus, Direction, Frequency, Kind
from plans.models import Objective, Plan
from projects.models import Project


@transaction.atomic
def load(*, plan: Plan) -> dict[str, int]:
    """Load what is not there yet into the plan; what is there stays as it is. Returns how many of each were made."""
    projects = {p.slug: p for p in Project.objects.filter(plan=plan, is_demonstration=True)}
    known = set(Indicator.objects.values_list("slug", flat=True))
    made: dict[str, Indicator] = {}
    for position, row in enumerate(rows("demonstration/indicateurs.csv")):
        if row["adresse"] not in known and row["projet"] in projects:
            made[row["adresse"]] = _indicator(row, projects[row["projet"]], position)
    read = [row for row in rows("demonstration/mesures.csv") if row["indicateur"] in made]
    measurements = Measurement.objects.bulk_create(_measurement(row, made) for row in read)
    for row, measurement in zip(read, measurements, strict=True):
        _break_down(row, measurement)
    return {
        "indicators": len(made),
        "measurements": len(measurements),
        "common_targets": _common_targets(plan),
        "reports": demonstration_reports.load(plan=plan),
    }


@transaction.atomic
def remove() -> int:
    """Take out the flagged common targets, indicators with their measurements, and reports; returns how many
    indicators.

    ``ProtectedError`` where a common target that is not flagged counts a flagged indicator.
    """
    CommonTarget.objects.filter(is_demonstration=True).delete()
    flagged = Indicator.objects.filter(is_demonstration=True)
    count = flagged.count()
    Measurement.objects.filter(indicator__in=flagged, corrects__isnull=False).delete()
    Measurement.objects.filter(indicator__in=flagged).delete()
    demonstration_reports.remove()
    flagged.update(definition=None)
    IndicatorDefinition.objects.filter(indicator__in=flagged).delete()
    flagged.delete()
    return count


def _indicator(row: dict[str, str], project: Project, position: int) -> Indicator:
    now = timezone.now()
    indicator = Indicator.objects.create(
        project=project, slug=row["adresse"], position=position, is_demonstration=True
    )
    definition = IndicatorDefinition(
        **both(row, "titre", "title"),
        **both(row, "ce qui est compté", "meaning"),
        **both(row, "unité", "unit"),
        **both(row, "source", "source"),
        **both(row, "méthode", "method"),
        **both(row, "ventilation", "breakdown"),
        kind=chosen(Kind, row["genre"]),
        direction=chosen(Direction, row["direction"]),
        decimals=int(row["décimales"]),
        baseline_status=chosen(BaselineStatus, row["valeur de départ : état"]),
        baseline=number(row["valeur de départ"]),
        baseline_on=date(row["date de départ"]),
        target=number(row["cible"]),
        target_on=date(row["date de la cible"]),
        band_low=number(row["au moins"]),
        band_high=number(row["au plus"]),
        tolerance=number(row["tolérance"]) or 0,
        frequency=chosen(Frequency, row["fréquence"]),
    )
    defining.propose(definition=definition, indicator=indicator, by=None, at=now)
    for text in filter(None, row["cibles intermédiaires"].split("; ")):
        on, value = text.split(" : ")
        InterimTarget.objects.create(
            definition=definition, due_on=dt.date.fromisoformat(on), value=Decimal(value)
        )
    definition.indicator = indicator
    defining.put_in_force(definition=definition, by=None, at=now)
    return indicator


def _measurement(row: dict[str, str], made: dict[str, Indicator]) -> Measurement:
    indicator = made[row["indicateur"]]
    absence = row["sans valeur parce que"]
    return Measurement(
        indicator=indicator,
        definition=indicator.definition,
        measured_on=dt.date.fromisoformat(row["date"]),
        value=number(row["valeur"]),
        numerator=number(row["numérateur"]),
        denominator=number(row["dénominateur"]),
        absence=chosen(Measurement.Absence, absence) if absence else "",
        quality=chosen(Measurement.Quality, row["qualité"]),
        state=chosen(Measurement.State, row["état"]),
        **both(row, "appréciation", "assessment"),
        **both(row, "note", "note"),
    )


def _break_down(row: dict[str, str], measurement: Measurement) -> None:
    for position, text in enumerate(filter(None, row["ventilation"].split("; ")), start=1):
        label, value = text.split(" = ")
        french, english = label.split(" / ")
        category, _created = BreakdownCategory.objects.get_or_create(
            definition=measurement.definition,
            number=position,
            defaults={"label_fr": french, "label_en": english},
        )
        BreakdownValue.objects.create(measurement=measurement, category=category, value=Decimal(value))


def _common_targets(plan: Plan) -> int:
    count = 0
    for row in rows("demonstration/cibles-communes.csv"):
        target, created = CommonTarget.objects.get_or_create(
            slug=row["adresse"], defaults=_target(row, plan) | {"is_demonstration": True}
        )
        if not created or not target.is_demonstration:
            continue
        count += 1
        for indicator in Indicator.objects.filter(
            slug__in=row["indicateurs"].split("; "), is_demonstration=True
        ):
            contribution = Contribution(
                common_target=target, indicator=indicator, project_id=indicator.project_id
            )
            contribution.full_clean()
            contribution.save()
    CommonTarget.objects.filter(is_demonstration=True).reindex()
    return count


def _target(row: dict[str, str], plan: Plan) -> dict[str, Any]:
    objective = None
    if code := row["objectif"]:
        orientation, own = code.split(".")
        objective = Objective.objects.get(orientation__plan=plan, orientation__number=orientation, number=own)
    return {
        "plan": plan,
        "objective": objective,
        **both(row, "titre", "title"),
        **both(row, "ce qui est compté", "meaning"),
        **both(row, "unité", "unit"),
        **both(row, "source", "source"),
        "adding": chosen(CommonTarget.Adding, row["addition"]),
        "direction": chosen(Direction, row["direction"]),
        "decimals": int(row["décimales"]),
        "baseline": number(row["valeur de départ"]),
        "baseline_on": date(row["date de départ"]),
        "target": number(row["cible"]),
        "target_on": date(row["date de la cible"]),
    }
