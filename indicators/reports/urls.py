"""The addresses of the people who report."""

from django.urls import URLPattern, URLResolver, path

from indicators.reports import form_views, views

app_name = "reports"
urlpatterns: list[URLPattern | URLResolver] = [
    path("espace/bilans/<int:pk>/", views.report_detail, name="detail"),
    path("espace/bilans/<int:pk>/remplir/", form_views.form, name="form"),
    path("espace/bilans/<int:pk>/verification/", form_views.review, name="review"),
    path("espace/bilans/<int:pk>/versions/<int:number>/", views.version, name="version"),
    path("espace/bilans/<int:pk>/reprendre/", views.move, {"action": "take_back"}, name="take_back"),
    path("espace/bilans/<int:pk>/corriger/", views.move, {"action": "correct"}, name="correct"),
    path(
        "espace/bilans/<int:pk>/abandonner/",
        views.move,
        {"action": "drop_correction"},
        name="drop_correction",
    ),
    path("desabonnement/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("espace/projets/<slug:slug>/bilan/", views.start, name="start"),
]
