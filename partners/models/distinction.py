"""Organisations that look alike and are not the same."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models.organization import Organization


class OrganizationDistinctionQuerySet(models.QuerySet["OrganizationDistinction"]):
    def in_force(self) -> Self:
        return self.filter(undone_at=None)

    def of(self, organization: Organization) -> Self:
        return self.filter(Q(first=organization) | Q(second=organization))


class OrganizationDistinction(models.Model):
    """The council's word that two organisations are two; a word taken back keeps who took it back, and when."""

    first = models.ForeignKey(Organization, models.CASCADE, verbose_name=_("première"), related_name="+")
    second = models.ForeignKey(Organization, models.CASCADE, verbose_name=_("seconde"), related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("par"), related_name="+", null=True
    )
    at = models.DateTimeField(_("le"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("annulée par"),
        related_name="+",
        null=True,
        blank=True,
    )
    undone_at = models.DateTimeField(_("annulée le"), null=True, blank=True)

    objects = OrganizationDistinctionQuerySet.as_manager()

    class Meta:
        verbose_name = _("ressemblance écartée")
        verbose_name_plural = _("ressemblances écartées")
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("first", "second"),
                condition=Q(undone_at=None),
                name="organization_distinction_once",
                violation_error_message=_("Cette ressemblance est déjà écartée."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"

    @property
    def moving_label(self) -> str:
        return str(self)

    @classmethod
    def join_organizations(
        cls, *, kept: Organization, absorbed: Organization
    ) -> models.QuerySet[OrganizationDistinction]:
        """Both ends move at once here, which leaves nothing to the caller: what set the two apart is taken out, as
        merging them says otherwise, and so is what was said of both.
        """
        others = set()
        for row in cls.objects.of(kept).in_force():
            others.add(row.second_id if row.first_id == kept.pk else row.first_id)
        for row in cls.objects.of(absorbed):
            other = row.second_id if row.first_id == absorbed.pk else row.first_id
            if other == kept.pk or (row.undone_at is None and other in others):
                row.delete()
                continue
            row.first_id, row.second_id = sorted((kept.pk, other))
            row.save(update_fields=["first", "second"])
        return cls.objects.none()
