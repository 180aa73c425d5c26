"""What the API tells of each thing: what its public page tells, and no more."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from csam.api.fields import TEXT_IN_BOTH, Bilingual, Figure, PageAddress, PartialDateField
from indicators.models import (
    CommonTarget,
    ContextIndicator,
    ContextValue,
    Indicator,
    InterimTarget,
    Measurement,
    ProgressReport,
)
from indicators.reports.content import complete
from indicators.vocabulary import Status
from partners.models import Organization, Territory
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan
from projects.models import Deliverable, Project, ProjectPartner

# The plan ---------------------------------------------------------------------------------------------------


class ObjectiveSerializer(serializers.ModelSerializer[Objective]):
    title, description, page = Bilingual(), Bilingual(), PageAddress()
    code = serializers.CharField(read_only=True)

    class Meta:
        model = Objective
        fields = ("code", "title", "description", "is_demonstration", "page")


class OrientationSerializer(serializers.ModelSerializer[Orientation]):
    title, problem, page = Bilingual(), Bilingual(), PageAddress()
    objectives = ObjectiveSerializer(many=True, read_only=True)

    class Meta:
        model = Orientation
        fields = ("number", "title", "problem", "page", "objectives")


class IssueSerializer(serializers.ModelSerializer[CrossCuttingIssue]):
    title, description, page = Bilingual(), Bilingual(), PageAddress()

    class Meta:
        model = CrossCuttingIssue
        fields = ("number", "title", "description", "page")


class PlanSerializer(serializers.ModelSerializer[Plan]):
    title, vision, page = Bilingual(), Bilingual(), PageAddress()
    orientations = OrientationSerializer(many=True, read_only=True)
    issues = IssueSerializer(many=True, read_only=True)

    class Meta:
        model = Plan
        fields = (
            "slug",
            "title",
            "vision",
            "first_year",
            "last_year",
            "stage",
            "is_current",
            "is_demonstration",
            "page",
            "orientations",
            "issues",
        )


# Who and where ----------------------------------------------------------------------------------------------


class TerritorySerializer(serializers.ModelSerializer[Territory]):
    latitude, longitude = Figure(), Figure()

    class Meta:
        model = Territory
        fields = ("slug", "code", "name", "kind", "latitude", "longitude")


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    description, page = Bilingual(), PageAddress()
    territories = serializers.SlugRelatedField[Any](slug_field="slug", many=True, read_only=True)

    class Meta:
        model = Organization
        fields = (
            "slug",
            "name",
            "acronym",
            "sector",
            "description",
            "website",
            "territories",
            "covers_whole_island",
            "is_demonstration",
            "page",
        )


# Projects ---------------------------------------------------------------------------------------------------


class PartnerSerializer(serializers.ModelSerializer[ProjectPartner]):
    organization = serializers.CharField(source="organization.slug", read_only=True)
    name = serializers.CharField(source="organization.name", read_only=True)
    is_confirmed = serializers.SerializerMethodField()

    class Meta:
        model = ProjectPartner
        fields = ("organization", "name", "role", "is_confirmed")

    def get_is_confirmed(self, part: ProjectPartner) -> bool:
        return part.confirmed_on is not None


class DeliverableSerializer(serializers.ModelSerializer[Deliverable]):
    title = Bilingual()
    due = PartialDateField()
    is_overdue = serializers.SerializerMethodField()

    class Meta:
        model = Deliverable
        fields = ("number", "title", "state", "due", "delivered_on", "evidence_url", "is_overdue")

    def get_is_overdue(self, deliverable: Deliverable) -> bool:
        return deliverable.is_overdue(on=timezone.localdate())


class ProjectSerializer(serializers.ModelSerializer[Project]):
    title, summary, description, populations = Bilingual(), Bilingual(), Bilingual(), Bilingual()
    plan = serializers.CharField(source="plan.slug", read_only=True)
    objectives = serializers.SerializerMethodField(help_text="Codes; the primary one first.")
    issues = serializers.SlugRelatedField[Any](slug_field="number", many=True, read_only=True)
    territories = serializers.SlugRelatedField[Any](slug_field="slug", many=True, read_only=True)
    food_chain_links = serializers.SlugRelatedField[Any](slug_field="link", many=True, read_only=True)
    starts, ends = PartialDateField(), PartialDateField()
    partners = PartnerSerializer(source="project_partners", many=True, read_only=True)
    deliverables = DeliverableSerializer(many=True, read_only=True)
    contact = serializers.SerializerMethodField(help_text="Only where its person consented.")
    page = PageAddress()

    class Meta:
        model = Project
        fields = (
            "slug",
            "plan",
            "title",
            "summary",
            "description",
            "populations",
            "objectives",
            "issues",
            "food_chain_links",
            "territories",
            "covers_whole_island",
            "stage",
            "starts",
            "ends",
            "partners",
            "deliverables",
            "contact",
            "website",
            "is_demonstration",
            "published_at",
            "updated_at",
            "page",
        )

    def get_objectives(self, project: Project) -> list[str]:
        return [tie.objective.code for tie in project.objective_ties.all()]

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "properties": {"name": {"type": "string"}, "email": {"type": "string"}},
        }
    )
    def get_contact(self, project: Project) -> dict[str, str] | None:
        if not project.has_public_contact:
            return None
        return {"name": project.contact_name, "email": project.contact_email}


# Follow-up --------------------------------------------------------------------------------------------------


class ProgressSerializer(serializers.Serializer[Any]):
    """What ``indicators.progress`` found, the numbers that pages and documents print."""

    status = serializers.ChoiceField(choices=Status.choices, read_only=True)
    value = Figure()
    percent, expected, ratio = Figure(places=4), Figure(places=4), Figure(places=4)
    value_on = serializers.DateField(read_only=True, allow_null=True)
    kept = serializers.IntegerField(read_only=True, allow_null=True)
    readings = serializers.IntegerField(source="reported", read_only=True)
    is_stale = serializers.BooleanField(read_only=True)


class InterimTargetSerializer(serializers.ModelSerializer[InterimTarget]):
    value = Figure()

    class Meta:
        model = InterimTarget
        fields = ("due_on", "value")


class MeasurementSerializer(serializers.ModelSerializer[Measurement]):
    figure, numerator, denominator = Figure(), Figure(), Figure()
    assessment, note = Bilingual(), Bilingual()
    definition = serializers.IntegerField(source="definition.number", read_only=True)

    class Meta:
        model = Measurement
        fields = (
            "starts_on",
            "measured_on",
            "figure",
            "numerator",
            "denominator",
            "absence",
            "assessment",
            "quality",
            "source",
            "note",
            "definition",
            "version",
        )


class IndicatorSerializer(serializers.ModelSerializer[Indicator]):
    title, meaning, unit = (
        Bilingual(source="definition.title"),
        Bilingual(source="definition.meaning"),
        Bilingual(source="definition.unit"),
    )
    project = serializers.CharField(source="project.slug", read_only=True)
    plan = serializers.CharField(source="project.plan.slug", read_only=True)
    definition = serializers.IntegerField(source="definition.number", read_only=True)
    kind = serializers.CharField(source="definition.kind", read_only=True)
    direction = serializers.CharField(source="definition.direction", read_only=True)
    baseline, target = Figure(source="definition.baseline"), Figure(source="definition.target")
    baseline_status = serializers.CharField(source="definition.baseline_status", read_only=True)
    baseline_on = serializers.DateField(source="definition.baseline_on", read_only=True, allow_null=True)
    target_on = serializers.DateField(source="definition.target_on", read_only=True, allow_null=True)
    interim_targets = InterimTargetSerializer(source="definition.interim_targets", many=True, read_only=True)
    progress = serializers.SerializerMethodField()
    measurements = MeasurementSerializer(many=True, read_only=True)
    page = PageAddress()

    class Meta:
        model = Indicator
        fields = (
            "slug",
            "plan",
            "project",
            "title",
            "meaning",
            "unit",
            "definition",
            "kind",
            "direction",
            "baseline_status",
            "baseline",
            "baseline_on",
            "target",
            "target_on",
            "interim_targets",
            "progress",
            "measurements",
            "is_demonstration",
            "page",
        )

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, indicator: Indicator) -> dict[str, Any]:
        return ProgressSerializer(indicator.progress(on=timezone.localdate())).data


class ReportSerializer(serializers.ModelSerializer[ProgressReport]):
    """The version that was accepted last. What a partner wrote for the council alone is not in it."""

    plan = serializers.CharField(source="project.plan.slug", read_only=True)
    project = serializers.CharField(source="project.slug", read_only=True)
    period = serializers.SerializerMethodField(help_text="is_own: handed in between the periods.")
    narrative, learned = serializers.SerializerMethodField(), serializers.SerializerMethodField()
    indicators = serializers.SerializerMethodField(
        help_text="Slugs of those it gives a value of, or a reason."
    )
    is_demonstration = serializers.BooleanField(source="project.is_demonstration", read_only=True)
    page = serializers.SerializerMethodField()

    class Meta:
        model = ProgressReport
        fields = (
            "id",
            "plan",
            "project",
            "period",
            "narrative",
            "learned",
            "indicators",
            "accepted_at",
            "is_demonstration",
            "page",
        )

    @extend_schema_field(
        {
            "type": "object",
            "properties": {
                "title": TEXT_IN_BOTH,
                "starts_on": {"type": "string", "format": "date"},
                "ends_on": {"type": "string", "format": "date"},
                "is_own": {"type": "boolean"},
            },
        }
    )
    def get_period(self, report: ProgressReport) -> dict[str, Any]:
        period = report.period
        title = {"fr": report.own_title, "en": None} if period is None else Bilingual.of(period, "title")
        return {
            "title": title,
            "starts_on": report.starts_on.isoformat(),
            "ends_on": report.ends_on.isoformat(),
            "is_own": period is None,
        }

    @extend_schema_field(TEXT_IN_BOTH)
    def get_narrative(self, report: ProgressReport) -> dict[str, str | None]:
        return self._text(report, "narrative")

    @extend_schema_field(TEXT_IN_BOTH)
    def get_learned(self, report: ProgressReport) -> dict[str, str | None]:
        return self._text(report, "learned")

    def get_indicators(self, report: ProgressReport) -> list[str]:
        return [row["key"] for row in self._content(report)["values"]]

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_page(self, report: ProgressReport) -> str:
        address = f"{report.project.get_absolute_url()}#bilan-{report.pk}"
        return str(self.context["request"].build_absolute_uri(address))

    def _text(self, report: ProgressReport, name: str) -> dict[str, str | None]:
        content = self._content(report)
        return {"fr": content[f"{name}_fr"], "en": content[f"{name}_en"] or None}

    @staticmethod
    def _content(report: ProgressReport) -> dict[str, Any]:
        assert report.accepted_version is not None  # noqa: S101 (only published reports are told)
        return complete(report.accepted_version.content)


class CommonTargetSerializer(serializers.ModelSerializer[CommonTarget]):
    title, meaning, unit = Bilingual(), Bilingual(), Bilingual()
    target_source = Bilingual(source="source")
    plan = serializers.CharField(source="plan.slug", read_only=True)
    objective = serializers.CharField(
        source="objective.code", read_only=True, default=None, allow_null=True, help_text="Null: of the plan."
    )
    baseline, target = Figure(), Figure()
    progress, coverage, contributions = (
        serializers.SerializerMethodField(),
        serializers.SerializerMethodField(),
        serializers.SerializerMethodField(),
    )
    page = PageAddress()

    class Meta:
        model = CommonTarget
        fields = (
            "slug",
            "plan",
            "objective",
            "title",
            "meaning",
            "unit",
            "adding",
            "direction",
            "baseline",
            "baseline_on",
            "target",
            "target_on",
            "target_source",
            "progress",
            "coverage",
            "contributions",
            "is_demonstration",
            "page",
        )

    def to_representation(self, instance: CommonTarget) -> dict[str, Any]:
        self._pooled = instance.pooled(on=timezone.localdate())
        return super().to_representation(instance)

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, _target: CommonTarget) -> dict[str, Any]:
        return ProgressSerializer(self._pooled.progress).data

    @extend_schema_field(
        {
            "type": "object",
            "properties": {"reported": {"type": "integer"}, "expected": {"type": "integer"}},
        }
    )
    def get_coverage(self, _target: CommonTarget) -> dict[str, int]:
        return {"reported": self._pooled.reported, "expected": self._pooled.expected}

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "indicator": {"type": "string"},
                    "share": {"type": "string", "format": "decimal", "nullable": True},
                },
            },
        }
    )
    def get_contributions(self, target: CommonTarget) -> list[dict[str, str | None]]:
        shares = dict(self._pooled.shares)
        return [
            {"indicator": c.indicator.slug, "share": _exact(shares.get(c.project_id))}
            for c in target.contributions.all()
        ]


def _exact(value: Any) -> str | None:
    return None if value is None else Figure().to_representation(value)


class ContextValueSerializer(serializers.ModelSerializer[ContextValue]):
    territory, note, value = Bilingual(), Bilingual(), Figure()

    class Meta:
        model = ContextValue
        fields = (
            "code",
            "territory",
            "first_year",
            "last_year",
            "value",
            "is_approximate",
            "source",
            "source_url",
            "nature",
            "note",
        )


class ContextIndicatorSerializer(serializers.ModelSerializer[ContextIndicator]):
    title, meaning, unit = Bilingual(), Bilingual(), Bilingual()
    values = ContextValueSerializer(many=True, read_only=True)

    class Meta:
        model = ContextIndicator
        fields = ("slug", "title", "meaning", "unit", "values")
