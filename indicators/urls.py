from django.urls import URLPattern, URLResolver, path

from indicators import views

app_name = "indicators"
urlpatterns: list[URLPattern | URLResolver] = [
    path("indicateurs/", views.dashboard, name="dashboard"),
    path("indicateurs/<slug:slug>/", views.indicator, name="detail"),
    path("indicateurs/<slug:slug>/donnees.csv", views.indicator_csv, name="csv"),
]
