"""What projects report of a period. The public reads what was accepted, and nothing else of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.translation import translated
from plans.models import Plan
from projects.models import Project, ProjectPartner

#: The parts in a project whose organisations answer for it.
CARRIERS = (ProjectPartner.Role.LEAD, ProjectPartner.Role.CO_LEAD)


class ReportingPeriod(models.Model):
    """A time of which every published project of a plan reports."""

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="reporting_periods")
    title = translated(
        models.CharField(_("nom"), max_length=120, help_text=_("Par exemple : Bilan de l'année 2027."))
    )
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("au"))
    opens_on = models.DateField(
        _("ouverture"), help_text=_("Le jour où les organisations sont averties et peuvent écrire.")
    )
    due_on = models.DateField(
        _("échéance"), help_text=_("On peut la reporter en tout temps, même une fois passée.")
    )
    guidance = translated(
        models.TextField(
            _("consigne"), blank=True, help_text=_("S'affiche en tête du formulaire de chaque bilan.")
        )
    )
    is_demonstration = models.BooleanField(_("donnée de démonstration"), default=False, editable=False)
    opened_at = models.DateTimeField(_("ouverte le"), null=True, blank=True, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("ouverte par"),
        related_name="+",
        null=True,
        editable=False,
    )

    class Meta:
        verbose_name = _("période de suivi")
        verbose_name_plural = _("périodes de suivi")
        ordering = ("-ends_on", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "starts_on", "ends_on"),
                name="period_unique",
                violation_error_message=_("Une période a déjà ces dates."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="period_in_order",
                violation_error_message=_("La période finit après son début."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")),
                name="period_due_after_opening",
                violation_error_message=_("L'échéance suit l'ouverture."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None


class ProgressReportQuerySet(models.QuerySet["ProgressReport"]):
    def published(self) -> Self:
        """Those of which the public reads a version: the one accepted last, of a published project."""
        return self.filter(accepted_version__isnull=False, project__in=Project.objects.published())

    def asked(self) -> Self:
        """Neither handed in nor waived, of projects that are still published: somebody has to write."""
        return self.filter(
            state__in=ProgressReport.EDITABLE_STATES,
            accepted_version=None,
            project__in=Project.objects.published(),
        )

    def waiting(self) -> Self:
        """For the council to decide, the longest waiting first."""
        return self.filter(state=ProgressReport.State.SUBMITTED).order_by("submitted_at", "pk")

    def with_due(self) -> Self:
        """With ``due_day``, as :attr:`ProgressReport.due` computes it."""
        own = Case(
            When(period=None, then=F("extended_to")),
            When(extended_to__gt=F("period__due_on"), then=F("extended_to")),
            default=F("period__due_on"),
        )
        return self.annotate(
            due_day=Case(
                When(state=ProgressReport.State.CHANGES_REQUESTED, then=F("answer_due_on")), default=own
            )
        )

    def late(self, *, on: dt.date) -> Self:
        return self.asked().with_due().filter(due_day__lt=on)

    def carried_by(self, user: Any) -> Self:
        """Of the projects that my organisations lead or co-lead."""
        parts = ProjectPartner.objects.filter(
            organization__memberships__user=user.pk, role__in=CARRIERS, declined_on=None
        )
        return self.filter(project__in=parts.values("project"))

    def visible_to(self, user: Any) -> Self:
        """In the space of partners: those of my organisations; for staff those they may write on behalf, and
        all for administrators. What staff read of the others stands at their desk.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("projects.administer_registration"):
            return self
        mine = Q(pk__in=ProgressReport.objects.carried_by(user).values("pk"))
        if user.has_perm("projects.write_on_behalf"):
            mine |= Q(state__in=ProgressReport.UNWRITTEN) | Q(is_on_behalf=True)
        return self.filter(mine)

    def writable_by(self, user: Any) -> Self:
        """In which that person may write now: of many, what the workflow asks of one."""
        rows = self.visible_to(user).filter(state__in=ProgressReport.EDITABLE_STATES)
        # An administrator reads all, and writes for others with the permission to.
        return rows if user.has_perm("projects.write_on_behalf") else rows.carried_by(user)

    def with_names(self) -> Self:
        return self.select_related("project__plan", "period", "accepted_version")


