"""The desk where staff decide: a queue, a page to read, and a confirmation before each move of a workflow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, IntegerField, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.deciding import DecisionForm, NoteForm
from core.mailing import rehearsal
from core.workflow import NotAllowed, Refused, Stale, Workflow


class TurnFilter(admin.SimpleListFilter):
    """Whose turn it is. The desk opens on what waits for the council."""

    title = _("tour")
    parameter_name = "tour"

    def chosen(self) -> str:
        return self.value() or "conseil"

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.chosen() == value, "query_string": query, "display": title}


class DecisionAdmin(admin.ModelAdmin):
    """Nothing is written here but by the moves of ``flow``. The rows have ``versions``, a ``state`` (« submitted »
    waits for staff), ``submitted_at``, ``is_editable``, ``is_waiting_for_staff`` and ``waiting_days(on=…)``.

    Templates stand in ``admin/<app>/<model>/`` and know the row as ``row_name``.
    """

    flow: ClassVar[Workflow[Any]]
    decision_forms: ClassVar[Mapping[str, type[DecisionForm]]]
    row_name: ClassVar[str]
    #: The moves whose permission asks who submitted the version.
    decisive: ClassVar[frozenset[str]]

    list_per_page = 50

    # What each desk says of its own -------------------------------------------------------------------------

    def found(self, request: HttpRequest, pk: int) -> Any:
        """The row, if this person may read it; else 404 or PermissionDenied."""
        raise NotImplementedError

    def title_of(self, request: HttpRequest, row: Any) -> Any:
        return str(row)

    def decision_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page to read prints, beside what all of them print."""
        raise NotImplementedError

    def initial(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the form of a move begins with: the version on the page that one comes from."""
        return {"number": request.GET.get("version", self.latest_number(row))}

    def may_note(self, request: HttpRequest) -> bool:
        raise NotImplementedError

    def note(self, *, row: Any, text: str, by: Any, at: dt.datetime) -> None:
        raise NotImplementedError

    def lines_of(self, error: Refused) -> Iterable[str]:
        """A refusal in words."""
        raise NotImplementedError

    def next(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Where a move leads to."""
        return redirect(self.address("change"), row.pk)

    def state_of(self, row: Any) -> str:
        return str(row.get_state_display())

    # The queue ----------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        waits = Case(When(state="submitted", then=Value(0)), default=Value(1), output_field=IntegerField())
        return [waits.asc(), F("submitted_at").asc(nulls_last=True), "pk"]

    @admin.display(description=_("à qui le tour"), ordering="state")
    def turn(self, row: Any) -> SafeString:
        state = self.state_of(row)
        if not row.is_waiting_for_staff and not row.is_editable:
            return format_html('<span class="turn">{}</span>', state)
        return format_html(
            '<span class="turn is-{}">{}</span> <small>{}</small>',
            "ours" if row.is_waiting_for_staff else "theirs",
            _("au Conseil") if row.is_waiting_for_staff else _("à l'organisation"),
            state,
        )

    @admin.display(description=_("attend depuis"), ordering="submitted_at")
    def waiting(self, row: Any) -> str:
        if not row.is_waiting_for_staff:
            return "–"
        days = row.waiting_days(on=timezone.localdate())
        return (
            str(_("aujourd'hui")) if not days else ngettext("%(n)s jour", "%(n)s jours", days) % {"n": days}
        )

    # The addresses ------------------------------------------------------------------------------------------

    def address(self, name: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}"

    def named(self, route: str, view: Any, name: str) -> URLPattern:
        return path(route, self.admin_site.admin_view(view), name=self.address(name).removeprefix("admin:"))

    def get_urls(self) -> list[URLPattern]:
        return [
            self.named("<int:pk>/decider/<slug:action>/", self.act_view, "act"),
            self.named("<int:pk>/note/", self.note_view, "note"),
            self.named("<int:pk>/versions/<int:number>/", self.version_view, "version"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The decision page. It is read; each move has an address of its own."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        row = self.found(request, int(object_id))
        return self._decision_page(request, row, NoteForm(label_suffix=""))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The log stands on the decision page."""
        return redirect(self.address("change"), object_id)

    def act_view(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """A move: what is asked, then who will be told what, then the move itself."""
        row = self.found(request, pk)
        kind = self.decision_forms.get(action)
        if kind is None:
            raise Http404
        try:
            return self._act(request, row, kind)
        except Refused as error:
            # A person whom the move is not for is turned away; one who is told why may go on.
            if type(error) is NotAllowed:
                raise PermissionDenied(str(error)) from error
            for line in self.lines_of(error):
                messages.error(request, line)
            return self.next(request, row)

    def note_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.found(request, pk)
        if request.method != "POST":
            return redirect(self.address("change"), pk)
        form = NoteForm(request.POST, label_suffix="")
        if not self.may_note(request):
            raise PermissionDenied
        if not form.is_valid():
            return self._decision_page(request, row, form)
        self.note(row=row, text=form.cleaned_data["text"], by=request.user, at=timezone.now())
        messages.success(request, _("La note est gardée, pour le Conseil seulement."))
        return redirect(f"{reverse(self.address('change'), args=(pk,))}#journal")

    def version_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """A version as it was submitted, and what it changed."""
        raise NotImplementedError

    # Parts of the views -------------------------------------------------------------------------------------

    def page(self, request: HttpRequest, template: str, row: Any, **context: Any) -> HttpResponse:
        """One of the desk's templates; ``row`` is None for those about several."""
        if row is not None:
            context = {"title": self.title_of(request, row), self.row_name: row, **context}
        full = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, f"admin/{self.opts.app_label}/{self.opts.model_name}/{template}.html", full)

    def latest_number(self, row: Any) -> int | None:
        number: int | None = row.versions.order_by("-number").values_list("number", flat=True).first()
        return number

    def _decision_page(self, request: HttpRequest, row: Any, note_form: NoteForm) -> HttpResponse:
        offered = self.flow.actions(row, request.user)
        shared = {
            "acts": [form for action, form in self.decision_forms.items() if action in offered],
            "versions": row.versions.select_related("submitted_by").order_by("-number"),
            "days": row.waiting_days(on=timezone.localdate()),
            "note_form": note_form,
            "may_note": self.may_note(request),
        }
        return self.page(request, "change_form", row, **shared, **self.decision_context(request, row))

    def _act(self, request: HttpRequest, row: Any, kind: type[DecisionForm]) -> HttpResponse:
        is_sent = request.method == "POST"
        form = kind(
            request.POST if is_sent else None, row=row, by=request.user, initial=self.initial(request, row)
        )
        self.flow.check(row=row, action=kind.action, by=request.user, **self._seen(form))
        self._check_seen_version(request, row)
        if not is_sent and form.is_asking:
            return self.page(request, "act", row, form=form)
        if not is_sent:
            form = kind(form.initial, row=row, by=request.user)
        step = request.POST.get("step", "check")
        if not form.is_valid() or step == "edit":
            return self.page(request, "act", row, form=form)
        if step == "do":
            form.perform(at=timezone.now())
            messages.success(request, str(kind.done))
            return self.next(request, row)
        with rehearsal() as letters:
            form.perform(at=timezone.now())
        return self.page(request, "confirm", row, form=form, letters=letters)

    def _seen(self, form: DecisionForm) -> dict[str, Any]:
        """What the permission looks at: a decision on one's own version needs the administrator's word for it."""
        if form.action not in self.decisive:
            return {}
        return {"number": None, "override": "override" in form.fields}

    def _check_seen_version(self, request: HttpRequest, row: Any) -> None:
        """Somebody who opens a confirmation from an older page is told before they write anything."""
        seen, latest = request.GET.get("version", ""), self.latest_number(row)
        if seen.isdecimal() and latest is not None and int(seen) != latest:
            raise Stale(_("Une version plus récente a été soumise : relisez-la avant de décider."), row=row)
