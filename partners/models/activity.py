"""Who did what to an organisation, and when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models.organization import Organization


class OrganizationActivity(models.Model):
    """One thing done; never altered. ``person`` is whom it concerns, ``detail`` what changed, in words."""

    class Kind(models.TextChoices):
        CREATED = "created", _("a créé l'organisation")
        ASKED = "asked", _("a demandé à la rejoindre")
        WITHDREW = "withdrew", _("a retiré sa demande")
        ACCEPTED = "accepted", _("a accepté la demande")
        REFUSED = "refused", _("a refusé la demande")
        INVITED = "invited", _("a invité")
        INVITED_AGAIN = "invited_again", _("a renvoyé l'invitation")
        REVOKED = "revoked", _("a annulé l'invitation")
        JOINED = "joined", _("a rejoint l'organisation")
        ADDED = "added", _("a ajouté comme membre")
        ROLE = "role", _("a changé le rôle")
        LEFT = "left", _("a quitté l'organisation")
        REMOVED = "removed", _("a retiré de l'organisation")
        PROPOSED = "proposed", _("a proposé une modification de la page")
        EDITED = "edited", _("a modifié la page")
        CHANGE_ACCEPTED = "change_accepted", _("a accepté la modification de la page")
        CHANGE_REFUSED = "change_refused", _("a refusé la modification de la page")
        VERIFIED = "verified", _("a vérifié l'organisation")
        ARCHIVED = "archived", _("a archivé l'organisation")
        MERGED = "merged", _("a fusionné avec cette organisation")

    organization = models.ForeignKey(
        Organization, models.CASCADE, verbose_name=_("organisation"), related_name="activities"
    )
    kind = models.CharField(_("action"), max_length=16, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("par"),
        related_name="+",
        null=True,
        blank=True,
    )
    person = models.CharField(_("personne"), max_length=254, blank=True)
    detail = models.CharField(_("précision"), max_length=300, blank=True)
    at = models.DateTimeField(_("le"), default=timezone.now)

    class Meta:
        verbose_name = _("activité")
        verbose_name_plural = _("activités")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.organization})"
