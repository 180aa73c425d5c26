"""Changes in words, for commands."""

from __future__ import annotations

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from csam.workbook.plan_changes import PlanChanges


def counts(created: int, changed: int, unchanged: int) -> str:
    parts = [
        ngettext("%(count)d entrée créée", "%(count)d entrées créées", created) % {"count": created}
        if created
        else "",
        ngettext("%(count)d entrée modifiée", "%(count)d entrées modifiées", changed) % {"count": changed}
        if changed
        else "",
        ngettext("%(count)d entrée inchangée", "%(count)d entrées inchangées", unchanged)
        % {"count": unchanged}
        if unchanged
        else "",
    ]
    return ", ".join(filter(None, parts)) or _("rien")


def summary(changes: PlanChanges) -> str:
    lines = [
        f"{s.title} : {counts(len(s.created), len(s.changed), len(s.unchanged))}" for s in changes.sheets
    ]
    lines.append(
        _("En tout : %(counts)s") % {"counts": counts(changes.created, changes.changed, changes.unchanged)}
    )
    return "\n".join(lines)


def details(changes: PlanChanges) -> str:
    """Every row to be created or changed, the changed ones field by field; then the remarks."""
    language = (get_language() or "fr")[:2]
    lines: list[str] = []
    for sheet in changes.sheets:
        lines.extend(f"+ {sheet.title}, {change.row} : {change.label}" for change in sheet.created)
        for change in sheet.changed:
            lines.append(f"~ {sheet.title}, {change.row} : {change.label}")
            lines += [
                f"    {d.heading} : {_short(d.old)} → {_short(d.new)}"
                for d in sheet.details(change, language)
            ]
    return "\n".join([*lines, notices(changes)])


def notices(changes: PlanChanges) -> str:
    return "\n".join(f"! {notice}" for notice in changes.notices)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return f"« {flat[:77]}… »" if len(flat) > 80 else f"« {flat} »"
