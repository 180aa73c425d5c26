"""The table of indicators in the form of a registration: what it shows, what it checks, what approval makes of it.

``projects`` does not know this app: it keeps three lists that :class:`indicators.apps.IndicatorsConfig` adds to. A row
of the form holds few columns, in plain words; :func:`proposal_of` completes it into what :mod:`indicators.proposals`
takes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.partial_dates import PartialDate, UnreadableDateError
from core.translation import text_and_language
from indicators import proposals
from indicators.models import Indicator, IndicatorDefinition
from indicators.numbers import read_number
from indicators.vocabulary import COUNTED, BaselineStatus, Direction, Kind
from partners.models import User
from projects.models import Project
from projects.registrations.completeness import Problem

Row = Mapping[str, Any]

#: Column of the form to field of a definition.
COLUMNS = {
    "name_fr": "title_fr",
    "unit": "unit_fr",
    "kind": "kind",
    "direction": "direction",
    "baseline": "baseline",
    "target": "target",
    "target_on": "target_on",
}


def rows_of(project: Project) -> list[dict[str, Any]]:
    """The indicators of a published project as rows of the form, to propose a change of them."""
    found = Indicator.objects.published().filter(project=project).select_related("definition")
    return [_row(indicator.slug, indicator.definition) for indicator in found if indicator.definition]


def apply_content(*, project: Project, content: Mapping[str, Any], by: User | None, at: dt.datetime) -> None:
    """Write the rows of an approved content on its project, within the transaction of the approval."""
    before = {i.slug: i.definition for i in project.indicators.select_related("definition")}
    start = project.starts_on or at.date()
    rows = [
        proposal_of(row, before.get(str(row.get("key") or "")), start=start) for row in content["indicators"]
    ]
    proposals.apply(project=project, rows=rows, by=by, at=at)


def problems_of(content: Mapping[str, Any]) -> Iterator[Problem]:
    """What keeps a row from becoming a definition, beside its column, before it is submitted."""
    start = _start(content)
    for number, row in enumerate(content["indicators"]):
        if not str(row.get("name_fr") or "").strip():
            continue
        try:
            named = proposal_of(row, None, start=start)
            definition = IndicatorDefinition(
                **{name: named.get(name, default) for name, default in proposals.FIELDS.items()}
            )
            definition.clean_fields(exclude=["indicator", "proposed_by", "decided_by", "decided_at"])
            definition.validate_constraints(exclude=["indicator"])
        except ValidationError as error:
            for column, message in _told(error):
                yield Problem("indicators", message, row=number, column=column)


def proposal_of(row: Row, before: IndicatorDefinition | None, *, start: dt.date) -> dict[str, Any]:
    """The row as :func:`indicators.proposals.apply` takes it; ``before`` is the definition that it changes.

    A baseline that is not told is pending, or nothing where the values are counted from zero; it is dated
    from the start of the project. What is kept (« maintenir ») is kept at the target at least.
    """
    kind = str(row.get("kind") or Kind.LEVEL)
    direction = str(row.get("direction") or Direction.INCREASE)
    baseline, target = _number(row, "baseline"), _number(row, "target")
    found: dict[str, Any] = {
        "title_fr": str(row.get("name_fr") or "").strip(),
        "unit_fr": str(row.get("unit") or "").strip(),
        "kind": kind,
        "direction": direction,
        "target": target,
        "target_on": _date(row),
        "reason": str(row.get("reason") or ""),
    }
    if key := row.get("key"):
        found["key"] = key
    if direction == Direction.MAINTAIN:
        found |= {"target": None, "target_on": None, "band_low": target}
    elif target is not None and found["target_on"] is None:
        raise ValidationError({"target_on": _("Une cible porte une date.")})
    if before is None or baseline != before.baseline:
        found |= _baseline(kind, direction, baseline, before.baseline_on if before else start)
    return found


def _baseline(kind: str, direction: str, value: Decimal | None, on: dt.date | None) -> dict[str, Any]:
    if value is not None:
        return {"baseline_status": BaselineStatus.KNOWN.value, "baseline": value, "baseline_on": on}
    needs_none = (
        kind in COUNTED or kind == Kind.QUALITATIVE or direction in (Direction.MAINTAIN, Direction.OBSERVE)
    )
    status = BaselineStatus.NOT_APPLICABLE if needs_none else BaselineStatus.PENDING
    return {"baseline_status": status.value, "baseline": None, "baseline_on": on if kind in COUNTED else None}


def _row(key: str, definition: IndicatorDefinition) -> dict[str, Any]:
    is_kept = definition.direction == Direction.MAINTAIN
    target = definition.band_low if is_kept else definition.target
    return {
        "key": key,
        "name_fr": text_and_language(definition, "title", "fr")[0],
        "unit": text_and_language(definition, "unit", "fr")[0],
        "kind": definition.kind,
        "direction": definition.direction,
        "baseline": _text(definition.baseline),
        "target": _text(target),
        "target_on": definition.target_on.isoformat() if definition.target_on else "",
    }


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _number(row: Row, column: str) -> Decimal | None:
    try:
        return read_number(str(row.get(column) or ""))
    except ValidationError as error:
        raise ValidationError({column: error.messages}) from error


def _date(row: Row) -> dt.date | None:
    """The last day of what was said: « 2028 » is the end of it."""
    typed = str(row.get("target_on") or "").strip()
    if not typed:
        return None
    try:
        return PartialDate.parse(typed).last_day
    except UnreadableDateError as error:
        raise ValidationError({"target_on": str(error)}) from error


def _start(content: Mapping[str, Any]) -> dt.date:
    """The first day of the project; long ago where it is not told yet, so that no date seems out of order."""
    try:
        return PartialDate.parse(str(content.get("starts") or "")).first_day
    except UnreadableDateError:
        return dt.date(1900, 1, 1)


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Columns of the form and messages; what concerns the whole row stands beside its name."""
    columns = {field: column for column, field in COLUMNS.items()}
    if not hasattr(error, "error_dict"):
        yield from (("name_fr", message) for message in error.messages)
        return
    for field, messages in error.message_dict.items():
        column = field if field in COLUMNS else columns.get(field, "name_fr")
        yield from ((column, message) for message in messages)
