"""What a project measures, and the definitions under which it was measured."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.searchable import Searchable, SearchableQuerySet
from core.translation import text_and_language, translated
from indicators.progress import Aim, Progress, Reading, progress
from indicators.vocabulary import BaselineStatus, Direction, Frequency, Kind
from projects.models import Project, is_published

#: Columns of figures: twenty digits, four of them decimals.
FIGURE: dict[str, Any] = {"max_digits": 20, "decimal_places": 4}


class IndicatorQuerySet(SearchableQuerySet):
    def published(self) -> Self:
        """What the public may read: defined, not archived, of a published project."""
        return self.filter(is_published("project__"), archived_at=None).exclude(definition=None)

    def with_progress(self) -> Self:
        """With all that ``progress()`` reads, in a fixed number of queries."""
        # The model of measurements stands on this one, which knows it by the relation.
        measurements: Any = self.model._meta.get_field("measurements").related_model
        accepted = measurements.objects.accepted().select_related("definition")
        return self.select_related("definition", "project__plan").prefetch_related(
            "definition__interim_targets", models.Prefetch("measurements", accepted)
        )


class Indicator(Searchable):
    """A figure that a project reports on. What it means stands in its definitions."""

    project = models.ForeignKey(Project, models.PROTECT, verbose_name=_("projet"), related_name="indicators")
    slug = models.SlugField(
        _("adresse"),
        max_length=90,
        unique=True,
        help_text=_("Fait partie de l'adresse publique de la page : ne la changez plus une fois diffusée."),
    )
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)
    definition = models.ForeignKey(
        "IndicatorDefinition",
        models.PROTECT,
        verbose_name=_("définition en vigueur"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    is_demonstration = models.BooleanField(_("donnée de démonstration"), default=False)
    updated_at = models.DateTimeField(_("dernière modification"), default=timezone.now, editable=False)
    archived_at = models.DateTimeField(
        _("archivage"),
        null=True,
        blank=True,
        help_text=_("Un indicateur archivé n'est plus public; ses valeurs sont conservées."),
    )
    archive_reason = models.TextField(_("motif de l'archivage"), blank=True)

    objects = IndicatorQuerySet.as_manager()

    search_related = ("definition",)

    class Meta:
        verbose_name = _("indicateur")
        verbose_name_plural = _("indicateurs")
        ordering = ("project", "position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(archived_at=None) | ~Q(archive_reason=""),
                name="indicator_archived_with_reason",
                violation_error_message=_("Un indicateur s'archive avec un motif."),
            ),
        )

    def __str__(self) -> str:
        return self.title or self.slug

    def get_absolute_url(self) -> str:
        return reverse("indicators:detail", kwargs={"slug": self.slug})

    @property
    def title(self) -> str:
        """Of the definition in force; none before the first is approved."""
        return self.definition.title if self.definition else ""

    def progress(self, *, on: dt.date) -> Progress:
        """As it stood on that day, under the definition in force. No query after ``with_progress()``."""
        if self.definition is None:
            return progress(Aim(), [], on=on)
        return progress(self.definition.aim, self.readings(), on=on)

    def readings(self) -> list[Reading]:
        """The measurements that the definition in force can be compared with."""
        first = self.definition.series_from if self.definition else 1
        return [m.reading for m in self.measurements.all() if m.definition.number >= first]

    def search_parts(self, language: str) -> tuple[str, str]:
        if self.definition is None:
            return "", ""
        texts = [text_and_language(self.definition, n, language)[0] for n in ("title", "meaning", "unit")]
        return texts[0], "\n".join(texts[1:])


class IndicatorDefinition(models.Model):
    """A version of what an indicator means. It changes only by approval of a new one, with a reason."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposée")
        APPROVED = "approved", _("approuvée")
        DECLINED = "declined", _("refusée")

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, verbose_name=_("indicateur"), related_name="definitions"
    )
    number = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PROPOSED, editable=False)
    title = translated(models.CharField(_("titre"), max_length=200))
    meaning = translated(
        models.TextField(
            _("ce qui est compté"),
            blank=True,
            help_text=_(
                "Ce que l'on inclut, ce que l'on exclut, et pourquoi cela dit quelque chose du projet."
            ),
        )
    )
    kind = models.CharField(
        _("genre"),
        max_length=14,
        choices=Kind,
        default=Kind.LEVEL,
        help_text=_(
            "Niveau : la dernière valeur compte. Ajout : les valeurs s'additionnent. Total cumulé : chaque "
            "valeur comprend les précédentes. Proportion : un numérateur et un dénominateur."
        ),
    )
    direction = models.CharField(_("direction"), max_length=9, choices=Direction, default=Direction.INCREASE)
    unit = translated(
        models.CharField(
            _("unité"), max_length=60, blank=True, help_text=_("Par exemple : repas, kg, %, personnes.")
        )
    )
    decimals = models.PositiveSmallIntegerField(_("décimales affichées"), default=0)
    baseline_status = models.CharField(
        _("valeur de départ : état"),
        max_length=14,
        choices=BaselineStatus,
        default=BaselineStatus.KNOWN,
        help_text=_("« Sans objet » : ce qui est compté n'existait pas avant le projet."),
    )
    baseline = models.DecimalField(_("valeur de départ"), null=True, blank=True, **FIGURE)
    baseline_on = models.DateField(_("date de départ"), null=True, blank=True)
    target = models.DecimalField(_("cible"), null=True, blank=True, **FIGURE)
    target_on = models.DateField(_("date de la cible"), null=True, blank=True)
    band_low = models.DecimalField(_("au moins"), null=True, blank=True, **FIGURE)
    band_high = models.DecimalField(_("au plus"), null=True, blank=True, **FIGURE)
    tolerance = models.DecimalField(
        _("tolérance"),
        default=0,
        help_text=_("Écart à la bande qui met à surveiller sans mettre en retard."),
        **FIGURE,
    )
    frequency = models.CharField(_("fréquence"), max_length=11, choices=Frequency, default=Frequency.YEARLY)
    source = translated(models.CharField(_("source des données"), max_length=250, blank=True))
    method = translated(models.TextField(_("méthode"), blank=True))
    breakdown = translated(
        models.CharField(
            _("ventilation"), max_length=120, blank=True, help_text=_("Par exemple : par groupe d'âge.")
        )
    )
    reason = models.TextField(
        _("motif du changement"), blank=True, help_text=_("Publié dans l'historique de l'indicateur.")
    )
    breaks_series = models.BooleanField(
        _("rupture de série"),
        default=False,
        help_text=_("Les valeurs d'avant ne se comparent plus à celles d'après : le calcul repart d'ici."),
    )
    series_from = models.PositiveSmallIntegerField(
        _("comparable depuis la version"), default=1, editable=False
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("proposée par"),
        related_name="+",
        null=True,
        editable=False,
    )
    proposed_at = models.DateTimeField(_("proposée le"), default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("décidée par"),
        related_name="+",
        null=True,
        editable=False,
    )
    decided_at = models.DateTimeField(_("décidée le"), null=True, editable=False)

    class Meta:
        verbose_name = _("définition d'indicateur")
        verbose_name_plural = _("définitions d'indicateurs")
        ordering = ("indicator", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "number"),
                name="definition_number_unique",
                violation_error_message=_("Cette version existe déjà."),
            ),
            models.UniqueConstraint(
                fields=("indicator",),
                condition=Q(state="proposed"),
                name="definition_one_proposed",
                violation_error_message=_("Une autre définition de cet indicateur attend déjà une décision."),
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""),
                name="definition_changed_with_reason",
                violation_error_message=_("Une définition change avec un motif."),
            ),
            models.CheckConstraint(
                condition=Q(baseline_status="known", baseline__isnull=False, baseline_on__isnull=False)
                | (~Q(baseline_status="known") & Q(baseline=None)),
                name="definition_baseline_with_status",
                violation_error_message=_(
                    "Une valeur de départ connue porte une valeur et une date; sinon, laissez la valeur vide."
                ),
            ),
            models.CheckConstraint(
                condition=Q(target=None) | Q(baseline=None) | ~Q(target=F("baseline")),
                name="definition_target_differs",
                violation_error_message=_(
                    "La cible est égale à la valeur de départ : choisissez plutôt la direction « maintenir »."
                ),
            ),
            models.CheckConstraint(
                condition=Q(target=None)
                | Q(baseline=None)
                | ~Q(direction__in=("increase", "decrease"))
                | Q(direction="increase", target__gte=F("baseline"))
                | Q(direction="decrease", target__lte=F("baseline")),
                name="definition_target_in_direction",
                violation_error_message=_(
                    "La cible est du mauvais côté de la valeur de départ pour cette direction."
                ),
            ),
            models.CheckConstraint(
                condition=Q(target=None) | Q(target_on__isnull=False),
                name="definition_target_dated",
                violation_error_message=_("Une cible porte une date."),
            ),
            models.CheckConstraint(
                condition=Q(baseline_on=None) | Q(target_on=None) | Q(target_on__gt=F("baseline_on")),
                name="definition_dates_in_order",
                violation_error_message=_("La date de la cible suit celle de départ."),
            ),
            models.CheckConstraint(
                condition=~Q(direction="maintain") | Q(band_low__isnull=False) | Q(band_high__isnull=False),
                name="definition_band_given",
                violation_error_message=_("Pour maintenir, indiquez au moins une limite."),
            ),
            models.CheckConstraint(
                condition=Q(band_low=None) | Q(band_high=None) | Q(band_low__lte=F("band_high")),
                name="definition_band_in_order",
                violation_error_message=_("La limite du bas ne dépasse pas celle du haut."),
            ),
            models.CheckConstraint(
                condition=Q(tolerance__gte=0) & Q(decimals__lte=4),
                name="definition_tolerance_and_decimals",
                violation_error_message=_("La tolérance est positive; on affiche au plus quatre décimales."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def unit_key(self) -> str:
        """The unit as it is compared: two indicators add up only in the same unit."""
        return text_and_language(self, "unit", "fr")[0].strip().casefold()

    @property
    def aim(self) -> Aim:
        """Reads ``interim_targets``: no query when they are prefetched."""
        return Aim(
            kind=self.kind,
            direction=self.direction,
            baseline=self.baseline,
            baseline_on=self.baseline_on,
            baseline_status=self.baseline_status,
            target=self.target,
            target_on=self.target_on,
            interim=tuple((t.due_on, t.value) for t in self.interim_targets.all()),
            band_low=self.band_low,
            band_high=self.band_high,
            tolerance=self.tolerance,
            frequency=self.frequency,
        )


class InterimTarget(models.Model):
    """A value to have reached on the way."""

    definition = models.ForeignKey(
        IndicatorDefinition, models.CASCADE, verbose_name=_("définition"), related_name="interim_targets"
    )
    due_on = models.DateField(_("date"))
    value = models.DecimalField(_("valeur"), **FIGURE)

    class Meta:
        verbose_name = _("cible intermédiaire")
        verbose_name_plural = _("cibles intermédiaires")
        ordering = ("definition", "due_on")
        constraints = (
            models.UniqueConstraint(
                fields=("definition", "due_on"),
                name="interim_target_date_unique",
                violation_error_message=_("Une cible intermédiaire existe déjà à cette date."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.due_on} : {self.value.normalize():f}"


class BreakdownCategory(models.Model):
    """A part that the values of an indicator are broken down into."""

    definition = models.ForeignKey(
        IndicatorDefinition, models.CASCADE, verbose_name=_("définition"), related_name="categories"
    )
    number = models.PositiveSmallIntegerField(_("ordre"))
    label = translated(models.CharField(_("nom"), max_length=120))

    class Meta:
        verbose_name = _("catégorie de ventilation")
        verbose_name_plural = _("catégories de ventilation")
        ordering = ("definition", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("definition", "number"),
                name="breakdown_category_number_unique",
                violation_error_message=_("Ce numéro est déjà celui d'une autre catégorie."),
            ),
        )

    def __str__(self) -> str:
        return self.label
