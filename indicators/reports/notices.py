"""The letters about progress reports: who is told of which move, and in which words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.mailing import Letter, event, post
from core.partial_dates import PartialDate
from core.workflow import Entry
from indicators.models import ProgressReport, ReportingPeriod, ReportReminder, Unsubscription
from indicators.reports import roles, unsubscribing
from indicators.reports.recipients import people
from partners.models import User
from plans.models import Plan
from projects.models import Project
from projects.registrations.notices import reviewers

# When --------------------------------------------------------------------------------------------------------


def on_save(row: ProgressReport, entry: Entry) -> None:
    """The council wrote in their place: told once a day."""
    if entry.changes and not roles.carries(entry.by, row):
        post(written_for_you, to=people(row), about=f"report:{row.pk}:{entry.at:%Y-%m-%d}", report=row)


def on_submit(row: ProgressReport, entry: Entry) -> None:
    number = entry.extra["version"]
    about = f"report:{row.pk}:v{number}"
    told = people(row)
    told = told if entry.by in told else [*told, entry.by]
    post(receipt, to=told, about=about, report=row, number=number)
    post(to_review, to=reviewers(but=entry.by), about=about, report=row, number=number)


def on_take_back(row: ProgressReport, entry: Entry) -> None:
    post(taken_back, to=reviewers(), about=f"report:{row.pk}:{row.version}", report=row)


def on_request(row: ProgressReport, entry: Entry) -> None:
    post(
        changes_requested,
        to=people(row),
        about=f"report:{row.pk}:{row.version}",
        report=row,
        message=entry.message,
        due_on=row.answer_due_on,
    )


def on_accept(row: ProgressReport, entry: Entry) -> None:
    post(accepted, to=people(row), about=f"report:{row.pk}:{row.version}", report=row)


def on_waive(row: ProgressReport, entry: Entry) -> None:
    post(waived, to=people(row), about=f"report:{row.pk}:{row.version}", report=row, message=entry.message)


def on_restore(row: ProgressReport, entry: Entry) -> None:
    post(restored, to=people(row), about=f"report:{row.pk}:{row.version}", report=row)


def on_extend(row: ProgressReport, entry: Entry) -> None:
    about = f"report:{row.pk}:{row.extended_to:%Y%m%d}"
    post(extended, to=people(row), about=about, report=row)


# What --------------------------------------------------------------------------------------------------------


def day(date: dt.date) -> str:
    return PartialDate(date).format(get_language())


def _sample(**values: Any) -> dict[str, Any]:
    plan = Plan(slug="essai", title_fr=__("Plan d'essai"))
    period = ReportingPeriod(
        plan=plan,
        title_fr="Bilan de l'année 2020",
        title_en="Report for 2020",
        starts_on=dt.date(2020, 1, 1),
        ends_on=dt.date(2020, 12, 31),
        opens_on=dt.date(2021, 1, 11),
        due_on=dt.date(2021, 2, 26),
    )
    project = Project(plan=plan, slug="marche-essai", title_fr=__("Un marché d'essai dans la ruelle"))
    report = ProgressReport(pk=1, project=project, period=period, extended_to=dt.date(2021, 3, 12))
    return {"report": report, **values}


def _facts(report: ProgressReport) -> list[tuple[str, str]]:
    found = [(__("Projet"), report.project.title), (__("Période"), report.title)]
    return [*found, (__("Échéance"), day(report.due))] if report.due else found


def member_reason() -> str:
    return __("Vous recevez ce courriel parce que votre organisation porte ce projet.")


def staff_reason() -> str:
    return __("Vous recevez ce courriel parce que vous examinez les bilans d'étape.")


def desk_of(report: ProgressReport) -> str:
    return reverse("admin:indicators_progressreport_change", args=(report.pk,))


@event("report_receipt", _("Accusé de réception d'un bilan"), sample=lambda: _sample(number=1))
def receipt(*, report: ProgressReport, number: int) -> Letter:
    return Letter(
        subject=__("Reçu : le bilan de « %(title)s »") % {"title": report.project.title},
        paragraphs=[
            __("Merci : votre bilan d'étape est arrivé. Le Conseil le lit et vous répond par courriel.")
        ],
        facts=[*_facts(report)[:2], (__("Version"), str(number))],
        action=(__("Relire le bilan"), report.get_absolute_url()),
        closing=[__("Jusqu'à sa décision, vous pouvez le reprendre pour le corriger.")],
        reason=member_reason(),
    )


@event("report_to_review", _("Bilan à examiner"), sample=lambda: _sample(number=2))
def to_review(*, report: ProgressReport, number: int) -> Letter:
    again = [__("C'est une nouvelle version.")] if number > 1 else []
    return Letter(
        subject=__("À examiner : le bilan de « %(title)s »") % {"title": report.project.title},
        paragraphs=[__("Un bilan d'étape attend l'examen du Conseil."), *again],
        facts=[*_facts(report)[:2], (__("Version"), str(number))],
        action=(__("Examiner le bilan"), desk_of(report)),
        reason=staff_reason(),
    )


@event("report_taken_back", _("Bilan repris par son organisation"), sample=_sample)
def taken_back(*, report: ProgressReport) -> Letter:
    return Letter(
        subject=__("Repris : le bilan de « %(title)s »") % {"title": report.project.title},
        paragraphs=[__("L'organisation a repris ce bilan pour le corriger. Elle le soumettra de nouveau.")],
        facts=_facts(report)[:2],
        reason=staff_reason(),
    )


@event(
    "report_changes_requested",
    _("Précisions demandées sur un bilan"),
    sample=lambda: _sample(
        message=__("Le nombre de repas a triplé : est-ce bien exact?"), due_on=dt.date(2021, 3, 20)
    ),
)
def changes_requested(*, report: ProgressReport, message: str, due_on: dt.date | None) -> Letter:
    facts = _facts(report)[:2]
    return Letter(
        subject=__("Des précisions, s'il vous plaît : le bilan de « %(title)s »")
        % {"title": report.project.title},
        paragraphs=[__("Le Conseil a lu votre bilan et vous écrit :")],
        quote=message,
        facts=[*facts, (__("Réponse souhaitée d'ici le"), day(due_on))] if due_on else facts,
        action=(__("Compléter le bilan"), reverse("reports:form", args=(report.pk,))),
        reason=member_reason(),
    )


@event("report_accepted", _("Bilan accepté"), sample=_sample)
def accepted(*, report: ProgressReport) -> Letter:
    return Letter(
        subject=__("Accepté : le bilan de « %(title)s »") % {"title": report.project.title},
        paragraphs=[
            __("Merci : le Conseil a accepté votre bilan. Il est public, avec ses valeurs et ses livrables.")
        ],
        facts=_facts(report)[:2],
        action=(__("Voir la page du projet"), report.project.get_absolute_url()),
        closing=[__("S'il faut le corriger, commencez une correction depuis votre espace.")],
        reason=member_reason(),
    )


@event(
    "report_waived",
    _("Bilan dispensé"),
    sample=lambda: _sample(message=__("Le projet a commencé le mois dernier.")),
)
def waived(*, report: ProgressReport, message: str) -> Letter:
    return Letter(
        subject=__("Pas de bilan à faire pour « %(title)s »") % {"title": report.project.title},
        paragraphs=[__("Le Conseil n'attend pas de bilan de ce projet pour cette période, pour ce motif :")],
        quote=message,
        facts=_facts(report)[:2],
        reason=member_reason(),
    )


@event("report_restored", _("Bilan de nouveau attendu"), sample=_sample)
def restored(*, report: ProgressReport) -> Letter:
    return Letter(
        subject=__("De nouveau attendu : le bilan de « %(title)s »") % {"title": report.project.title},
        paragraphs=[__("Le Conseil attend de nouveau un bilan de ce projet pour cette période.")],
        facts=_facts(report),
        action=(__("Écrire le bilan"), reverse("reports:form", args=(report.pk,))),
        reason=member_reason(),
    )


@event("report_extended", _("Échéance d'un bilan reportée"), sample=_sample)
def extended(*, report: ProgressReport) -> Letter:
    assert report.extended_to is not None  # noqa: S101 (the move has just set it)
    return Letter(
        subject=__("Vous avez jusqu'au %(day)s pour le bilan de « %(title)s »")
        % {"day": day(report.extended_to), "title": report.project.title},
        paragraphs=[__("Le Conseil vous donne plus de temps pour ce bilan d'étape.")],
        facts=_facts(report),
        action=(__("Écrire le bilan"), reverse("reports:form", args=(report.pk,))),
        reason=member_reason(),
    )


@event("report_written_for_you", _("Bilan saisi par le Conseil"), sample=_sample)
def written_for_you(*, report: ProgressReport) -> Letter:
    return Letter(
        subject=__("Le Conseil écrit le bilan de « %(title)s »") % {"title": report.project.title},
        paragraphs=[__("Une personne du Conseil a écrit dans ce bilan au nom de votre organisation.")],
        facts=_facts(report)[:2],
        action=(__("Voir le bilan"), report.get_absolute_url()),
        reason=member_reason(),
    )


def _sample_dues(occasion: str) -> dict[str, Any]:
    due = Due(_sample()["report"], ReportReminder.Occasion(occasion), dt.date(2021, 3, 12))
    return {"dues": [due], "person": User()}


#: Occasions that a person may do without.
OPTIONAL = frozenset({ReportReminder.Occasion.DUE_14, ReportReminder.Occasion.DUE_3})
#: Reports named one by one in a digest; the others are counted.
MOST_NAMED = 12


@dataclass(frozen=True)
class Due:
    """A report to be reminded of, the occasion, and the day that it is about."""

    report: ProgressReport
    occasion: ReportReminder.Occasion
    day: dt.date


@event("report_reminder", _("Rappel de bilans à remettre"), sample=lambda: _sample_dues("due_14"))
def reminder(*, dues: list[Due], person: User) -> Letter:
    """One letter for all that a person is to hand in; the most pressing gives its title."""
    one = len(dues) == 1
    first = dues[0].report
    lines = [
        (report.project.title, ", ".join(filter(None, (report.title, _when(due)))))
        for due in dues
        for report in (due.report,)
    ]
    return Letter(
        subject=_reminder_subject(dues),
        paragraphs=[_reminder_words({due.occasion for due in dues})],
        facts=lines,
        action=(
            __("Écrire le bilan") if one else __("Ouvrir mon espace"),
            reverse("reports:form", args=(first.pk,)) if one else reverse("partners:space"),
        ),
        closing=[
            __("Un empêchement? Écrivez au Conseil : il peut reporter l'échéance."),
        ],
        reason=member_reason(),
        unsubscribe=unsubscribing.address(person, Unsubscription.Kind.DUE)
        if all(due.occasion in OPTIONAL for due in dues)
        else "",
    )


def _when(due: Due) -> str:
    if due.report.due is None:
        return ""
    late = due.occasion in ("late_7", "late_21")
    text = __("attendu depuis le %(day)s") if late else __("à remettre d'ici le %(day)s")
    return text % {"day": day(due.report.due)}


def _reminder_subject(dues: list[Due]) -> str:
    occasions = {due.occasion for due in dues}
    if len(dues) > 1:
        return __("%(n)s bilans d'étape à remettre") % {"n": len(dues)}
    title = {"title": dues[0].report.project.title}
    if occasions & {"late_7", "late_21"}:
        return __("En retard : le bilan de « %(title)s »") % title
    if "opened" in occasions:
        return __("À vous d'écrire : le bilan de « %(title)s »") % title
    return __("Rappel : le bilan de « %(title)s »") % title


def _reminder_words(occasions: set[str]) -> str:
    if occasions & {"late_7", "late_21"}:
        return __(
            "L'échéance est passée et le Conseil n'a pas encore reçu ce qui suit. Un brouillon ne suffit pas : il faut le soumettre."
        )
    if "opened" in occasions:
        return __(
            "Une période de suivi est ouverte. Le Conseil attend un bilan d'étape : les livrables, les valeurs des indicateurs et quelques phrases."
        )
    if "by_hand" in occasions:
        return __("Le Conseil vous rappelle ce qui est attendu de vous.")
    return __("L'échéance approche. Un brouillon ne suffit pas : il faut le soumettre.")


def _sample_digest() -> dict[str, Any]:
    report = _sample()["report"]
    return {
        "found": SimpleNamespace(
            waiting=[report], late=[report], doubtful=1, coverage=[(report.period, 61, 92)]
        ),
        "person": User(),
    }


@event("report_digest", _("Résumé hebdomadaire du suivi"), sample=_sample_digest)
def weekly_digest(*, found: Any, person: User) -> Letter:
    """``found`` is a :class:`indicators.reports.digest.Digest`."""
    facts = [
        (period.title, __("%(done)s bilans remis sur %(all)s") % {"done": done, "all": asked})
        for period, done, asked in found.coverage
    ]
    facts += [(__("À examiner"), _named(found.waiting))] if found.waiting else []
    if found.doubtful:
        facts.append((__("Avec une valeur qui semble fausse"), str(found.doubtful)))
    facts += [(__("En retard"), _named(found.late))] if found.late else []
    counts = {"waiting": len(found.waiting), "late": len(found.late)}
    return Letter(
        subject=__("Suivi de la semaine : %(waiting)s à examiner, %(late)s en retard") % counts,
        paragraphs=[__("Où en sont les bilans d'étape cette semaine.")],
        facts=facts,
        action=(__("Ouvrir les bilans"), reverse("admin:indicators_progressreport_changelist")),
        reason=staff_reason(),
        unsubscribe=unsubscribing.address(person, Unsubscription.Kind.DIGEST),
    )


def _named(reports: list[ProgressReport]) -> str:
    names = [report.project.title for report in reports[:MOST_NAMED]]
    left = len(reports) - len(names)
    more = [ngettext("et %(n)s autre", "et %(n)s autres", left) % {"n": left}] if left else []
    return "; ".join([*names, *more])
