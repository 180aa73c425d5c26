from django.contrib.auth.decorators import login_not_required
from django.urls import path

from csam.pages import views
from csam.pages.feeds import LatestProjects
from csam.pages.home import home

app_name = "pages"
urlpatterns = [
    path("", home, name="home"),
    path("recherche/", views.search_page, name="search"),
    path("accessibilite/", views.accessibility, name="accessibility"),
    path("confidentialite/", views.privacy, name="privacy"),
    path("mentions-legales/", views.legal, name="legal"),
    path("projets.atom", login_not_required(LatestProjects()), name="feed"),
]
