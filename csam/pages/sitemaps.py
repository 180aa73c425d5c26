"""The addresses that search engines should know, each with its other language."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from partners.models import Organization
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan
from projects.models import Project


class BilingualSitemap(Sitemap):
    i18n = True
    alternates = True
    x_default = True
    limit = 5_000


class PortalSitemap(BilingualSitemap):
    """The pages that do not come from a row."""

    def items(self) -> list[str]:
        return [
            "pages:home",
            "plans:current",
            "plans:list",
            "plans:process",
            "projects:list",
            "projects:map",
            "partners:list",
            "documents:list",
            "pages:accessibility",
            "pages:privacy",
            "pages:legal",
        ]

    def location(self, item: str) -> str:
        return reverse(item)


class PlanSitemap(BilingualSitemap):
    """Each public plan with its systemic approach, orientations, objectives and cross-cutting issues."""

    def items(self) -> list[Any]:
        plans = Plan.objects.public()
        return [
            *plans,
            *(Approach(plan) for plan in plans),
            *Orientation.objects.filter(plan__in=plans).select_related("plan"),
            *Objective.objects.filter(orientation__plan__in=plans).select_related("orientation__plan"),
            *CrossCuttingIssue.objects.filter(plan__in=plans).select_related("plan"),
        ]


class Approach:
    """The page of a plan's systemic approach, as an item of a sitemap."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def get_absolute_url(self) -> str:
        return reverse("plans:approach", kwargs={"plan": self.plan.slug})


class ProjectSitemap(BilingualSitemap):
    def items(self) -> QuerySet[Any]:
        return Project.objects.published().without_search_columns().order_by("pk")

    def lastmod(self, item: Project) -> dt.datetime:
        return item.updated_at


class OrganizationSitemap(BilingualSitemap):
    def items(self) -> QuerySet[Any]:
        return Organization.objects.public().without_search_columns().order_by("pk")

    def lastmod(self, item: Organization) -> dt.datetime:
        return item.updated_at


SITEMAPS: dict[str, type[Sitemap]] = {
    "portail": PortalSitemap,
    "plans": PlanSitemap,
    "projets": ProjectSitemap,
    "partenaires": OrganizationSitemap,
}
