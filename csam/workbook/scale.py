"""Many flagged projects and organisations, to measure the portal with: varied, and the same each time."""

from __future__ import annotations

import datetime as dt
import random

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.partial_dates import Precision
from csam.workbook.applying import Progress
from csam.workbook.loading import PLAN
from csam.workbook.problems import RefusedError
from indicators import demonstration_reports
from indicators.models import ReportingPeriod
from partners.models import Organization, Territory
from plans.models import CrossCuttingIssue, Objective, Plan
from projects.models import (
    Deliverable,
    FoodChainLink,
    Project,
    ProjectFoodChainLink,
    ProjectObjective,
    ProjectPartner,
)

PREFIX = "mesure"
BATCH = 1_000

_THINGS = [
    "marché",
    "serre",
    "potager",
    "cuisine",
    "verger",
    "atelier",
    "épicerie",
    "compost",
    "glanage",
    "livraison",
    "cantine",
    "rucher",
    "pépinière",
    "conserverie",
    "carte",
    "trousse",
]
_KINDS = [
    "collective",
    "mobile",
    "partagée",
    "d'hiver",
    "de quartier",
    "solidaire",
    "scolaire",
    "saisonnière",
    "sur le toit",
    "de ruelle",
    "à vélo",
    "itinérante",
]
_AIMS = [
    "rapprocher les fermes et les cuisines",
    "réduire le gaspillage",
    "nourrir les familles",
    "former des cuisinières et des cuisiniers",
    "mettre en valeur les surplus",
    "donner accès à des légumes frais",
    "faire connaître les métiers",
    "mesurer les progrès",
]
_EN_THINGS = [
    "market",
    "greenhouse",
    "garden",
    "kitchen",
    "orchard",
    "workshop",
    "grocery",
    "compost",
    "gleaning",
    "delivery",
    "canteen",
    "apiary",
    "nursery",
    "cannery",
    "map",
    "kit",
]


