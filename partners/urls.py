from django.urls import URLPattern, URLResolver, path

from partners import space, views

app_name = "partners"
urlpatterns: list[URLPattern | URLResolver] = [
    path("partenaires/", views.organization_list, name="list"),
    path("partenaires/<slug:slug>/", views.organization_detail, name="detail"),
    path("espace/", space.space, name="space"),
]
