"""How people come to an organisation: they ask, or they are invited."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models.membership import Membership
from partners.models.organization import Organization
from partners.models.person import User


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def waiting(self) -> Self:
        return self.filter(state=JoinRequest.State.WAITING)

    def without_lead(self) -> Self:
        """Of organisations where nobody can answer."""
        led = Membership.objects.leads().values("organization")
        return self.exclude(organization__in=led)


class JoinRequest(models.Model):
    """A person's wish to belong to an organisation, which its leads or the staff answer."""

    class State(models.TextChoices):
        WAITING = "waiting", _("en attente")
        ACCEPTED = "accepted", _("acceptée")
        REFUSED = "refused", _("refusée")
        WITHDRAWN = "withdrawn", _("retirée")

    user = models.ForeignKey(User, models.CASCADE, verbose_name=_("personne"), related_name="join_requests")
    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name=_("organisation"), related_name="join_requests"
    )
    message = models.TextField(_("message"), max_length=1000, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("demandée le"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("décidée par"),
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("demande d'adhésion")
        verbose_name_plural = _("demandes d'adhésion")
        ordering = ("asked_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "organization"),
                condition=Q(state="waiting"),
                name="join_request_once",
                violation_error_message=_("Votre demande attend déjà une réponse."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} → {self.organization}"

    @classmethod
    def join_organizations(
        cls, *, kept: Organization, absorbed: Organization
    ) -> models.QuerySet[JoinRequest]:
        """Who asked both, or asked one and belongs to the other, waits for one answer at most."""
        answered = Q(user__in=kept.join_requests.waiting().values("user"))
        answered |= Q(user__in=kept.memberships.values("user"))
        answered |= Q(user__in=absorbed.memberships.values("user"))
        absorbed.join_requests.waiting().filter(answered).update(
            state=cls.State.WITHDRAWN, decided_at=timezone.now()
        )
        return cls.objects.filter(organization=absorbed)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> Self:
        """Neither accepted nor revoked; perhaps too old by now."""
        return self.filter(accepted_at=None, revoked_at=None)

    def open(self, *, at: dt.datetime) -> Self:
        return self.unanswered().filter(expires_at__gt=at)


class Invitation(models.Model):
    """A place offered to whoever owns an address. The link that was mailed is known here only by its hash."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, verbose_name=_("organisation"), related_name="invitations"
    )
    email = models.EmailField(_("courriel"))
    role = models.CharField(_("rôle"), max_length=8, choices=Membership.Role, default=Membership.Role.EDITOR)
    language = models.CharField(
        _("langue"), max_length=2, choices=User.Language, default=User.Language.FRENCH
    )
    token_hash = models.CharField(_("empreinte du lien"), max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("par"),
        related_name="+",
        null=True,
        blank=True,
    )
    sent_at = models.DateTimeField(_("envoyée le"), default=timezone.now)
    expires_at = models.DateTimeField(_("échéance"))
    sendings = models.PositiveSmallIntegerField(_("envois"), default=1)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("acceptée par"),
        related_name="+",
        null=True,
        blank=True,
    )
    accepted_at = models.DateTimeField(_("acceptée le"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("annulée le"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-sent_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_once",
                violation_error_message=_("Cette personne est déjà invitée."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} → {self.organization}"

    @classmethod
    def join_organizations(cls, *, kept: Organization, absorbed: Organization) -> models.QuerySet[Invitation]:
        """Of two open invitations to one address, the one of the organisation that stays serves on."""
        twice = kept.invitations.unanswered().values(address=Lower("email"))
        doubled = absorbed.invitations.unanswered().annotate(address=Lower("email"))
        doubled.filter(address__in=twice).update(revoked_at=timezone.now())
        return cls.objects.filter(organization=absorbed)

    def is_expired(self, *, at: dt.datetime) -> bool:
        return self.expires_at <= at
