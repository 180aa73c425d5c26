"""Projects as staff edit them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.admin import NotDeletedAdmin, SearchableAdmin, StableAddressAdmin
from core.workflow import Refused
from projects import direct_edits
from projects.admin_forms import ArchiveForm, DeliverableForm, PartnerFormSet, ProjectForm
from projects.models import Deliverable, Project, ProjectPartner
from projects.registrations import roles, workflow


class PartnerInline(admin.TabularInline):
    model = ProjectPartner
    formset = PartnerFormSet
    fields = ("organization", "role", "confirmed_on", "position")
    autocomplete_fields = ("organization",)
    extra = 0
    min_num = 1


class DeliverableInline(admin.StackedInline):
    model = Deliverable
    form = DeliverableForm
    fields = (
        ("number", "state"),
        ("title_fr", "title_en"),
        ("due", "delivered_on"),
        ("evidence_url", "evidence_file"),
    )
    extra = 0


class IsArchivedFilter(admin.SimpleListFilter):
    title = _("publication")
    parameter_name = "archive"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("non", _("publié")), ("oui", _("archivé"))]

    def queryset(self, request: HttpRequest, projects: QuerySet[Project]) -> QuerySet[Project]:
        if self.value() in {"oui", "non"}:
            return projects.filter(archived_at__isnull=self.value() == "non")
        return projects


class AttentionFilter(admin.SimpleListFilter):
    """What the desk counts: the same querysets, so that a number and its list agree."""

    title = _("à voir")
    parameter_name = "voir"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("retard", _("fin dépassée, toujours en cours")),
            ("livrables", _("livrables en retard")),
            ("anglais", _("sans texte anglais")),
            ("confirmations", _("partenaires à confirmer")),
        ]

    def queryset(self, request: HttpRequest, projects: Any) -> QuerySet[Project]:
        today = timezone.localdate()
        if self.value() == "retard":
            return projects.overdue(on=today)
        if self.value() == "livrables":
            return projects.with_overdue_deliverables(on=today)
        if self.value() == "anglais":
            return projects.untranslated()
        if self.value() == "confirmations":
            return projects.with_unconfirmed_partners()
        return projects


@admin.register(Project)
class ProjectAdmin(SearchableAdmin, NotDeletedAdmin, StableAddressAdmin):
    form = ProjectForm
    list_display = ("title", "objective", "lead_name", "stage", "starts", "ends", "is_public", "updated_at")
    list_filter = (
        IsArchivedFilter,
        AttentionFilter,
        "plan",
        "stage",
        "objectives__orientation",
        "issues",
        "covers_whole_island",
        "territories",
        "is_demonstration",
    )
    search_fields = ("title_fr", "title_en", "organizations__name")
    date_hierarchy = "updated_at"
    prepopulated_fields = {"slug": ("title_fr",)}
    filter_horizontal = ("territories",)
    autocomplete_fields = ("plan",)
    inlines = (PartnerInline, DeliverableInline)
    change_form_template = "admin/projects/project/change_form.html"
    fieldsets = (
        (None, {"fields": ("plan", "title_fr", "title_en", "slug", "stage", "is_demonstration")}),
        (_("Présentation"), {"fields": ("summary_fr", "summary_en", "description_fr", "description_en")}),
        (_("Place dans le plan"), {"fields": ("primary_objective", "other_objectives", "issues", "links")}),
        (
            _("Où et pour qui"),
            {"fields": ("covers_whole_island", "territories", "populations_fr", "populations_en")},
        ),
        (_("Calendrier"), {"fields": (("starts", "ends"), "published_at")}),
        (
            _("Contact public"),
            {
                "fields": (("contact_name", "contact_email"), "contact_consented_on", "website"),
                "description": _("Publié seulement avec le consentement de la personne, daté."),
            },
        ),
        (_("Image"), {"fields": ("image", ("image_alt_fr", "image_alt_en"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Project]:
        rows: Any = super().get_queryset(request)
        projects: QuerySet[Project] = rows.with_card()
        return projects

    @admin.display(description=_("titre"), ordering="sort_key_fr")
    def title(self, project: Project) -> str:
        return project.title

    @admin.display(description=_("objectif"))
    def objective(self, project: Project) -> str:
        objective = project.primary_objective
        return objective.code if objective else "–"

    @admin.display(description=_("porteur"))
    def lead_name(self, project: Project) -> str:
        return project.lead.name if project.lead else "–"

    @admin.display(description=_("début"), ordering="starts_on")
    def starts(self, project: Project) -> Any:
        return project.starts

    @admin.display(description=_("fin"), ordering="ends_on")
    def ends(self, project: Project) -> Any:
        return project.ends

    @admin.display(description=_("publié"), boolean=True)
    def is_public(self, project: Project) -> bool:
        return project.archived_at is None

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        form.content_before = direct_edits.content_of(obj) if change else None
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.save_ties()
        super().save_related(request, form, formsets, change)
        direct_edits.log_edit(
            project=form.instance, before=form.content_before, by=request.user, at=timezone.now()
        )

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **options: Any) -> Any:
        context |= {
            "may_unpublish": roles.is_administrator(request.user),
            "may_propose": roles.may_write_on_behalf(request.user),
        }
        return super().render_change_form(request, context, *args, **options)

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<int:pk>/archiver/",
                self.admin_site.admin_view(self.archive_view),
                name="projects_project_archive",
            ),
            path(
                "<int:pk>/republier/",
                self.admin_site.admin_view(self.restore_view),
                name="projects_project_restore",
            ),
            *super().get_urls(),
        ]

    def archive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = get_object_or_404(Project, pk=pk)
        if not roles.is_administrator(request.user):
            raise PermissionDenied
        form = ArchiveForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                workflow.unpublish(project=project, by=request.user, at=timezone.now(), **form.cleaned_data)
            except Refused as error:
                messages.warning(request, str(error))
            else:
                self.log_change(request, project, str(_("Projet archivé.")))
                messages.success(request, _("Le projet n'est plus public; son adresse en donne le motif."))
            return redirect("admin:projects_project_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Archiver le projet"),
            "project": project,
            "form": form,
            "opts": self.opts,
        }
        return render(request, "admin/projects/project/archive.html", context)

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = get_object_or_404(Project, pk=pk)
        if request.method != "POST" or not roles.is_administrator(request.user):
            raise PermissionDenied
        workflow.republish(project=project, by=request.user, at=timezone.now())
        self.log_change(request, project, str(_("Projet publié de nouveau.")))
        messages.success(request, _("Le projet est de nouveau public."))
        return redirect(reverse("admin:projects_project_change", args=(pk,)))
