"""The words of follow-up: what kind of figure it is, which way it should go, how often it is measured."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """How the values of an indicator add up to its current value."""

    LEVEL = "level", _("niveau")
    INCREMENT = "increment", _("ajout par période")
    RUNNING_TOTAL = "running_total", _("total cumulé")
    RATIO = "ratio", _("proportion")
    MILESTONE = "milestone", _("étape franchie")
    QUALITATIVE = "qualitative", _("appréciation")


#: Kinds that start from nothing when a baseline does not apply.
COUNTED = frozenset({Kind.INCREMENT, Kind.RUNNING_TOTAL, Kind.MILESTONE})


class Direction(models.TextChoices):
    INCREASE = "increase", _("augmenter")
    DECREASE = "decrease", _("diminuer")
    MAINTAIN = "maintain", _("maintenir")
    OBSERVE = "observe", _("observer")


class BaselineStatus(models.TextChoices):
    KNOWN = "known", _("connue")
    PENDING = "pending", _("à établir")
    NOT_APPLICABLE = "not_applicable", _("sans objet")


class Frequency(models.TextChoices):
    """How often a value is expected."""

    MONTHLY = "monthly", _("chaque mois")
    QUARTERLY = "quarterly", _("chaque trimestre")
    HALF_YEARLY = "half_yearly", _("chaque semestre")
    YEARLY = "yearly", _("chaque année")
    ONCE = "once", _("une seule fois")


class Status(models.TextChoices):
    """What progress says in a word, from the best to what cannot be said."""

    ACHIEVED = "achieved", _("atteint")
    ON_TRACK = "on_track", _("en bonne voie")
    AT_RISK = "at_risk", _("à surveiller")
    BEHIND = "behind", _("en retard")
    REGRESSING = "regressing", _("en recul")
    NOT_ACHIEVED = "not_achieved", _("non atteint")
    TOO_EARLY = "too_early", _("trop tôt pour le dire")
    OBSERVED = "observed", _("suivi sans cible chiffrée")
    NO_DATA = "no_data", _("sans donnée")
    NO_BASELINE = "no_baseline", _("sans valeur de départ")
    NO_TARGET = "no_target", _("sans cible")
    REFUSED = "refused", _("définition à revoir")
