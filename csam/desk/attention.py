"""What waits for the staff, counted, each with the list that shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.models import Mail
from indicators.models import IndicatorDefinition, Measurement, ProgressReport
from partners.models import JoinRequest, Organization, OrganizationChange
from plans.models import Plan
from projects.models import Deliverable, Project, Registration


@dataclass(frozen=True)
class Matter:
    """One line of the desk: how many, of what, where they are listed, and who may see them."""

    count: int
    label: str | Promise
    help: str | Promise
    url: str
    permission: str
    is_urgent: bool = False


@dataclass(frozen=True)
class PlanSummary:
    plan: Plan
    projects: int
    organizations: int
    deliverables: int
    demonstration_projects: int


def matters(*, on: dt.date) -> list[Matter]:
    """Every matter with a count above zero, the urgent first."""
    projects, organizations = (
        reverse("admin:projects_project_changelist"),
        reverse("admin:partners_organization_changelist"),
    )
    public = Project.objects.published()
    found = [
        *_registrations(on=on),
        *_reports(on=on),
        Matter(
            Organization.objects.filter(stage=Organization.Stage.PENDING).count(),
            _("Organisations à vérifier"),
            _("Elles peuvent préparer leurs projets, mais rien ne s'approuve avant la vérification."),
            f"{organizations}?stage__exact=pending",
            "partners.change_organization",
            is_urgent=True,
        ),
        Matter(
            OrganizationChange.objects.waiting().count(),
            _("Pages d'organisation à relire"),
            _("Une personne responsable propose un autre texte; la page ne change que si vous acceptez."),
            f"{reverse('admin:partners_organizationchange_changelist')}?state__exact=waiting",
            "partners.change_organization",
            is_urgent=True,
        ),
        Matter(
            JoinRequest.objects.waiting().without_lead().count(),
            _("Demandes d'adhésion sans responsable"),
            _("L'organisation n'a personne pour y répondre."),
            f"{reverse('admin:partners_joinrequest_changelist')}?state__exact=waiting&sans_responsable=oui",
            "partners.change_organization",
            is_urgent=True,
        ),
        Matter(
            public.with_overdue_deliverables(on=on).count(),
            _("Projets avec des livrables en retard"),
            _("L'échéance est passée et le livrable n'est ni livré ni abandonné."),
            f"{projects}?archive=non&voir=livrables",
            "projects.change_project",
            is_urgent=True,
        ),
        Matter(
            public.overdue(on=on).count(),
            _("Projets en cours dont la fin est dépassée"),
            _("Terminés, prolongés ou suspendus? Leur étape est à mettre à jour."),
            f"{projects}?archive=non&voir=retard",
            "projects.change_project",
        ),
        Matter(
            public.with_unconfirmed_partners().count(),
            _("Projets avec des partenaires à confirmer"),
            _("La page publique dit lesquels ont confirmé leur participation."),
            f"{projects}?archive=non&voir=confirmations",
            "projects.change_project",
        ),
        Matter(
            public.untranslated().count(),
            _("Projets sans texte anglais"),
            _("La page anglaise montre le texte français, avec une mention."),
            f"{projects}?archive=non&voir=anglais",
            "projects.change_project",
        ),
        Matter(
            Measurement.objects.awaiting().count(),
            _("Mesures à examiner"),
            _("Elles ne sont publiques qu'une fois acceptées."),
            f"{reverse('admin:indicators_measurement_changelist')}?state__exact=submitted",
            "indicators.change_measurement",
        ),
        Matter(
            IndicatorDefinition.objects.filter(state=IndicatorDefinition.State.PROPOSED).count(),
            _("Définitions d'indicateurs à décider"),
            _("La définition en vigueur reste en place jusqu'à l'approbation."),
            f"{reverse('admin:indicators_indicatordefinition_changelist')}?state__exact=proposed",
            "indicators.change_indicatordefinition",
        ),
    ]
    return sorted((m for m in found if m.count), key=lambda m: not m.is_urgent)


def _registrations(*, on: dt.date) -> list[Matter]:
    """What the review desk waits for, and the mail that did not leave."""
    desk = reverse("admin:projects_registration_changelist")
    waiting = Registration.objects.waiting()
    oldest = waiting.first()
    days = oldest.waiting_days(on=on) if oldest else 0
    return [
        Matter(
            waiting.count(),
            _("Inscriptions à examiner"),
            ngettext(
                "La plus ancienne attend depuis %(n)s jour.",
                "La plus ancienne attend depuis %(n)s jours.",
                days,
            )
            % {"n": days},
            f"{desk}?tour=conseil",
            "projects.review_registration",
            is_urgent=True,
        ),
        Matter(
            Registration.objects.with_proposed_decision().count(),
            _("Décisions proposées à confirmer"),
            _("Une personne a proposé; une autre confirme."),
            f"{desk}?tour=proposees",
            "projects.approve_registration",
        ),
        Matter(
            Registration.objects.with_overdue_answer(on=on).count(),
            _("Précisions qui tardent"),
            _("La date de réponse souhaitée est passée."),
            f"{desk}?tour=retard",
            "projects.review_registration",
        ),
        Matter(
            Mail.objects.filter(state=Mail.State.FAILED).count(),
            _("Courriels qui ne sont pas partis"),
            _("L'adresse est refusée ou le serveur ne répond pas. On peut les envoyer de nouveau."),
            f"{reverse('admin:core_mail_changelist')}?state__exact=failed",
            "core.change_mail",
            is_urgent=True,
        ),
    ]


def _reports(*, on: dt.date) -> list[Matter]:
    """The progress reports that wait for the council, and those that it waits for."""
    desk = reverse("admin:indicators_progressreport_changelist")
    return [
        Matter(
            ProgressReport.objects.waiting().count(),
            _("Bilans d'étape à examiner"),
            _("Le bilan et ses valeurs ne sont publics qu'une fois acceptés."),
            f"{desk}?tour=conseil",
            "projects.review_registration",
            is_urgent=True,
        ),
        Matter(
            ProgressReport.objects.late(on=on).count(),
            _("Bilans d'étape en retard"),
            _("L'échéance est passée. On peut envoyer un rappel, reporter l'échéance ou dispenser."),
            f"{desk}?tour=retard",
            "projects.review_registration",
        ),
    ]


def current_plan_summary() -> PlanSummary | None:
    """The figures of the current plan, or None where there is none yet."""
    plan = Plan.objects.filter(is_current=True).first()
    if plan is None:
        return None
    projects = plan.projects.published()
    return PlanSummary(
        plan=plan,
        projects=projects.count(),
        organizations=Organization.objects.filter(projects__in=projects).distinct().count(),
        deliverables=Deliverable.objects.filter(project__in=projects).count(),
        demonstration_projects=projects.filter(is_demonstration=True).count(),
    )
