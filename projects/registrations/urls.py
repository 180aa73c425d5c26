"""The addresses of the people who register projects."""

from django.urls import URLPattern, URLResolver, path

from projects.registrations import form_views, views

app_name = "registrations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("espace/inscriptions/commencer/", views.start, name="start"),
    path("espace/inscriptions/questions/", views.questions, name="questions"),
    path("espace/inscriptions/<int:pk>/", views.registration_detail, name="detail"),
    path("espace/inscriptions/<int:pk>/apercu/", views.preview, name="preview"),
    path("espace/inscriptions/<int:pk>/versions/<int:number>/", views.version, name="version"),
    path("espace/inscriptions/<int:pk>/reprendre/", views.move, {"action": "take_back"}, name="take_back"),
    path("espace/inscriptions/<int:pk>/retirer/", views.move, {"action": "withdraw"}, name="withdraw"),
    path("espace/inscriptions/<int:pk>/rouvrir/", views.move, {"action": "reopen"}, name="reopen"),
    path("espace/inscriptions/<int:pk>/verification/", form_views.review, name="review"),
    path("espace/inscriptions/<int:pk>/<slug:key>/", form_views.step, name="step"),
    path("espace/projets/<slug:slug>/modifier/", views.propose_change, name="propose_change"),
    path("espace/participations/<int:pk>/", views.part_answer, name="part"),
]
