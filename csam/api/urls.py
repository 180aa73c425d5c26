from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import DefaultRouter

from csam.api import views

app_name = "api"
router = DefaultRouter()
router.include_format_suffixes = False
router.register("plans", views.PlanViewSet, "plan")
router.register("projects", views.ProjectViewSet, "project")
router.register("organizations", views.OrganizationViewSet, "organization")
router.register("territories", views.TerritoryViewSet, "territory")
router.register("indicators", views.IndicatorViewSet, "indicator")
router.register("reports", views.ReportViewSet, "report")
router.register("common-targets", views.CommonTargetViewSet, "common-target")
router.register("context", views.ContextIndicatorViewSet, "context")

urlpatterns = [
    path("schema/", login_not_required(SpectacularAPIView.as_view()), name="schema"),
    path("", include(router.urls)),
]
