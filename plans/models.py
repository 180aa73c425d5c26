"""The hierarchy of a plan and the process that made it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.partial_dates import PartialDate, Precision
from core.searchable import Searchable, SearchableQuerySet
from core.translation import text_and_language, translated


class PlanQuerySet(models.QuerySet["Plan"]):
    def public(self) -> Self:
        """Plans that may be read by all: one in preparation is the council's own."""
        return self.exclude(stage=Plan.Stage.PREPARATION)

    def with_counts(self) -> Self:
        """With ``orientation_count``, ``objective_count``, and ``project_count`` without the archived."""
        return self.annotate(
            orientation_count=Count("orientations", distinct=True),
            objective_count=Count("orientations__objectives", distinct=True),
            project_count=Subquery(
                Plan.objects.filter(pk=OuterRef("pk"))
                .order_by()
                .values(number=Count("projects", filter=Q(projects__archived_at=None)))
            ),
        )

    def current(self) -> Plan | None:
        return self.public().filter(is_current=True).first()


class Plan(models.Model):
    """An integrated action plan, for a span of years."""

    class Stage(models.TextChoices):
        PREPARATION = "preparation", _("en préparation")
        CALL_OPEN = "call_open", _("appel ouvert")
        UNDER_WAY = "under_way", _("en cours")
        CLOSED = "closed", _("terminé")

    slug = models.SlugField(
        _("adresse"),
        unique=True,
        help_text=_("Par exemple 2020-2022. Fait partie de l'adresse publique du plan."),
    )
    title = translated(models.CharField(_("titre"), max_length=200))
    first_year = models.PositiveSmallIntegerField(_("première année"))
    last_year = models.PositiveSmallIntegerField(_("dernière année"))
    vision = translated(models.TextField(_("vision"), blank=True))
    introduction = translated(models.TextField(_("introduction"), blank=True))
    systemic_approach = translated(models.TextField(_("approche systémique"), blank=True))
    implementation = translated(models.TextField(_("stratégie de mise en œuvre"), blank=True))
    limits = translated(models.TextField(_("limites et leçons"), blank=True))
    stage = models.CharField(_("étape"), max_length=12, choices=Stage, default=Stage.PREPARATION)
    call_opens_at = models.DateTimeField(_("ouverture de l'appel"), null=True, blank=True)
    call_closes_at = models.DateTimeField(_("clôture de l'appel"), null=True, blank=True)
    is_current = models.BooleanField(
        _("plan courant"),
        default=False,
        help_text=_("Le plan que montrent l'accueil et /plan/. Un seul à la fois."),
    )
    is_demonstration = models.BooleanField(_("donnée de démonstration"), default=False)
    predecessor = models.OneToOneField(
        "self",
        models.PROTECT,
        verbose_name=_("plan précédent"),
        related_name="successor",
        null=True,
        blank=True,
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan d'action intégré")
        verbose_name_plural = _("plans d'action intégrés")
        ordering = ("-first_year", "slug")
        constraints = (
            models.UniqueConstraint(
                fields=("is_current",),
                condition=Q(is_current=True),
                name="plan_one_current",
                violation_error_message=_("Un autre plan est déjà le plan courant."),
            ),
            models.CheckConstraint(
                condition=Q(last_year__gte=F("first_year")),
                name="plan_years_in_order",
                violation_error_message=_("La dernière année ne peut pas précéder la première."),
            ),
            models.CheckConstraint(
                condition=Q(call_opens_at=None)
                | Q(call_closes_at=None)
                | Q(call_closes_at__gt=F("call_opens_at")),
                name="plan_call_in_order",
                violation_error_message=_("L'appel doit se clore après son ouverture."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("plans:plan", kwargs={"plan": self.slug})

    @property
    def years(self) -> str:
        return f"{self.first_year}-{self.last_year}"

    @property
    def is_public(self) -> bool:
        return self.stage != self.Stage.PREPARATION

    def is_call_open(self, *, at: dt.datetime) -> bool:
        """Whether partners may register projects in the plan at that moment."""
        opens, closes = self.call_opens_at, self.call_closes_at
        return (
            self.stage == self.Stage.CALL_OPEN and (not opens or opens <= at) and (not closes or at < closes)
        )


class Orientation(Searchable):
    """A main direction of a plan, which answers a problem."""

    class Colour(models.TextChoices):
        SUN = "soleil", _("soleil")
        LEAF = "feuille", _("feuille")
        BEET = "betterave", _("betterave")
        CARROT = "carotte", _("carotte")
        RIVER = "fleuve", _("fleuve")

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="orientations")
    number = models.PositiveSmallIntegerField(_("numéro"))
    title = translated(models.CharField(_("titre"), max_length=250))
    short_title = translated(models.CharField(_("titre court"), max_length=60, blank=True))
    problem = translated(models.TextField(_("problématique"), blank=True))
    colour = models.CharField(_("couleur"), max_length=12, choices=Colour, default=Colour.LEAF)

    objects = SearchableQuerySet.as_manager()

    class Meta:
        verbose_name = _("orientation")
        verbose_name_plural = _("orientations")
        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "number"),
                name="orientation_number_unique",
                violation_error_message=_("Ce numéro est déjà celui d'une autre orientation du plan."),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="orientation_number_positive",
                violation_error_message=_("Les orientations se numérotent à partir de 1."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("plans:orientation", kwargs={"plan": self.plan.slug, "number": self.number})

    @property
    def name(self) -> str:
        """The short title, or the title where there is none."""
        return self.short_title or self.title

    def published_projects(self) -> models.QuerySet[Any]:
        """The projects that serve at least one of its objectives, each once."""
        served = self.plan.projects.filter(objectives__orientation=self).values("pk")
        return self.plan.projects.published().filter(pk__in=served)

    def search_parts(self, language: str) -> tuple[str, str]:
        return _texts(self, language, "title", "problem")


class Objective(Searchable):
    """A general objective: what an orientation wants to reach, and what projects serve."""

    orientation = models.ForeignKey(
        Orientation, models.PROTECT, verbose_name=_("orientation"), related_name="objectives"
    )
    number = models.PositiveSmallIntegerField(
        _("numéro"), help_text=_("Dans l'orientation : le 2 de l'objectif 3.2.")
    )
    title = translated(models.CharField(_("titre"), max_length=250))
    description = translated(models.TextField(_("description"), blank=True))
    is_demonstration = models.BooleanField(_("donnée de démonstration"), default=False)

    objects = SearchableQuerySet.as_manager()

    class Meta:
        verbose_name = _("objectif général")
        verbose_name_plural = _("objectifs généraux")
        ordering = ("orientation__plan", "orientation__number", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("orientation", "number"),
                name="objective_number_unique",
                violation_error_message=_("Ce numéro est déjà celui d'un autre objectif de l'orientation."),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="objective_number_positive",
                violation_error_message=_("Les objectifs se numérotent à partir de 1."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("plans:objective", kwargs={"plan": self.orientation.plan.slug, "code": self.code})

    @property
    def code(self) -> str:
        return f"{self.orientation.number}.{self.number}"

    def search_parts(self, language: str) -> tuple[str, str]:
        return _texts(self, language, "title", "description")


class CrossCuttingIssue(Searchable):
    """An issue that runs through all orientations, such as resilience."""

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="issues")
    number = models.PositiveSmallIntegerField(_("numéro"))
    title = translated(models.CharField(_("titre"), max_length=150))
    description = translated(models.TextField(_("description"), blank=True))

    objects = SearchableQuerySet.as_manager()

    class Meta:
        verbose_name = _("enjeu transversal")
        verbose_name_plural = _("enjeux transversaux")
        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "number"),
                name="issue_number_unique",
                violation_error_message=_("Ce numéro est déjà celui d'un autre enjeu du plan."),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="issue_number_positive",
                violation_error_message=_("Les enjeux se numérotent à partir de 1."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("plans:issue", kwargs={"plan": self.plan.slug, "number": self.number})

    def search_parts(self, language: str) -> tuple[str, str]:
        return _texts(self, language, "title", "description")


class PlanningPhase(Searchable):
    """A phase of the planning process, such as the Forum."""

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="phases")
    number = models.PositiveSmallIntegerField(_("numéro"))
    title = translated(models.CharField(_("titre"), max_length=150))
    text = translated(models.TextField(_("texte"), blank=True))
    starts_on = models.DateField(_("début"), null=True, blank=True)
    starts_precision = models.CharField(
        _("précision du début"), max_length=8, choices=Precision, default=Precision.DAY
    )
    ends_on = models.DateField(_("fin"), null=True, blank=True)
    ends_precision = models.CharField(
        _("précision de la fin"), max_length=8, choices=Precision, default=Precision.DAY
    )

    objects = SearchableQuerySet.as_manager()

    class Meta:
        verbose_name = _("phase de la démarche")
        verbose_name_plural = _("phases de la démarche")
        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "number"),
                name="phase_number_unique",
                violation_error_message=_("Ce numéro est déjà celui d'une autre phase."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None)
                | Q(ends_on=None)
                | Q(ends_on__gte=F("starts_on"))
                | ~Q(ends_precision="day"),
                name="phase_dates_in_order",
                violation_error_message=_("La fin ne peut pas précéder le début."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('plans:process')}#phase-{self.number}"

    @property
    def starts(self) -> PartialDate | None:
        return PartialDate(self.starts_on, self.starts_precision) if self.starts_on else None

    @property
    def ends(self) -> PartialDate | None:
        return PartialDate(self.ends_on, self.ends_precision) if self.ends_on else None

    def search_parts(self, language: str) -> tuple[str, str]:
        return _texts(self, language, "title", "text")


class ProcessFigure(models.Model):
    """A number worth telling of the planning process, such as the 170 partners at the Forum.

    These are facts reported by the council, not counts of rows: the plan in figures is counted from the data.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="figures")
    phase = models.ForeignKey(
        PlanningPhase,
        models.PROTECT,
        verbose_name=_("phase"),
        related_name="figures",
        null=True,
        blank=True,
        help_text=_("Vide : le chiffre vaut pour toute la démarche."),
    )
    position = models.PositiveSmallIntegerField(_("ordre"), default=1)
    value = models.PositiveIntegerField(_("valeur"))
    label = translated(models.CharField(_("libellé"), max_length=150))

    class Meta:
        verbose_name = _("chiffre de la démarche")
        verbose_name_plural = _("chiffres de la démarche")
        ordering = ("plan", "phase__number", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "phase", "position"),
                name="figure_position_unique",
                violation_error_message=_("Cet ordre est déjà pris par un autre chiffre de la phase."),
            ),
            models.UniqueConstraint(
                fields=("plan", "position"),
                condition=Q(phase=None),
                name="figure_plan_position_unique",
                violation_error_message=_("Cet ordre est déjà pris par un autre chiffre de la démarche."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.value} {self.label}"


class Milestone(models.Model):
    """An event of the planning process, for the chronology."""

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="milestones")
    happened_on = models.DateField(_("date"))
    happened_precision = models.CharField(
        _("précision de la date"), max_length=8, choices=Precision, default=Precision.DAY
    )
    title = translated(models.CharField(_("titre"), max_length=150))
    text = translated(models.TextField(_("texte"), blank=True))

    class Meta:
        verbose_name = _("jalon de la démarche")
        verbose_name_plural = _("jalons de la démarche")
        ordering = ("plan", "happened_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "happened_on", "title_fr"),
                name="milestone_unique",
                violation_error_message=_("Ce jalon figure déjà à cette date."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.happened} – {self.title}"

    @property
    def happened(self) -> PartialDate:
        return PartialDate(self.happened_on, self.happened_precision)


def _texts(obj: Any, language: str, title: str, body: str) -> tuple[str, str]:
    return text_and_language(obj, title, language)[0], text_and_language(obj, body, language)[0]
