"""The letters about registrations: who is told of which move, and in which words."""

from __future__ import annotations

import datetime as dt
from copy import copy
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.mailing import Letter, event, post
from core.partial_dates import PartialDate
from core.translation import text_and_language
from core.workflow import Entry
from partners.models import Membership, Organization, User
from plans.models import Plan
from projects.models import CallExtension, Project, ProjectPartner, Registration
from projects.registrations import reading, roles

# Who ---------------------------------------------------------------------------------------------------------


def people(registration: Registration) -> list[User]:
    """The leads of the organisation and those of its members who began or submitted the registration."""
    writers = {registration.created_by_id, *registration.versions.values_list("submitted_by", flat=True)}
    members = Membership.objects.filter(organization=registration.organization_id, user__is_active=True)
    return [
        membership.user
        for membership in members.select_related("user").order_by("pk")
        if membership.role == Membership.Role.LEAD or membership.user_id in writers
    ]


def leads(organization_id: int) -> list[User]:
    """Those who answer for an organisation."""
    mine = User.objects.filter(
        memberships__organization=organization_id,
        memberships__role=Membership.Role.LEAD,
        is_active=True,
    )
    return list(mine.order_by("pk"))


def reviewers(*, but: Any = None) -> list[User]:
    """The staff who examine registrations, without the one who acts."""
    staff = roles.holders("review_registration").order_by("pk")
    return [user for user in staff if but is None or user.pk != but.pk]


# When --------------------------------------------------------------------------------------------------------


def on_save(row: Registration, entry: Entry) -> None:
    if not entry.changes:
        return
    if roles.is_member(entry.by, row.organization_id):
        if row.title:
            post(draft_saved, to=[entry.by], about=f"registration:{row.pk}", registration=row)
        return
    day = f"{entry.at:%Y-%m-%d}"
    post(
        edited_on_behalf,
        to=people(row),
        about=f"registration:{row.pk}:{day}",
        registration=row,
        labels=[str(reading.LABELS[name]) for name in entry.changes],
    )


def on_submit(row: Registration, entry: Entry) -> None:
    number = entry.extra["version"]
    about = f"registration:{row.pk}:v{number}"
    post(receipt, to=_with(people(row), entry.by, row), about=about, registration=row, number=number)
    if number == 1:
        post(to_review, to=reviewers(but=entry.by), about=about, registration=row)
    else:
        post(resubmitted, to=reviewers(but=entry.by), about=about, registration=row, number=number)


def on_take_back(row: Registration, entry: Entry) -> None:
    about = f"registration:{row.pk}:{row.version}"
    post(taken_back, to=reviewers(), about=about, registration=row)


def on_request(row: Registration, entry: Entry) -> None:
    post(
        changes_requested,
        to=people(row),
        about=f"registration:{row.pk}:{row.version}",
        registration=row,
        message=entry.message,
        labels=[str(reading.LABELS[name]) for name in entry.extra["fields"] if name in reading.LABELS],
        due_on=row.answer_due_on,
    )


def on_approve(row: Registration, entry: Entry) -> None:
    about = f"registration:{row.pk}:{row.version}"
    assert row.project is not None  # noqa: S101 (a constraint of the table says the same)
    post(approved, to=people(row), about=about, registration=row, project=row.project)
    ask_partners(row.project)


def on_decline(row: Registration, entry: Entry) -> None:
    about = f"registration:{row.pk}:{row.version}"
    post(declined, to=people(row), about=about, registration=row, message=entry.message)


def on_withdraw(row: Registration, entry: Entry) -> None:
    """Staff hear of it only where they had seen it."""
    about, told = f"registration:{row.pk}:{row.version}", as_submitted(row)
    if entry.before != Registration.State.DRAFT:
        post(withdrawn, to=reviewers(but=entry.by), about=about, registration=told)
    if not roles.is_member(entry.by, row.organization_id):
        post(withdrawn_for_you, to=people(row), about=about, registration=told)


def on_reopen(row: Registration, entry: Entry) -> None:
    if not roles.is_member(entry.by, row.organization_id):
        about = f"registration:{row.pk}:{row.version}"
        post(reopened, to=people(row), about=about, registration=as_submitted(row))


