from django.urls import URLPattern, URLResolver, path

from csam.workbook.period_book import views

app_name = "period_book"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="index"),
    path("periode/<int:period>/<slug:slug>/", views.download, name="download"),
    path("bilan/<int:pk>/", views.download_one, name="download_one"),
    path("<str:token>/", views.preview, name="preview"),
    path("<str:token>/confirmer/", views.confirm, name="confirm"),
    path("<str:token>/abandonner/", views.abandon, name="abandon"),
]
