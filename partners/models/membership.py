"""Who belongs to which organisation."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models.organization import Organization
from partners.models.person import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def leads(self) -> Self:
        """Those who can act: a person whose account is closed leads nothing."""
        return self.filter(role=Membership.Role.LEAD, user__is_active=True)


class Membership(models.Model):
    """A person's place in an organisation."""

    class Role(models.TextChoices):
        LEAD = "lead", _("responsable")
        EDITOR = "editor", _("rédaction")

    user = models.ForeignKey(User, models.CASCADE, verbose_name=_("personne"), related_name="memberships")
    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name=_("organisation"), related_name="memberships"
    )
    role = models.CharField(_("rôle"), max_length=8, choices=Role, default=Role.EDITOR)
    joined_at = models.DateTimeField(_("depuis"), default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membre")
        verbose_name_plural = _("membres")
        ordering = ("organization", "role", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organization"),
                name="membership_unique",
                violation_error_message=_("Cette personne est déjà membre de l'organisation."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} – {self.organization}"

    @classmethod
    def join_organizations(cls, *, kept: Organization, absorbed: Organization) -> models.QuerySet[Membership]:
        """A person in both stays once, with the higher of their roles."""
        both = cls.objects.filter(organization=absorbed, user__in=kept.memberships.values("user"))
        leads = list(both.filter(role=cls.Role.LEAD).values_list("user", flat=True))
        kept.memberships.filter(user__in=leads).update(role=cls.Role.LEAD)
        both.delete()
        return cls.objects.filter(organization=absorbed)
