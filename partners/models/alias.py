"""Names and addresses that an organisation had, or that came to it with another."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models.organization import Organization


class OrganizationAlias(models.Model):
    """A former name, which the search still finds, and its former address, which leads to the page."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, verbose_name=_("organisation"), related_name="aliases"
    )
    name = models.CharField(_("nom"), max_length=200)
    acronym = models.CharField(_("acronyme"), max_length=20, blank=True)
    slug = models.SlugField(_("ancienne adresse"), max_length=80, unique=True, null=True, blank=True)
    added_at = models.DateTimeField(_("depuis"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("ancien nom")
        verbose_name_plural = _("anciens noms")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name
