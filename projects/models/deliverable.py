"""What a project undertakes to produce."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.partial_dates import PartialDate, Precision, before
from core.translation import translated
from projects.models.project import Project


class DeliverableQuerySet(models.QuerySet["Deliverable"]):
    def overdue(self, *, on: dt.date) -> Self:
        """Still expected although the due date is wholly past on that day."""
        expected = (Deliverable.State.TO_DO, Deliverable.State.UNDER_WAY)
        return self.filter(before("due_on", "due_precision", on), state__in=expected)


class Deliverable(models.Model):
    """A thing to be delivered by a date. Being late is computed, never stored."""

    class State(models.TextChoices):
        TO_DO = "to_do", _("à faire")
        UNDER_WAY = "under_way", _("en cours")
        DELIVERED = "delivered", _("livré")
        DROPPED = "dropped", _("abandonné")

    project = models.ForeignKey(
        Project, models.CASCADE, verbose_name=_("projet"), related_name="deliverables"
    )
    number = models.PositiveSmallIntegerField(_("numéro"))
    title = translated(models.CharField(_("titre"), max_length=250))
    due_on = models.DateField(_("échéance"), null=True, blank=True)
    due_precision = models.CharField(
        _("précision de l'échéance"), max_length=8, choices=Precision, default=Precision.DAY
    )
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.TO_DO)
    delivered_on = models.DateField(_("livré le"), null=True, blank=True)
    evidence_url = models.URLField(_("lien vers le livrable"), blank=True)
    evidence_file = models.FileField(_("fichier du livrable"), upload_to="deliverables/", blank=True)

    objects = DeliverableQuerySet.as_manager()

    class Meta:
        verbose_name = _("livrable")
        verbose_name_plural = _("livrables")
        ordering = ("project", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("project", "number"),
                name="deliverable_number_unique",
                violation_error_message=_("Ce numéro est déjà celui d'un autre livrable du projet."),
            ),
            models.CheckConstraint(
                condition=Q(delivered_on=None) | Q(state="delivered"),
                name="deliverable_date_when_delivered",
                violation_error_message=_("Seul un livrable livré porte une date de livraison."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def due(self) -> PartialDate | None:
        return PartialDate(self.due_on, self.due_precision) if self.due_on else None

    def is_overdue(self, *, on: dt.date) -> bool:
        expected = self.state in (self.State.TO_DO, self.State.UNDER_WAY)
        return bool(expected and self.due and self.due.last_day < on)
