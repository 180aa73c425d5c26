"""What the admin of several apps shares."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import linebreaksbr
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import mailing
from core.models import HIDDEN_LINK, Mail
from core.searchable import SearchableQuerySet
from core.translation import SOURCE_LANGUAGE


def staff(request: HttpRequest) -> Any:
    """Who is signed in: the desk is open to nobody else."""
    return request.user


class SearchableAdmin(admin.ModelAdmin):
    """Keeps the search columns of a row in step with what staff write of it and of its children."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        rows = self.model._default_manager.filter(pk=form.instance.pk)
        cast("SearchableQuerySet", rows).reindex()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that the search of the site finds, and those that hold the signs typed, be it a part of a word."""
        typed, _may_repeat = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return typed, _may_repeat
        meant = self.model._default_manager.search(search_term, language=SOURCE_LANGUAGE)
        return queryset.filter(
            Q(pk__in=typed.order_by().values("pk")) | Q(pk__in=meant.order_by().values("pk"))
        ), False


class NotDeletedAdmin(admin.ModelAdmin):
    """Rows that are archived, never deleted: what was public keeps its address and its history."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StableAddressAdmin(admin.ModelAdmin):
    """Rows whose address (``slug``) anybody may have kept, cited or printed: once public, it does not change."""

    def has_public_address(self, row: Any) -> bool:
        return True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "slug") if obj is not None and self.has_public_address(obj) else fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        is_fixed = "slug" in self.get_readonly_fields(request, obj)
        return {} if is_fixed else super().get_prepopulated_fields(request, obj)


class ReadOnlyInline(admin.TabularInline):
    """Rows to read: what changes them has its own page or its own button."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Mail)
class MailAdmin(admin.ModelAdmin):
    """What was written to whom, and what became of it. Nothing is changed here; a letter can leave again."""

    list_display = ("created_at", "event", "address", "subject", "state", "attempts", "sent_at")
    list_filter = ("state", "event", "language", "created_at")
    search_fields = ("address", "subject", "about")
    date_hierarchy = "created_at"
    actions = ("send_again",)
    change_form_template = "admin/core/mail/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        """Without what only its recipient may read, but for administrators, who answer for the mail."""
        mails: QuerySet[Mail] = super().get_queryset(request)
        if request.user.has_perm("core.add_mail"):
            return mails
        personal = [name for name, event in mailing.EVENTS.items() if event.is_personal]
        return mails.exclude(event__in=personal)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["shown_text" if field.name == "text" else field.name for field in self.opts.fields]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        hidden = {"id", "html", "secret_link"}
        return [name for name in self.get_readonly_fields(request, obj) if name not in hidden]

    @admin.display(description=_("texte"))
    def shown_text(self, mail: Mail) -> str:
        hidden = _("(lien personnel, non conservé)")
        return linebreaksbr(mail.text.replace(HIDDEN_LINK, str(hidden)))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Envoyer de nouveau"), permissions=["change"])
    def send_again(self, request: HttpRequest, mails: QuerySet[Mail]) -> None:
        sent = sum(self._resend(request, mail) for mail in mails)
        text = ngettext("%(n)s courriel repart.", "%(n)s courriels repartent.", sent) % {"n": sent}
        messages.success(request, text)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.resend_view)
        return [path("<int:pk>/renvoyer/", view, name="core_mail_resend"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        may_resend = self.has_change_permission(request)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "may_resend": may_resend}
        )

    def resend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        mail = get_object_or_404(self.get_queryset(request), pk=pk)
        if request.method != "POST" or not self.has_change_permission(request, mail):
            raise PermissionDenied
        if self._resend(request, mail):
            messages.success(request, _("Le courriel repart."))
        return redirect("admin:core_mail_change", pk)

    def _resend(self, request: HttpRequest, mail: Mail) -> bool:
        """Whether it leaves again; if not, the page says why."""
        try:
            mailing.resend(mail=mail, at=timezone.now())
        except mailing.NotResendable:
            lost = _(
                "« %(mail)s » portait un lien personnel, qui n'est pas conservé : renvoyez l'invitation, ou la "
                "personne redemande un lien."
            )
            messages.warning(request, lost % {"mail": mail})
        except ValueError:
            messages.warning(request, _("« %(mail)s » est en cours d'envoi.") % {"mail": mail})
        else:
            return True
        return False
