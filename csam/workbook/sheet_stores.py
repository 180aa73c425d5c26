"""How each sheet's rows lie in the database where that is more than columns of one table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django.db import models
from django.utils import timezone
from django.utils.text import slugify

from core.folding import sort_key
from core.searchable import Searchable
from csam.workbook.keys import WHOLE_ISLAND, Keys
from csam.workbook.stores import Key, Store, Stored, Tick, Written, has_field
from csam.workbook.template import Record, Sheet
from csam.workbook.values import Choices, References
from plans.models import Plan
from projects.models import Project, ProjectFoodChainLink, ProjectObjective, ProjectPartner


class TerritoryStore(Store):
    def register(self, key: Key, record: Record, pk: int | None = None) -> None:
        names = (record["name"], record["abbreviation"] or "")
        self.keys.add(
            "territories",
            slugify(record["name"]),
            pk=pk,
            label=record["name"],
            names=(record["code"], *names),
        )

    def fill_derived(self, obj: models.Model, row: Written) -> list[str]:
        territory = cast("Any", obj)
        territory.slug, territory.sort_key = slugify(territory.name), sort_key(territory.name)[:80]
        return ["slug", "sort_key"]


class PlanStore(Store):
    def load(self) -> dict[Key, Stored]:
        # A plan may name any other as its predecessor: all keys are known before the first is read.
        for pk, slug in self.rows().values_list("pk", "slug"):
            self.keys.add("plan", slug, pk=pk)
        return super().load()


class ObjectiveStore(Store):
    def rows(self) -> models.QuerySet[Any]:
        return self.sheet.model._default_manager.filter(orientation__plan=self.plan).select_related(
            "orientation"
        )

    def write_field(self, obj: models.Model, name: str, value: Any) -> list[str]:
        if name != "code":
            return super().write_field(obj, name, value)
        orientation, number = value.split(".")
        objective = cast("Any", obj)
        objective.orientation_id, objective.number = self.keys.pk("orientations", orientation), int(number)
        return ["orientation", "number"]


class TerritorialStore(Store):
    """Rows with a list of territories, or the whole island."""

    lists: ClassVar[tuple[str, ...]] = ("territories",)

    def read_lists(self) -> dict[str, dict[int, Any]]:
        whole: dict[int, tuple[str, ...]] = dict.fromkeys(
            self.rows().filter(covers_whole_island=True).values_list("pk", flat=True), (WHOLE_ISLAND,)
        )
        return {
            "territories": self._collect(self._through("territories"), "territory_id", "territories", whole)
        }

    def _through(self, name: str) -> models.QuerySet[Any]:
        through: Any = getattr(self.sheet.model, name).through
        source = self.sheet.model._meta.model_name
        rows = through._default_manager.annotate(row_id=models.F(f"{source}_id"))
        return cast(
            "models.QuerySet[Any]",
            rows.filter(**{f"{source}__plan": self.plan}) if has_field(self.sheet.model, "plan") else rows,
        )

    def _collect(
        self,
        ties: models.QuerySet[Any],
        column: str,
        target: str,
        start: dict[int, tuple[str, ...]] | None = None,
    ) -> dict[int, Any]:
        found: dict[int, list[str]] = defaultdict(
            list, {pk: list(keys) for pk, keys in (start or {}).items()}
        )
        for row_id, other in ties.values_list("row_id", column):
            found[row_id].append(self.keys.key(target, other))
        return {pk: tuple(sorted(keys)) for pk, keys in found.items()}

    def fill_derived(self, obj: models.Model, row: Written) -> list[str]:
        touched = []
        if "territories" in row.fields:
            cast("Any", obj).covers_whole_island = WHOLE_ISLAND in row.record["territories"]
            touched.append("covers_whole_island")
        return touched

    def write_lists(self, rows: list[Written]) -> None:
        self._replace(rows, "territories", "territory_id")

    def _replace(self, rows: list[Written], name: str, column: str) -> None:
        """Writes a plain many-to-many list anew for the rows in which it changed."""
        changed = [row for row in rows if name in row.fields]
        if not changed:
            return
        through: Any = getattr(self.sheet.model, name).through
        source = f"{self.sheet.model._meta.model_name}_id"
        kind = cast("References", self.sheet.column(name).kind)
        through._default_manager.filter(**{f"{source}__in": [row.instance.pk for row in changed]}).delete()
        through._default_manager.bulk_create(
            through(**{source: row.instance.pk, column: self.keys.pk(kind.target, key)})
            for row in changed
            for key in row.record[name]
            if key != WHOLE_ISLAND
        )


class OrganizationStore(TerritorialStore):
    def register(self, key: Key, record: Record, pk: int | None = None) -> None:
        self.keys.add("organizations", key[0], pk=pk, names=(record.get("name") or "",))

    def fill_derived(self, obj: models.Model, row: Written) -> list[str]:
        cast("Any", obj).updated_at = timezone.now()
        return [*super().fill_derived(obj, row), "updated_at"]


class ProjectStore(TerritorialStore):
    lists = ("territories", "issues", "links", "primary_objective", "other_objectives")

    def read_lists(self) -> dict[str, dict[int, Any]]:
        mine = {"project__plan": self.plan}
        ties = ProjectObjective.objects.filter(**mine).annotate(row_id=models.F("project_id"))
        primary = self._collect(ties.filter(is_primary=True), "objective_id", "objectives")
        links: dict[int, list[str]] = defaultdict(list)
        for pk, link in ProjectFoodChainLink.objects.filter(**mine).values_list("project_id", "link"):
            links[pk].append(link)
        kind = cast("Choices", self.sheet.column("links").kind)
        return super().read_lists() | {
            "issues": self._collect(self._through("issues"), "crosscuttingissue_id", "issues"),
            "links": {pk: kind.parse(";".join(found)) for pk, found in links.items()},
            "primary_objective": {pk: codes[0] for pk, codes in primary.items()},
            "other_objectives": self._collect(ties.filter(is_primary=False), "objective_id", "objectives"),
        }

    def fill_new(self, row: Written) -> None:
        super().fill_new(row)
        if "published_at" in row.fields and row.record["published_at"]:
            project = cast("Project", row.instance)
            self.sheet.column("published_at").kind.write(project, "published_at", row.record["published_at"])
            project.updated_at = min(project.published_at, timezone.now())

    def fill_derived(self, obj: models.Model, row: Written) -> list[str]:
        touched = super().fill_derived(obj, row)
        if obj.pk is None:
            return touched
        cast("Project", obj).updated_at = timezone.now()
        return [*touched, "updated_at"]

    def write_lists(self, rows: list[Written]) -> None:
        super().write_lists(rows)
        self._replace(rows, "issues", "crosscuttingissue_id")
        self._replace_ties(rows)
        self._replace_links(rows)

    def _replace_ties(self, rows: list[Written]) -> None:
        changed = {
            r.instance.pk: r.record for r in rows if {"primary_objective", "other_objectives"} & set(r.fields)
        }
        if not changed:
            return
        ProjectObjective.objects.filter(project__in=changed).delete()
        ProjectObjective.objects.bulk_create(
            ProjectObjective(
                project_id=pk, objective_id=self.keys.pk("objectives", code), is_primary=is_primary
            )
            for pk, record in changed.items()
            for code, is_primary in _objectives(record)
        )

    def _replace_links(self, rows: list[Written]) -> None:
        changed = {r.instance.pk: r.record["links"] for r in rows if "links" in r.fields}
        if not changed:
            return
        ProjectFoodChainLink.objects.filter(project__in=changed).delete()
        ProjectFoodChainLink.objects.bulk_create(
            ProjectFoodChainLink(project_id=pk, link=link) for pk, links in changed.items() for link in links
        )


class PartnerStore(Store):
    def rows(self) -> models.QuerySet[Any]:
        return ProjectPartner.objects.filter(project__plan=self.plan).order_by(
            "project__sort_key_fr", "project", "position", "pk"
        )

    def key_of(self, record: Record) -> Key:
        # A project has one lead: to name another organisation as lead is to change it.
        is_lead = record["role"] == ProjectPartner.Role.LEAD
        return (record["project"], "" if is_lead else record["organization"], record["role"])

    def label_of(self, record: Record) -> str:
        return " · ".join((record["project"], record["organization"], self.display("role", record["role"])))

    def register(self, key: Key, record: Record, pk: int | None = None) -> None:
        """Nothing refers to a partner."""

    def fill_derived(self, obj: models.Model, row: Written) -> list[str]:
        """A file that says an organisation confirmed takes back that it declined."""
        part = cast("Any", obj)
        if part.confirmed_on:
            part.declined_on = None
        return ["declined_on"]

    def default(self, name: str) -> Any:
        return None if name == "position" else super().default(name)

    def create(self, rows: list[Written], tick: Tick) -> None:
        last: dict[str, int] = defaultdict(int)
        for stored in self._current.values():
            last[stored.record["project"]] = max(last[stored.record["project"]], stored.record["position"])
        for row in rows:
            project = row.record["project"]
            if row.record["position"] is None:
                row.record["position"] = last[project] + 1
            last[project] = max(last[project], row.record["position"])
        super().create(rows, tick)


class DeliverableStore(Store):
    def rows(self) -> models.QuerySet[Any]:
        return self.sheet.model._default_manager.filter(project__plan=self.plan).order_by(
            "project__sort_key_fr", "project", "number"
        )

    def register(self, key: Key, record: Record, pk: int | None = None) -> None:
        """Nothing refers to a deliverable."""


class LeafStore(Store):
    def register(self, key: Key, record: Record, pk: int | None = None) -> None:
        """Nothing refers to these rows."""


STORES: dict[str, type[Store]] = {
    "territories": TerritoryStore,
    "plan": PlanStore,
    "figures": LeafStore,
    "milestones": LeafStore,
    "objectives": ObjectiveStore,
    "organizations": OrganizationStore,
    "projects": ProjectStore,
    "partners": PartnerStore,
    "deliverables": DeliverableStore,
}


def store_for(sheet: Sheet, *, keys: Keys, plan: Plan | None) -> Store:
    return STORES.get(sheet.name, Store)(sheet, keys, plan)


def is_searchable(sheet: Sheet) -> bool:
    return issubclass(sheet.model, Searchable)


def _objectives(record: Record) -> Iterable[tuple[str, bool]]:
    if record["primary_objective"]:
        yield record["primary_objective"], True
    for code in record["other_objectives"]:
        yield code, False
