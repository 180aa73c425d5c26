"""The 34 territories that share the island."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Territory(models.Model):
    """A borough of Montréal or a linked city of the agglomeration: the 34 that share the island.

    ``latitude`` and ``longitude`` (degrees, WGS 84) are a point inside the territory where its label reads
    well.
    """

    class Kind(models.TextChoices):
        BOROUGH = "borough", _("arrondissement")
        LINKED_CITY = "linked_city", _("ville liée")

    code = models.CharField(
        _("code"), max_length=8, unique=True, help_text=_("Code du ministère des Affaires municipales.")
    )
    name = models.CharField(_("nom"), max_length=80, unique=True)
    slug = models.SlugField(_("adresse"), max_length=80, unique=True)
    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    abbreviation = models.CharField(_("abréviation"), max_length=4, unique=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5)
    sort_key = models.CharField(_("clé de tri"), max_length=80, editable=False)

    class Meta:
        verbose_name = _("territoire")
        verbose_name_plural = _("territoires")
        ordering = ("sort_key",)

    def __str__(self) -> str:
        return self.name
