from django.urls import path

from csam.api import pages

app_name = "data"
urlpatterns = [
    path("", pages.open_data, name="page"),
    path("<slug:plan>/projets.csv", pages.projects_csv, name="projects"),
    path("<slug:plan>/organisations.csv", pages.organizations_csv, name="organizations"),
    path("<slug:plan>/mesures.csv", pages.measurements_csv, name="measurements"),
]