def as_submitted(row: Registration) -> Registration:
    """The row under the title that was last handed in, none where nothing was: staff read these letters too, and
    what is being written is not theirs.
    """
    version = row.versions.order_by("-number").first()
    told = copy(row)
    told.title = str(version.content["title_fr"]) if version else ""
    return told


def ask_partners(project: Project) -> None:
    """Ask the leads of each organisation that has not answered yet; each is asked once per part."""
    parts = project.project_partners.filter(confirmed_on=None, declined_on=None).select_related(
        "organization"
    )
    for part in parts:
        to = leads(part.organization_id)
        post(part_to_confirm, to=to, about=f"part:{part.pk}", project=project, part=part)


def tell_of_extension(extension: CallExtension) -> int:
    """Once per new end. Returns how many are told."""
    about = f"extension:{extension.pk}:{extension.until_at:%Y%m%d%H%M}"
    return len(post(call_extended, to=leads(extension.organization_id), about=about, extension=extension))


def _with(users: list[User], by: Any, row: Registration) -> list[User]:
    """The submitter too, a member of staff who wrote on behalf included."""
    return users if by in users else [*users, by]


# What --------------------------------------------------------------------------------------------------------


def _sample_registration(**values: Any) -> Registration:
    organization = Organization(name=__("Les Jardins d'essai"), acronym="JE")
    registration = Registration(
        pk=1, organization=organization, title=__("Un marché d'essai dans la ruelle"), version=3, **values
    )
    registration.content = {
        "title_fr": registration.title,
        "summary_fr": __("Chaque jeudi d'été, des maraîchers vendent leurs légumes au prix coûtant."),
        "starts": "2021-06",
    }
    return registration


def _sample() -> dict[str, Any]:
    return {"registration": _sample_registration()}


def _is_member_reason() -> str:
    return __("Vous recevez ce courriel parce que vous êtes membre de cette organisation.")


def _is_staff_reason() -> str:
    return __("Vous recevez ce courriel parce que vous examinez les inscriptions.")


def _desk(registration: Registration) -> str:
    return reverse("admin:projects_registration_change", args=(registration.pk,))


