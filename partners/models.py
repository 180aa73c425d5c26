"""People, organisations and territories."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.searchable import Searchable, SearchableQuerySet
from core.translation import text_and_language, translated


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        if not email:
            raise ValueError("a user signs in by e-mail: the address is required")
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, who signs in by e-mail and reads mail in a language of their choice."""

    class Language(models.TextChoices):
        FRENCH = "fr", _("français")
        ENGLISH = "en", _("anglais")

    email = models.EmailField(_("courriel"), unique=True)
    name = models.CharField(_("nom"), max_length=150, blank=True)
    language = models.CharField(_("langue"), max_length=2, choices=Language, default=Language.FRENCH)
    is_staff = models.BooleanField(
        _("personnel du Conseil"), default=False, help_text=_("Donne accès à la console d'administration.")
    )
    is_active = models.BooleanField(
        _("actif"),
        default=True,
        help_text=_("Décochez plutôt que de supprimer : l'historique reste lisible."),
    )
    is_demonstration = models.BooleanField(_("compte de démonstration"), default=False, editable=False)
    joined_at = models.DateTimeField(_("inscription"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("personne")
        verbose_name_plural = _("personnes")
        ordering = ("email",)
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("Ce courriel a déjà un compte."),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] or self.email


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


class OrganizationQuerySet(SearchableQuerySet):
    def verified(self) -> Self:
        return self.filter(stage=Organization.Stage.VERIFIED)

    def public(self) -> Self:
        """In the directory: verified, or archived but kept in the history of a published project."""
        return self.filter(stage=Organization.Stage.VERIFIED)


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
    is_demonstration = models.BooleanField(_("donnée de démonstration"), default=False)
    created_at = models.DateTimeField(_("création"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("dernière modification"), auto_now=True)

    objects = OrganizationQuerySet.as_manager()

    search_related = ("territories",)

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
        return f"{self.name} {self.acronym}", f"{description}\n{territories}"


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
