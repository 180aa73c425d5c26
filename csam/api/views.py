"""The read-only API: the published plan, for programs. Both languages stand side by side in each answer."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Prefetch, QuerySet
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import viewsets
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle

from core.filters import FacetedFilterSet
from csam.api.serializers import (
    CommonTargetSerializer,
    ContextIndicatorSerializer,
    IndicatorSerializer,
    OrganizationSerializer,
    PlanSerializer,
    ProjectSerializer,
    ReportSerializer,
    TerritorySerializer,
)
from indicators.models import CommonTarget, ContextIndicator, Indicator, ProgressReport
from partners.filters import OrganizationFilter
from partners.models import Organization, Territory
from plans.models import Objective, Orientation, Plan
from projects.filters import ProjectFilter
from projects.models import Project

Row = TypeVar("Row", bound=Model)

PLAN = OpenApiParameter("plan", str, description="The slug of a plan; the current one when it is left out.")
QUESTION = OpenApiParameter("q", str, description="Words to look for, as in the search of the site.")


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class OpenData(viewsets.ReadOnlyModelViewSet[Row]):
    """Readable by everybody, from any site; an address that asks for what there is not is refused by name."""

    lookup_field = "slug"
    pagination_class = Pages
    throttle_classes = (AnonRateThrottle,)
    #: The parameters of the list, beside those of its pages.
    parameters: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        translation.activate(translation.get_language_from_request(request))
        super().initial(request, *args, **kwargs)
        known = {"page", "page_size", "format", *self.parameters} if not kwargs else {"format"}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            message = _("Ce paramètre n'existe pas. Ceux qui existent : %(known)s.") % {
                "known": ", ".join(sorted(known - {"format"})) or "–"
            }
            raise ValidationError({name[:60]: [message] for name in unknown[:10]})

    def get_object(self) -> Row:
        try:
            return super().get_object()
        except Http404 as missing:
            # Django's own message is English, and names a class of the program.
            raise NotFound(_("Rien n'est publié à cette adresse.")) from missing

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Access-Control-Allow-Origin"] = "*"
        return answer

    def plan(self) -> Plan | None:
        """The plan that the address names, else the current one."""
        asked = self.request.query_params.get("plan", "")
        if not asked:
            return Plan.objects.current()
        found = Plan.objects.public().filter(slug=asked.replace("\x00", "")).first()
        if found is None:
            raise ValidationError({"plan": [_("Ce plan n'existe pas ou n'est pas public.")]})
        return found


def refuse_problems(filters: FacetedFilterSet) -> None:
    """A page of the site leaves out what it cannot mean and says so; a program would not read that."""
    if filters.problems:
        raise ValidationError({"non_field_errors": filters.problems})


class PlanViewSet(OpenData[Plan]):
    """The public plans, each with its orientations, general objectives and cross-cutting issues."""

    serializer_class = PlanSerializer

    def get_queryset(self) -> QuerySet[Plan]:
        objectives = Objective.objects.select_related("orientation__plan").order_by("number")
        orientations = Orientation.objects.select_related("plan").order_by("number")
        return Plan.objects.public().prefetch_related(
            Prefetch("orientations", orientations.prefetch_related(Prefetch("objectives", objectives))),
            "issues__plan",
        )


class TerritoryViewSet(OpenData[Territory]):
    """The 34 boroughs and linked cities of the island."""

    serializer_class = TerritorySerializer
    queryset = Territory.objects.all()


@extend_schema_view(
    list=extend_schema(
        parameters=[
            QUESTION,
            OpenApiParameter("secteur", str, many=True),
            OpenApiParameter("territoire", str, many=True),
            OpenApiParameter("lettre", str, many=True),
        ]
    )
)
class OrganizationViewSet(OpenData[Organization]):
    """The organisations of the public directory. The parameters are those of its page."""

    serializer_class = OrganizationSerializer
    parameters = frozenset({"q", "secteur", "territoire", "lettre"})

    def get_queryset(self) -> QuerySet[Organization]:
        if self.detail:
            return Organization.objects.public().prefetch_related("territories")
        filters = OrganizationFilter(self.request.query_params)
        refuse_problems(filters)
        return filters.qs.prefetch_related("territories")


@extend_schema_view(
    list=extend_schema(
        parameters=[
            PLAN,
            QUESTION,
            *(OpenApiParameter(name, str, many=True) for name in ProjectFilter.base_filters if name != "q"),
            OpenApiParameter(
                "tri", str, description="recent, titre, debut, fin; pertinence with a question."
            ),
        ]
    )
)
class ProjectViewSet(OpenData[Project]):
    """The published projects of a plan. The parameters are those of the list of projects."""

    serializer_class = ProjectSerializer
    parameters = frozenset({"plan", "tri", *ProjectFilter.base_filters})

    def get_queryset(self) -> QuerySet[Project]:
        return (
            self._chosen()
            .with_card()
            .prefetch_related("issues", "food_chain_links", "deliverables")
            .without_search_columns()
        )

    def _chosen(self) -> Any:
        if self.detail:
            return Project.objects.published()
        plan = self.plan()
        if plan is None:
            return Project.objects.none()
        filters = ProjectFilter(self.request.query_params, plan=plan)
        refuse_problems(filters)
        return filters.qs


@extend_schema_view(list=extend_schema(parameters=[PLAN]))
class IndicatorViewSet(OpenData[Indicator]):
    """The indicators of the published projects of a plan: definition in force, accepted values, progress today."""

    serializer_class = IndicatorSerializer
    parameters = frozenset({"plan"})

    def get_queryset(self) -> QuerySet[Indicator]:
        found = Indicator.objects.published().with_progress().without_search_columns()
        if self.detail:
            return found
        return found.filter(project__plan=self.plan()).alphabetical()


@extend_schema_view(list=extend_schema(parameters=[PLAN]))
class CommonTargetViewSet(OpenData[CommonTarget]):
    """The common targets of a plan: each project counted once, with how many have reported."""

    serializer_class = CommonTargetSerializer
    parameters = frozenset({"plan"})

    def get_queryset(self) -> QuerySet[CommonTarget]:
        found = CommonTarget.objects.published().with_progress()
        return found if self.detail else found.filter(plan=self.plan())


@extend_schema_view(list=extend_schema(parameters=[PLAN]))
class ReportViewSet(OpenData[ProgressReport]):
    """The progress reports that the council accepted: what was done, what was learned. The latest first."""

    serializer_class = ReportSerializer
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,9}"
    parameters = frozenset({"plan"})

    def get_queryset(self) -> QuerySet[ProgressReport]:
        found = ProgressReport.objects.published().with_names().order_by("-accepted_at", "-pk")
        return found if self.detail else found.filter(project__plan=self.plan())


class ContextIndicatorViewSet(OpenData[ContextIndicator]):
    """Published statistics around the plan. Sources that disagree stand side by side."""

    serializer_class = ContextIndicatorSerializer

    def get_queryset(self) -> QuerySet[ContextIndicator]:
        return ContextIndicator.objects.with_values()