@transaction.atomic
def load_scale(*, projects: int, progress: Progress | None = None) -> tuple[int, int]:
    """Makes ``projects`` flagged projects and a fifth as many organisations in the plan 2020-2022. One project in four
    tells what it learned, in the last reporting period of the demonstration.

    Takes away those of an earlier call first. Returns how many there are of each.
    """
    plan = Plan.objects.filter(slug=PLAN).first()
    objectives = list(
        Objective.objects.filter(orientation__plan=plan).order_by("orientation__number", "number")
    )
    territories = list(Territory.objects.all())
    if plan is None or not objectives or not territories:
        raise RefusedError(
            [_("Chargez d'abord le plan et la démonstration : load_plan, puis load_demonstration.")]
        )
    earlier = Project.objects.filter(slug__startswith=f"{PREFIX}-", is_demonstration=True)
    demonstration_reports.remove_reports(earlier)
    earlier.delete()
    Organization.objects.filter(
        slug__startswith=f"{PREFIX}-", is_demonstration=True, project_parts=None
    ).delete()
    dice = random.Random(20201001)  # noqa: S311 - the same rows each time, not a secret
    organizations = _organizations(dice, max(1, projects // 5), territories)
    issues = list(CrossCuttingIssue.objects.filter(plan=plan))
    period = ReportingPeriod.objects.filter(plan=plan, is_demonstration=True).first()
    for start in range(0, projects, BATCH):
        made = _projects(
            dice,
            plan,
            range(start, min(start + BATCH, projects)),
            organizations,
            objectives,
            territories,
            issues,
        )
        if period:
            demonstration_reports.accept_lessons(
                period=period, lessons={row: _lesson(dice) for row in made[::4]}
            )
        if progress:
            progress(min(start + BATCH, projects), projects)
    return projects, len(organizations)


def _organizations(dice: random.Random, count: int, territories: list[Territory]) -> list[Organization]:
    sectors = Organization.Sector.values
    rows = [
        Organization(
            name=f"{dice.choice(_THINGS).capitalize()} {dice.choice(_KINDS)} (fictif {number + 1})",
            slug=f"{PREFIX}-organisation-{number + 1}",
            sector=dice.choices(sectors, weights=range(len(sectors), 0, -1))[0],
            description_fr=f"Organisation inventée pour {dice.choice(_AIMS)}.",
            stage=Organization.Stage.VERIFIED,
            is_demonstration=True,
        )
        for number in range(count)
    ]
    Organization.objects.bulk_create(rows, batch_size=BATCH)
    through = Organization.territories.through
    through._default_manager.bulk_create(
        [through(organization_id=row.pk, territory_id=dice.choice(territories).pk) for row in rows],
        batch_size=BATCH,
    )
    Organization.objects.filter(pk__in=[row.pk for row in rows]).reindex()
    return rows


def _projects(
    dice: random.Random,
    plan: Plan,
    numbers: range,
    organizations: list[Organization],
    objectives: list[Objective],
    territories: list[Territory],
    issues: list[CrossCuttingIssue],
) -> list[Project]:
    rows = [_project(dice, plan, number) for number in numbers]
    Project.objects.bulk_create(rows)
    ties, partners, links, deliverables, places, concerns = [], [], [], [], [], []
    place, concern = Project.territories.through, Project.issues.through
    for row in rows:
        for rank, objective in enumerate(
            dice.sample(objectives, min(len(objectives), dice.choice((1, 1, 1, 2, 3))))
        ):
            ties.append(ProjectObjective(project=row, objective=objective, is_primary=rank == 0))
        for rank, organization in enumerate(
            dice.sample(organizations, min(len(organizations), dice.randint(1, 4)))
        ):
            role = ProjectPartner.Role.LEAD if rank == 0 else dice.choice(ProjectPartner.Role.values[1:])
            partners.append(
                ProjectPartner(project=row, organization=organization, role=role, position=rank + 1)
            )
        links += [
            ProjectFoodChainLink(project=row, link=link)
            for link in dice.sample(FoodChainLink.values, dice.randint(1, 3))
        ]
        if not row.covers_whole_island:
            found = dice.sample(territories, min(len(territories), dice.randint(1, 3)))
            places += [place(project_id=row.pk, territory_id=territory.pk) for territory in found]
        concerns += [
            concern(project_id=row.pk, crosscuttingissue_id=issue.pk)
            for issue in issues
            if dice.random() < 0.3
        ]
        deliverables += [
            Deliverable(
                project=row,
                number=n + 1,
                title_fr=f"{dice.choice(_THINGS).capitalize()} {n + 1}",
                due_on=row.ends_on,
            )
            for n in range(dice.randint(0, 4))
        ]
    ProjectObjective.objects.bulk_create(ties)
    ProjectPartner.objects.bulk_create(partners)
    ProjectFoodChainLink.objects.bulk_create(links)
    Deliverable.objects.bulk_create(deliverables)
    place._default_manager.bulk_create(places)
    concern._default_manager.bulk_create(concerns)
    Project.objects.filter(pk__in=[row.pk for row in rows]).reindex()
    return rows


def _lesson(dice: random.Random) -> str:
    return (
        f"Pour {dice.choice(_AIMS)}, un {dice.choice(_THINGS)} ne suffit pas : il faut {dice.choice(_AIMS)}."
    )


def _project(dice: random.Random, plan: Plan, number: int) -> Project:
    thing = dice.randrange(len(_THINGS))
    starts = dt.date(2020, 1, 1) + dt.timedelta(days=dice.randrange(900))
    has_dates = dice.random() < 0.85
    published = timezone.make_aware(dt.datetime(2020, 10, 1) + dt.timedelta(hours=dice.randrange(20_000)))  # noqa: DTZ001
    aim = dice.choice(_AIMS)
    return Project(
        plan=plan,
        slug=f"{PREFIX}-projet-{number + 1}",
        title_fr=f"{_THINGS[thing].capitalize()} {dice.choice(_KINDS)} pour {aim} ({number + 1})",
        title_en=f"{_EN_THINGS[thing].capitalize()} {number + 1}" if dice.random() < 0.9 else "",
        summary_fr=f"Un projet inventé pour {aim}.",
        description_fr="\n\n".join(
            f"Étape {n + 1} : {dice.choice(_AIMS)}, {dice.choice(_KINDS)}."
            for n in range(dice.randint(2, 12))
        ),
        covers_whole_island=dice.random() < 0.2,
        stage=dice.choice(Project.Stage.values),
        starts_on=starts if has_dates else None,
        starts_precision=Precision.DAY,
        ends_on=starts + dt.timedelta(days=dice.randrange(60, 900)) if has_dates else None,
        ends_precision=Precision.DAY,
        is_demonstration=True,
        published_at=published,
        updated_at=published,
    )
