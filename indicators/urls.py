from django.urls import URLPattern, URLResolver, path

from indicators import learning_views, views

app_name = "indicators"
urlpatterns: list[URLPattern | URLResolver] = [
    path("indicateurs/", views.dashboard, name="dashboard"),
    path("apprentissages/", learning_views.learnings, name="learnings"),
    path("apprentissages/<int:report>/", learning_views.learning, name="learning"),
    path("indicateurs/<slug:slug>/", views.indicator, name="detail"),
    path("indicateurs/<slug:slug>/donnees.csv", views.indicator_csv, name="csv"),
]
