"""Organisations as staff look after them: their form, and the pages that verify, answer and merge."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin import NotDeletedAdmin, ReadOnlyInline, SearchableAdmin, StableAddressAdmin
from partners import changes, distinctions, duplicates, lifecycle, membership, merging
from partners.admin_forms import MembersFormSet, OrganizationForm, RefusalForm
from partners.models import (
    JoinRequest,
    Membership,
    Organization,
    OrganizationActivity,
    OrganizationAlias,
    OrganizationChange,
    OrganizationDistinction,
    User,
)


class MembershipInline(admin.TabularInline):
    model = Membership
    formset = MembersFormSet
    fields = ("user", "role")
    autocomplete_fields = ("user",)
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return type("FormSet", (super().get_formset(request, obj, **kwargs),), {"by": request.user})


class ActivityInline(ReadOnlyInline):
    model = OrganizationActivity
    fields = ("at", "actor", "kind", "person", "detail")


class AliasInline(admin.TabularInline):
    model = OrganizationAlias
    fields = ("name", "acronym", "slug")
    extra = 0


@admin.register(Organization)
class OrganizationAdmin(SearchableAdmin, NotDeletedAdmin, StableAddressAdmin):
    form = OrganizationForm
    change_form_template = "admin/partners/organization/change_form.html"
    change_list_template = "admin/partners/organization/change_list.html"
    list_display = ("name", "acronym", "sector", "stage", "member_count", "project_count", "is_demonstration")
    list_filter = ("stage", "sector", "is_demonstration", "territories")
    search_fields = ("name", "acronym")
    prepopulated_fields = {"slug": ("name",)}
    filter_horizontal = ("territories",)
    inlines = (MembershipInline, AliasInline, ActivityInline)
    actions = ("verify", "archive")
    fieldsets = (
        (None, {"fields": (("name", "acronym"), "slug", ("sector", "stage"), "is_demonstration")}),
        (_("Présentation"), {"fields": ("description_fr", "description_en", "website")}),
        (_("Logo"), {"fields": ("logo", ("logo_alt_fr", "logo_alt_en"))}),
        (_("Où elle agit"), {"fields": ("covers_whole_island", "territories")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        rows: QuerySet[Organization] = super().get_queryset(request)
        return rows.annotate(
            member_total=Count("memberships", distinct=True), project_total=Count("projects", distinct=True)
        )

    @admin.display(description=_("membres"), ordering="member_total")
    def member_count(self, organization: Any) -> int:
        return organization.member_total

    @admin.display(description=_("projets"), ordering="project_total")
    def project_count(self, organization: Any) -> int:
        return organization.project_total

    @admin.action(description=_("Vérifier les organisations choisies"), permissions=["change"])
    def verify(self, request: HttpRequest, organizations: QuerySet[Organization]) -> None:
        me, now = cast(User, request.user), timezone.now()
        count = sum(lifecycle.verify(organization=row, by=me, at=now) for row in organizations)
        text = ngettext("%(count)d organisation vérifiée.", "%(count)d organisations vérifiées.", count)
        messages.success(request, text % {"count": count})

    @admin.action(description=_("Archiver les organisations choisies"), permissions=["change"])
    def archive(self, request: HttpRequest, organizations: QuerySet[Organization]) -> None:
        me, now = cast(User, request.user), timezone.now()
        count = sum(lifecycle.archive(organization=row, by=me, at=now) for row in organizations)
        text = ngettext("%(count)d organisation archivée.", "%(count)d organisations archivées.", count)
        messages.success(request, text % {"count": count})

    def has_public_address(self, row: Any) -> bool:
        return bool(row.stage != Organization.Stage.PENDING)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The stage of one that exists is moved by the buttons, which tell its leads."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "stage") if obj else fields

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        organization = self.get_object(request, object_id)
        if organization is not None and organization.stage != Organization.Stage.ARCHIVED:
            named = duplicates.Named(
                organization.name, organization.acronym, organization.website, organization.pk
            )
            extra_context = {
                **(extra_context or {}),
                "likely": duplicates.like(named),
                "apart": OrganizationDistinction.objects.in_force().of(organization).exists(),
                "waiting_change": organization.changes.waiting().first(),
            }
        return super().change_view(request, object_id, form_url, extra_context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # The names of its organisations are part of what finds a project.
        form.instance.projects.reindex()

    def get_urls(self) -> list[URLPattern]:
        def view(route: str, act: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(act), name=f"partners_organization_{name}")

        return [
            view("doublons/", self.doubles_view, "doubles"),
            view("doublons/retablir/<int:pk>/", self.bring_back_view, "bring_back"),
            view("<int:pk>/distinguer/<int:other>/", self.set_apart_view, "set_apart"),
            view("<int:pk>/verifier/", self.verify_view, "verify"),
            view("<int:pk>/archiver/", self.archive_view, "archive"),
            view("<int:pk>/fusionner/<int:other>/", self.merge_view, "merge"),
            *super().get_urls(),
        ]

    def verify_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(request, pk, lifecycle.verify, _("L'organisation est vérifiée."))

    def archive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(request, pk, lifecycle.archive, _("L'organisation est archivée."))

    def _move(self, request: HttpRequest, pk: int, move: Any, done: str | Promise) -> HttpResponse:
        organization = self._organization(request, pk)
        if request.method != "POST":
            raise PermissionDenied
        if move(organization=organization, by=cast(User, request.user), at=timezone.now()):
            self.log_change(request, organization, str(done))
            messages.success(request, str(done))
        else:
            messages.warning(request, _("Rien à faire : c'était déjà fait."))
        return redirect("admin:partners_organization_change", pk)

    def doubles_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        rows = OrganizationDistinction.objects.in_force().select_related("first", "second", "by")
        context = {"pairs": duplicates.pairs(), "apart": rows}
        return self._page(request, "doubles", _("Doublons possibles"), context)

    def set_apart_view(self, request: HttpRequest, pk: int, other: int) -> HttpResponse:
        """Two that look alike and are two."""
        first, second = self._organization(request, pk), self._organization(request, other)
        if request.method != "POST":
            raise PermissionDenied
        try:
            distinctions.set_apart(first=first, second=second, by=cast(User, request.user), at=timezone.now())
        except distinctions.DistinctionRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("C'est noté : ce sont deux organisations distinctes."))
        return redirect("admin:partners_organization_doubles")

    def bring_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        distinction = get_object_or_404(OrganizationDistinction, pk=pk)
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        distinctions.bring_back(distinction=distinction, by=cast(User, request.user), at=timezone.now())
        messages.success(request, _("La ressemblance est de nouveau signalée."))
        return redirect("admin:partners_organization_doubles")

    def merge_view(self, request: HttpRequest, pk: int, other: int) -> HttpResponse:
        """``pk`` stays, ``other`` goes; the page says everything that comes along."""
        kept, absorbed = self._organization(request, pk), self._organization(request, other)
        if request.method == "POST":
            try:
                merging.merge(kept=kept, absorbed=absorbed, by=cast(User, request.user), at=timezone.now())
            except merging.MergeRefused as refused:
                messages.error(request, str(refused))
            else:
                self.log_change(request, kept, _("Fusionnée avec « %(name)s ».") % {"name": absorbed.name})
                messages.success(
                    request,
                    _("« %(absorbed)s » est maintenant un ancien nom de « %(kept)s ».")
                    % {"absorbed": absorbed, "kept": kept},
                )
                return redirect("admin:partners_organization_change", pk)
        context = {"kept": kept, "absorbed": absorbed, "moving": merging.what_moves(absorbed)}
        return self._page(request, "merge", _("Fusionner deux organisations"), context)

    def _organization(self, request: HttpRequest, pk: int) -> Organization:
        organization = get_object_or_404(Organization, pk=pk)
        if not self.has_change_permission(request, organization):
            raise PermissionDenied
        return organization

    def _page(
        self, request: HttpRequest, name: str, title: str | Promise, context: dict[str, Any]
    ) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context}
        return render(request, f"admin/partners/organization/{name}.html", whole)


@admin.register(OrganizationChange)
class OrganizationChangeAdmin(NotDeletedAdmin):
    """What leads propose for the page of their organisation; each row opens the page that answers it."""

    list_display = ("answer_link", "proposed_by", "proposed_at", "state", "decided_by", "decided_at")
    list_display_links = None
    list_filter = ("state",)
    list_select_related = ("organization", "proposed_by", "decided_by")
    search_fields = ("organization__name", "organization__acronym")

    @admin.display(description=_("organisation"), ordering="organization__sort_key_fr")
    def answer_link(self, change: OrganizationChange) -> str:
        address = reverse("admin:partners_organizationchange_answer", args=(change.pk,))
        return format_html('<a href="{}">{}</a>', address, change.organization)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        answer = self.admin_site.admin_view(self.answer_view)
        return [
            path("<int:pk>/repondre/", answer, name="partners_organizationchange_answer"),
            *super().get_urls(),
        ]

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        change = get_object_or_404(
            OrganizationChange.objects.select_related("organization", "proposed_by", "decided_by"), pk=pk
        )
        if not request.user.has_perm("partners.change_organization"):
            raise PermissionDenied
        form = RefusalForm(request.POST if "refuser" in request.POST else None)
        if request.method == "POST" and ("accepter" in request.POST or form.is_valid()):
            return self._answer(request, change, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Modification proposée"),
            "opts": self.opts,
            "change": change,
            "differences": changes.differences(change),
            "form": form,
            "is_waiting": change.state == OrganizationChange.State.WAITING,
        }
        return render(request, "admin/partners/organizationchange/answer.html", context)

    def _answer(self, request: HttpRequest, change: OrganizationChange, form: RefusalForm) -> HttpResponse:
        me, now = cast(User, request.user), timezone.now()
        try:
            if "accepter" in request.POST:
                changes.accept(change=change, by=me, at=now)
                messages.success(request, _("La page publique est à jour."))
            else:
                changes.refuse(change=change, reason=form.cleaned_data["reason"], by=me, at=now)
                messages.success(request, _("La modification est refusée, et la personne avertie."))
        except changes.ChangeRefused as refused:
            messages.warning(request, str(refused))
        return redirect("admin:partners_organizationchange_changelist")


class WithoutLeadFilter(admin.SimpleListFilter):
    title = _("responsable")
    parameter_name = "sans_responsable"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("oui", _("organisation sans responsable"))]

    def queryset(self, request: HttpRequest, asked: Any) -> QuerySet[JoinRequest]:
        return asked.without_lead() if self.value() == "oui" else asked


@admin.register(JoinRequest)
class JoinRequestAdmin(NotDeletedAdmin):
    """For organisations without a lead, and to help the others."""

    list_display = ("user", "organization", "message", "asked_at", "state", "decided_by")
    list_filter = ("state", WithoutLeadFilter)
    list_select_related = ("user", "organization", "decided_by")
    search_fields = ("user__email", "user__name", "organization__name")
    actions = ("accept_as_lead", "accept_as_editor", "refuse")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.opts.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("Accepter comme responsable"), permissions=["change"])
    def accept_as_lead(self, request: HttpRequest, asked: QuerySet[JoinRequest]) -> None:
        self._answer(request, asked, membership.accept_request, role=Membership.Role.LEAD)

    @admin.action(description=_("Accepter à la rédaction"), permissions=["change"])
    def accept_as_editor(self, request: HttpRequest, asked: QuerySet[JoinRequest]) -> None:
        self._answer(request, asked, membership.accept_request, role=Membership.Role.EDITOR)

    @admin.action(description=_("Refuser"), permissions=["change"])
    def refuse(self, request: HttpRequest, asked: QuerySet[JoinRequest]) -> None:
        self._answer(request, asked, membership.refuse_request)

    def _answer(self, request: HttpRequest, asked: QuerySet[JoinRequest], act: Any, **options: Any) -> None:
        for one in asked.select_related("organization", "user"):
            try:
                act(request=one, by=cast(User, request.user), at=timezone.now(), **options)
            except membership.MembershipRefused as refused:
                messages.warning(request, f"{one} : {refused}")
            else:
                messages.success(request, _("%(asked)s : répondu.") % {"asked": one})
