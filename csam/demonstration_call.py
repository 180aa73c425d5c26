"""An invented next plan whose call is open, with registrations at every stage: for trying how projects are registered.

Made by the moves themselves, in the names of the two demonstration accounts, for their demonstration
organisation; `load_demonstration --remove` takes it out with the rest.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from partners.models import Organization, User
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan
from projects.models import Activity, ApprovedVersion, Project, Registration, RegistrationVersion
from projects.registrations import workflow

SLUG = "2026-2028"
TITLE = {
    "title_fr": "Plan d'action intégré 2026-2028 (démonstration)",
    "title_en": "Integrated action plan 2026-2028 (demonstration)",
}


@transaction.atomic
def ensure_call(*, organization: Organization, partner: User, council: User, at: dt.datetime) -> bool:
    """Make the plan and its registrations unless the plan is there; returns whether it was made.

    The call closes six weeks after ``at``.
    """
    model = Plan.objects.filter(is_current=True).first()
    if model is None or Plan.objects.filter(slug=SLUG).exists():
        return False
    plan = Plan.objects.create(
        slug=SLUG,
        **TITLE,
        first_year=2026,
        last_year=2028,
        stage=Plan.Stage.CALL_OPEN,
        call_opens_at=_at_hour(at - dt.timedelta(days=14), 8),
        call_closes_at=_at_hour(at + dt.timedelta(days=42), 17),
        is_demonstration=True,
    )
    _copy_structure(model, plan)
    _Story(plan, organization, partner, council, at).tell()
    return True


def remove_call() -> int:
    """Take out the registrations of demonstration, with what was written about them; returns how many."""
    invented = Registration.objects.filter(
        Q(plan__is_demonstration=True)
        | Q(created_by__is_demonstration=True, organization__is_demonstration=True)
    )
    ids = list(invented.values_list("pk", flat=True))
    ApprovedVersion.objects.filter(version__registration__in=ids).delete()
    RegistrationVersion.objects.filter(registration__in=ids).delete()
    Activity.objects.filter(Q(registration__in=ids) | Q(project__is_demonstration=True)).delete()
    Registration.objects.filter(pk__in=ids).delete()
    return len(ids)


def remove_plan() -> None:
    """Once its projects are gone."""
    for plan in Plan.objects.filter(is_demonstration=True):
        Objective.objects.filter(orientation__plan=plan).delete()
        plan.orientations.all().delete()
        plan.issues.all().delete()
        plan.delete()


def _at_hour(moment: dt.datetime, hour: int) -> dt.datetime:
    return timezone.localtime(moment).replace(hour=hour, minute=0, second=0, microsecond=0)


def _copy_structure(model: Plan, plan: Plan) -> None:
    """The same orientations, issues and objectives as the current plan, the objectives flagged."""
    for orientation in model.orientations.prefetch_related("objectives"):
        objectives = list(orientation.objectives.all())
        copied = _copy(orientation, Orientation, plan=plan)
        for objective in objectives:
            _copy(objective, Objective, orientation=copied, is_demonstration=True)
    for issue in model.issues.all():
        _copy(issue, CrossCuttingIssue, plan=plan)


def _copy(row: Any, model: Any, **values: Any) -> Any:
    fields = {f.attname: getattr(row, f.attname) for f in model._meta.fields if not f.primary_key}
    for name in values:
        fields.pop(f"{name}_id", None)
    return model.objects.create(**{**fields, **values})


class _Story:
    """What the partner and the council did in the two weeks before ``at``."""

    def __init__(
        self, plan: Plan, organization: Organization, partner: User, council: User, at: dt.datetime
    ) -> None:
        self.plan, self.organization, self.partner, self.council, self.at = (
            plan,
            organization,
            partner,
            council,
            at,
        )
        self.objectives = list(Objective.objects.filter(orientation__plan=plan))

    def tell(self) -> None:
        self._write(2, title_fr="Ateliers de lactofermentation au sous-sol", summary_fr="", deliverables=[])
        self._submit(self._write(11, **self._greenhouse()), 9)
        self._ask(self._submit(self._write(12, **self._fridges()), 10), 6)
        self._approve(self._submit(self._write(13, **self._garden()), 12), 8)
        self._decline(self._submit(self._write(13, **self._tour()), 11), 7)
        self._change_a_published_project()

    def _when(self, days: int) -> dt.datetime:
        return self.at - dt.timedelta(days=days)

    def _write(self, days: int, **values: Any) -> Registration:
        row = workflow.start(
            plan=self.plan, organization=self.organization, by=self.partner, at=self._when(days)
        )
        content = {**self._common(), **values}
        return workflow.save(
            registration=row, values=content, version=row.version, by=self.partner, at=self._when(days)
        )

    def _submit(self, row: Registration, days: int) -> Registration:
        return workflow.submit(
            registration=row, version=row.version, token=uuid.uuid4(), by=self.partner, at=self._when(days)
        )

    def _ask(self, row: Registration, days: int) -> Registration:
        return workflow.request_changes(
            registration=row,
            number=1,
            message="Qui entretiendra les frigos après la première année? Une phrase suffit.",
            fields=["description_fr"],
            by=self.council,
            at=self._when(days),
        )

    def _approve(self, row: Registration, days: int) -> Registration:
        return workflow.approve(registration=row, number=1, by=self.council, at=self._when(days))

    def _decline(self, row: Registration, days: int) -> Registration:
        return workflow.decline(
            registration=row,
            number=1,
            reason="Ce voyage d'étude se passe hors de l'île de Montréal : il ne relève pas du plan.",
            by=self.council,
            at=self._when(days),
        )

    def _change_a_published_project(self) -> None:
        led = Project.objects.published().filter(
            project_partners__organization=self.organization, is_demonstration=True
        )
        project = led.exclude(plan=self.plan).order_by("pk").first()
        if project is None:
            return
        row = workflow.propose_change(
            project=project, organization=self.organization, by=self.partner, at=self._when(5)
        )
        content = row.content
        values = {
            "summary_fr": f"{content['summary_fr']} Le projet se poursuit en 2026.",
            "contact_name": content["contact_name"] or "Contact (démonstration)",
            "contact_email": content["contact_email"] or "contact@example.org",
            "links": content["links"] or ["distribution"],
            "starts": content["starts"] or "2021",
            "deliverables": [
                *content["deliverables"],
                {
                    "id": None,
                    "title_fr": "Bilan des cinq ans",
                    "title_en": "",
                    "due": "2027",
                    "state": "to_do",
                },
            ],
        }
        row = workflow.save(
            registration=row, values=values, version=row.version, by=self.partner, at=self._when(5)
        )
        self._submit(row, 4)

    def _common(self) -> dict[str, Any]:
        return {
            "primary_objective": self.objectives[0].pk,
            "links": ["distribution"],
            "covers_whole_island": True,
            "contact_name": "Contact (démonstration)",
            "contact_email": "contact@example.org",
            "starts": "printemps 2026",
            "ends": "2028",
        }

    def _greenhouse(self) -> dict[str, Any]:
        return {
            "title_fr": "Une serre sur le toit de l'école",
            "title_en": "A greenhouse on the school roof",
            "summary_fr": "Une serre chauffée par la chaleur perdue de la cafétéria donne des verdures toute l'année.",
            "description_fr": (
                "Les élèves de deux classes sèment, récoltent et livrent les verdures à la cafétéria. "
                "Une horticultrice les accompagne une demi-journée par semaine.\n\n"
                "La chaleur des cuisines, aujourd'hui perdue, chauffe la serre d'octobre à avril."
            ),
            "primary_objective": self.objectives[3 % len(self.objectives)].pk,
            "links": ["production", "consumption"],
            "deliverables": [
                _deliverable("Serre construite", "septembre 2026"),
                _deliverable("900 kg récoltés", "2027-12"),
            ],
        }

    def _fridges(self) -> dict[str, Any]:
        return {
            "title_fr": "Douze frigos de partage de plus",
            "summary_fr": "Des frigos ouverts à tous dans douze haltes, remplis par les commerces du coin.",
            "description_fr": "Chaque frigo est installé dans un lieu ouvert sept jours sur sept et suivi par son voisinage.",
            "primary_objective": self.objectives[6 % len(self.objectives)].pk,
            "links": ["distribution", "post_consumption"],
            "partners": [{"organization": None, "name": "Comité des haltes (fictif)", "role": "contributor"}],
            "deliverables": [_deliverable("Douze frigos en service", "fin 2026")],
        }

    def _garden(self) -> dict[str, Any]:
        return {
            "title_fr": "Le verger des ruelles",
            "title_en": "The laneway orchard",
            "summary_fr": "Cent arbres fruitiers plantés et adoptés dans les ruelles vertes.",
            "summary_en": "A hundred fruit trees planted and adopted in green laneways.",
            "description_fr": "Chaque arbre a sa famille d'adoption, formée à la taille et à la récolte.",
            "primary_objective": self.objectives[1 % len(self.objectives)].pk,
            "links": ["production"],
            "deliverables": [_deliverable("Cent arbres plantés", "automne 2026")],
        }

    def _tour(self) -> dict[str, Any]:
        return {
            "title_fr": "Voyage d'étude chez les maraîchers d'ailleurs",
            "summary_fr": "Douze personnes visitent des fermes urbaines hors du Québec.",
            "description_fr": "Une semaine de visites, un carnet et une soirée de retour.",
            "deliverables": [_deliverable("Carnet de voyage", "2026-11")],
        }


def _deliverable(title: str, due: str) -> dict[str, Any]:
    return {"id": None, "title_fr": title, "title_en": "", "due": due, "state": "to_do"}
