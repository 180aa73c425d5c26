"""The portal's mail, shown on the machine that runs it."""

from django.urls import path

from csam import mail_views as views

app_name = "mail"
urlpatterns = [
    path("", views.mail_list, name="list"),
    path("evenements/<slug:name>/<slug:language>/", views.event_detail, name="event"),
    path("evenements/<slug:name>/<slug:language>/page/", views.event_page, name="event_page"),
    path("<str:key>/", views.mail_detail, name="detail"),
    path("<str:key>/page/", views.mail_page, name="page"),
]
