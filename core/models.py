"""The mail that the portal sends: one row per event and person, kept with what became of it."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

#: Stands in the kept text where the letter that leaves has a personal link.
HIDDEN_LINK = "lien-personnel://non-conserve"


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, *, at: dt.datetime) -> Self:
        """Waiting to be sent, and not put off to a later moment; the oldest first."""
        return self.filter(state=Mail.State.WAITING, due_at__lte=at).order_by("due_at", "pk")

    def interrupted(self, *, before: dt.datetime) -> Self:
        """Taken up before that moment by a process that never said how it ended."""
        return self.filter(state=Mail.State.SENDING, taken_at__lt=before)


class Mail(models.Model):
    """A letter to one person about one event; the text is the one that was, or will be, sent, but for a link that
    opens something to whoever holds it: that stands in ``secret_link`` until the letter has left.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("en attente")
        SENDING = "sending", _("envoi en cours")
        SENT = "sent", _("envoyé")
        FAILED = "failed", _("échec")

    event = models.CharField(_("événement"), max_length=60)
    about = models.CharField(
        _("objet"),
        max_length=120,
        help_text=_("Ce dont il s'agit : le même événement n'est jamais annoncé deux fois à une personne."),
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("personne"),
        related_name="mails",
        null=True,
        blank=True,
    )
    address = models.EmailField(_("courriel"))
    language = models.CharField(_("langue"), max_length=2)
    subject = models.CharField(_("objet du message"), max_length=250)
    text = models.TextField(_("texte"))
    html = models.TextField(_("page"))
    unsubscribe = models.URLField(
        _("adresse de désabonnement"),
        max_length=500,
        blank=True,
        help_text=_("Vide pour un courriel que l'on ne peut pas refuser."),
    )
    secret_link = models.TextField(_("lien personnel"), blank=True, editable=False)
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    error = models.TextField(_("erreur"), blank=True)
    created_at = models.DateTimeField(_("création"), default=timezone.now)
    due_at = models.DateTimeField(_("à envoyer dès"), default=timezone.now)
    taken_at = models.DateTimeField(_("pris en charge"), null=True, blank=True)
    sent_at = models.DateTimeField(_("envoi"), null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("courriel")
        verbose_name_plural = _("courriels")
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("state", "due_at"), name="mail_due"),)
        constraints = (
            models.UniqueConstraint(
                fields=("event", "about", "address"),
                name="mail_once",
                violation_error_message=_("Cette personne a déjà été avertie de cet événement."),
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"),
                name="mail_sent_has_date",
                violation_error_message=_("Un courriel envoyé porte la date de son envoi."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} → {self.address}"

    @property
    def has_lost_link(self) -> bool:
        """It had a personal link, which was forgotten when it left."""
        return HIDDEN_LINK in self.text and not self.secret_link
