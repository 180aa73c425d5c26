"""What partners write. The public reads projects; only approval turns the one into the other."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Organization
from plans.models import Plan
from projects.models.project import Project


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def open(self) -> Self:
        """Neither approved nor given up: somebody has something to do."""
        return self.filter(state__in=Registration.OPEN_STATES)

    def waiting(self) -> Self:
        """For the council to decide, the longest waiting first."""
        return self.filter(state=Registration.State.SUBMITTED).order_by("submitted_at", "pk")

    def visible_to(self, user: Any) -> Self:
        """Those of my organisations; for staff what was submitted, or what they write on behalf; all for
        administrators.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("projects.administer_registration"):
            return self
        mine = Q(organization__memberships__user=user.pk)
        if user.has_perm("projects.review_registration"):
            mine |= Q(state__in=Registration.SEEN_BY_STAFF) | Q(created_by=user.pk, is_on_behalf=True)
        return self.filter(pk__in=Registration.objects.filter(mine).values("pk"))

    def at_desk_of(self, user: Any) -> Self:
        """What staff examine; for approvers also what was withdrawn, which they may reopen without reading it."""
        seen = Q(pk__in=Registration.objects.visible_to(user).values("pk"))
        if user.is_active and user.has_perm("projects.approve_registration"):
            seen |= Q(state=Registration.State.WITHDRAWN)
        return self.filter(seen)

    def with_submitted_title(self) -> Self:
        """``submitted_title`` is that of the last version handed in, None before: what staff may read while the
        partner goes on writing.
        """
        versions = RegistrationVersion.objects.filter(registration=OuterRef("pk")).order_by("-number")
        return self.annotate(
            submitted_title=Subquery(versions.annotate(said=KT("content__title_fr")).values("said")[:1])
        )

    def with_overdue_answer(self, *, on: dt.date) -> Self:
        """The partner was asked to answer by a day that is past."""
        return self.filter(state=Registration.State.CHANGES_REQUESTED, answer_due_on__lt=on)

    def with_proposed_decision(self) -> Self:
        return self.waiting().exclude(proposed_decision="")

    def with_names(self) -> Self:
        return self.select_related("organization", "plan", "project__plan", "created_by")


