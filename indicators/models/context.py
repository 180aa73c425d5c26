"""Published statistics that the plan is read against. Nobody here measured them; each names its source."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.translation import translated
from indicators.models.indicator import FIGURE


class ContextIndicatorQuerySet(models.QuerySet["ContextIndicator"]):
    def with_values(self) -> Self:
        return self.prefetch_related("values")


class ContextIndicator(models.Model):
    """A published statistic, such as the share of people in food insecurity."""

    slug = models.SlugField(_("adresse"), max_length=90, unique=True)
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)
    title = translated(models.CharField(_("titre"), max_length=200))
    meaning = translated(models.TextField(_("définition"), blank=True))
    unit = translated(models.CharField(_("unité"), max_length=60))
    decimals = models.PositiveSmallIntegerField(_("décimales affichées"), default=0)

    objects = ContextIndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicateur de contexte")
        verbose_name_plural = _("indicateurs de contexte")
        ordering = ("position", "slug")

    def __str__(self) -> str:
        return self.title


class ContextValue(models.Model):
    """A figure of one source for a territory and a year. Two sources that disagree are two rows."""

    class Nature(models.TextChoices):
        PRIMARY = "primary", _("publiée par sa source")
        COPY = "copy", _("lue dans une copie du document")
        SECONDARY = "secondary", _("citée par un tiers")

    indicator = models.ForeignKey(
        ContextIndicator, models.CASCADE, verbose_name=_("indicateur de contexte"), related_name="values"
    )
    code = models.SlugField(_("code"), max_length=40, unique=True)
    territory = translated(models.CharField(_("territoire"), max_length=120))
    first_year = models.PositiveSmallIntegerField(_("année"))
    last_year = models.PositiveSmallIntegerField(_("dernière année"))
    value = models.DecimalField(_("valeur"), **FIGURE)
    is_approximate = models.BooleanField(_("valeur approximative"), default=False)
    source = models.CharField(_("source"), max_length=200)
    source_url = models.URLField(_("adresse de la source"), max_length=500)
    nature = models.CharField(_("nature de la source"), max_length=9, choices=Nature, default=Nature.PRIMARY)
    note = translated(models.TextField(_("note"), blank=True))

    class Meta:
        verbose_name = _("valeur de contexte")
        verbose_name_plural = _("valeurs de contexte")
        ordering = ("indicator", "-last_year", "territory_fr", "code")
        constraints = (
            models.CheckConstraint(
                condition=Q(last_year__gte=F("first_year")),
                name="context_years_in_order",
                violation_error_message=_("La dernière année ne précède pas la première."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.territory}, {self.years}"

    @property
    def years(self) -> str:
        if self.first_year == self.last_year:
            return str(self.last_year)
        return f"{self.first_year}-{self.last_year}"
