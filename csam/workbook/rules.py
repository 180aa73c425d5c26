"""The constraints of the models over one row, told before anything is written.

Each rule carries the name of the constraint that it foretells, and takes its message from there. A constraint over
several rows (one current plan, one lead per project) is looked after where the rows of a sheet are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from core.partial_dates import PartialDate, Precision


@dataclass(frozen=True)
class Rule:
    constraint: str
    column: str
    holds: Callable[[dict[str, Any]], bool]

    def message(self, model: type[models.Model]) -> str:
        found = next(c for c in model._meta.constraints if c.name == self.constraint)
        return str(found.get_violation_error_message())


def _dates_in_order(record: dict[str, Any]) -> bool:
    starts: PartialDate | None = record["starts"]
    ends: PartialDate | None = record["ends"]
    return not starts or not ends or ends.first_day >= starts.first_day or ends.precision != Precision.DAY


def _at_least_one(field: str) -> Callable[[dict[str, Any]], bool]:
    return lambda record: record[field] is None or record[field] >= 1


def _objective_number(record: dict[str, Any]) -> bool:
    return not record["code"].endswith(".0")


PLAN = (
    Rule("plan_years_in_order", "last_year", lambda r: None in (r["first_year"], r["last_year"]) or r["last_year"] >= r["first_year"]),
    Rule("plan_call_in_order", "call_closes_at", lambda r: not r["call_opens_at"] or not r["call_closes_at"] or r["call_closes_at"] > r["call_opens_at"]),
)  # fmt: skip
PHASE = (Rule("phase_dates_in_order", "ends", _dates_in_order),)
PROJECT = (Rule("project_dates_in_order", "ends", _dates_in_order),)
POSITIVE_NUMBER = {
    "issue": (Rule("issue_number_positive", "number", _at_least_one("number")),),
    "orientation": (Rule("orientation_number_positive", "number", _at_least_one("number")),),
    "objective": (Rule("objective_number_positive", "code", _objective_number),),
}
DELIVERABLE = (
    Rule("deliverable_date_when_delivered", "delivered_on", lambda r: not r["delivered_on"] or r["state"] == "delivered"),
)  # fmt: skip
