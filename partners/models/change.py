"""What a lead wrote of their organisation's public page, until staff answer."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models.organization import Organization


class OrganizationChangeQuerySet(models.QuerySet["OrganizationChange"]):
    def waiting(self) -> Self:
        return self.filter(state=OrganizationChange.State.WAITING)


class OrganizationChange(models.Model):
    """A whole new wording of the page. Never altered: a later one takes its place, so that staff accept
    exactly what was on their screen.

    ``content`` holds the fields by name (``description_fr``, ``website``…), ``territories`` as slugs.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("en attente")
        ACCEPTED = "accepted", _("acceptée")
        REFUSED = "refused", _("refusée")
        REPLACED = "replaced", _("remplacée par une plus récente")

    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name=_("organisation"), related_name="changes"
    )
    content: Any = models.JSONField(_("contenu"), default=dict)
    logo = models.ImageField(_("logo proposé"), upload_to="propositions/", blank=True)
    removes_logo = models.BooleanField(_("retire le logo"), default=False)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.WAITING)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("proposée par"),
        related_name="+",
        null=True,
        blank=True,
    )
    proposed_at = models.DateTimeField(_("proposée le"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("décidée par"),
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    reason = models.TextField(_("motif"), max_length=1000, blank=True)

    objects = OrganizationChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("modification proposée")
        verbose_name_plural = _("modifications proposées")
        ordering = ("proposed_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("organization",),
                condition=Q(state="waiting"),
                name="organization_change_once",
                violation_error_message=_("Une modification attend déjà une réponse."),
            ),
        )

    def __str__(self) -> str:
        return str(self.organization)

    @classmethod
    def join_organizations(
        cls, *, kept: Organization, absorbed: Organization
    ) -> models.QuerySet[OrganizationChange]:
        """What was proposed for the page that goes is not to be written on the page that stays."""
        absorbed.changes.waiting().update(state=cls.State.REPLACED, decided_at=timezone.now())
        return cls.objects.filter(organization=absorbed)
