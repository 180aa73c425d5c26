from django.urls import path

from csam.workbook import views

app_name = "workbook"
urlpatterns = [
    path("", views.index, name="index"),
    path("exporter/", views.export, name="export"),
    path("modele/", views.template, name="template"),
    path("apercu/<str:token>/", views.preview, name="preview"),
    path("apercu/<str:token>/confirmer/", views.confirm, name="confirm"),
    path("apercu/<str:token>/abandonner/", views.abandon, name="abandon"),
    path("apercu/<str:token>/rapport.csv", views.full_report, name="report"),
    path("apercu/<str:token>/resultat/", views.result, name="result"),
]
