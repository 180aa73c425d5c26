"""People and territories, as staff edit them; organisations are in organization_admin.py."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import NotDeletedAdmin, ReadOnlyInline
from partners import organization_admin  # noqa: F401 - registers organisations and what belongs to them
from partners.models import Membership, Territory, User


class OfUserInline(ReadOnlyInline):
    model = Membership
    fields = ("organization", "role", "joined_at")


@admin.register(Territory)
class TerritoryAdmin(NotDeletedAdmin):
    list_display = ("name", "kind", "abbreviation", "code", "organization_count", "project_count")
    list_filter = ("kind",)
    search_fields = ("name", "code", "abbreviation")
    fields = ("name", "slug", "kind", "abbreviation", "code", ("latitude", "longitude"))
    readonly_fields = ("slug", "code")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Territory]:
        rows: QuerySet[Territory] = super().get_queryset(request)
        return rows.annotate(
            organization_total=Count("organizations", distinct=True),
            project_total=Count("projects", distinct=True),
        )

    @admin.display(description=_("organisations"), ordering="organization_total")
    def organization_count(self, territory: Any) -> int:
        return territory.organization_total

    @admin.display(description=_("projets"), ordering="project_total")
    def project_count(self, territory: Any) -> int:
        return territory.project_total

    def has_add_permission(self, request: HttpRequest) -> bool:
        # The agglomeration has the territories that the law gives it: they come with the portal.
        return False


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "language")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class UserChangeForm(forms.ModelForm):
    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets name what is shown

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class UserAdmin(DjangoUserAdmin, NotDeletedAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    ordering = ("email",)
    list_display = ("email", "name", "organization_names", "language", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "language", "groups")
    search_fields = ("email", "name", "memberships__organization__name")
    readonly_fields = ("last_login", "joined_at")
    inlines = (OfUserInline,)
    fieldsets = (
        (None, {"fields": ("email", "name", "language", "password")}),
        (_("Droits"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "joined_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "name", "language", "usable_password", "password1", "password2"),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.prefetch_related("memberships__organization")

    @admin.display(description=_("organisations"))
    def organization_names(self, user: User) -> str:
        return ", ".join(membership.organization.name for membership in user.memberships.all())

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return super().get_inline_instances(request, obj) if obj else []
