"""Documents at the staff's desk: ask, watch, download, publish."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.templatetags.words import file_size
from csam.documents import edition_admin, publishing, rendering, requesting
from csam.documents.errors import DocumentError
from csam.documents.forms import RequestForm
from csam.documents.models import Document
from csam.documents.views import pdf_response

__all__ = ["DocumentAdmin", "edition_admin"]


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    list_display = (
        "name",
        "language",
        "progress",
        "data_as_of",
        "pages",
        "readable_size",
        "is_published",
        "requested_at",
    )
    list_display_links = ("name",)
    list_filter = ("plan", "kind", "language", "state", "is_draft", "edition")
    list_select_related = ("plan", "requested_by", "edition", "period")
    date_hierarchy = "requested_at"
    actions = ("publish_chosen", "unpublish_chosen")
    change_form_template = "admin/documents/document/change_form.html"
    change_list_template = "admin/documents/document/change_list.html"
    fieldsets = (
        (None, {"fields": ("progress", "error_message")}),
        (
            _("Document"),
            {
                "fields": (
                    "plan",
                    "kind",
                    "period",
                    "language",
                    "data_as_of",
                    "pages",
                    "readable_size",
                    "published_at",
                )
            },
        ),
        (_("Préparation"), {"fields": ("requested_by", "requested_at", "finished_at", "attempts")}),
        (_("Empreintes"), {"classes": ("collapse",), "fields": ("checksum", "data_hash")}),
    )
    readonly_fields = (
        "progress", "error_message", "plan", "kind", "period", "language", "data_as_of", "pages", "readable_size",
        "published_at",
        "requested_by", "requested_at", "finished_at", "attempts", "checksum", "data_hash",
    )  # fmt: skip

    class Media:
        js = ("documents/progress.js",)

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        """Only a failed build leaves nothing behind: files of ready ones may be shared by several rows."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or obj.state == Document.State.FAILED)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_urls(self) -> list[URLPattern]:
        def named(address: str, view: Any, name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"documents_document_{name}")

        return [
            named("<int:pk>/pdf/", self.download_view, "download"),
            named("<int:pk>/publier/", self.publish_view, "publish"),
            named("<int:pk>/retirer/", self.unpublish_view, "unpublish"),
            named("<int:pk>/refaire/", self.again_view, "again"),
            *super().get_urls(),
        ]

    # What the lists show

    @admin.display(description=_("document"), ordering="kind")
    def name(self, document: Document) -> str:
        of_edition = f", {document.edition.label}" if document.edition else ""
        of_period = f" – {document.period}" if document.period else ""
        return f"{document.plan} – {document.get_kind_display()}{of_period}{of_edition}"

    @admin.display(description=_("état"), ordering="state")
    def progress(self, document: Document) -> SafeString:
        return SafeString(render_to_string("admin/documents/document/_progress.html", {"document": document}))

    @admin.display(description=_("ce qui n'a pas marché"))
    def error_message(self, document: Document) -> str:
        return document.error or "–"

    @admin.display(description=_("taille"), ordering="size")
    def readable_size(self, document: Document) -> str:
        return file_size(document.size)

    @admin.display(description=_("publié"), boolean=True, ordering="published_at")
    def is_published(self, document: Document) -> bool:
        return document.published_at is not None

    # What staff do

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for documents: no row is typed in, each is made by its request."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = RequestForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._request_all(request, form.cleaned_data)
            return redirect("admin:documents_document_changelist")
        context = {
            **self.admin_site.each_context(request),
            **(extra_context or {}),
            "opts": self.opts,
            "title": _("Demander des documents"),
            "form": form,
            "problem": rendering.unavailable_because(),
        }
        return render(request, "admin/documents/document/request.html", context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "title": _("Documents"),
            "problem": rendering.unavailable_because(),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        document = self._found(request, pk, "view")
        if document.state != Document.State.READY:
            raise Http404(_("Ce document n'est pas prêt."))
        return pdf_response(request, document, cache_control="private, no-cache")

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(
            request, pk, lambda document: publishing.publish(document=document, at=timezone.now())
        )

    def unpublish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(request, pk, lambda document: publishing.unpublish(document=document))

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = self._found(request, pk, "add")
        if request.method != "POST":
            return HttpResponseRedirect(self._page(document))
        values = {
            "plan": document.plan,
            "kinds": [document.kind],
            "period": document.period,
            "languages": [document.language],
            "publish": False,
        }
        self._request_all(request, values)
        return redirect("admin:documents_document_changelist")

    @admin.action(description=_("Publier"), permissions=["change"])
    def publish_chosen(self, request: HttpRequest, documents: QuerySet[Document]) -> None:
        done = 0
        for document in documents.order_by("requested_at", "pk"):
            try:
                publishing.publish(document=document, at=timezone.now())
                done += 1
            except DocumentError as error:
                self.message_user(request, f"{document} : {error}", messages.ERROR)
        if done:
            text = ngettext("%(n)d document publié.", "%(n)d documents publiés.", done) % {"n": done}
            self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Retirer de la publication"), permissions=["change"])
    def unpublish_chosen(self, request: HttpRequest, documents: QuerySet[Document]) -> None:
        for document in documents:
            publishing.unpublish(document=document)
        self.message_user(request, _("Les documents choisis ne sont plus publiés."), messages.SUCCESS)

    def _request_all(self, request: HttpRequest, values: dict[str, Any]) -> None:
        for kind in values["kinds"]:
            for language in values["languages"]:
                try:
                    document, started = requesting.request(
                        plan=values["plan"],
                        kind=kind,
                        period=values.get("period"),
                        language=language,
                        by=request.user,
                        publish_when_ready=values["publish"],
                    )
                except DocumentError as error:
                    self.message_user(request, str(error), messages.ERROR)
                    continue
                link = format_html('<a href="{}">{}</a>', self._page(document), document)
                if started:
                    text = format_html("{} {}", link, _("est demandé. Sa préparation avance ci-dessous."))
                elif document.is_open:
                    text = format_html("{} {}", link, _("est déjà en préparation."))
                else:
                    text = format_html(
                        "{} {}", link, _("est déjà prêt, avec les mêmes données : rien à refaire.")
                    )
                self.message_user(request, text, messages.SUCCESS)

    def _move(self, request: HttpRequest, pk: int, action: Any) -> HttpResponse:
        document = self._found(request, pk, "change")
        if request.method == "POST":
            try:
                action(document)
            except DocumentError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                text = (
                    _("Le document est publié.")
                    if document.published_at
                    else _("Le document n'est plus publié.")
                )
                self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self._page(document))

    def _found(self, request: HttpRequest, pk: int, permission: str) -> Document:
        document = get_object_or_404(Document.objects.select_related("plan", "period"), pk=pk)
        check = getattr(self, f"has_{permission}_permission")
        allowed = check(request) if permission == "add" else check(request, document)
        if not allowed:
            raise PermissionDenied
        return document

    def _page(self, document: Document) -> str:
        return reverse("admin:documents_document_change", args=[document.pk])
