"""The addresses that search engines should know, each with its other language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.urls import reverse

from indicators.models import Indicator
from partners.models import Organization
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan
from projects.models import Project

#: Addresses on one page of the map, of which a row has one per language. Each is written with its
#: alternates, so a page of thousands takes seconds.
PER_PAGE = 300


class BilingualSitemap(Sitemap):
    i18n = True
    alternates = True
    x_default = True
    limit = PER_PAGE


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
            "indicators:dashboard",
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


class InEachLanguage:
    """The rows in every language, of which a paginator reads those of its page only."""

    def __init__(self, rows: QuerySet[Any], languages: Sequence[str]) -> None:
        self.rows, self.languages = rows, languages

    def count(self) -> int:
        return self.rows.count() * len(self.languages)

    def __getitem__(self, part: slice) -> list[tuple[Any, str]]:
        many = len(self.languages)
        if part.start % many:
            raise ValueError("a page begins with a row")
        return [
            (row, code)
            for row in self.rows[part.start // many : -(-part.stop // many)]
            for code in self.languages
        ]


class RowSitemap(BilingualSitemap):
    """A page for each of many rows, which know when they last changed."""

    def items(self) -> QuerySet[Any]:
        raise NotImplementedError

    def lastmod(self, item: Any) -> dt.datetime:
        changed: dt.datetime = item.updated_at
        return changed

    def get_latest_lastmod(self) -> dt.datetime | None:
        latest: dt.datetime | None = self.items().order_by().aggregate(Max("updated_at"))["updated_at__max"]
        return latest

    @property
    def paginator(self) -> Paginator[Any]:
        return Paginator(
            cast("Any", InEachLanguage(self.items(), [code for code, _name in settings.LANGUAGES])),
            self.limit,
        )


class ProjectSitemap(RowSitemap):
    def items(self) -> QuerySet[Any]:
        return Project.objects.published().only("slug", "updated_at").order_by("pk")


class OrganizationSitemap(RowSitemap):
    def items(self) -> QuerySet[Any]:
        return Organization.objects.public().only("slug", "updated_at").order_by("pk")


class IndicatorSitemap(BilingualSitemap):
    def items(self) -> QuerySet[Any]:
        return Indicator.objects.published().without_search_columns().order_by("pk")

    def lastmod(self, item: Indicator) -> dt.datetime:
        return item.updated_at


SITEMAPS: dict[str, type[Sitemap]] = {
    "portail": PortalSitemap,
    "plans": PlanSitemap,
    "projets": ProjectSitemap,
    "indicateurs": IndicatorSitemap,
    "partenaires": OrganizationSitemap,
}
