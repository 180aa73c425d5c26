"""What was measured. A correction is a new version; what was accepted is never overwritten."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.translation import translated
from indicators.models.indicator import FIGURE, BreakdownCategory, Indicator, IndicatorDefinition
from indicators.progress import Reading
from indicators.vocabulary import Kind

#: Times the mean change so far by which a change is a jump.
JUMP = 5


class MeasurementQuerySet(models.QuerySet["Measurement"]):
    def accepted(self) -> Self:
        """What the public reads."""
        return self.filter(state=Measurement.State.ACCEPTED)

    def awaiting(self) -> Self:
        return self.filter(state=Measurement.State.SUBMITTED)

    def standing(self) -> Self:
        """Accepted or about to be: not drafts, nor what was refused or replaced."""
        return self.filter(state__in=(Measurement.State.SUBMITTED, Measurement.State.ACCEPTED))

    def future(self, *, on: dt.date) -> Self:
        return self.filter(measured_on__gt=on)

    def below_zero(self) -> Self:
        return self.filter(Q(value__lt=0) | Q(numerator__lt=0))

    def with_previous(self) -> Self:
        """With ``previous``, the accepted value before it, and ``smallest``, ``largest`` of the others."""
        others = (
            Measurement.objects.accepted()
            .filter(indicator=models.OuterRef("indicator"), value__isnull=False)
            .exclude(pk=models.OuterRef("pk"))
            .order_by("-measured_on", "-pk")
        )

        def extreme(function: type[models.Aggregate]) -> models.Subquery:
            found = others.order_by().values("indicator").annotate(found=function("value")).values("found")
            return models.Subquery(found)

        earlier = others.filter(measured_on__lt=models.OuterRef("measured_on"))
        return self.annotate(
            previous=models.Subquery(earlier.values("value")[:1]),
            smallest=extreme(models.Min),
            largest=extreme(models.Max),
        )

    def jumps(self) -> Self:
        """More than five times the largest other value, or under a fifth of the smallest: worth a look."""
        return self.with_previous().filter(
            Q(largest__gt=0, value__gt=F("largest") * JUMP)
            | Q(smallest__gt=0, value__lt=F("smallest") / JUMP)
        )

    def doubtful_unit(self) -> Self:
        """A hundred or a thousand times off: dollars for thousands, grams for kilograms, 0.4 for 40 %."""
        far = Q(largest__gt=0, value__gte=F("largest") * 90) | Q(
            smallest__gt=0, value__gt=0, value__lte=F("smallest") / 90
        )
        share = Q(definition__unit_fr="%") & (Q(value__gt=0, value__lte=1) | Q(value__gt=100))
        return self.with_previous().filter(far | share)

    def regressions(self) -> Self:
        """Worse than the value before; for a running total, smaller than it, which cannot be."""
        worse_up = Q(definition__direction="increase", definition__kind="level", value__lt=F("previous"))
        worse_down = Q(definition__direction="decrease", definition__kind="level", value__gt=F("previous"))
        shrinking = Q(definition__kind="running_total", value__lt=F("previous"))
        return self.with_previous().filter(worse_up | worse_down | shrinking)


class Measurement(models.Model):
    """A value of an indicator at a date, or the reason why there is none."""

    class State(models.TextChoices):
        DRAFT = "draft", _("brouillon")
        SUBMITTED = "submitted", _("à examiner")
        ACCEPTED = "accepted", _("acceptée")
        REFUSED = "refused", _("refusée")
        REPLACED = "replaced", _("corrigée depuis")

    class Quality(models.TextChoices):
        MEASURED = "measured", _("mesurée")
        ESTIMATED = "estimated", _("estimée")
        PROVISIONAL = "provisional", _("provisoire")

    class Absence(models.TextChoices):
        NOT_COLLECTED = "not_collected", _("non recueillie")
        NOT_YET = "not_yet", _("pas encore disponible")
        CONFIDENTIAL = "confidential", _("confidentielle (trop peu de personnes)")
        NOT_APPLICABLE = "not_applicable", _("sans objet pour la période")

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name=_("indicateur"), related_name="measurements"
    )
    definition = models.ForeignKey(
        IndicatorDefinition,
        models.PROTECT,
        verbose_name=_("définition"),
        related_name="measurements",
        help_text=_("La version de la définition sous laquelle la valeur a été rapportée."),
    )
    report = models.ForeignKey(
        "ProgressReport",
        models.PROTECT,
        verbose_name=_("bilan"),
        related_name="measurements",
        null=True,
        blank=True,
        editable=False,
        help_text=_("Le bilan d'étape qui l'a rapportée."),
    )
    starts_on = models.DateField(
        _("début de la période"), null=True, blank=True, help_text=_("Vide : une valeur à une date.")
    )
    measured_on = models.DateField(_("date, ou fin de la période"))
    value = models.DecimalField(_("valeur"), null=True, blank=True, **FIGURE)
    numerator = models.DecimalField(_("numérateur"), null=True, blank=True, **FIGURE)
    denominator = models.DecimalField(_("dénominateur"), null=True, blank=True, **FIGURE)
    assessment = translated(
        models.TextField(_("appréciation"), blank=True, help_text=_("Pour un indicateur qualitatif."))
    )
    absence = models.CharField(
        _("sans valeur parce que"), max_length=14, choices=Absence, blank=True, default=""
    )
    quality = models.CharField(_("qualité"), max_length=11, choices=Quality, default=Quality.MEASURED)
    source = models.CharField(_("source"), max_length=250, blank=True)
    note = translated(models.TextField(_("note"), blank=True))
    state = models.CharField(_("état"), max_length=9, choices=State, default=State.DRAFT, editable=False)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("corrige"),
        related_name="corrections",
        null=True,
        blank=True,
        editable=False,
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("saisie par"),
        related_name="+",
        null=True,
        editable=False,
    )
    entered_at = models.DateTimeField(_("saisie le"), default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("décidée par"),
        related_name="+",
        null=True,
        editable=False,
    )
    decided_at = models.DateTimeField(_("décidée le"), null=True, editable=False)
    refusal = models.TextField(_("motif du refus"), blank=True, editable=False)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        verbose_name = _("mesure")
        verbose_name_plural = _("mesures")
        ordering = ("indicator", "measured_on", "pk")
        indexes = (models.Index(fields=("state", "measured_on"), name="measurement_state_date"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(value__isnull=False, numerator=None, denominator=None, absence="")
                | Q(value=None, numerator__isnull=False, denominator__isnull=False, absence="")
                | (Q(value=None, numerator=None, denominator=None) & ~Q(absence=""))
                | (Q(value=None, numerator=None, denominator=None, absence="") & ~Q(assessment_fr=""))
                | Q(state="draft"),
                name="measurement_has_one_answer",
                violation_error_message=_(
                    "Donnez une valeur, ou un numérateur et un dénominateur, ou la raison de l'absence."
                ),
            ),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gt=0),
                name="measurement_denominator_positive",
                violation_error_message=_("Le dénominateur est plus grand que zéro."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(starts_on__lte=F("measured_on")),
                name="measurement_period_in_order",
                violation_error_message=_("La période finit après son début."),
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""),
                name="measurement_refused_with_reason",
                violation_error_message=_("Une mesure se refuse avec un motif."),
            ),
            models.UniqueConstraint(
                fields=("indicator", "measured_on"),
                condition=Q(state="accepted"),
                name="measurement_one_accepted",
                violation_error_message=_(
                    "Une valeur acceptée existe déjà à cette date : corrigez-la plutôt que d'en ajouter une."
                ),
            ),
            models.UniqueConstraint(
                fields=("corrects",),
                condition=~Q(state="refused"),
                name="measurement_one_correction",
                violation_error_message=_("Une correction de cette mesure attend déjà une décision."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} ({self.measured_on})"

    def clean(self) -> None:
        """What a row alone cannot know: its definition asks for a value or for a ratio."""
        if not self.definition_id or self.state == self.State.DRAFT:
            return
        if self.indicator_id and self.definition.indicator_id != self.indicator_id:
            raise ValidationError({"definition": _("Cette définition est celle d'un autre indicateur.")})
        if self.definition.kind == Kind.RATIO and self.value is not None:
            raise ValidationError({"value": _("Cet indicateur attend un numérateur et un dénominateur.")})
        if self.definition.kind != Kind.RATIO and self.numerator is not None:
            raise ValidationError({"numerator": _("Cet indicateur attend une valeur seule.")})

    @property
    def reading(self) -> Reading:
        """As the function of progress reads it."""
        return Reading(
            on=self.measured_on,
            value=self.value,
            numerator=self.numerator,
            denominator=self.denominator,
            is_accepted=self.state == self.State.ACCEPTED,
        )

    @property
    def figure(self) -> Decimal | None:
        """The value, or the ratio in percent; None where there is none."""
        if self.numerator is not None and self.denominator:
            return 100 * self.numerator / self.denominator
        return self.value


class BreakdownValue(models.Model):
    """The part of a measurement that falls to one category."""

    measurement = models.ForeignKey(
        Measurement, models.CASCADE, verbose_name=_("mesure"), related_name="breakdown_values"
    )
    category = models.ForeignKey(
        BreakdownCategory, models.PROTECT, verbose_name=_("catégorie"), related_name="values"
    )
    value = models.DecimalField(_("valeur"), **FIGURE)

    class Meta:
        verbose_name = _("valeur ventilée")
        verbose_name_plural = _("valeurs ventilées")
        ordering = ("measurement", "category__number")
        constraints = (
            models.UniqueConstraint(
                fields=("measurement", "category"),
                name="breakdown_value_unique",
                violation_error_message=_("Cette catégorie a déjà une valeur."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.category} : {self.value.normalize():f}"
