from django.urls import URLPattern, URLResolver, path, register_converter

from plans import views
from plans.converters import ObjectiveCodeConverter

register_converter(ObjectiveCodeConverter, "objective_code")

app_name = "plans"
urlpatterns: list[URLPattern | URLResolver] = [
    path("plan/", views.current, name="current"),
    path("plans/", views.plan_list, name="list"),
    path("plans/<slug:plan>/", views.plan, name="plan"),
    path("plans/<slug:plan>/orientations/<int:number>/", views.orientation, name="orientation"),
    path("plans/<slug:plan>/objectifs/<objective_code:code>/", views.objective, name="objective"),
    path("plans/<slug:plan>/enjeux/<int:number>/", views.issue, name="issue"),
    path("plans/<slug:plan>/approche/", views.approach, name="approach"),
    path("demarche/", views.process, name="process"),
]
