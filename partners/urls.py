from django.urls import URLPattern, URLResolver, path

from partners import membership_views as people
from partners import organization_views as organizations
from partners import space, views

app_name = "partners"
urlpatterns: list[URLPattern | URLResolver] = [
    path("partenaires/", views.organization_list, name="list"),
    path("partenaires/<slug:slug>/", views.organization_detail, name="detail"),
    path("espace/", space.space, name="space"),
    path("espace/organisations/", organizations.find, name="find"),
    path("espace/organisations/creer/", organizations.create, name="create"),
    path("espace/organisations/<slug:slug>/rejoindre/", organizations.join, name="join"),
    path("espace/organisations/<slug:slug>/page/", organizations.edit, name="edit"),
    path("espace/organisations/<slug:slug>/membres/", people.members, name="members"),
    path("espace/organisations/<slug:slug>/membres/<int:pk>/role/", people.change_role, name="change_role"),
    path("espace/organisations/<slug:slug>/membres/<int:pk>/retirer/", people.remove, name="remove"),
    path("espace/organisations/<slug:slug>/quitter/", people.leave, name="leave"),
    path(
        "espace/organisations/<slug:slug>/demandes/<int:pk>/accepter/",
        people.accept_request,
        name="accept_request",
    ),
    path(
        "espace/organisations/<slug:slug>/demandes/<int:pk>/refuser/",
        people.refuse_request,
        name="refuse_request",
    ),
    path(
        "espace/organisations/<slug:slug>/invitations/<int:pk>/renvoyer/",
        people.invite_again,
        name="invite_again",
    ),
    path("espace/organisations/<slug:slug>/invitations/<int:pk>/annuler/", people.revoke, name="revoke"),
    path("espace/demandes/<int:pk>/retirer/", people.withdraw_request, name="withdraw_request"),
    path("espace/invitations/<int:pk>/accepter/", people.accept_offered, name="accept_offered"),
    path("espace/invitation/<str:token>/", people.invitation, name="invitation"),
    path("espace/invitation/<str:token>/accepter/", people.accept_invitation, name="accept_invitation"),
]
