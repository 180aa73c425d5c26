"""The review desk: registrations as staff examine them. Nothing is written here but by the workflow's moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.decision_admin import DecisionAdmin, TurnFilter
from core.workflow import NotAllowed, Refused
from projects.models import CallExtension, Project, Registration
from projects.registrations import bulk, distinctions, extensions, history, review, roles, workflow
from projects.registrations.differences import differences
from projects.registrations.reading import by_step
from projects.registrations.review_forms import FORMS, StartForm

State = Registration.State


class RegistrationTurnFilter(TurnFilter):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("conseil", _("au Conseil")),
            ("proposees", _("décision à confirmer")),
            ("partenaire", _("à l'organisation")),
            ("retard", _("réponse en retard")),
            ("decidees", _("décidées")),
            ("toutes", _("toutes")),
        ]

    def queryset(self, request: HttpRequest, registrations: Any) -> QuerySet[Registration]:
        chosen = self.chosen()
        if chosen == "conseil":
            return registrations.filter(state=State.SUBMITTED)
        if chosen == "proposees":
            return registrations.with_proposed_decision()
        if chosen == "partenaire":
            return registrations.filter(state__in=Registration.EDITABLE_STATES)
        if chosen == "retard":
            return registrations.with_overdue_answer(on=timezone.localdate())
        if chosen == "decidees":
            return registrations.exclude(state__in=Registration.OPEN_STATES)
        return registrations


class KindFilter(admin.SimpleListFilter):
    title = _("genre")
    parameter_name = "genre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("nouveau", _("nouveau projet")), ("modification", _("modification d'un projet publié"))]

    def queryset(self, request: HttpRequest, registrations: Any) -> QuerySet[Registration]:
        if self.value() in {"nouveau", "modification"}:
            return registrations.filter(is_change=self.value() == "modification")
        return registrations


@admin.register(Registration)
class RegistrationAdmin(DecisionAdmin):
    """The queue, the decision page, and the confirmation of each move."""

    flow = workflow.FLOW
    decision_forms = FORMS
    row_name = "registration"
    decisive = frozenset({"approve", "decline"})

    list_display = ("title", "waiting", "turn", "organization", "kind", "plan", "proposal")
    list_filter = (
        RegistrationTurnFilter,
        KindFilter,
        "plan",
        ("organization", admin.RelatedOnlyFieldListFilter),
        "is_on_behalf",
    )
    search_fields = ("title", "organization__name", "organization__acronym")
    search_help_text = _("Un mot du titre ou de l'organisation, avec ou sans accents.")
    list_select_related = ("organization", "plan", "proposed_by")
    actions = ("approve_chosen",)
    change_list_template = "admin/projects/registration/change_list.html"

    # Who ----------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        return Registration.objects.at_desk_of(request.user).with_submitted_title()

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return roles.is_approver(request.user)

    # The queue ----------------------------------------------------------------------------------------------

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Registration], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=review.matching(queryset, search_term)), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": _("Inscriptions à examiner"),
            "may_start": roles.may_write_on_behalf(request.user),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The title depends on the reader: a text that is being written is its organisation's."""

        @admin.display(description=_("titre"))
        def shown_title(registration: Registration) -> str:
            return review.title_for(registration, by=request.user) or str(_("(jamais soumise)"))

        return [shown_title, *self.list_display[1:]]

    @admin.display(description=SafeString('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, obj: Registration) -> SafeString:
        """Named after the title as submitted: the row's own name is the text as it is being written."""
        name = getattr(obj, "submitted_title", None) or _("(jamais soumise)")
        label = _("Choisir « %(title)s »") % {"title": name}
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
            helpers.ACTION_CHECKBOX_NAME,
            obj.pk,
            label,
        )

    @admin.display(description=_("genre"), ordering="is_change")
    def kind(self, registration: Registration) -> str:
        return str(_("modification") if registration.is_change else _("nouveau projet"))

    @admin.display(description=_("proposition"))
    def proposal(self, registration: Registration) -> str:
        if not registration.proposed_decision:
            return "–"
        what = _("approuver") if registration.proposed_decision == "approve" else _("ne pas retenir")
        return f"{what} ({registration.proposed_by or '–'})"

    @admin.action(description=_("Approuver les inscriptions choisies…"), permissions=["approve"])
    def approve_chosen(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse:
        ids = [str(pk) for pk in registrations.values_list("pk", flat=True)[: bulk.MOST]]
        return redirect(f"{reverse('admin:projects_registration_bulk')}?ids={','.join(ids)}")

    # The addresses ------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [
            self.named("inscrire/", self.start_view, "start"),
            self.named("proposer/<int:project_pk>/", self.propose_change_view, "propose"),
            self.named("approuver/", self.bulk_view, "bulk"),
            self.named("<int:pk>/distinguer/", self.distinguish_view, "distinguish"),
            self.named("<int:pk>/brouillon/", self.draft_view, "draft"),
            *super().get_urls(),
        ]

    def title_of(self, request: HttpRequest, row: Registration) -> Any:
        return review.title_for(row, by=request.user) or _("Inscription jamais soumise")

    def initial(self, request: HttpRequest, row: Registration) -> dict[str, Any]:
        """With the reason that somebody proposed."""
        proposed = row.proposed_reason if row.proposed_decision == "decline" else ""
        return {**super().initial(request, row), "reason": proposed}

    def decision_context(self, request: HttpRequest, row: Registration) -> dict[str, Any]:
        registration = row
        shown = review.Review.of(registration)
        offered = workflow.FLOW.actions(registration, request.user)
        alike = shown.duplicates()
        return {
            "review": shown,
            "shown_title": review.title_for(registration, by=request.user),
            "is_own": bool(shown.version and shown.version.submitted_by_id == request.user.pk),
            "confirms": registration.proposed_decision
            if registration.proposed_decision in offered and registration.proposed_by_id != request.user.pk
            else "",
            "card": review.card_of(registration.organization),
            "duplicates": [item for item in alike if not item.apart],
            "set_apart": [item for item in alike if item.apart],
            "log": review.log_of(registration),
            "may_read_draft": registration.is_private and roles.is_administrator(request.user),
            "may_write": registration.is_editable and roles.writes_for(request.user, registration),
        }

    def may_note(self, request: HttpRequest) -> bool:
        return roles.is_reviewer(request.user)

    def note(self, *, row: Registration, text: str, by: Any, at: dt.datetime) -> None:
        workflow.note(registration=row, text=text, by=by, at=at)

    def lines_of(self, error: Refused) -> Iterable[str]:
        return history.why_not(error)

    def next(self, request: HttpRequest, row: Registration) -> HttpResponse:
        """Its page, or the queue where it is not this person's to see any more."""
        if self.get_queryset(request).filter(pk=row.pk).exists():
            return super().next(request, row)
        return redirect(self.address("changelist"))

    def distinguish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What resembles it is another project, or may be the same after all."""
        registration = self.found(request, pk)
        if request.method != "POST" or not roles.is_reviewer(request.user):
            raise PermissionDenied
        alike = {item.key: item for item in review.Review.of(registration).duplicates()}
        item = alike.get(request.POST.get("other", ""))
        if item is None:
            messages.warning(request, _("Ce projet ne ressemble plus à cette inscription."))
        elif item.apart is not None:
            distinctions.bring_back(
                registration=registration,
                distinction=item.apart,
                title=item.title,
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("La ressemblance est de nouveau signalée."))
        else:
            other = (Registration if item.is_registration else Project).objects.get(pk=item.pk)
            distinctions.set_apart(
                registration=registration, other=other, title=item.title, by=request.user, at=timezone.now()
            )
            messages.success(request, _("C'est noté : ce sont deux projets distincts."))
        return redirect(f"{reverse('admin:projects_registration_change', args=(pk,))}#alike")

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The text as it is being written: for administrators, and the log says that they read it."""
        registration = self.found(request, pk)
        if not registration.is_private:
            return redirect("admin:projects_registration_change", pk)
        try:
            workflow.read_draft(registration=registration, by=request.user, at=timezone.now())
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        return self.page(
            request, "read", registration, frozen=None, before=None, steps=by_step(registration.content)
        )

    def version_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        registration = self.found(request, pk)
        versions = registration.versions.select_related("submitted_by")
        version = get_object_or_404(versions, number=number)
        before = versions.filter(number__lt=number).order_by("-number").first()
        since = [review.shortened(d) for d in differences(before.content, version.content)] if before else []
        return self.page(
            request,
            "read",
            registration,
            frozen=version,
            before=before,
            since=since,
            steps=by_step(version.content),
        )

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """A registration on behalf of an organisation: it is written in the partners' own form."""
        if not roles.may_write_on_behalf(request.user):
            raise PermissionDenied
        form = StartForm(request.POST or None, label_suffix="")
        if request.method == "POST" and form.is_valid():
            try:
                row = workflow.start(by=request.user, at=timezone.now(), **form.cleaned_data)
            except Refused as error:
                form.add_error(None, str(error))
            else:
                return redirect(row)
        return self.page(
            request, "start", None, form=form, title=_("Inscrire un projet pour une organisation")
        )

    def propose_change_view(self, request: HttpRequest, project_pk: int) -> HttpResponse:
        """A change to a published project, on behalf of the organisation that leads it."""
        project = get_object_or_404(Project, pk=project_pk)
        if request.method != "POST" or not roles.may_write_on_behalf(request.user) or project.lead is None:
            raise PermissionDenied
        try:
            row = workflow.propose_change(
                project=project, organization=project.lead, by=request.user, at=timezone.now()
            )
        except workflow.AlreadyOpen as error:
            messages.warning(request, str(error))
            seen = Registration.objects.visible_to(request.user).filter(pk=error.row.pk).exists()
            where = "admin:projects_registration_change" if seen else "admin:projects_project_change"
            return redirect(where, error.row.pk if seen else project.pk)
        except Refused as error:
            messages.error(request, str(error))
            return redirect("admin:projects_project_change", project.pk)
        return redirect(row)

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """Several approvals, each by the same function as one: what will happen, then what happened."""
        if not roles.is_approver(request.user):
            raise PermissionDenied
        if request.method == "POST":
            chosen = bulk.numbers_in(request.POST.getlist("version"))
            results = bulk.approve(
                registrations=self._visible(request, list(chosen)),
                numbers=chosen,
                by=request.user,
                at=timezone.now(),
            )
            return self.page(
                request, "bulk", None, results=results, is_done=True, title=_("Résultat, ligne par ligne")
            )
        ids = [int(word) for word in request.GET.get("ids", "").split(",") if word.isdecimal()][: bulk.MOST]
        results = bulk.rehearse(registrations=self._visible(request, ids), by=request.user, at=timezone.now())
        return self.page(
            request, "bulk", None, results=results, is_done=False, title=_("Approuver plusieurs inscriptions")
        )

    # Parts of the views -------------------------------------------------------------------------------------

    def _visible(self, request: HttpRequest, ids: list[int]) -> list[Registration]:
        rows = self.get_queryset(request).filter(pk__in=ids).select_related("organization", "plan", "project")
        return list(rows.order_by("submitted_at", "pk"))

    def found(self, request: HttpRequest, pk: int) -> Registration:
        rows = self.get_queryset(request).select_related("organization", "plan", "project", "proposed_by")
        found: Registration = get_object_or_404(rows, pk=pk)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        self._keep_being_read(request, found)
        return found

    def _keep_being_read(self, request: HttpRequest, registration: Registration) -> None:
        """What only administrators reach here, such as a text that was taken back, is logged when they read it."""
        reaches = registration.state in Registration.SEEN_BY_STAFF or roles.is_member(
            request.user, registration.organization_id
        )
        if reaches or roles.writes_for(request.user, registration):
            return
        if roles.is_administrator(request.user) and registration.versions.exists():
            workflow.read_draft(registration=registration, by=request.user, at=timezone.now())


@admin.register(CallExtension)
class CallExtensionAdmin(admin.ModelAdmin):
    """More time for one organisation, whose leads are told."""

    list_display = ("organization", "plan", "until_at", "reason", "granted_by")
    list_filter = ("plan",)
    list_select_related = ("organization", "plan", "granted_by")
    search_fields = ("organization__name", "organization__acronym")
    autocomplete_fields = ("plan", "organization")
    readonly_fields = ("granted_by", "granted_at")
    fieldsets = (
        (None, {"fields": ("plan", "organization", "until_at", "reason")}),
        (_("Accordée"), {"fields": ("granted_by", "granted_at")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return roles.is_administrator(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_administrator(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_administrator(request.user)

    def save_model(self, request: HttpRequest, obj: CallExtension, form: Any, change: bool) -> None:
        told = extensions.grant(extension=obj, by=request.user, at=timezone.now())
        text = ngettext("%(n)s responsable est averti.", "%(n)s responsables sont avertis.", told)
        messages.info(request, text % {"n": told})
