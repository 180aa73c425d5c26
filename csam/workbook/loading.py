"""The data that comes with the portal: the territories, the real plan and the demonstration set."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet, RestrictedError
from django.utils.translation import gettext as _

from csam.demonstration_call import remove_call, remove_plan
from csam.workbook.applying import Progress, import_workbook
from csam.workbook.plan_changes import PlanChanges
from csam.workbook.problems import RefusedError
from csam.workbook.raw import RawBook
from csam.workbook.reading import read_path, template_workbook
from indicators import demonstration
from indicators.context import load_context
from indicators.models import Indicator
from partners.models import Membership, Organization
from plans.models import Objective, Plan
from projects.models import Project

PLAN = "2020-2022"


def data_folder(app: str) -> Path:
    return Path(apps.get_app_config(app).path) / "data"


def load_plan(*, progress: Progress | None = None) -> PlanChanges:
    """Territories, the plan 2020-2022 and the statistics of its context; a second time changes only what differs."""
    territories = read_path(data_folder("partners") / "territories.csv").sheets
    plan = read_path(data_folder("plans") / PLAN).sheets
    changes = import_workbook(template_workbook(RawBook([*territories, *plan])), progress=progress)
    load_context()
    return changes


@transaction.atomic
def load_demonstration(*, progress: Progress | None = None) -> PlanChanges:
    """The demonstration set, into the plan 2020-2022, each entry flagged."""
    workbook = template_workbook(read_path(data_folder("plans") / "demonstration"))
    changes = import_workbook(workbook, plan_slug=PLAN, as_demonstration=True, progress=progress)
    demonstration.load(plan=Plan.objects.get(slug=PLAN))
    return changes


@transaction.atomic
def remove_demonstration() -> dict[str, int]:
    """Takes out the flagged indicators, projects, objectives and organisations; returns how many of each.

    Raises :class:`RefusedError`, with nothing removed, where an entry that is not flagged rests on a flagged one.
    """
    removed: dict[str, int] = {}
    problems: list[str] = []
    remove_call()
    Membership.objects.filter(organization__is_demonstration=True, user__is_demonstration=True).delete()
    for model in (Indicator, Project, Objective, Organization):
        rows: QuerySet[Any] = model._default_manager.filter(is_demonstration=True)
        removed[str(model._meta.verbose_name_plural)] = rows.count()
        try:
            with transaction.atomic():
                demonstration.remove() if model is Indicator else rows.delete()
        except ProtectedError as error:
            problems += _obstacles(error.protected_objects)
        except RestrictedError as error:
            problems += _obstacles(error.restricted_objects)
    if problems:
        raise RefusedError(problems)
    remove_plan()
    return removed


def _obstacles(found: Iterable[Model]) -> list[str]:
    return sorted({_obstacle(obj) for obj in found})


def _obstacle(obj: Model) -> str:
    owner: Model = getattr(obj, "project", None) or getattr(obj, "user", None) or obj
    return _(
        "« %(owner)s » (%(kind)s) dépend d'une donnée de démonstration par « %(obj)s ». Retirez d'abord ce "
        "lien."
    ) % {
        "owner": owner,
        "kind": owner._meta.verbose_name,
        "obj": obj,
    }
