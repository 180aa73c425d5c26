"""What happens to a measurement: submitted, accepted, refused, corrected. Only accepted ones are public."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from indicators.models import Indicator, Measurement
from partners.models import User


class RefusedMoveError(Exception):
    """The measurement is not in a state for this; the message is for the person who asked."""


def submit(*, measurement: Measurement, by: User, at: dt.datetime) -> None:
    """Hand a draft in for examination. Raises ``ValidationError`` when it says nothing, or against its kind."""
    measurement.state = Measurement.State.SUBMITTED
    measurement.entered_by, measurement.entered_at = by, at
    measurement.full_clean(exclude=["entered_by", "decided_by", "decided_at"])
    measurement.save()


@transaction.atomic
def accept(*, measurement: Measurement, by: User, at: dt.datetime) -> None:
    """Make a submitted measurement public; one that corrects another takes its place."""
    found = _locked(measurement, by=by)
    if found.corrects_id:
        Measurement.objects.filter(pk=found.corrects_id).update(state=Measurement.State.REPLACED)
    accepted = Measurement.objects.accepted().filter(indicator=found.indicator, measured_on=found.measured_on)
    if accepted.exclude(pk=found.pk).exists():
        raise RefusedMoveError(
            _("« %(indicator)s » a déjà une valeur acceptée au %(date)s : corrigez-la.")
            % {"indicator": found.indicator, "date": found.measured_on}
        )
    found.state = Measurement.State.ACCEPTED
    _decide(found, by=by, at=at)
    Indicator.objects.filter(pk=found.indicator_id).update(updated_at=at)


@transaction.atomic
def refuse(*, measurement: Measurement, by: User, at: dt.datetime, reason: str) -> None:
    """Send a submitted measurement back with a reason; what is public stays."""
    found = _locked(measurement, by=by)
    if not reason.strip():
        raise RefusedMoveError(_("Dites pourquoi la mesure est refusée."))
    found.state, found.refusal = Measurement.State.REFUSED, reason.strip()
    _decide(found, by=by, at=at)


@transaction.atomic
def correct(*, measurement: Measurement, by: User, at: dt.datetime, **changes: Any) -> Measurement:
    """Submit a new version of an accepted measurement, which stays public until the correction is accepted."""
    old = Measurement.objects.select_for_update().get(pk=measurement.pk)
    if old.state != Measurement.State.ACCEPTED:
        raise RefusedMoveError(_("Seule une mesure acceptée se corrige."))
    if Measurement.objects.filter(corrects=old).exclude(state=Measurement.State.REFUSED).exists():
        raise RefusedMoveError(_("Une correction de cette mesure attend déjà une décision."))
    kept = ("indicator_id", "definition_id", "report_id", "starts_on", "measured_on", "source", "quality")
    new = Measurement(
        **({name: getattr(old, name) for name in kept} | changes), corrects=old, version=old.version + 1
    )
    submit(measurement=new, by=by, at=at)
    return new


def _locked(measurement: Measurement, *, by: User) -> Measurement:
    if not by.has_perm("indicators.change_measurement"):
        raise PermissionDenied
    found = Measurement.objects.select_for_update().get(pk=measurement.pk)
    if found.state != Measurement.State.SUBMITTED:
        raise RefusedMoveError(
            _("« %(indicator)s » : cette mesure n'attend plus de décision (%(state)s).")
            % {"indicator": found.indicator, "state": found.get_state_display()}
        )
    return found


def _decide(measurement: Measurement, *, by: User, at: dt.datetime) -> None:
    measurement.decided_by, measurement.decided_at = by, at
    measurement.save(update_fields=["state", "refusal", "decided_by", "decided_at"])
