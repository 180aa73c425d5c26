"""The desk of progress reports. Nothing is written here but by the workflow's moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin import NotDeletedAdmin
from core.decision_admin import DecisionAdmin, TurnFilter
from core.mailing import rehearsal
from core.workflow import Refused
from indicators.models import ProgressReport, ReportingPeriod, ReportReminder
from indicators.reports import doubts, history, notices, reading, recipients, reminders, roles, workflow
from indicators.reports.decision_forms import FORMS
from indicators.reports.periods import open_period, without_report

State = ProgressReport.State
#: As many as somebody can have read.
MOST = 200


class ReportTurnFilter(TurnFilter):
    """And what is late."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("conseil", _("au Conseil")),
            ("attendus", _("pas encore remis")),
            ("retard", _("en retard")),
            ("precisions", _("précisions demandées")),
            ("corrections", _("corrections en cours")),
            ("acceptes", _("acceptés")),
            ("dispenses", _("dispensés")),
            ("tous", _("tous")),
        ]

    def queryset(self, request: HttpRequest, reports: Any) -> QuerySet[ProgressReport]:
        match self.chosen():
            case "conseil":
                return reports.filter(state=State.SUBMITTED)
            case "attendus":
                return reports.asked()
            case "retard":
                return reports.late(on=timezone.localdate())
            case "precisions":
                return reports.filter(state=State.CHANGES_REQUESTED)
            case "corrections":
                return reports.exclude(state=State.ACCEPTED).filter(accepted_version__isnull=False)
            case "acceptes":
                return reports.filter(state=State.ACCEPTED)
            case "dispenses":
                return reports.filter(state=State.WAIVED)
        return reports


class DoubtFilter(admin.SimpleListFilter):
    """Reports handed in with a value that looks wrong; none is refused for that, somebody looks."""

    title = _("valeur qui semble fausse")
    parameter_name = "doute"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("tous", _("au moins une")),
            ("saut", _("saut : cinq fois plus, ou cinq fois moins")),
            ("unite", _("unité : cent ou mille fois plus, ou hors de 0 à 100 %")),
            ("futur", _("date dans le futur")),
            ("negatif", _("sous zéro")),
            ("recul", _("recul par rapport à la valeur d'avant")),
        ]

    def queryset(self, request: HttpRequest, reports: Any) -> QuerySet[ProgressReport]:
        if self.value() is None:
            return reports
        kind = "" if self.value() == "tous" else str(self.value())
        waiting = ProgressReport.objects.waiting().with_names()
        return reports.filter(pk__in=doubts.doubtful(waiting, kind, on=timezone.localdate()))