class ProgressReport(models.Model):
    """A project's report of a period, or one handed in between.

    ``content`` is what :mod:`indicators.reports.content` describes. ``version`` counts the saves, so that two
    people do not overwrite each other; frozen versions are :class:`ReportVersion`. An accepted report that is
    being corrected is a draft again, while the public goes on reading ``accepted_version``.
    """

    class State(models.TextChoices):
        EXPECTED = "expected", _("attendu")
        DRAFT = "draft", _("brouillon")
        SUBMITTED = "submitted", _("soumis")
        CHANGES_REQUESTED = "changes_requested", _("précisions demandées")
        ACCEPTED = "accepted", _("accepté")
        WAIVED = "waived", _("dispensé")

    #: Where it is the partner's turn.
    EDITABLE_STATES = (State.EXPECTED, State.DRAFT, State.CHANGES_REQUESTED)
    #: Where no text is being written.
    UNWRITTEN = (State.EXPECTED, State.ACCEPTED)

    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name=_("projet"), related_name="progress_reports"
    )
    period = models.ForeignKey(
        ReportingPeriod,
        models.PROTECT,
        verbose_name=_("période"),
        related_name="reports",
        null=True,
        blank=True,
    )
    own_title = models.CharField(_("nom, hors période"), max_length=120, blank=True)
    own_starts_on = models.DateField(_("du, hors période"), null=True, blank=True)
    own_ends_on = models.DateField(_("au, hors période"), null=True, blank=True)
    state = models.CharField(_("état"), max_length=18, choices=State, default=State.EXPECTED)
    version = models.PositiveIntegerField(_("enregistrements"), default=0)
    content = models.JSONField(_("contenu"), default=dict)
    is_on_behalf = models.BooleanField(_("saisi par le Conseil"), default=False)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("commencé par"),
        related_name="+",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(_("création"), default=timezone.now)
    saved_at = models.DateTimeField(_("dernier enregistrement"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("soumis le"), null=True, blank=True)
    decided_at = models.DateTimeField(_("décision le"), null=True, blank=True)
    answer_due_on = models.DateField(_("réponse attendue d'ici le"), null=True, blank=True)
    extended_to = models.DateField(_("échéance reportée au"), null=True, blank=True)
    waiver_reason = models.TextField(_("motif de la dispense"), blank=True)
    submission_token = models.UUIDField(_("jeton de soumission"), default=uuid.uuid4, editable=False)
    accepted_version = models.ForeignKey(
        "ReportVersion",
        models.PROTECT,
        verbose_name=_("version publique"),
        related_name="+",
        null=True,
        blank=True,
    )
    accepted_at = models.DateTimeField(_("accepté le"), null=True, blank=True)

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("bilan d'étape")
        verbose_name_plural = _("bilans d'étape")
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("state", "submitted_at"), name="report_queue"),)
        constraints = (
            models.UniqueConstraint(
                fields=("period", "project"),
                name="report_one_per_period",
                violation_error_message=_("Ce projet a déjà un bilan pour cette période."),
            ),
            models.CheckConstraint(
                condition=Q(period__isnull=False)
                | (Q(own_starts_on__isnull=False, own_ends_on__isnull=False) & ~Q(own_title="")),
                name="report_without_period_has_dates",
                violation_error_message=_("Un bilan hors période porte un nom et deux dates."),
            ),
            models.CheckConstraint(
                condition=Q(own_starts_on=None)
                | Q(own_ends_on=None)
                | Q(own_ends_on__gte=F("own_starts_on")),
                name="report_dates_in_order",
                violation_error_message=_("La période finit après son début."),
            ),
            models.CheckConstraint(
                condition=~Q(state="waived") | ~Q(waiver_reason=""),
                name="report_waived_with_reason",
                violation_error_message=_("Une dispense porte un motif."),
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False),
                name="report_submitted_has_date",
                violation_error_message=_("Un bilan soumis porte la date de sa soumission."),
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_version__isnull=False),
                name="report_accepted_has_version",
                violation_error_message=_("Un bilan accepté a sa version publique."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} – {self.project}"

    def get_absolute_url(self) -> str:
        return reverse("reports:detail", kwargs={"pk": self.pk})

    @cached_property
    def known_carriers(self) -> dict[int | None, bool]:
        """Who was found to answer for its project, and who not; kept by :func:`indicators.reports.roles.carries`."""
        return {}

    @property
    def title(self) -> str:
        return self.period.title if self.period else self.own_title

    @property
    def starts_on(self) -> dt.date:
        day = self.period.starts_on if self.period else self.own_starts_on
        assert day is not None  # noqa: S101 (a constraint of the table says the same)
        return day

    @property
    def ends_on(self) -> dt.date:
        day = self.period.ends_on if self.period else self.own_ends_on
        assert day is not None  # noqa: S101 (as above)
        return day

    @property
    def due(self) -> dt.date | None:
        """The day by which the partner hands in, or answers; the later one of its period's and its own."""
        if self.state == self.State.CHANGES_REQUESTED:
            return self.answer_due_on
        days = [day for day in (self.extended_to, self.period and self.period.due_on) if day]
        return max(days) if days else None

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE_STATES

    @property
    def is_waiting_for_staff(self) -> bool:
        return self.state == self.State.SUBMITTED

    @property
    def is_correction(self) -> bool:
        """It was accepted, and is being written, or examined, anew."""
        return self.accepted_version_id is not None and self.state != self.State.ACCEPTED

    def is_late(self, *, on: dt.date) -> bool:
        is_asked = self.is_editable and self.accepted_version_id is None and self.project.archived_at is None
        return bool(is_asked and self.due and self.due < on)

    def waiting_days(self, *, on: dt.date) -> int:
        """Days since it was submitted; 0 where it is not waiting."""
        if not self.is_waiting_for_staff or self.submitted_at is None:
            return 0
        return (on - timezone.localdate(self.submitted_at)).days


