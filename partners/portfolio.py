"""What organisations lead and join. Projects are reached through the reverse relation: their app is
above this one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from partners.models import Organization

LEAD = "lead"


@dataclass(frozen=True)
class PartCount:
    """In how many published projects an organisation takes part, and how many of these it leads."""

    all: int = 0
    led: int = 0

    @property
    def joined(self) -> int:
        return self.all - self.led


class Part(NamedTuple):
    """A project that an organisation takes part in, and its roles there, in words."""

    project: Any
    roles: list[str]


def published_projects() -> QuerySet[Any]:
    model: Any = Organization._meta.get_field("projects").related_model
    projects: QuerySet[Any] = model.objects.published()
    return projects


def part_counts(organizations: Collection[int]) -> dict[int, PartCount]:
    """By primary key of the organisation, for those that take part in any project."""
    rows = (
        published_projects()
        .filter(project_partners__organization__in=organizations)
        .order_by()
        .values_list("project_partners__organization", "project_partners__role", "pk")
    )
    every: dict[int, set[int]] = {}
    led: dict[int, int] = {}
    for organization, role, project in rows:
        every.setdefault(organization, set()).add(project)
        led[organization] = led.get(organization, 0) + (role == LEAD)
    return {key: PartCount(len(projects), led[key]) for key, projects in every.items()}


def led_by(organization: Organization) -> QuerySet[Any]:
    led = organization.project_parts.filter(role=LEAD).values("project")
    return published_projects().filter(pk__in=led).order_by("-updated_at", "-pk")


def joined_by(organization: Organization) -> QuerySet[Any]:
    """Those that it takes part in without leading them."""
    joined = organization.project_parts.exclude(role=LEAD).values("project")
    led = organization.project_parts.filter(role=LEAD).values("project")
    return published_projects().filter(pk__in=joined).exclude(pk__in=led).order_by("-updated_at", "-pk")


def with_roles(organization: Organization, projects: QuerySet[Any], limit: int) -> list[Part]:
    rows = list(projects.with_card().without_search_columns()[:limit])  # type: ignore[attr-defined]
    return [
        Part(
            project,
            [
                part.get_role_display()
                for part in project.project_partners.all()
                if part.organization_id == organization.pk
            ],
        )
        for project in rows
    ]


def works_with(organization: Organization, limit: int) -> list[tuple[Organization, int]]:
    """The organisations of the directory that share published projects with it: those that share the
    most first.
    """
    shared = published_projects().filter(project_partners__organization=organization).order_by().values("pk")
    others = (
        Organization.objects.public()
        .exclude(pk=organization.pk)
        .filter(project_parts__project__in=shared)
        .annotate(shared=Count("project_parts__project", distinct=True))
        .order_by("-shared", "sort_key_fr", "pk")
    )
    return [(other, other.shared) for other in others.without_search_columns()[:limit]]
