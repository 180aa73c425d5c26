"""How a definition changes: proposed with a reason, approved or declined. What was approved never changes."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from indicators.models import Indicator, IndicatorDefinition
from partners.models import User


class AlreadyDecidedError(Exception):
    """Someone decided in the meantime; the message says so to the person who comes second."""


def propose(
    *, definition: IndicatorDefinition, indicator: Indicator, by: User | None, at: dt.datetime
) -> IndicatorDefinition:
    """Save a new definition as the next version of the indicator; nothing public changes.

    Raises ``ValidationError`` when it cannot be (no reason, target equal to the baseline, another is waiting).
    """
    with transaction.atomic():
        locked = Indicator.objects.select_for_update().get(pk=indicator.pk)
        last = locked.definitions.order_by("-number").first()
        definition.indicator = locked
        definition.number = last.number + 1 if last else 1
        definition.state = IndicatorDefinition.State.PROPOSED
        definition.proposed_by, definition.proposed_at = by, at
        definition.full_clean(exclude=["decided_by", "decided_at", "proposed_by"])
        definition.save()
    return definition


def carry_over(*, definition: IndicatorDefinition) -> None:
    """Give a proposal that names none the interim targets and categories of the definition in force.

    Only where kind and unit are the same: in another unit they would mean nothing.
    """
    before = definition.indicator.definition
    if before is None or (before.kind, before.unit_key) != (definition.kind, definition.unit_key):
        return
    for name in ("interim_targets", "categories"):
        if not getattr(definition, name).exists():
            for row in getattr(before, name).all():
                row.pk, row.definition = None, definition
                row.save(force_insert=True)


def approve(*, definition: IndicatorDefinition, by: User, at: dt.datetime) -> None:
    """Put a proposed definition in force.

    Values reported before keep the definition they were reported under. Another kind or another unit breaks
    the series whether or not the proposal says so.
    """
    _check_permission(by)
    with transaction.atomic():
        put_in_force(definition=_locked(definition), by=by, at=at)
    definition.refresh_from_db()


def decline(*, definition: IndicatorDefinition, by: User, at: dt.datetime) -> None:
    """The definition in force stays."""
    _check_permission(by)
    with transaction.atomic():
        found = _locked(definition)
        found.state, found.decided_by, found.decided_at = IndicatorDefinition.State.DECLINED, by, at
        found.save(update_fields=["state", "decided_by", "decided_at"])
    definition.refresh_from_db()


def put_in_force(*, definition: IndicatorDefinition, by: User | None, at: dt.datetime) -> None:
    """The effect of an approval, within the transaction of who checked the permission."""
    indicator = definition.indicator
    before = indicator.definition
    if before is None:
        definition.series_from = definition.number
    else:
        definition.breaks_series |= (before.kind, before.unit_key) != (definition.kind, definition.unit_key)
        definition.series_from = definition.number if definition.breaks_series else before.series_from
    definition.state = IndicatorDefinition.State.APPROVED
    definition.decided_by, definition.decided_at = by, at
    definition.save()
    indicator.definition, indicator.updated_at = definition, at
    indicator.save(update_fields=["definition", "updated_at"])
    Indicator.objects.filter(pk=indicator.pk).reindex()


def _locked(definition: IndicatorDefinition) -> IndicatorDefinition:
    found = (
        IndicatorDefinition.objects.select_for_update(of=("self",))
        .select_related("indicator__definition")
        .get(pk=definition.pk)
    )
    if found.state != IndicatorDefinition.State.PROPOSED:
        raise AlreadyDecidedError(_("Cette définition a déjà fait l'objet d'une décision."))
    return found


def _check_permission(by: User) -> None:
    if not by.has_perm("indicators.change_indicatordefinition"):
        raise PermissionDenied