class ReportVersion(models.Model):
    """The report as it was submitted: never changed afterwards. ``digest`` is the SHA-256 of its content."""

    report = models.ForeignKey(
        ProgressReport, models.PROTECT, verbose_name=_("bilan"), related_name="versions"
    )
    number = models.PositiveIntegerField(_("numéro"))
    content = models.JSONField(_("contenu"))
    digest = models.CharField(_("empreinte"), max_length=64)
    token = models.UUIDField(_("jeton"), unique=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("soumise par"), related_name="+"
    )
    submitted_at = models.DateTimeField(_("soumise le"))

    class Meta:
        verbose_name = _("version soumise d'un bilan")
        verbose_name_plural = _("versions soumises de bilans")
        ordering = ("report", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("report", "number"),
                name="report_version_unique",
                violation_error_message=_("Cette version existe déjà."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.report} – {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("a submitted version is never changed")
        super().save(*args, **kwargs)


class ReportActivity(models.Model):
    """Who did what to a report, when, on which version. Written by the workflow, never changed."""

    report = models.ForeignKey(
        ProgressReport, models.PROTECT, verbose_name=_("bilan"), related_name="activities"
    )
    action = models.CharField(_("action"), max_length=24)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("par"),
        related_name="+",
        null=True,
        blank=True,
    )
    at = models.DateTimeField(_("le"), default=timezone.now)
    state_before = models.CharField(_("état d'avant"), max_length=18, blank=True)
    state_after = models.CharField(_("état d'après"), max_length=18, blank=True)
    version = models.PositiveIntegerField(_("version"), null=True, blank=True)
    message = models.TextField(_("message"), blank=True)
    changes = models.JSONField(_("valeurs d'avant et d'après"), default=dict, blank=True)
    is_internal = models.BooleanField(_("note interne"), default=False)
    is_by_staff = models.BooleanField(_("par le Conseil"), default=False)

    class Meta:
        verbose_name = _("activité d'un bilan")
        verbose_name_plural = _("activités de bilans")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("report", "-at"), name="report_activity_report"),)

    def __str__(self) -> str:
        return f"{self.action} – {self.at:%Y-%m-%d %H:%M}"
