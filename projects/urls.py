from django.urls import URLPattern, URLResolver, path

from projects import views

app_name = "projects"
urlpatterns: list[URLPattern | URLResolver] = [
    path("projets/", views.project_list, name="list"),
    path("projets/carte/", views.project_map, name="map"),
    path("projets/<slug:slug>/", views.project_detail, name="detail"),
    path("projets/<slug:slug>/changements/", views.project_changes, name="changes"),
]