class Registration(models.Model):
    """A project as its partners write it, or a change to a published one.

    ``content`` is what :mod:`projects.registrations.content` describes: plain values, as typed while a draft. ``version`` counts
    the saves, so that two people do not overwrite each other; frozen versions are :class:`RegistrationVersion`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("brouillon")
        SUBMITTED = "submitted", _("soumise")
        CHANGES_REQUESTED = "changes_requested", _("précisions demandées")
        APPROVED = "approved", _("approuvée")
        DECLINED = "declined", _("non retenue")
        WITHDRAWN = "withdrawn", _("retirée")

    OPEN_STATES = (State.DRAFT, State.SUBMITTED, State.CHANGES_REQUESTED)
    #: Where it is the partner's turn.
    EDITABLE_STATES = (State.DRAFT, State.CHANGES_REQUESTED)
    #: Where the text as it stands is the one that was handed in; elsewhere it is its organisation's alone.
    HANDED_IN = (State.SUBMITTED, State.APPROVED, State.DECLINED)
    SEEN_BY_STAFF = (State.SUBMITTED, State.CHANGES_REQUESTED, State.APPROVED, State.DECLINED)

    plan = models.ForeignKey(Plan, models.PROTECT, verbose_name=_("plan"), related_name="registrations")
    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name=_("organisation"), related_name="registrations"
    )
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        verbose_name=_("projet"),
        related_name="registrations",
        null=True,
        blank=True,
        help_text=_(
            "Le projet publié, une fois l'inscription approuvée, ou celui qu'elle propose de modifier."
        ),
    )
    is_change = models.BooleanField(_("modification d'un projet publié"), default=False)
    is_on_behalf = models.BooleanField(_("saisie par le Conseil"), default=False)
    state = models.CharField(_("état"), max_length=18, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(_("enregistrements"), default=0)
    content = models.JSONField(_("contenu"), default=dict)
    title = models.CharField(_("titre"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("commencée par"),
        related_name="registrations_begun",
    )
    created_at = models.DateTimeField(_("création"), default=timezone.now)
    saved_at = models.DateTimeField(_("dernier enregistrement"), default=timezone.now)
    submitted_at = models.DateTimeField(_("soumise le"), null=True, blank=True)
    decided_at = models.DateTimeField(_("décision le"), null=True, blank=True)
    answer_due_on = models.DateField(_("réponse attendue d'ici le"), null=True, blank=True)
    submission_token = models.UUIDField(_("jeton de soumission"), default=uuid.uuid4, editable=False)
    proposed_decision = models.CharField(_("décision proposée"), max_length=18, blank=True)
    proposed_reason = models.TextField(_("motif proposé"), blank=True)
    proposed_version = models.PositiveIntegerField(_("version proposée"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("proposée par"),
        related_name="+",
        null=True,
        blank=True,
    )

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("inscription")
        verbose_name_plural = _("inscriptions")
        ordering = ("-saved_at", "-pk")
        indexes = (models.Index(fields=("state", "submitted_at"), name="registration_queue"),)
        permissions = (
            ("review_registration", _("Examiner les inscriptions et demander des précisions")),
            ("write_on_behalf", _("Inscrire un projet au nom d'une organisation")),
            ("approve_registration", _("Approuver ou refuser les inscriptions")),
            ("administer_registration", _("Administrer les inscriptions")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("project",),
                condition=Q(state__in=("draft", "submitted", "changes_requested")),
                name="registration_one_open_per_project",
                violation_error_message=_("Une modification de ce projet est déjà en cours."),
            ),
            models.CheckConstraint(
                condition=Q(is_change=False) | Q(project__isnull=False),
                name="registration_change_has_project",
                violation_error_message=_("Une modification porte sur un projet publié."),
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(project__isnull=False),
                name="registration_approved_has_project",
                violation_error_message=_("Une inscription approuvée a son projet publié."),
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False),
                name="registration_submitted_has_date",
                violation_error_message=_("Une inscription soumise porte la date de sa soumission."),
            ),
        )

    def __str__(self) -> str:
        return self.title or str(_("Projet sans titre"))

    def get_absolute_url(self) -> str:
        return reverse("registrations:detail", kwargs={"pk": self.pk})

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE_STATES

    @property
    def is_private(self) -> bool:
        """Whether its text, as it stands, is for its organisation alone to read."""
        return self.state not in self.HANDED_IN

    @property
    def moving_label(self) -> str:
        """What the page that merges organisations calls it: staff who read that are not its writers."""
        state = self.get_state_display()
        return f"n° {self.pk} ({state})" if self.is_private else f"{self} ({state})"

    @property
    def is_waiting_for_staff(self) -> bool:
        return self.state == self.State.SUBMITTED

    def waiting_days(self, *, on: dt.date) -> int:
        """Days since it was submitted; 0 where it is not waiting."""
        if self.state != self.State.SUBMITTED or self.submitted_at is None:
            return 0
        return (on - timezone.localdate(self.submitted_at)).days


class RegistrationVersion(models.Model):
    """The text as it was submitted: never changed afterwards. ``digest`` is the SHA-256 of its content."""

    registration = models.ForeignKey(
        Registration, models.PROTECT, verbose_name=_("inscription"), related_name="versions"
    )
    number = models.PositiveIntegerField(_("numéro"))
    content = models.JSONField(_("contenu"))
    digest = models.CharField(_("empreinte"), max_length=64)
    token = models.UUIDField(_("jeton"), unique=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("soumise par"), related_name="+"
    )
    submitted_at = models.DateTimeField(_("soumise le"))

    class Meta:
        verbose_name = _("version soumise")
        verbose_name_plural = _("versions soumises")
        ordering = ("registration", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("registration", "number"),
                name="registration_version_unique",
                violation_error_message=_("Cette version existe déjà."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.registration} – {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("a submitted version is never changed")
        super().save(*args, **kwargs)


class ApprovedVersion(models.Model):
    """That a version became the public project: what the project page tells as « mise à jour le … »."""

    version = models.OneToOneField(
        RegistrationVersion, models.PROTECT, verbose_name=_("version"), related_name="approval"
    )
    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name=_("projet"), related_name="approved_versions"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approuvée par"), related_name="+"
    )
    approved_at = models.DateTimeField(_("approuvée le"))
    before = models.JSONField(_("contenu public d'avant"), null=True, blank=True)
    content = models.JSONField(_("contenu public"))

    class Meta:
        verbose_name = _("version publiée")
        verbose_name_plural = _("versions publiées")
        ordering = ("project", "-approved_at", "-pk")

    def __str__(self) -> str:
        return f"{self.project} – {self.approved_at:%Y-%m-%d}"


class Activity(models.Model):
    """Who did what, when, on which version. Written by the workflow, never changed.

    ``message`` is what partners may read; an internal note is for staff alone.
    """

    registration = models.ForeignKey(
        Registration,
        models.PROTECT,
        verbose_name=_("inscription"),
        related_name="activities",
        null=True,
        blank=True,
    )
    project = models.ForeignKey(
        Project, models.PROTECT, verbose_name=_("projet"), related_name="activities", null=True, blank=True
    )
    action = models.CharField(_("action"), max_length=24)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("par"),
        related_name="+",
        null=True,
        blank=True,
    )
    at = models.DateTimeField(_("le"), default=timezone.now)
    state_before = models.CharField(_("état d'avant"), max_length=18, blank=True)
    state_after = models.CharField(_("état d'après"), max_length=18, blank=True)
    version = models.PositiveIntegerField(_("version"), null=True, blank=True)
    message = models.TextField(_("message"), blank=True)
    fields = models.JSONField(_("champs visés"), default=list, blank=True)
    changes = models.JSONField(_("valeurs d'avant et d'après"), default=dict, blank=True)
    is_internal = models.BooleanField(_("note interne"), default=False)
    is_by_staff = models.BooleanField(_("par le Conseil"), default=False)

    class Meta:
        verbose_name = _("activité")
        verbose_name_plural = _("activités")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("registration", "-at"), name="activity_registration"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(registration__isnull=False) | Q(project__isnull=False),
                name="activity_has_subject",
                violation_error_message=_("Une activité porte sur une inscription ou un projet."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} – {self.at:%Y-%m-%d %H:%M}"


class CallExtension(models.Model):
    """More time for one organisation than the plan's call gives."""

    plan = models.ForeignKey(Plan, models.CASCADE, verbose_name=_("plan"), related_name="call_extensions")
    organization = models.ForeignKey(
        Organization, models.CASCADE, verbose_name=_("organisation"), related_name="call_extensions"
    )
    until_at = models.DateTimeField(_("jusqu'au"))
    reason = models.CharField(_("motif"), max_length=250, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("accordée par"),
        related_name="+",
        editable=False,
    )
    granted_at = models.DateTimeField(_("accordée le"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("prolongation de l'appel")
        verbose_name_plural = _("prolongations de l'appel")
        ordering = ("plan", "-until_at")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "organization"),
                name="call_extension_unique",
                violation_error_message=_("Cette organisation a déjà une prolongation : modifiez-la."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization} – {self.plan}"

    @classmethod
    def join_organizations(
        cls, *, kept: Organization, absorbed: Organization
    ) -> models.QuerySet[CallExtension]:
        """Where both have more time under one plan, the longer one stays."""
        mine = {extension.plan_id: extension for extension in cls.objects.filter(organization=kept)}
        for other in cls.objects.filter(organization=absorbed, plan__in=mine):
            shorter = min(other, mine[other.plan_id], key=lambda extension: extension.until_at)
            shorter.delete()
        return cls.objects.filter(organization=absorbed)


class DistinctionQuerySet(models.QuerySet["Distinction"]):
    def in_force(self) -> Self:
        return self.filter(undone_at=None)

    def about(self, registration: Registration) -> Self:
        """What was said of this registration or of the project that it became, from either side."""
        mine = Q(registration=registration) | Q(other_registration=registration)
        if registration.project_id is not None:
            project = registration.project_id
            mine |= Q(registration__project=project) | Q(other_registration__project=project)
            mine |= Q(other_project=project)
        return self.filter(mine)


class Distinction(models.Model):
    """The staff's word that a registration and what resembles it are two projects; one taken back keeps by whom.

    It holds for the projects that both become, too.
    """

    registration = models.ForeignKey(
        Registration, models.CASCADE, verbose_name=_("inscription"), related_name="distinctions"
    )
    other_registration = models.ForeignKey(
        Registration,
        models.CASCADE,
        verbose_name=_("autre inscription"),
        related_name="+",
        null=True,
        blank=True,
    )
    other_project = models.ForeignKey(
        Project, models.CASCADE, verbose_name=_("autre projet"), related_name="+", null=True, blank=True
    )
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

    objects = DistinctionQuerySet.as_manager()

    class Meta:
        verbose_name = _("ressemblance écartée")
        verbose_name_plural = _("ressemblances écartées")
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(other_registration=None, other_project__isnull=False)
                | Q(other_registration__isnull=False, other_project=None),
                name="distinction_has_one_other",
                violation_error_message=_("Une ressemblance porte sur un projet ou sur une inscription."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.registration} ≠ {self.other_registration or self.other_project}"
