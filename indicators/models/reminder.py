"""Who was reminded of which report, and who was not, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Mail
from indicators.models.report import ProgressReport


class ReportReminder(models.Model):
    """That a person was told of a report on an occasion, or the reason why not. Whether the letter was delivered
    stands in its mail.
    """

    class Occasion(models.TextChoices):
        OPENED = "opened", _("ouverture")
        DUE_14 = "due_14", _("14 jours avant l'échéance")
        DUE_3 = "due_3", _("3 jours avant l'échéance")
        LATE_7 = "late_7", _("7 jours de retard")
        LATE_21 = "late_21", _("21 jours de retard")
        BY_HAND = "by_hand", _("rappel du Conseil")

    class Skipped(models.TextChoices):
        NOBODY = "nobody", _("personne à qui écrire dans les organisations qui portent le projet")
        UNSUBSCRIBED = "unsubscribed", _("cette personne ne veut plus de ces rappels")

    report = models.ForeignKey(
        ProgressReport, models.CASCADE, verbose_name=_("bilan"), related_name="reminders"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("personne"),
        related_name="+",
        null=True,
        blank=True,
    )
    occasion = models.CharField(_("occasion"), max_length=8, choices=Occasion)
    day = models.DateField(
        _("jour visé"),
        help_text=_("L'ouverture ou l'échéance dont il s'agit; le jour même pour un rappel du Conseil."),
    )
    at = models.DateTimeField(_("le"), default=timezone.now)
    skipped = models.CharField(_("pas envoyé, parce que"), max_length=12, choices=Skipped, blank=True)
    mail = models.ForeignKey(
        Mail, models.SET_NULL, verbose_name=_("courriel"), related_name="+", null=True, blank=True
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("demandé par"),
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("rappel d'un bilan")
        verbose_name_plural = _("rappels de bilans")
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("report", "user", "occasion", "day"),
                name="report_reminder_once",
                violation_error_message=_("Cette personne a déjà reçu ce rappel."),
            ),
            models.UniqueConstraint(
                fields=("report", "occasion", "day"),
                condition=Q(user=None),
                name="report_reminder_nobody_once",
                violation_error_message=_("Ce rappel n'a déjà pu être envoyé à personne."),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(skipped=""),
                name="report_reminder_has_person_or_reason",
                violation_error_message=_("Un rappel va à une personne, ou dit pourquoi il ne part pas."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_occasion_display()} – {self.user or '–'}"


class Unsubscription(models.Model):
    """A kind of letter that a person does not want any more; only what nobody is obliged to read."""

    class Kind(models.TextChoices):
        DUE = "due", _("rappels avant l'échéance d'un bilan")
        DIGEST = "digest", _("résumé hebdomadaire du suivi")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("personne"), related_name="unsubscriptions"
    )
    kind = models.CharField(_("courriels"), max_length=6, choices=Kind)
    at = models.DateTimeField(_("le"), default=timezone.now)

    class Meta:
        verbose_name = _("désabonnement")
        verbose_name_plural = _("désabonnements")
        ordering = ("user", "kind")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "kind"),
                name="unsubscription_once",
                violation_error_message=_("Cette personne s'est déjà désabonnée."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.get_kind_display()}"
