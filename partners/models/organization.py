"""Organisations of the food system."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.searchable import Searchable, SearchableQuerySet
from core.translation import text_and_language, translated
from partners.models.person import User
from partners.models.territory import Territory


class OrganizationQuerySet(SearchableQuerySet):
    def verified(self) -> Self:
        return self.filter(stage=Organization.Stage.VERIFIED)

    def public(self) -> Self:
        """In the directory: verified, or archived but kept in the history of a published project."""
        return self.filter(stage=Organization.Stage.VERIFIED)

    def of(self, user: User) -> Self:
        """Those whose people the person may see: their own; every one for staff who look after them."""
        if user.is_staff and user.has_perm("partners.change_organization"):
            return self
        return self.filter(pk__in=user.memberships.values("organization"))

    def led_by(self, user: User) -> Self:
        led = user.memberships.filter(role="lead").values("organization")
        return self.exclude(stage=Organization.Stage.ARCHIVED).filter(pk__in=led)


class Organization(Searchable):
    """An organisation of the food system that leads projects or takes part in them."""

    class Sector(models.TextChoices):
        COMMUNITY = "community", _("communautaire")
        MUNICIPAL = "municipal", _("municipal")
        INSTITUTIONAL = "institutional", _("institutionnel")
        GOVERNMENT = "government", _("gouvernemental")
        SOCIAL_ECONOMY = "social_economy", _("économie sociale")
        PRIVATE = "private", _("privé")
        RESEARCH = "research", _("recherche")
        PHILANTHROPY = "philanthropy", _("philanthropie")
        OTHER = "other", _("autre")

    class Stage(models.TextChoices):
        PENDING = "pending", _("en attente")
        VERIFIED = "verified", _("vérifiée")
        ARCHIVED = "archived", _("archivée")

    name = models.CharField(_("nom"), max_length=200, unique=True)
    acronym = models.CharField(_("acronyme"), max_length=20, blank=True)
    slug = models.SlugField(
        _("adresse"),
        max_length=80,
        unique=True,
        help_text=_("Fait partie de l'adresse publique de la page : ne la changez plus une fois diffusée."),
    )
    sector = models.CharField(_("secteur"), max_length=20, choices=Sector)
    description = translated(models.TextField(_("description"), blank=True))
    website = models.URLField(_("site web"), blank=True)
    logo = models.ImageField(_("logo"), upload_to="organizations/", blank=True)
    logo_alt = translated(models.CharField(_("texte de remplacement du logo"), max_length=200, blank=True))
    territories = models.ManyToManyField(
        Territory, verbose_name=_("territoires"), related_name="organizations", blank=True
    )
    covers_whole_island = models.BooleanField(_("toute l'île"), default=False)
    stage = models.CharField(_("étape"), max_length=10, choices=Stage, default=Stage.PENDING)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        verbose_name=_("fusionnée dans"),
        related_name="merged",
        null=True,
        blank=True,
        editable=False,
    )
    is_demonstration = models.BooleanField(_("donnée de démonstration"), default=False)
    created_at = models.DateTimeField(_("création"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("dernière modification"), auto_now=True)

    objects = OrganizationQuerySet.as_manager()

    search_related = ("territories", "aliases")

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("sort_key_fr", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(logo="") | ~models.Q(logo_alt_fr=""),
                name="organization_logo_has_alt",
                violation_error_message=_(
                    "Décrivez le logo en quelques mots : le texte de remplacement est obligatoire."
                ),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("partners:detail", kwargs={"slug": self.slug})

    @property
    def name_with_acronym(self) -> str:
        return f"{self.name} ({self.acronym})" if self.acronym else self.name

    def search_parts(self, language: str) -> tuple[str, str]:
        territories = " ".join(t.name for t in self.territories.all())
        description, _language = text_and_language(self, "description", language)
        former = " ".join(f"{alias.name} {alias.acronym}" for alias in self.aliases.all())
        return f"{self.name} {self.acronym}", f"{former}\n{description}\n{territories}"