@event("registration_draft", _("Brouillon enregistré"), sample=_sample, is_personal=True)
def draft_saved(*, registration: Registration) -> Letter:
    return Letter(
        subject=__("Votre brouillon « %(title)s » est enregistré") % {"title": registration.title},
        paragraphs=[
            __(
                "Votre texte est enregistré sur le portail au fur et à mesure. Revenez quand vous voulez : "
                "il n'est visible que de votre organisation tant que vous ne l'avez pas soumis."
            )
        ],
        action=(__("Reprendre l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


@event("registration_receipt", _("Accusé de réception"), sample=lambda: {**_sample(), "number": 1})
def receipt(*, registration: Registration, number: int) -> Letter:
    return Letter(
        subject=__("Nous avons reçu « %(title)s »") % {"title": registration.title},
        paragraphs=[
            __(
                "L'inscription est entre les mains du Conseil (version %(number)s). Vous n'avez rien à faire : "
                "nous vous écrirons dès qu'elle sera examinée. D'ici là, vous pouvez la reprendre."
            )
            % {"number": number},
            __("Voici tout ce qu'elle contient :"),
        ],
        facts=reading.facts(registration.content),
        action=(__("Voir l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


@event("registration_to_review", _("Inscription à examiner"), sample=_sample)
def to_review(*, registration: Registration) -> Letter:
    kind = (
        __("Une modification d'un projet publié attend votre examen.")
        if registration.is_change
        else __("Un nouveau projet attend votre examen.")
    )
    return Letter(
        subject=__("À examiner : « %(title)s »") % {"title": registration.title},
        paragraphs=[kind],
        facts=[
            (__("Projet"), registration.title),
            (__("Organisation"), registration.organization.name_with_acronym),
        ],
        action=(__("Examiner"), _desk(registration)),
        reason=_is_staff_reason(),
    )


@event(
    "registration_resubmitted", _("Inscription soumise de nouveau"), sample=lambda: {**_sample(), "number": 2}
)
def resubmitted(*, registration: Registration, number: int) -> Letter:
    return Letter(
        subject=__("De retour : « %(title)s »") % {"title": registration.title},
        paragraphs=[
            __("%(organization)s a soumis la version %(number)s de cette inscription.")
            % {"organization": registration.organization.name_with_acronym, "number": number}
        ],
        action=(__("Examiner"), _desk(registration)),
        reason=_is_staff_reason(),
    )


@event("registration_taken_back", _("Inscription reprise par le partenaire"), sample=_sample)
def taken_back(*, registration: Registration) -> Letter:
    return Letter(
        subject=__("Reprise : « %(title)s »") % {"title": registration.title},
        paragraphs=[
            __("%(organization)s a repris cette inscription pour la modifier. Il n'y a plus rien à examiner.")
            % {"organization": registration.organization.name_with_acronym}
        ],
        reason=_is_staff_reason(),
    )


@event(
    "registration_changes_requested",
    _("Précisions demandées"),
    sample=lambda: {
        **_sample(),
        "message": __("Pourriez-vous préciser la date du dernier marché?"),
        "labels": [__("Fin"), __("Livrables")],
        "due_on": dt.date(2021, 5, 1),
    },
)
def changes_requested(
    *, registration: Registration, message: str, labels: list[str], due_on: dt.date | None
) -> Letter:
    facts = [(__("Champs visés"), ", ".join(labels))] if labels else []
    if due_on:
        facts.append((__("Réponse souhaitée d'ici le"), PartialDate(due_on).format(get_language())))
    return Letter(
        subject=__("Précisions demandées : « %(title)s »") % {"title": registration.title},
        paragraphs=[
            __(
                "Le Conseil a lu votre inscription et vous demande des précisions. C'est à vous de la reprendre."
            )
        ],
        quote=message,
        facts=facts,
        action=(__("Compléter l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


@event(
    "registration_approved",
    _("Inscription approuvée"),
    sample=lambda: {**_sample(), "project": Project(title_fr=__("Un marché d'essai"), slug="marche-essai")},
)
def approved(*, registration: Registration, project: Project) -> Letter:
    return Letter(
        subject=__("« %(title)s » est publié") % {"title": registration.title},
        paragraphs=[
            __("Bonne nouvelle : le Conseil a approuvé votre inscription. Le projet est en ligne."),
            __(
                "Les organisations partenaires que vous avez nommées sont invitées à confirmer leur participation."
            ),
        ],
        action=(__("Voir le projet publié"), project.get_absolute_url()),
        closing=[__("Pour le modifier, proposez un changement depuis votre espace.")],
        reason=_is_member_reason(),
    )


@event(
    "registration_declined",
    _("Inscription non retenue"),
    sample=lambda: {**_sample(), "message": __("Le projet se déroule hors de l'île.")},
)
def declined(*, registration: Registration, message: str) -> Letter:
    end = (
        __("Le projet publié reste tel qu'il était.")
        if registration.is_change
        else __("Votre texte reste dans votre espace. Écrivez-nous si vous souhaitez en parler.")
    )
    return Letter(
        subject=__("« %(title)s » n'est pas retenu") % {"title": registration.title},
        paragraphs=[__("Le Conseil n'a pas retenu cette inscription, pour ce motif :")],
        quote=message,
        closing=[end],
        action=(__("Voir l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


@event("registration_withdrawn", _("Inscription retirée"), sample=_sample)
def withdrawn(*, registration: Registration) -> Letter:
    return Letter(
        subject=__("Retirée : « %(title)s »") % {"title": registration.title or __("votre projet")},
        paragraphs=[
            __("%(organization)s a retiré cette inscription.")
            % {"organization": registration.organization.name_with_acronym}
        ],
        reason=_is_staff_reason(),
    )


@event("registration_withdrawn_for_you", _("Inscription retirée par le Conseil"), sample=_sample)
def withdrawn_for_you(*, registration: Registration) -> Letter:
    return Letter(
        subject=__("Retirée : « %(title)s »") % {"title": registration.title or __("votre projet")},
        paragraphs=[__("Le Conseil a retiré cette inscription. Vous pouvez la rouvrir depuis votre espace.")],
        action=(__("Voir l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


@event("registration_reopened", _("Inscription rouverte"), sample=_sample)
def reopened(*, registration: Registration) -> Letter:
    return Letter(
        subject=__("Rouverte : « %(title)s »") % {"title": registration.title or __("votre projet")},
        paragraphs=[
            __("Le Conseil a rouvert cette inscription : c'est de nouveau un brouillon, à vous de jouer.")
        ],
        action=(__("Reprendre l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


@event(
    "registration_edited_on_behalf",
    _("Inscription modifiée par le Conseil"),
    sample=lambda: {**_sample(), "labels": [__("Résumé")]},
    is_personal=True,
)
def edited_on_behalf(*, registration: Registration, labels: list[str]) -> Letter:
    return Letter(
        subject=__("Le Conseil a modifié « %(title)s »") % {"title": registration.title},
        paragraphs=[
            __("Une personne du Conseil a écrit dans cette inscription au nom de votre organisation.")
        ],
        facts=[(__("Champs modifiés"), ", ".join(labels))],
        action=(__("Voir l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


def _sample_part() -> dict[str, Any]:
    project = Project(title_fr=__("Un marché d'essai"), slug="marche-essai")
    organization = Organization(name=__("La Coop d'essai"))
    return {
        "project": project,
        "part": ProjectPartner(
            pk=1, project=project, organization=organization, role=ProjectPartner.Role.CONTRIBUTOR
        ),
    }


@event("part_to_confirm", _("Participation à confirmer"), sample=_sample_part)
def part_to_confirm(*, project: Project, part: ProjectPartner) -> Letter:
    return Letter(
        subject=__("Participez-vous à « %(title)s »?") % {"title": project.title},
        paragraphs=[
            __("%(organization)s figure parmi les partenaires de ce projet. Dites-nous si c'est exact.")
            % {"organization": part.organization.name}
        ],
        facts=[(__("Projet"), project.title), (__("Rôle"), str(part.get_role_display()))],
        action=(__("Confirmer ou décliner"), reverse("registrations:part", args=(part.pk,))),
        reason=_is_member_reason(),
    )


@event(
    "registration_draft_reminder",
    _("Rappel d'un brouillon"),
    sample=lambda: {**_sample(), "days": 3, "closes_at": dt.datetime(2021, 5, 1, 17, tzinfo=dt.UTC)},
    is_personal=True,
)
def draft_reminder(*, registration: Registration, days: int, closes_at: dt.datetime) -> Letter:
    left = ngettext("%(n)s jour", "%(n)s jours", days) % {"n": days}
    return Letter(
        subject=__("Encore %(left)s pour soumettre « %(title)s »")
        % {"left": left, "title": registration.title or __("votre projet")},
        paragraphs=[
            __("L'appel à projets se termine bientôt et cette inscription est encore un brouillon."),
        ],
        facts=[(__("Clôture de l'appel"), PartialDate(timezone.localdate(closes_at)).format(get_language()))],
        action=(__("Reprendre l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


@event(
    "registration_answer_reminder",
    _("Rappel de précisions demandées"),
    sample=lambda: {**_sample(), "days": 14},
)
def answer_reminder(*, registration: Registration, days: int) -> Letter:
    since = ngettext("%(n)s jour", "%(n)s jours", days) % {"n": days}
    return Letter(
        subject=__("Le Conseil attend vos précisions : « %(title)s »") % {"title": registration.title},
        paragraphs=[__("Des précisions vous ont été demandées il y a %(since)s.") % {"since": since}],
        action=(__("Compléter l'inscription"), registration.get_absolute_url()),
        reason=_is_member_reason(),
    )


def _sample_extension() -> dict[str, Any]:
    return {
        "extension": CallExtension(
            plan=Plan(slug="essai", title_fr=__("Plan d'essai")),
            organization=Organization(name=__("Les Jardins d'essai")),
            until_at=dt.datetime(2021, 5, 15, 21, tzinfo=dt.UTC),
        )
    }


@event("call_extended", _("Prolongation de l'appel"), sample=_sample_extension)
def call_extended(*, extension: CallExtension) -> Letter:
    until = timezone.localtime(extension.until_at)
    return Letter(
        subject=__("Vous avez jusqu'au %(day)s pour inscrire vos projets")
        % {"day": PartialDate(until.date()).format(get_language())},
        paragraphs=[
            __("Le Conseil accorde plus de temps à %(organization)s que l'appel à projets n'en donne.")
            % {"organization": extension.organization.name_with_acronym}
        ],
        facts=[
            (__("Plan"), text_and_language(extension.plan, "title")[0]),
            (
                __("Dernier moment"),
                f"{PartialDate(until.date()).format(get_language())}, {until:%H:%M}",
            ),
        ],
        action=(__("Ouvrir mon espace"), reverse("partners:space")),
        reason=_is_member_reason(),
    )