@admin.register(ReportingPeriod)
class ReportingPeriodAdmin(NotDeletedAdmin):
    """Periods are prepared by administrators, then opened, which asks every published project for a report."""

    list_display = (
        "title",
        "plan",
        "opens_on",
        "due_on",
        "is_open",
        "waiting",
        "accepted",
        "missing",
        "late",
    )
    list_filter = ("plan",)
    list_select_related = ("plan",)
    autocomplete_fields = ("plan",)
    readonly_fields = ("opened_at", "opened_by")
    change_form_template = "admin/indicators/reportingperiod/change_form.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "plan",
                    ("title_fr", "title_en"),
                    ("starts_on", "ends_on"),
                    ("opens_on", "due_on"),
                    ("guidance_fr", "guidance_en"),
                ),
                "description": _(
                    "Enregistrer n'avertit personne. Ouvrir la période, ensuite, demande un bilan à chaque projet "
                    "publié du plan."
                ),
            },
        ),
        (_("Ouverture"), {"fields": (("opened_at", "opened_by"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReportingPeriod]:
        def count(**conditions: Any) -> Count:
            return Count("reports", filter=Q(**{f"reports__{k}": v for k, v in conditions.items()}))

        asked = {"state__in": ProgressReport.EDITABLE_STATES, "accepted_version": None}
        rows: QuerySet[ReportingPeriod] = super().get_queryset(request)
        return rows.annotate(
            waiting_count=count(state=State.SUBMITTED),
            accepted_count=count(accepted_version__isnull=False),
            missing_count=count(**asked, project__archived_at=None),
            late_count=count(pk__in=ProgressReport.objects.late(on=timezone.localdate()).values("pk")),
            all_count=Count("reports"),
        )

    @admin.display(description=_("nom"))
    def title(self, period: ReportingPeriod) -> str:
        return str(period)

    @admin.display(description=_("ouverte"), boolean=True)
    def is_open(self, period: ReportingPeriod) -> bool:
        return period.is_open

    @admin.display(description=_("à examiner"))
    def waiting(self, period: Any) -> SafeString:
        return _counted(period, period.waiting_count, "conseil")

    @admin.display(description=_("acceptés"))
    def accepted(self, period: Any) -> SafeString:
        return _counted(period, period.accepted_count, "acceptes")

    @admin.display(description=_("demandés"))
    def asked(self, period: Any) -> SafeString:
        return _counted(period, period.all_count, "tous")

    @admin.display(description=_("pas encore remis"))
    def missing(self, period: Any) -> SafeString:
        return _counted(period, period.missing_count, "attendus")

    @admin.display(description=_("en retard"))
    def late(self, period: Any) -> SafeString:
        return _counted(period, period.late_count, "retard")

    def get_urls(self) -> list[URLPattern]:
        opening = self.admin_site.admin_view(self.open_view)
        return [
            path("<int:pk>/ouvrir/", opening, name="indicators_reportingperiod_open"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        period = ReportingPeriod.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        context = {
            "may_open": roles.is_administrator(request.user),
            "left": without_report(period).count() if period else 0,
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Of how many projects a report will be expected, who will be told, then the opening itself."""
        period = get_object_or_404(ReportingPeriod.objects.select_related("plan"), pk=pk)
        if not roles.is_administrator(request.user):
            raise PermissionDenied
        try:
            if request.method == "POST":
                return self._opened(request, period)
            with rehearsal() as letters:
                new = open_period(period=period, by=request.user, at=timezone.now())
                reminders.remind(now=timezone.now(), period=period)
        except Refused as error:
            messages.error(request, str(error))
            return redirect("admin:indicators_reportingperiod_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Ouvrir la période « %(title)s »") % {"title": period.title},
            "period": period,
            "projects": [report.project for report in new],
            "letters": letters,
            "is_later": period.opens_on > timezone.localdate(),
        }
        return render(request, "admin/indicators/reportingperiod/open.html", context)

    def _opened(self, request: HttpRequest, period: ReportingPeriod) -> HttpResponse:
        new = open_period(period=period, by=request.user, at=timezone.now())
        reminders.remind(now=timezone.now(), period=period)
        self.log_change(request, period, str(_("Ouverte")))
        text = ngettext("%(n)s bilan est attendu.", "%(n)s bilans sont attendus.", len(new)) % {"n": len(new)}
        messages.success(request, text)
        return redirect(f"{_list_of(period)}&tour=attendus")


def _list_of(period: ReportingPeriod) -> str:
    return f"{reverse('admin:indicators_progressreport_changelist')}?period__id__exact={period.pk}"


def _counted(period: ReportingPeriod, count: int, turn: str) -> SafeString:
    if not count:
        return format_html("{}", 0)
    return format_html('<a href="{}&tour={}">{}</a>', _list_of(period), turn, count)


@admin.register(ProgressReport)
class ProgressReportAdmin(DecisionAdmin):
    """The queue, the decision page, and the confirmation of each move."""

    flow = workflow.FLOW
    decision_forms = FORMS
    row_name = "report"
    decisive = frozenset({"accept"})

    list_display = ("of_project", "of_period", "turn", "waiting", "due_on", "reminded")
    list_filter = (
        ReportTurnFilter,
        "period",
        DoubtFilter,
        ("project__objectives__orientation", admin.RelatedOnlyFieldListFilter),
        "is_on_behalf",
    )
    search_fields = ("project__title_fr", "project__title_en", "project__organizations__name", "own_title")
    list_select_related = ("project", "period")
    actions = ("remind_chosen",)

    # Who ----------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgressReport]:
        told = Max("reminders__at", filter=Q(reminders__skipped=""))
        return ProgressReport.objects.annotate(reminded_at=told)

    def has_remind_permission(self, request: HttpRequest) -> bool:
        return roles.is_reviewer(request.user)

    # The queue ----------------------------------------------------------------------------------------------

    @admin.display(description=_("projet"), ordering="project__sort_key_fr")
    def of_project(self, report: ProgressReport) -> str:
        return str(report.project)

    @admin.display(description=_("période"))
    def of_period(self, report: ProgressReport) -> str:
        return report.title

    def state_of(self, row: ProgressReport) -> str:
        state = super().state_of(row)
        return _("%(state)s (correction)") % {"state": state} if row.is_correction else state

    @admin.display(description=_("échéance"))
    def due_on(self, report: ProgressReport) -> str:
        if not report.is_editable or report.due is None or report.is_correction:
            return "–"
        today = timezone.localdate()
        if not report.is_late(on=today):
            return notices.day(report.due)
        days = (today - report.due).days
        late = ngettext("%(n)s jour de retard", "%(n)s jours de retard", days) % {"n": days}
        return f"{notices.day(report.due)} ({late})"

    @admin.display(description=_("dernier rappel"), ordering="reminded_at")
    def reminded(self, report: Any) -> str:
        return notices.day(timezone.localdate(report.reminded_at)) if report.reminded_at else "–"

    @admin.action(description=_("Envoyer un rappel…"), permissions=["remind"])
    def remind_chosen(self, request: HttpRequest, reports: QuerySet[ProgressReport]) -> HttpResponse:
        ids = [str(pk) for pk in reports.values_list("pk", flat=True)[:MOST]]
        return redirect(f"{reverse('admin:indicators_progressreport_remind')}?ids={','.join(ids)}")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": _("Bilans d'étape"), **(extra_context or {})}
        return super().changelist_view(request, context)

    # The addresses ------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        return [self.named("rappeler/", self.remind_view, "remind"), *super().get_urls()]

    def decision_context(self, request: HttpRequest, row: ProgressReport) -> dict[str, Any]:
        report = row
        versions = list(report.versions.select_related("submitted_by").order_by("-number"))
        version = versions[0] if versions else None
        before = self._before(report, versions)
        today = timezone.localdate()
        offered = workflow.FLOW.actions(report, request.user)
        found = (
            doubts.doubts(report, version.content, on=today)
            if version and report.is_waiting_for_staff
            else []
        )
        return {
            "version": version,
            "before": before,
            "is_public_before": before is not None and before.pk == report.accepted_version_id,
            "since": reading.differences(before.content, version.content) if before and version else [],
            "sections": reading.sections(version.content) if version else [],
            "doubts": found,
            "doubtful": len({doubt.key for doubt in found}),
            "is_own": bool(version and version.submitted_by_id == request.user.pk),
            "people": recipients.people(report),
            "partners": report.project.project_partners.select_related("organization"),
            "deeds": history.for_staff(report),
            "days_late": (today - report.due).days if report.due and report.is_late(on=today) else 0,
            "due": report.due if report.is_editable and not report.is_correction else None,
            "reminders": report.reminders.select_related("user", "mail")[:20],
            "may_write": roles.may_write(request.user, report) and "save" in offered,
            "may_remind": roles.is_reviewer(request.user) and report.is_editable and not report.is_correction,
        }

    def may_note(self, request: HttpRequest) -> bool:
        return roles.is_reviewer(request.user)

    def note(self, *, row: ProgressReport, text: str, by: Any, at: dt.datetime) -> None:
        workflow.note(report=row, text=text, by=by, at=at)

    def lines_of(self, error: Refused) -> Iterable[str]:
        return history.why_not(error)

    def _before(self, report: ProgressReport, versions: list[Any]) -> Any:
        """What the last version is compared with: what is public, or else the version before."""
        if not versions:
            return None
        public = next((v for v in versions[1:] if v.pk == report.accepted_version_id), None)
        return public or (versions[1] if len(versions) > 1 else None)

    def version_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        report = self.found(request, pk)
        versions = report.versions.select_related("submitted_by")
        version = get_object_or_404(versions, number=number)
        before = versions.filter(number__lt=number).order_by("-number").first()
        return self.page(
            request,
            "read",
            report,
            frozen=version,
            before=before,
            since=reading.differences(before.content, version.content) if before else [],
            sections=reading.sections(version.content),
        )

    def remind_view(self, request: HttpRequest) -> HttpResponse:
        """Who would be reminded of which reports, then the reminders themselves."""
        if not roles.is_reviewer(request.user):
            raise PermissionDenied
        sent = (
            request.POST.getlist("report")
            if request.method == "POST"
            else request.GET.get("ids", "").split(",")
        )
        ids = [int(word) for word in sent if word.isdecimal()][:MOST]
        reports = list(ProgressReport.objects.with_names().filter(pk__in=ids).order_by("pk"))
        if request.method == "POST":
            letters = reminders.remind_by_hand(reports=reports, by=request.user, at=timezone.now())
            text = ngettext("%(n)s rappel part.", "%(n)s rappels partent.", len(letters))
            messages.success(request, text % {"n": len(letters)})
            return redirect("admin:indicators_progressreport_changelist")
        with rehearsal() as letters:
            reminders.remind_by_hand(reports=reports, by=request.user, at=timezone.now())
            told = ReportReminder.objects.filter(
                report__in=ids, occasion=ReportReminder.Occasion.BY_HAND, day=timezone.localdate()
            )
            skipped = [(row.report, row.get_skipped_display()) for row in told.exclude(skipped="")]
        return self.page(
            request,
            "remind",
            None,
            title=_("Envoyer un rappel"),
            reports=[report for report in reports if report.is_editable and not report.is_correction],
            left_out=[report for report in reports if not report.is_editable or report.is_correction],
            letters=letters,
            skipped=skipped,
        )

    # Parts of the views -------------------------------------------------------------------------------------

    def found(self, request: HttpRequest, pk: int) -> ProgressReport:
        found = get_object_or_404(ProgressReport.objects.with_names(), pk=pk)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return found
