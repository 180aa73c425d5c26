"""Editions at the staff's desk: prepare, read again, publish for good, withdraw."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from csam.documents import editions, rendering
from csam.documents.errors import DocumentError
from csam.documents.forms import EditionForm, WithdrawalForm
from csam.documents.models import Edition
from indicators.models import ReportingPeriod


@admin.register(Edition)
class EditionAdmin(admin.ModelAdmin):
    list_display = ("name", "as_of", "state", "published_at")
    list_filter = ("plan", "period")
    list_select_related = ("plan", "period")
    change_form_template = "admin/documents/edition/change_form.html"
    change_list_template = "admin/documents/edition/change_list.html"
    fieldsets = (
        (None, {"fields": ("plan", "period", "number", "as_of", "state")}),
        (_("Publication"), {"fields": ("prepared_by", "prepared_at", "published_by", "published_at")}),
        (_("Retrait"), {"classes": ("collapse",), "fields": ("withdrawn_at", "withdrawal_reason")}),
        (_("Empreintes"), {"classes": ("collapse",), "fields": ("data_hash",)}),
    )
    readonly_fields = (
        "plan", "period", "number", "as_of", "state", "prepared_by", "prepared_at", "published_by", "published_at",
        "withdrawn_at", "withdrawal_reason", "data_hash",
    )  # fmt: skip
    actions = None

    class Media:
        js = ("documents/progress.js",)

    def has_delete_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        """An edition is given up or withdrawn, each with its own page."""
        return False

    def get_urls(self) -> list[URLPattern]:
        def named(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"documents_edition_{name}")

        return [
            named("<int:pk>/publier/", self.publish_view, "publish"),
            named("<int:pk>/abandonner/", self.discard_view, "discard"),
            named("<int:pk>/reprendre/", self.retry_view, "retry"),
            named("<int:pk>/retirer/", self.withdraw_view, "withdraw"),
            *super().get_urls(),
        ]

    @admin.display(description=_("édition"), ordering="number")
    def name(self, edition: Edition) -> str:
        return str(edition)

    @admin.display(description=_("état"))
    def state(self, edition: Edition) -> str:
        if edition.withdrawn_at:
            return str(_("retirée"))
        return str(_("publiée, figée") if edition.is_published else _("en préparation"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Éditions"), **(extra_context or {})})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Prepare an edition: nothing of it is typed in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = EditionForm(request.POST or None, initial=self._asked_for(request))
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            try:
                edition = editions.prepare(
                    plan=values["plan"],
                    period=values["period"],
                    languages=values["languages"],
                    by=request.user,
                    at=timezone.now(),
                )
            except DocumentError as error:
                form.add_error(None, str(error))
            else:
                text = _("L'édition est en préparation : ses documents se construisent ci-dessous.")
                self.message_user(request, text, messages.SUCCESS)
                return redirect("admin:documents_edition_change", edition.pk)
        context = self._context(request, None, _("Préparer une édition"))
        return render(
            request,
            "admin/documents/edition/prepare.html",
            {**context, "form": form, "problem": rendering.unavailable_because()},
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        edition = self.get_object(request, object_id)
        documents = edition.documents.select_related("plan", "period") if edition else ()
        more = {"documents": documents, "has_failed": any(row.state == row.State.FAILED for row in documents)}
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What will be published and frozen; then, confirmed, done."""
        edition = self._found(request, pk)
        if request.method == "POST":
            return self._do(request, edition, _("L'édition est publiée et figée."), self._publish)
        context = self._context(request, edition, _("Publier l'édition"))
        return render(
            request,
            "admin/documents/edition/publish.html",
            {
                **context,
                "documents": edition.documents.select_related("plan", "period"),
                "problems": editions.problems_of(edition),
                "replaced": edition.plan.documents.published(edition.plan).filter(period=edition.period_id),
            },
        )

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._found(request, pk)
        if request.method == "POST":
            try:
                editions.discard(edition=edition)
            except DocumentError as error:
                self.message_user(request, str(error), messages.ERROR)
                return redirect("admin:documents_edition_change", pk)
            self.message_user(request, _("L'édition est abandonnée; rien n'a été publié."), messages.SUCCESS)
            return redirect("admin:documents_edition_changelist")
        context = self._context(request, edition, _("Abandonner l'édition"))
        return render(request, "admin/documents/edition/discard.html", context)

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._found(request, pk)
        if request.method != "POST":
            return redirect("admin:documents_edition_change", pk)
        text = _("Les documents qui ont échoué se refont, avec les mêmes données.")
        return self._do(request, edition, text, lambda _request, row: editions.retry(edition=row))

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = self._found(request, pk)
        form = WithdrawalForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            return self._do(
                request,
                edition,
                _("L'édition est retirée; son adresse en dit le motif."),
                lambda _request, row: editions.withdraw(edition=row, reason=reason, at=timezone.now()),
            )
        context = self._context(request, edition, _("Retirer l'édition"))
        return render(request, "admin/documents/edition/withdraw.html", {**context, "form": form})

    def _publish(self, request: HttpRequest, edition: Edition) -> None:
        editions.publish(edition=edition, by=request.user, at=timezone.now())

    def _do(self, request: HttpRequest, edition: Edition, done: Any, action: Any) -> HttpResponse:
        try:
            action(request, edition)
        except DocumentError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)
        return redirect("admin:documents_edition_change", edition.pk)

    @staticmethod
    def _asked_for(request: HttpRequest) -> dict[str, Any]:
        """The period that a link of its own page names, and its plan."""
        asked = request.GET.get("periode", "")
        period = ReportingPeriod.objects.filter(pk=asked).first() if asked.isdecimal() else None
        return {"plan": period.plan_id, "period": period.pk} if period else {}

    def _context(self, request: HttpRequest, edition: Edition | None, title: Any) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "edition": edition,
        }

    def _found(self, request: HttpRequest, pk: int) -> Edition:
        edition = get_object_or_404(Edition.objects.select_related("plan", "period"), pk=pk)
        if not self.has_change_permission(request, edition):
            raise PermissionDenied
        return edition
