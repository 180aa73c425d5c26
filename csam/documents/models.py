"""The documents of a plan and of its reporting periods, each build of which is a row, and the editions that
freeze them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from indicators.models import ReportingPeriod
from plans.models import Plan


class EditionQuerySet(models.QuerySet["Edition"]):
    def published(self, plan: Plan | None = None) -> Self:
        """Editions of public plans that were ever published, newest first; those withdrawn are among them."""
        rows = (
            self.exclude(published_at=None)
            .exclude(plan__stage=Plan.Stage.PREPARATION)
            .select_related("plan", "period")
        )
        rows = rows.filter(plan=plan) if plan else rows
        return rows.order_by("-plan__first_year", F("period__ends_on").desc(nulls_first=True), "-number")

    def standing(self, plan: Plan | None = None) -> Self:
        """Those that can be read."""
        return self.published(plan).filter(withdrawn_at=None)

    def in_series(self, period: ReportingPeriod | None) -> Self:
        """Those that are numbered one after the other: of a period, or of the plan itself where it is None."""
        return self.filter(period=period)

    def in_preparation(self) -> Self:
        return self.filter(published_at=None)


class Edition(models.Model):
    """The documents of a plan, or the progress edition of one of its reporting periods, as they were published on
    one day, all made of one snapshot, frozen for good.

    What is frozen is guarded by the database itself: see the migration that adds the triggers.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="editions")
    period = models.ForeignKey(
        ReportingPeriod,
        models.PROTECT,
        verbose_name=_("période de suivi"),
        related_name="editions",
        null=True,
        blank=True,
        help_text=_("Vide : la synthèse et le plan intégral."),
    )
    number = models.PositiveSmallIntegerField(_("numéro"))
    as_of = models.DateField(_("données du"))
    data_hash = models.CharField(_("empreinte des données"), max_length=64, editable=False)
    prepared_at = models.DateTimeField(_("préparée le"), editable=False)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("préparée par"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    published_at = models.DateTimeField(_("publiée le"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("publiée par"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    withdrawn_at = models.DateTimeField(_("retirée le"), null=True, blank=True, editable=False)
    withdrawal_reason = models.TextField(_("motif du retrait"), blank=True, editable=False)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("édition")
        verbose_name_plural = _("éditions")
        ordering = ("-plan__first_year", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "number"),
                condition=Q(period__isnull=True),
                name="edition_number_unique_in_plan",
                violation_error_message=_("Ce plan a déjà une édition de ce numéro."),
            ),
            models.UniqueConstraint(
                fields=("period", "number"),
                condition=Q(period__isnull=False),
                name="edition_number_unique_in_period",
                violation_error_message=_("Cette période a déjà une édition de ce numéro."),
            ),
            models.UniqueConstraint(
                fields=("plan",),
                condition=Q(published_at__isnull=True, period__isnull=True),
                name="edition_one_in_preparation",
                violation_error_message=_("Une édition de ce plan est déjà en préparation."),
            ),
            models.UniqueConstraint(
                fields=("period",),
                condition=Q(published_at__isnull=True, period__isnull=False),
                name="edition_one_in_preparation_of_period",
                violation_error_message=_("Une édition du bilan de cette période est déjà en préparation."),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="edition_number_positive",
                violation_error_message=_("Les éditions se numérotent à partir de 1."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | (Q(published_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="edition_withdrawn_with_reason",
                violation_error_message=_("Retirer une édition publiée demande un motif."),
            ),
        )

    def __str__(self) -> str:
        subject = f"{self.plan} – {self.period}" if self.period else str(self.plan)
        return f"{subject} – {self.label}"

    def get_absolute_url(self) -> str:
        return self._address("edition")

    @property
    def label(self) -> str:
        return _("édition %(number)s") % {"number": self.number}

    @property
    def changes_url(self) -> str:
        return self._address("changes")

    @property
    def whole_url(self) -> str:
        """All that it says on one page: the full plan, or the progress edition."""
        address = self.read_url(Document.Kind.PROGRESS if self.period_id else Document.Kind.FULL)
        return address if self.period_id else f"{address}?partie=tout"

    def read_url(self, kind: str) -> str:
        return self._address("edition_read", **({} if self.period_id else {"kind": kind}))

    def _address(self, name: str, **more: str) -> str:
        values = {"plan": self.plan.slug, "number": self.number, **more}
        if self.period_id:
            return reverse(f"documents:period_{name}", kwargs={**values, "period": self.period_id})
        return reverse(f"documents:{name}", kwargs=values)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.is_published:
            raise models.ProtectedError(str(_("Une édition publiée ne s'efface pas.")), {self})
        return super().delete(*args, **kwargs)


class DocumentQuerySet(models.QuerySet["Document"]):
    def open(self) -> Self:
        return self.filter(state__in=Document.OPEN_STATES)

    def stale(self, *, before: dt.datetime) -> Self:
        """Under way without a sign of life since that moment: the process that built them is gone."""
        return self.filter(state__in=Document.RUNNING_STATES, heartbeat_at__lt=before)

    def delete(self) -> tuple[int, dict[str, int]]:
        if frozen := self.filter(is_frozen=True):
            raise models.ProtectedError(str(_("Une édition publiée ne s'efface pas.")), set(frozen))
        return super().delete()

    def drafts(self) -> Self:
        """Builds that nobody asked for and that were never published, in progress aside."""
        return self.filter(is_draft=True, published_at=None).exclude(state__in=Document.OPEN_STATES)

    def published(self, plan: Plan | None = None) -> Self:
        """The documents that everybody may download, of public plans: at most one per plan (or period), kind
        and language."""
        rows = (
            self.exclude(published_at=None)
            .exclude(plan__stage=Plan.Stage.PREPARATION)
            .select_related("plan", "edition", "period")
        )
        rows = rows.filter(plan=plan) if plan else rows
        by_period = F("period__ends_on").desc(nulls_first=True)
        return rows.defer("error").order_by("-plan__first_year", by_period, "-kind", "-language")

    def of_plans(self) -> Self:
        """The synthesis and the full plan, without what is about one period."""
        return self.filter(period=None)


class Document(models.Model):
    """One build of a document. A published one keeps its file and the data it was made from."""

    class Kind(models.TextChoices):
        SYNTHESIS = "synthesis", _("synthèse")
        FULL = "full", _("plan intégral")
        PROGRESS = "progress", pgettext_lazy("document", "bilan d'étape")

    class Language(models.TextChoices):
        FRENCH = "fr", _("français")
        ENGLISH = "en", _("anglais")

    class State(models.TextChoices):
        QUEUED = "queued", _("en attente")
        COLLECTING = "collecting", _("collecte des données")
        RENDERING = "rendering", _("mise en page")
        CHECKING = "checking", _("vérification")
        READY = "ready", _("prêt")
        FAILED = "failed", _("échec")

    #: Those of a plan as a whole; the others are about one reporting period.
    PLAN_KINDS = (Kind.SYNTHESIS, Kind.FULL)
    RUNNING_STATES = (State.COLLECTING, State.RENDERING, State.CHECKING)
    OPEN_STATES = (State.QUEUED, *RUNNING_STATES)

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="documents")
    kind = models.CharField(_("document"), max_length=10, choices=Kind)
    period = models.ForeignKey(
        ReportingPeriod,
        models.CASCADE,
        verbose_name=_("période de suivi"),
        related_name="documents",
        null=True,
        blank=True,
        editable=False,
    )
    language = models.CharField(_("langue"), max_length=2, choices=Language, default=Language.FRENCH)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.QUEUED, editable=False)
    sections_done = models.PositiveSmallIntegerField(_("sections faites"), default=0, editable=False)
    sections = models.PositiveSmallIntegerField(_("sections"), default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0, editable=False)
    heartbeat_at = models.DateTimeField(_("dernier signe de vie"), null=True, blank=True, editable=False)
    data_hash = models.CharField(_("empreinte des données"), max_length=64, blank=True, editable=False)
    build_hash = models.CharField(
        _("empreinte des données et de la mise en page"), max_length=64, blank=True, editable=False
    )
    data_as_of = models.DateField(_("données du"), null=True, blank=True, editable=False)
    file = models.FileField(
        _("fichier PDF"), upload_to="documents/", max_length=200, blank=True, editable=False
    )
    content = models.FileField(
        _("données"), upload_to="documents/", max_length=200, blank=True, editable=False
    )
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True, editable=False)
    size = models.PositiveIntegerField(_("taille en octets"), null=True, blank=True, editable=False)
    checksum = models.CharField(_("somme de contrôle SHA-256"), max_length=64, blank=True, editable=False)
    error = models.TextField(_("ce qui n'a pas marché"), blank=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("demandé par"),
        related_name="+",
        null=True,
        blank=True,
        editable=False,
    )
    requested_at = models.DateTimeField(_("demandé le"), editable=False)
    finished_at = models.DateTimeField(_("terminé le"), null=True, blank=True, editable=False)
    publish_when_ready = models.BooleanField(_("publier dès qu'il est prêt"), default=False)
    published_at = models.DateTimeField(_("publié le"), null=True, blank=True, editable=False)
    is_draft = models.BooleanField(_("version de travail de la nuit"), default=False, editable=False)
    edition = models.ForeignKey(
        Edition,
        models.PROTECT,
        verbose_name=_("édition"),
        related_name="documents",
        null=True,
        blank=True,
        editable=False,
    )
    is_frozen = models.BooleanField(
        _("figé par la publication de son édition"), default=False, editable=False
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("-requested_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "kind", "language"),
                condition=Q(
                    state__in=["queued", "collecting", "rendering", "checking"],
                    edition__isnull=True,
                    period__isnull=True,
                ),
                name="document_one_open_working_build",
                violation_error_message=_("Ce document est déjà en préparation dans cette langue."),
            ),
            models.UniqueConstraint(
                fields=("period", "kind", "language"),
                condition=Q(
                    state__in=["queued", "collecting", "rendering", "checking"],
                    edition__isnull=True,
                    period__isnull=False,
                ),
                name="document_one_open_build_of_period",
                violation_error_message=_("Ce document est déjà en préparation dans cette langue."),
            ),
            models.UniqueConstraint(
                fields=("plan", "kind", "language"),
                condition=Q(published_at__isnull=False, period__isnull=True),
                name="document_one_published",
                violation_error_message=_("Ce document est déjà publié dans cette langue."),
            ),
            models.UniqueConstraint(
                fields=("period", "kind", "language"),
                condition=Q(published_at__isnull=False, period__isnull=False),
                name="document_one_published_of_period",
                violation_error_message=_("Ce document est déjà publié dans cette langue."),
            ),
            models.CheckConstraint(
                condition=Q(kind="progress", period__isnull=False)
                | (~Q(kind="progress") & Q(period__isnull=True)),
                name="document_period_when_progress",
                violation_error_message=_(
                    "Un bilan est celui d'une période; les autres documents n'en ont pas."
                ),
            ),
            models.UniqueConstraint(
                fields=("edition", "kind", "language"),
                name="document_one_in_edition",
                violation_error_message=_("Cette édition a déjà ce document dans cette langue."),
            ),
            models.CheckConstraint(
                condition=Q(is_frozen=False) | (Q(state="ready") & Q(edition__isnull=False)),
                name="document_frozen_is_ready",
                violation_error_message=_("Seul un document prêt d'une édition se fige."),
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(state="ready"),
                name="document_published_is_ready",
                violation_error_message=_("Seul un document prêt se publie."),
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(file="") & ~Q(content="") & Q(pages__gte=1)),
                name="document_ready_has_file",
                violation_error_message=_("Un document prêt a un fichier."),
            ),
            models.CheckConstraint(
                condition=Q(sections_done__lte=F("sections")),
                name="document_progress_within_bounds",
                violation_error_message=_("Il ne peut pas y avoir plus de sections faites que de sections."),
            ),
        )

    def __str__(self) -> str:
        subject = f"{self.plan} – {self.period}" if self.period else str(self.plan)
        return f"{subject} – {self.get_kind_display()} ({self.get_language_display()})"

    def get_absolute_url(self) -> str:
        return self._address("read")

    @property
    def download_url(self) -> str:
        return self._address("download", language=self.language)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.is_frozen:
            raise models.ProtectedError(str(_("Une édition publiée ne s'efface pas.")), {self})
        return super().delete(*args, **kwargs)

    @property
    def edition_download_url(self) -> str:
        """Where the document of an edition stays."""
        return self._address("edition_download", number=self._number, language=self.language)

    @property
    def edition_data_url(self) -> str:
        return self._address("edition_data", number=self._number, language=self.language)

    @property
    def _number(self) -> int:
        return self.edition.number if self.edition else 0

    def _address(self, name: str, **values: Any) -> str:
        values["plan"] = self.plan.slug
        if self.period_id:
            return reverse(f"documents:period_{name}", kwargs={**values, "period": self.period_id})
        return reverse(f"documents:{name}", kwargs={**values, "kind": self.kind})

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN_STATES

    @property
    def is_full(self) -> bool:
        return self.kind == self.Kind.FULL

    @property
    def percent(self) -> int:
        """How far the build is, for a progress bar: collecting and checking count little, rendering most."""
        if self.state == self.State.RENDERING and self.sections:
            return 5 + 85 * self.sections_done // self.sections
        fixed = {self.State.COLLECTING: 2, self.State.CHECKING: 92, self.State.READY: 100}
        return {str(state): value for state, value in fixed.items()}.get(self.state, 0)

    @property
    def file_name(self) -> str:
        """The name that a reader's computer gives the file."""
        of_edition = f"-edition-{self.edition.number}" if self.edition else ""
        if self.period:
            stem = "bilan-etape" if self.language == "fr" else "progress-edition"
            days = f"{self.period.starts_on:%Y-%m-%d}-{self.period.ends_on:%Y-%m-%d}"
            return f"{stem}-{self.plan.slug}-{days}{of_edition}.pdf"
        names = {
            ("synthesis", "fr"): "synthese",
            ("full", "fr"): "integral",
            ("synthesis", "en"): "synthesis",
            ("full", "en"): "full",
        }
        stem = "plan-action-integre" if self.language == "fr" else "integrated-action-plan"
        return f"{stem}-{self.plan.slug}-{names[self.kind, self.language]}{of_edition}.pdf"


class DraftSchedule(models.Model):
    """When the working draft of a plan is built next."""

    plan = models.OneToOneField(Plan, models.CASCADE, verbose_name=_("plan"), related_name="+")
    due_at = models.DateTimeField(_("prochaine construction"))

    class Meta:
        verbose_name = _("horaire de la version de travail")
        verbose_name_plural = _("horaires de la version de travail")

    def __str__(self) -> str:
        return f"{self.plan} : {self.due_at:%Y-%m-%d %H:%M}"
