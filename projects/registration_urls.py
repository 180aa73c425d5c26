"""The addresses of the people who register projects."""

from django.urls import URLPattern, URLResolver, path

from projects import registration_views as views

app_name = "registrations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("espace/inscriptions/<int:pk>/", views.registration_detail, name="detail"),
    path("espace/participations/<int:pk>/", views.part_answer, name="part"),
]
