"""A project as the public reads it, and what ties it to the plan and to its partners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.partial_dates import PartialDate, Precision, before
from core.searchable import Searchable, SearchableQuerySet
from core.translation import text_and_language, translated
from partners.models import Organization, OrganizationQuerySet, Territory
from plans.models import CrossCuttingIssue, Objective, Plan


class FoodChainLink(models.TextChoices):
    """The links of the food chain, in order."""

    PRODUCTION = "production", _("production")
    PROCESSING = "processing", _("transformation")
    DISTRIBUTION = "distribution", _("distribution")
    CONSUMPTION = "consumption", _("consommation")
    POST_CONSUMPTION = "post_consumption", _("postconsommation")


def is_published(path: str = "") -> Q:
    """Projects that the public may read: not archived, in a plan that is itself public. With the ``path`` that leads to
    them, for other rows: these are joined sooner than looked for among all projects.
    """
    return Q(**{f"{path}archived_at": None}) & ~Q(**{f"{path}plan__stage": Plan.Stage.PREPARATION})


class ProjectQuerySet(SearchableQuerySet):
    def published(self) -> Self:
        return self.filter(is_published())

    def overdue(self, *, on: dt.date) -> Self:
        """Under way although their end is wholly past on that day."""
        return self.filter(before("ends_on", "ends_precision", on), stage=Project.Stage.UNDER_WAY)

    def with_overdue_deliverables(self, *, on: dt.date) -> Self:
        past = before("deliverables__due_on", "deliverables__due_precision", on)
        return self.filter(past, deliverables__state__in=("to_do", "under_way")).distinct()

    def with_unconfirmed_partners(self) -> Self:
        return self.filter(
            pk__in=ProjectPartner.objects.filter(confirmed_on=None).values("project"), archived_at=None
        )

    def untranslated(self) -> Self:
        return self.filter(Q(title_en="") | (Q(description_en="") & ~Q(description_fr="")))

    def with_card(self) -> Self:
        """With what a card of a project prints, in a fixed number of queries."""
        return self.select_related("plan").prefetch_related(
            models.Prefetch(
                "objective_ties",
                ProjectObjective.objects.select_related("objective__orientation__plan"),
            ),
            models.Prefetch(
                "project_partners",
                ProjectPartner.objects.select_related("organization"),
            ),
            "territories",
        )

    def partners(self) -> OrganizationQuerySet:
        """The organisations of the directory that take part in these projects, with ``project_count`` of them."""
        parts = Q(project_parts__project__in=self.order_by().values("pk"))
        return (
            Organization.objects.public()
            .filter(parts)
            .annotate(project_count=models.Count("project_parts__project", distinct=True))
        )

    def organizations_with(self, counts: Sequence[tuple[int, int]]) -> list[Organization]:
        """The organisations of these (key, number of projects) pairs, in their order, with ``project_count``."""
        rows = Organization.objects.without_search_columns().in_bulk([key for key, _count in counts])
        found = []
        for key, count in counts:
            if key in rows:
                rows[key].project_count = count
                found.append(rows[key])
        return found

    def deliverables(self) -> models.QuerySet[Any]:
        """What these projects undertake to produce. Their model stands on this one, which knows it by the relation."""
        model: Any = self.model._meta.get_field("deliverables").related_model
        found: models.QuerySet[Any] = model.objects.filter(project__in=self.order_by().values("pk"))
        return found


class Project(Searchable):
    """What partners do under the plan. Only approval creates or changes one."""

    class Stage(models.TextChoices):
        PLANNED = "planned", _("prévu")
        UNDER_WAY = "under_way", _("en cours")
        COMPLETED = "completed", _("réalisé")
        SUSPENDED = "suspended", _("suspendu")
        CANCELLED = "cancelled", _("annulé")

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="projects")
    title = translated(models.CharField(_("titre"), max_length=200))
    slug = models.SlugField(
        _("adresse"),
        max_length=80,
        unique=True,
        help_text=_("Fait partie de l'adresse publique de la page : ne la changez plus une fois diffusée."),
    )
    summary = translated(models.TextField(_("résumé"), max_length=400, blank=True))
    description = translated(models.TextField(_("description"), blank=True))
    objectives = models.ManyToManyField(
        Objective, verbose_name=_("objectifs"), through="ProjectObjective", related_name="projects"
    )
    issues = models.ManyToManyField(
        CrossCuttingIssue, verbose_name=_("enjeux transversaux"), related_name="projects", blank=True
    )
    organizations = models.ManyToManyField(
        Organization, verbose_name=_("organisations"), through="ProjectPartner", related_name="projects"
    )
    territories = models.ManyToManyField(
        Territory, verbose_name=_("territoires"), related_name="projects", blank=True
    )
    covers_whole_island = models.BooleanField(_("toute l'île"), default=False)
    populations = translated(models.CharField(_("populations visées"), max_length=300, blank=True))
    stage = models.CharField(_("étape"), max_length=10, choices=Stage, default=Stage.PLANNED)
    starts_on = models.DateField(_("début"), null=True, blank=True)
    starts_precision = models.CharField(
        _("précision du début"), max_length=8, choices=Precision, default=Precision.DAY
    )
    ends_on = models.DateField(_("fin"), null=True, blank=True)
    ends_precision = models.CharField(
        _("précision de la fin"), max_length=8, choices=Precision, default=Precision.DAY
    )
    contact_name = models.CharField(_("personne-ressource"), max_length=150, blank=True)
    contact_email = models.EmailField(_("courriel"), blank=True)
    contact_consented_on = models.DateField(
        _("consentement reçu le"),
        null=True,
        blank=True,
        help_text=_("Sans cette date, la personne-ressource et son courriel ne sont pas publiés."),
    )
    website = models.URLField(_("site web"), blank=True)
    image = models.ImageField(_("image"), upload_to="projects/", blank=True)
    image_alt = translated(
        models.CharField(_("texte de remplacement de l'image"), max_length=200, blank=True)
    )
    is_demonstration = models.BooleanField(_("donnée de démonstration"), default=False)
    published_at = models.DateTimeField(_("publication"), default=timezone.now)
    updated_at = models.DateTimeField(_("dernière modification"), default=timezone.now)
    archived_at = models.DateTimeField(_("archivage"), null=True, blank=True, editable=False)
    archive_reason = translated(models.TextField(_("motif de l'archivage"), blank=True))

    objects = ProjectQuerySet.as_manager()

    search_related = ("territories", "organizations", "deliverables")

    class Meta:
        verbose_name = _("projet")
        verbose_name_plural = _("projets")
        ordering = ("sort_key_fr", "pk")
        indexes = (
            # Holds all that the list of projects counts on, so that it need not read the long rows themselves.
            models.Index(
                fields=("plan", "archived_at", "-updated_at", "stage", "covers_whole_island"),
                name="project_recent",
            ),
            models.Index(fields=("plan", "stage"), name="project_stage"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(starts_on=None)
                | Q(ends_on=None)
                | Q(ends_on__gte=F("starts_on"))
                | ~Q(ends_precision="day"),
                name="project_dates_in_order",
                violation_error_message=_("La fin ne peut pas précéder le début."),
            ),
            models.CheckConstraint(
                condition=Q(image="") | ~Q(image_alt_fr=""),
                name="project_image_has_alt",
                violation_error_message=_(
                    "Décrivez l'image en quelques mots : le texte de remplacement est obligatoire."
                ),
            ),
            models.CheckConstraint(
                condition=Q(archived_at=None) | ~Q(archive_reason_fr=""),
                name="project_archived_with_reason",
                violation_error_message=_("Un projet s'archive avec un motif : il s'affiche à son adresse."),
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:detail", kwargs={"slug": self.slug})

    @property
    def starts(self) -> PartialDate | None:
        return PartialDate(self.starts_on, self.starts_precision) if self.starts_on else None

    @property
    def ends(self) -> PartialDate | None:
        return PartialDate(self.ends_on, self.ends_precision) if self.ends_on else None

    @property
    def has_public_contact(self) -> bool:
        return bool(self.contact_consented_on and (self.contact_name or self.contact_email))

    @property
    def primary_objective(self) -> Objective | None:
        """Reads prefetched ``objective_ties``: no query after ``with_card()``."""
        return next((tie.objective for tie in self.objective_ties.all() if tie.is_primary), None)

    @property
    def lead(self) -> Organization | None:
        """Reads prefetched ``project_partners``: no query after ``with_card()``."""
        partners = self.project_partners.all()
        return next((p.organization for p in partners if p.role == ProjectPartner.Role.LEAD), None)

    def search_parts(self, language: str) -> tuple[str, str]:
        def text(name: str) -> str:
            return text_and_language(self, name, language)[0]

        names = [o.name_with_acronym for o in self.organizations.all()]
        names += [t.name for t in self.territories.all()]
        names += [text_and_language(d, "title", language)[0] for d in self.deliverables.all()]
        return text("title"), "\n".join([text("summary"), text("description"), text("populations"), *names])


class ProjectObjective(models.Model):
    """A project serves an objective; one of them is its primary objective."""

    project = models.ForeignKey(
        Project, models.CASCADE, verbose_name=_("projet"), related_name="objective_ties"
    )
    objective = models.ForeignKey(
        Objective, models.PROTECT, verbose_name=_("objectif"), related_name="project_ties"
    )
    is_primary = models.BooleanField(_("objectif principal"), default=False)

    class Meta:
        verbose_name = _("objectif du projet")
        verbose_name_plural = _("objectifs du projet")
        ordering = ("-is_primary", "objective__orientation__number", "objective__number")
        indexes = (models.Index(fields=("objective", "project"), name="project_objective_project"),)
        constraints = (
            models.UniqueConstraint(
                fields=("project", "objective"),
                name="project_objective_unique",
                violation_error_message=_("Le projet répond déjà à cet objectif."),
            ),
            models.UniqueConstraint(
                fields=("project",),
                condition=Q(is_primary=True),
                name="project_one_primary_objective",
                violation_error_message=_("Un projet a un seul objectif principal."),
            ),
        )

    def __str__(self) -> str:
        return str(self.objective)


class ProjectPartner(models.Model):
    """An organisation's part in a project, confirmed by that organisation or not yet."""

    class Role(models.TextChoices):
        LEAD = "lead", _("porteur")
        CO_LEAD = "co_lead", _("coporteur")
        CONTRIBUTOR = "contributor", _("collaborateur")
        FUNDER = "funder", _("bailleur de fonds")

    project = models.ForeignKey(
        Project, models.CASCADE, verbose_name=_("projet"), related_name="project_partners"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name=_("organisation"), related_name="project_parts"
    )
    role = models.CharField(_("rôle"), max_length=12, choices=Role, default=Role.CONTRIBUTOR)
    confirmed_on = models.DateField(_("confirmé le"), null=True, blank=True)
    declined_on = models.DateField(_("décliné le"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        verbose_name = _("partenaire du projet")
        verbose_name_plural = _("partenaires du projet")
        ordering = ("project", "position", "pk")
        indexes = (
            models.Index(fields=("organization", "project"), name="project_partner_organization"),
            models.Index(fields=("role", "organization", "project"), name="project_partner_role"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("project", "organization", "role"),
                name="project_partner_unique",
                violation_error_message=_("Cette organisation tient déjà ce rôle dans le projet."),
            ),
            models.UniqueConstraint(
                fields=("project",),
                condition=Q(role="lead"),
                name="project_one_lead",
                violation_error_message=_("Un projet a un seul porteur; les autres sont coporteurs."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on=None) | Q(declined_on=None),
                name="project_partner_one_answer",
                violation_error_message=_("Une organisation confirme sa participation ou la décline."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization} ({self.get_role_display()})"

    @property
    def moving_label(self) -> str:
        return f"{self.project} ({self.get_role_display()})"

    @classmethod
    def join_organizations(
        cls, *, kept: Organization, absorbed: Organization
    ) -> models.QuerySet[ProjectPartner]:
        """Two organisations become one: of two parts in one project, the one that says more stays.

        Funding is told beside any other part. A part confirmed by either is confirmed.
        """
        stays = {(p.project_id, p.role == cls.Role.FUNDER): p for p in cls.objects.filter(organization=kept)}
        for part in cls.objects.filter(organization=absorbed):
            other = stays.get((part.project_id, part.role == cls.Role.FUNDER))
            if other is None:
                continue
            weaker, stronger = sorted((part, other), key=lambda p: _ROLE_ORDER.index(p.role), reverse=True)
            stronger.confirmed_on = stronger.confirmed_on or weaker.confirmed_on
            weaker.delete()
            stronger.save(update_fields=["confirmed_on"])
            stays[part.project_id, part.role == cls.Role.FUNDER] = stronger
        return cls.objects.filter(organization=absorbed)


#: From the part that says most of an organisation to the one that says least.
_ROLE_ORDER = [role.value for role in ProjectPartner.Role]


class ProjectFoodChainLink(models.Model):
    """A link of the food chain on which a project acts."""

    project = models.ForeignKey(
        Project, models.CASCADE, verbose_name=_("projet"), related_name="food_chain_links"
    )
    link = models.CharField(_("maillon"), max_length=16, choices=FoodChainLink)

    class Meta:
        verbose_name = _("maillon de la chaîne alimentaire")
        verbose_name_plural = _("maillons de la chaîne alimentaire")
        ordering = ("project", "pk")
        indexes = (models.Index(fields=("link", "project"), name="project_link_project"),)
        constraints = (
            models.UniqueConstraint(
                fields=("project", "link"),
                name="project_link_unique",
                violation_error_message=_("Ce maillon est déjà indiqué."),
            ),
        )

    def __str__(self) -> str:
        return self.get_link_display()
