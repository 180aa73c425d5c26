"""What people are told by mail about their organisations."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.mailing import Letter, event
from partners.models import Membership


def _space() -> str:
    return reverse("partners:space")


def _page(slug: str) -> str:
    return reverse("partners:detail", args=(slug,))


def _role(value: str) -> str:
    return str(Membership.Role(value).label)


def _members(slug: str) -> str:
    return reverse("partners:members", args=(slug,))


@event(
    "invitation",
    gettext_lazy("Invitation dans une organisation"),
    sample=lambda: {
        "organization": "Les Récoltes partagées",
        "inviter": "Alice Tremblay",
        "role": "editor",
        "days": 14,
        "token": "exemple",
    },
)
def invitation(*, organization: str, inviter: str, role: str, days: int, token: str) -> Letter:
    return Letter(
        subject=_("Invitation : %(organization)s") % {"organization": organization},
        paragraphs=[
            _(
                "%(inviter)s vous invite à rejoindre « %(organization)s » sur le portail du plan d'action "
                "intégré, où les organisations inscrivent leurs projets."
            )
            % {"inviter": inviter, "organization": organization},
            _(
                "Le lien sert une seule fois, pour ce courriel, pendant %(days)s jours. Vous pourrez ouvrir "
                "un compte s'il vous en faut un."
            )
            % {"days": days},
        ],
        facts=[(_("Organisation"), organization), (_("Rôle"), _role(role))],
        action=(_("Voir l'invitation"), reverse("partners:invitation", args=(token,))),
        is_action_secret=True,
        closing=[_("Vous ne connaissez pas cette personne? Laissez ce message de côté.")],
    )


@event(
    "join_request",
    gettext_lazy("Demande d'adhésion"),
    sample=lambda: {
        "organization": "Les Récoltes partagées",
        "slug": "recoltes-partagees",
        "person": "Bob Gagnon",
        "email": "bob@example.org",
        "message": "Je coordonne le jardin depuis mars.",
        "is_orphan": False,
    },
)
def join_request(
    *, organization: str, slug: str, person: str, email: str, message: str, is_orphan: bool
) -> Letter:
    """For its leads; for the council when it has none (``is_orphan``)."""
    action = _members(slug) if not is_orphan else reverse("admin:partners_joinrequest_changelist")
    return Letter(
        subject=_("%(person)s demande à rejoindre %(organization)s")
        % {"person": person, "organization": organization},
        paragraphs=[
            _("%(person)s demande à rejoindre « %(organization)s » sur le portail.")
            % {"person": person, "organization": organization},
            _(
                "Acceptez si cette personne travaille avec vous : elle pourra écrire au nom de l'organisation."
            ),
        ],
        facts=[(_("Nom"), person), (_("Courriel"), email)],
        quote=message,
        action=(_("Répondre à la demande"), action),
    )


@event(
    "join_accepted",
    gettext_lazy("Demande d'adhésion acceptée"),
    sample=lambda: {"organization": "Les Récoltes partagées", "role": "editor"},
)
def join_accepted(*, organization: str, role: str) -> Letter:
    return Letter(
        subject=_("Bienvenue : %(organization)s") % {"organization": organization},
        paragraphs=[
            _("Votre demande est acceptée : vous êtes membre de « %(organization)s ».")
            % {"organization": organization}
        ],
        facts=[(_("Rôle"), _role(role))],
        action=(_("Ouvrir mon espace"), _space()),
    )


@event(
    "join_refused",
    gettext_lazy("Demande d'adhésion refusée"),
    sample=lambda: {"organization": "Les Récoltes partagées"},
)
def join_refused(*, organization: str) -> Letter:
    return Letter(
        subject=_("Votre demande : %(organization)s") % {"organization": organization},
        paragraphs=[
            _("Votre demande de rejoindre « %(organization)s » n'a pas été acceptée.")
            % {"organization": organization},
            _("Une erreur? Parlez-en à une personne de l'organisation, ou écrivez au Conseil."),
        ],
        action=(_("Ouvrir mon espace"), _space()),
    )


@event(
    "organization_verified",
    gettext_lazy("Organisation vérifiée"),
    sample=lambda: {"organization": "Les Récoltes partagées", "slug": "recoltes-partagees"},
)
def organization_verified(*, organization: str, slug: str) -> Letter:
    return Letter(
        subject=_("Organisation vérifiée : %(organization)s") % {"organization": organization},
        paragraphs=[
            _(
                "Le Conseil a vérifié « %(organization)s ». Elle figure dans le répertoire des partenaires, et "
                "ses projets peuvent être approuvés."
            )
            % {"organization": organization}
        ],
        action=(_("Voir sa page publique"), _page(slug)),
    )


@event(
    "organization_archived",
    gettext_lazy("Organisation archivée"),
    sample=lambda: {"organization": "Les Récoltes partagées"},
)
def organization_archived(*, organization: str) -> Letter:
    return Letter(
        subject=_("Organisation archivée : %(organization)s") % {"organization": organization},
        paragraphs=[
            _(
                "Le Conseil a archivé « %(organization)s » : elle ne figure plus dans le répertoire des "
                "partenaires. Ses projets publiés restent publics."
            )
            % {"organization": organization},
            _("Une erreur? Répondez à ce message."),
        ],
    )


@event(
    "member_removed",
    gettext_lazy("Membre retiré"),
    sample=lambda: {"organization": "Les Récoltes partagées"},
)
def member_removed(*, organization: str) -> Letter:
    return Letter(
        subject=_("Vous n'êtes plus membre : %(organization)s") % {"organization": organization},
        paragraphs=[
            _("Vous ne faites plus partie de « %(organization)s » sur le portail.")
            % {"organization": organization},
            _("Votre compte reste ouvert. Une erreur? Parlez-en à une personne de l'organisation."),
        ],
        action=(_("Ouvrir mon espace"), _space()),
    )


@event(
    "role_changed",
    gettext_lazy("Rôle changé"),
    sample=lambda: {"organization": "Les Récoltes partagées", "slug": "recoltes-partagees", "role": "lead"},
)
def role_changed(*, organization: str, slug: str, role: str) -> Letter:
    return Letter(
        subject=_("Votre rôle : %(organization)s") % {"organization": organization},
        paragraphs=[
            _("Votre rôle dans « %(organization)s » a changé.") % {"organization": organization},
        ],
        facts=[(_("Nouveau rôle"), _role(role))],
        action=(_("Voir les membres"), _members(slug)),
    )


@event(
    "change_accepted",
    gettext_lazy("Page d'organisation mise à jour"),
    sample=lambda: {"organization": "Les Récoltes partagées", "slug": "recoltes-partagees"},
)
def change_accepted(*, organization: str, slug: str) -> Letter:
    return Letter(
        subject=_("Page mise à jour : %(organization)s") % {"organization": organization},
        paragraphs=[
            _("Votre modification de la page de « %(organization)s » est en ligne.")
            % {"organization": organization}
        ],
        action=(_("Voir sa page publique"), _page(slug)),
    )


@event(
    "change_refused",
    gettext_lazy("Modification de page refusée"),
    sample=lambda: {
        "organization": "Les Récoltes partagées",
        "slug": "recoltes-partagees",
        "reason": "Le site indiqué est celui d'un autre organisme.",
    },
)
def change_refused(*, organization: str, slug: str, reason: str) -> Letter:
    return Letter(
        subject=_("Modification non retenue : %(organization)s") % {"organization": organization},
        paragraphs=[
            _("La page de « %(organization)s » reste comme elle était. Voici pourquoi :")
            % {"organization": organization}
        ],
        quote=reason,
        action=(_("Reprendre la modification"), reverse("partners:edit", args=(slug,))),
    )
