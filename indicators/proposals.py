"""The indicators that an approved registration carries, applied to its project.

``projects`` may not import this module: its approval calls :func:`indicators.registrations.apply_content`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from indicators import defining
from indicators.models import Indicator, IndicatorDefinition, InterimTarget
from indicators.vocabulary import BaselineStatus, Direction, Frequency, Kind
from partners.models import User
from projects.models import Project

#: What a row may say of a definition, and what it means when it does not.
FIELDS: dict[str, Any] = {
    "title_fr": "",
    "title_en": "",
    "meaning_fr": "",
    "meaning_en": "",
    "kind": Kind.LEVEL.value,
    "direction": Direction.INCREASE.value,
    "unit_fr": "",
    "unit_en": "",
    "decimals": 0,
    "baseline_status": BaselineStatus.KNOWN.value,
    "baseline": None,
    "baseline_on": None,
    "target": None,
    "target_on": None,
    "band_low": None,
    "band_high": None,
    "tolerance": 0,
    "frequency": Frequency.YEARLY.value,
    "source_fr": "",
    "source_en": "",
    "method_fr": "",
    "method_en": "",
    "breakdown_fr": "",
    "breakdown_en": "",
}


class ProposalError(Exception):
    """``problems`` holds (number of the row from 1, field or "", message) for the person who wrote the rows."""

    def __init__(self, problems: list[tuple[int, str, str]]) -> None:
        super().__init__("; ".join(f"{number}. {field} : {message}" for number, field, message in problems))
        self.problems = problems


def apply(
    *, project: Project, rows: Sequence[Mapping[str, Any]], by: User | None, at: dt.datetime
) -> list[Indicator]:
    """Make the indicators of the project say what the rows say; returns them in that order.

    A row is plain JSON: the names of :data:`FIELDS` with numbers as text ("12.5") and dates as ISO texts;
    ``key``, the slug of the indicator it changes (absent for a new one); ``interim``, a list of
    ``{"on": …, "value": …}``; ``reason``, for a change. What a row does not name keeps its value, or the one
    of :data:`FIELDS` for a new indicator; a row equal to the definition in force changes nothing. An indicator
    that no row names stays as it is: archiving is the staff's.

    The caller has checked that ``by`` may approve. All or nothing: raises :class:`ProposalError`.
    """
    problems: list[tuple[int, str, str]] = []
    applied = []
    with transaction.atomic():
        for number, row in enumerate(rows, start=1):
            try:
                with transaction.atomic():
                    applied.append(_apply_row(project, row, position=number, by=by, at=at))
            except ValidationError as error:
                problems += [(number, *problem) for problem in _problems(error)]
        if problems:
            raise ProposalError(problems)
    return applied


def _apply_row(
    project: Project, row: Mapping[str, Any], *, position: int, by: User | None, at: dt.datetime
) -> Indicator:
    indicator = _named(project, row) or Indicator(
        project=project, position=position, is_demonstration=project.is_demonstration
    )
    before = indicator.definition
    kept = {name: getattr(before, name) for name in FIELDS} if before else dict(FIELDS)
    content = kept | {name: _read(name, row[name]) for name in FIELDS if name in row}
    interim = _interim(row, before)
    if before and content == kept and interim == before.aim.interim:
        return indicator
    if indicator._state.adding:
        indicator.slug = free_slug(content["title_fr"])
        indicator.save()
    reason = str(row.get("reason") or "").strip()
    definition = IndicatorDefinition(
        **content, reason=reason or (_("Changement approuvé avec l'inscription.") if before else "")
    )
    defining.propose(definition=definition, indicator=indicator, by=by, at=at)
    InterimTarget.objects.bulk_create(
        InterimTarget(definition=definition, due_on=on, value=value) for on, value in interim
    )
    definition.indicator = indicator
    defining.put_in_force(definition=definition, by=by, at=at)
    return indicator


def _named(project: Project, row: Mapping[str, Any]) -> Indicator | None:
    key = str(row.get("key") or "")
    if not key:
        return None
    found: Indicator | None = (
        Indicator.objects.select_related("definition").filter(project=project, slug=key).first()
    )
    if found is None:
        message = _("« %(key)s » n'est pas un indicateur de ce projet.") % {"key": key}
        raise ValidationError({"key": message})
    return found


def _read(name: str, value: Any) -> Any:
    field: Any = IndicatorDefinition._meta.get_field(name)
    if value in (None, ""):
        return FIELDS[name] if FIELDS[name] is not None else None
    try:
        return field.to_python(value)
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from error


def _interim(row: Mapping[str, Any], before: IndicatorDefinition | None) -> tuple[tuple[dt.date, Any], ...]:
    if "interim" not in row:
        return before.aim.interim if before else ()
    on_field: Any = InterimTarget._meta.get_field("due_on")
    value_field: Any = InterimTarget._meta.get_field("value")
    try:
        found = {on_field.to_python(i["on"]): value_field.to_python(i["value"]) for i in row["interim"]}
    except (ValidationError, KeyError, TypeError) as error:
        raise ValidationError(
            {"interim": _("Une cible intermédiaire porte une date (2026-12-31) et une valeur.")}
        ) from error
    return tuple(sorted((on, value) for on, value in found.items() if on is not None and value is not None))


def free_slug(title: str) -> str:
    """A slug of that title that no indicator has."""
    base = slugify(title)[:80].strip("-") or "indicateur"
    taken = set(Indicator.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(s for n in range(1, len(taken) + 2) if (s := base if n == 1 else f"{base}-{n}") not in taken)


def _problems(error: ValidationError) -> list[tuple[str, str]]:
    if hasattr(error, "error_dict"):
        return [
            ("" if name == "__all__" else name, message)
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    return [("", message) for message in error.messages]
