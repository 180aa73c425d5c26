"""A content in words: what a letter, the review desk, the preview and the log print of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from core.partial_dates import PartialDate, UnreadableDateError
from partners.models import Organization, Territory
from plans.models import CrossCuttingIssue, Objective
from projects.models import Deliverable, FoodChainLink, Project, ProjectPartner
from projects.registrations.completeness import STEPS, Step
from projects.registrations.content import Content, complete, named_organizations

LABELS: dict[str, str | Promise] = {
    "title_fr": _("Titre"),
    "title_en": _("Titre (anglais)"),
    "summary_fr": _("Résumé"),
    "summary_en": _("Résumé (anglais)"),
    "description_fr": _("Description"),
    "description_en": _("Description (anglais)"),
    "stage": _("Étape"),
    "website": _("Site web"),
    "image": _("Image"),
    "image_alt_fr": _("Ce que montre l'image"),
    "image_alt_en": _("Ce que montre l'image (anglais)"),
    "primary_objective": _("Objectif principal"),
    "objectives": _("Autres objectifs"),
    "issues": _("Enjeux transversaux"),
    "links": _("Maillons de la chaîne alimentaire"),
    "own_role": _("Rôle de l'organisation"),
    "partners": _("Partenaires"),
    "covers_whole_island": _("Toute l'île"),
    "territories": _("Territoires"),
    "populations_fr": _("Populations visées"),
    "populations_en": _("Populations visées (anglais)"),
    "contact_name": _("Personne-ressource"),
    "contact_email": _("Courriel de la personne-ressource"),
    "contact_consent": _("Publication du contact"),
    "starts": _("Début"),
    "ends": _("Fin"),
    "deliverables": _("Livrables"),
    "indicators": _("Indicateurs"),
}


@dataclass
class Names:
    """The names of all that some contents point at, read in one query per kind."""

    objectives: dict[int, str] = field(default_factory=dict)
    issues: dict[int, str] = field(default_factory=dict)
    territories: dict[int, str] = field(default_factory=dict)
    organizations: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, contents: Iterable[Mapping[str, Any]]) -> Names:
        full = [complete(content) for content in contents]
        objectives = {pk for c in full for pk in [*c["objectives"], c["primary_objective"]] if pk}
        issues = {pk for c in full for pk in c["issues"]}
        territories = {pk for c in full for pk in c["territories"]}
        organizations = Organization.objects.filter(pk__in=named_organizations(*full))
        ties = Objective.objects.filter(pk__in=objectives).select_related("orientation")
        return cls(
            objectives={o.pk: f"{o.code} {o.title}" for o in ties},
            issues={i.pk: i.title for i in CrossCuttingIssue.objects.filter(pk__in=issues)},
            territories={t.pk: t.name for t in Territory.objects.filter(pk__in=territories)},
            # What was merged is read as what it is now.
            organizations={
                o.pk: (o.merged_into or o).name_with_acronym
                for o in organizations.select_related("merged_into")
            },
        )

    def items(self, name: str, content: Content) -> list[str]:
        """The value of one field as lines: one for a text, one per row of a list; none where it is empty."""
        value = content[name]
        if name in {"objectives", "issues", "territories"}:
            known = getattr(self, name)
            return [known.get(pk, __("(retiré du plan)")) for pk in value]
        if name in _ROWS:
            return [line for row in value if (line := _ROWS[name](self, row))]
        text = self._text(name, value)
        return [text] if text else []

    def _text(self, name: str, value: Any) -> str:
        if name == "primary_objective":
            return self.objectives.get(value, "") if value else ""
        if name == "links":
            return ", ".join(_choice(FoodChainLink, link) for link in value)
        if name == "stage":
            return _choice(Project.Stage, value)
        if name == "own_role":
            return _choice(ProjectPartner.Role, value)
        if name == "covers_whole_island":
            return __("oui") if value else ""
        if name == "contact_consent":
            return __("consentie") if value else __("non consentie")
        if name in {"starts", "ends"}:
            return date_in_words(value)
        return str(value or "")

    def partner(self, row: Mapping[str, Any]) -> str:
        name = self.organizations.get(row.get("organization") or 0, "") or row.get("name", "")
        return f"{name} ({_choice(ProjectPartner.Role, row.get('role', ''))})" if name else ""

    def deliverable(self, row: Mapping[str, Any]) -> str:
        parts = [row.get("title_fr", ""), date_in_words(row.get("due", ""))]
        if row.get("state", "to_do") != Deliverable.State.TO_DO:
            parts.append(_choice(Deliverable.State, row["state"]))
        return " — ".join(part for part in parts if part)

    def indicator(self, row: Mapping[str, Any]) -> str:
        values = [str(row.get(name, "") or "") for name in ("baseline", "target")]
        unit = str(row.get("unit", "") or "")
        path = " → ".join(value for value in values if value)
        tail = " ".join(part for part in (path, unit) if part)
        return " — ".join(part for part in (str(row.get("name_fr", "")), tail) if part)


_ROWS = {"partners": Names.partner, "deliverables": Names.deliverable, "indicators": Names.indicator}


@dataclass(frozen=True)
class Line:
    """A field and its value, in words."""

    name: str
    label: str | Promise
    items: list[str]


def by_step(content: Mapping[str, Any], names: Names | None = None) -> list[tuple[Step, list[Line]]]:
    """Every step with its filled fields, for reading from top to bottom."""
    full = complete(content)
    names = names or Names.of([full])
    read = []
    for step in STEPS:
        lines = [Line(name, LABELS[name], names.items(name, full)) for name in step.names]
        if filled := [line for line in lines if line.items]:
            read.append((step, filled))
    return read


def facts(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The whole content as pairs (label, text), for a letter. A picture is not public: a letter says that there is one."""
    return [
        (str(line.label), __("jointe à l'inscription") if line.name == "image" else "\n".join(line.items))
        for _step, lines in by_step(content)
        for line in lines
    ]


def date_in_words(text: str) -> str:
    try:
        return PartialDate.parse(text).format() if text.strip() else ""
    except UnreadableDateError:
        return text


def _choice(choices: Any, value: str) -> str:
    return str(dict(choices.choices).get(value, value))
