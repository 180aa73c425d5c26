"""Targets that several projects reach together."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.searchable import Searchable, SearchableQuerySet
from core.translation import text_and_language, translated
from indicators.models.indicator import FIGURE, Indicator
from indicators.pooling import Part, Pooled, pool
from indicators.progress import Aim
from indicators.vocabulary import Direction, Kind
from plans.models import Objective, Plan
from projects.models import Project


class CommonTargetQuerySet(SearchableQuerySet):
    def published(self) -> Self:
        return self.filter(archived_at=None, plan__in=Plan.objects.public())

    def with_progress(self) -> Self:
        """With all that ``progress()`` reads, in a fixed number of queries."""
        counted = Contribution.objects.filter(indicator__in=Indicator.objects.published()).prefetch_related(
            models.Prefetch("indicator", Indicator.objects.with_progress().without_search_columns())
        )
        return (
            self.select_related("plan", "objective__orientation__plan")
            .without_search_columns()
            .prefetch_related(models.Prefetch("contributions", counted))
        )


class CommonTarget(Searchable):
    """A measurable target of an objective, or of the plan, that the indicators of projects add up to."""

    class Adding(models.TextChoices):
        SUM = Kind.INCREMENT.value, _("les changements s'additionnent")
        RATIO = Kind.RATIO.value, _("une proportion d'ensemble")

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="common_targets")
    objective = models.ForeignKey(
        Objective,
        models.PROTECT,
        verbose_name=_("objectif"),
        related_name="common_targets",
        null=True,
        blank=True,
        help_text=_("Vide : une cible du plan entier."),
    )
    slug = models.SlugField(_("adresse"), max_length=90, unique=True)
    title = translated(models.CharField(_("titre"), max_length=200))
    meaning = translated(models.TextField(_("ce qui est compté"), blank=True))
    adding = models.CharField(_("addition"), max_length=9, choices=Adding, default=Adding.SUM)
    direction = models.CharField(
        _("direction"),
        max_length=9,
        choices=[(d.value, d.label) for d in (Direction.INCREASE, Direction.DECREASE)],
        default=Direction.INCREASE,
    )
    unit = translated(
        models.CharField(
            _("unité"), max_length=60, help_text=_("La même que celle des indicateurs qui y contribuent.")
        )
    )
    decimals = models.PositiveSmallIntegerField(_("décimales affichées"), default=0)
    baseline = models.DecimalField(_("valeur de départ"), default=0, **FIGURE)
    baseline_on = models.DateField(_("date de départ"))
    target = models.DecimalField(_("cible"), **FIGURE)
    target_on = models.DateField(_("date de la cible"))
    source = translated(models.CharField(_("source de la cible"), max_length=250, blank=True))
    is_demonstration = models.BooleanField(_("donnée de démonstration"), default=False)
    archived_at = models.DateTimeField(_("archivage"), null=True, blank=True)

    objects = CommonTargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("cible commune")
        verbose_name_plural = _("cibles communes")
        ordering = ("plan", "objective__orientation__number", "objective__number", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(target=F("baseline")),
                name="common_target_differs",
                violation_error_message=_("La cible est égale à la valeur de départ."),
            ),
            models.CheckConstraint(
                condition=Q(direction="increase", target__gte=F("baseline"))
                | Q(direction="decrease", target__lte=F("baseline")),
                name="common_target_in_direction",
                violation_error_message=_(
                    "La cible est du mauvais côté de la valeur de départ pour cette direction."
                ),
            ),
            models.CheckConstraint(
                condition=Q(target_on__gt=F("baseline_on")),
                name="common_target_dates_in_order",
                violation_error_message=_("La date de la cible suit celle de départ."),
            ),
            models.CheckConstraint(
                condition=Q(decimals__lte=4),
                name="common_target_decimals",
                violation_error_message=_("On affiche au plus quatre décimales."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        query = "" if self.plan.is_current else f"?plan={self.plan.slug}"
        return f"{reverse('indicators:dashboard')}{query}#cible-{self.slug}"

    def clean(self) -> None:
        if self.objective and self.plan_id and self.objective.orientation.plan_id != self.plan_id:
            raise ValidationError({"objective": _("Cet objectif est celui d'un autre plan.")})

    def search_parts(self, language: str) -> tuple[str, str]:
        texts = [text_and_language(self, n, language)[0] for n in ("title", "meaning", "unit", "source")]
        return texts[0], "\n".join(texts[1:])

    @property
    def unit_key(self) -> str:
        return text_and_language(self, "unit", "fr")[0].strip().casefold()

    @property
    def aim(self) -> Aim:
        return Aim(
            kind=self.adding,
            direction=self.direction,
            baseline=self.baseline,
            baseline_on=self.baseline_on,
            target=self.target,
            target_on=self.target_on,
        )

    def pooled(self, *, on: dt.date) -> Pooled:
        """Progress and coverage on that day. No query after ``with_progress()``."""
        parts = [
            Part(c.project_id, c.indicator.definition.aim, tuple(c.indicator.readings()))
            for c in self.contributions.all()
            if c.indicator.definition
        ]
        return pool(self.aim, parts, on=on)


class Contribution(models.Model):
    """A project's indicator that counts towards a common target. Each project counts once."""

    common_target = models.ForeignKey(
        CommonTarget, models.CASCADE, verbose_name=_("cible commune"), related_name="contributions"
    )
    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name=_("projet"), related_name="contributions", editable=False
    )
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name=_("indicateur"), related_name="contributions"
    )

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ("common_target", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("common_target", "project"),
                name="contribution_project_once",
                violation_error_message=_(
                    "Ce projet compte déjà pour cette cible : chaque projet compte une fois."
                ),
            ),
        )

    def __str__(self) -> str:
        return str(self.indicator)

    def clean(self) -> None:
        """A contribution counts in the unit of its target, and for the project of its indicator."""
        definition = self.indicator.definition if self.indicator_id else None
        if definition is None:
            raise ValidationError({"indicator": _("Cet indicateur n'a pas encore de définition approuvée.")})
        self.project = self.indicator.project
        is_ratio = self.common_target.adding == CommonTarget.Adding.RATIO
        if is_ratio != (definition.kind == Kind.RATIO) or definition.kind == Kind.QUALITATIVE:
            raise ValidationError(
                {"indicator": _("Le genre de cet indicateur ne s'additionne pas à cette cible.")}
            )
        if not is_ratio and definition.unit_key != self.common_target.unit_key:
            raise ValidationError(
                {
                    "indicator": _("Cet indicateur se compte en « %(unit)s », la cible en « %(expected)s ».")
                    % {"unit": definition.unit_key, "expected": self.common_target.unit_key}
                }
            )
