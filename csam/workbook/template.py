"""The template: one sheet per kind of entry, and the columns of each.

The headings are a file format, in both languages, and not screen text: a workbook made today must still be read when a
screen has been reworded. docs/guide/importer-et-exporter.md describes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from csam.workbook import rules
from csam.workbook.problems import comparable, reader_language
from csam.workbook.values import (
    Choice,
    Choices,
    Day,
    DayOfMoment,
    Flag,
    Integer,
    Kind,
    Moment,
    Number,
    ObjectiveCode,
    Partial,
    Reference,
    References,
    Text,
)
from partners.models import Organization, Territory
from plans.models import (
    CrossCuttingIssue,
    Milestone,
    Objective,
    Orientation,
    Plan,
    PlanningPhase,
    ProcessFigure,
)
from projects.models import Deliverable, FoodChainLink, Project, ProjectPartner

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Help = str | _StrPromise


@dataclass(frozen=True)
class Column:
    field: str
    fr: str
    en: str
    kind: Kind[Any]
    help: Help = ""
    required: bool = False
    #: The field that can take the whole of a text too long for this one (see mapping.py).
    overflow: str = ""

    def heading(self, language: str = "") -> str:
        """In that language, or in the reader's."""
        return self.en if (language or reader_language()) == "en" else self.fr


@dataclass(frozen=True)
class Sheet:
    name: str
    fr: str
    en: str
    model: type[models.Model]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    help: Help = ""
    rules: tuple[rules.Rule, ...] = ()
    in_template: bool = True

    def title(self, language: str = "") -> str:
        """In that language, or in the reader's."""
        return self.en if (language or reader_language()) == "en" else self.fr

    def column(self, field: str) -> Column:
        return next(c for c in self.columns if c.field == field)

    def column_for_heading(self, heading: str) -> Column | None:
        wanted = comparable(heading)
        return next((c for c in self.columns if wanted in (comparable(c.fr), comparable(c.en))), None)


def both(
    field: str, fr: str, en: str, *, help: Help = "", required: bool = False, overflow: str = ""
) -> tuple[Column, Column]:
    """A text in French and in English: two columns."""
    more = {"fr": f"{overflow}_fr" if overflow else "", "en": f"{overflow}_en" if overflow else ""}
    return (
        Column(f"{field}_fr", fr, f"{en} (fr)", Text(), help, required, more["fr"]),
        Column(
            f"{field}_en",
            f"{fr} (en)",
            f"{en} (en)",
            Text(),
            _("En anglais; peut rester vide."),
            False,
            more["en"],
        ),
    )


NUMBER = _("À partir de 1. Repère la ligne : changer le numéro crée une autre entrée.")
SLUG = _(
    "Minuscules sans accent, chiffres et traits d'union. Repère la ligne et fait partie de l'adresse "
    "publique."
)
DATE = _("Par exemple 2021-03-15, 2021-03, 2021, 15 mars 2021, automne 2021 ou mi-2022.")
DAY = _("Au jour près, par exemple 2021-03-15.")
LIST = _("Plusieurs valeurs se séparent par des points-virgules.")
PARAGRAPHS = _(
    "Une ligne vide sépare deux paragraphes; une ligne qui commence par « - » est un élément de liste."
)
TERRITORIES = _("Noms séparés par des points-virgules, ou « toute l'île ».")
DEMONSTRATION = Column(
    "is_demonstration",
    "démonstration",
    "demonstration",
    Flag(),
    _("oui pour une entrée inventée; vide ou non autrement."),
)

TERRITORY = Sheet(
    "territories", "territoires", "territories", Territory, ("code",),
    (
        Column("code", "code", "code", Text(), required=True),
        Column("name", "nom", "name", Text(), required=True),
        Column("kind", "nature", "kind", Choice(Territory.Kind), required=True),
        Column("abbreviation", "abréviation", "abbreviation", Text(), required=True),
        Column("latitude", "latitude", "latitude", Number(5), required=True),
        Column("longitude", "longitude", "longitude", Number(5), required=True),
    ),
    in_template=False,
)  # fmt: skip
PLAN = Sheet(
    "plan", "plan", "plan", Plan, ("slug",),
    (
        Column("slug", "identifiant", "identifier", Text(), _("Par exemple 2020-2022. Repère le plan."), required=True),
        *both("title", "titre", "title", required=True),
        Column("first_year", "première année", "first year", Integer(), required=True),
        Column("last_year", "dernière année", "last year", Integer(), required=True),
        Column("stage", "étape", "stage", Choice(Plan.Stage)),
        *both("vision", "vision", "vision"),
        *both("introduction", "introduction", "introduction", help=PARAGRAPHS),
        *both("systemic_approach", "approche systémique", "systemic approach", help=PARAGRAPHS),
        *both("implementation", "mise en œuvre", "implementation", help=PARAGRAPHS),
        *both("limits", "limites et leçons", "limits and lessons", help=PARAGRAPHS),
        Column("call_opens_at", "ouverture de l'appel", "call opens", Moment(), _("Par exemple 2021-03-15 09:00.")),
        Column("call_closes_at", "clôture de l'appel", "call closes", Moment(), _("Par exemple 2021-04-30 17:00.")),
        Column("is_current", "plan courant", "current plan", Flag(), _("oui pour un seul plan.")),
        DEMONSTRATION,
        Column("predecessor", "plan précédent", "previous plan", Reference("plan"), _("Identifiant d'un autre plan.")),
    ),
    help=_("Une seule ligne : le plan que décrivent toutes les autres feuilles."),
    rules=rules.PLAN,
)  # fmt: skip
PHASE = Sheet(
    "phases", "phases", "phases", PlanningPhase, ("number",),
    (
        Column("number", "numéro", "number", Integer(), NUMBER, required=True),
        *both("title", "titre", "title", required=True),
        *both("text", "texte", "text", help=PARAGRAPHS),
        Column("starts", "début", "start", Partial(), DATE),
        Column("ends", "fin", "end", Partial(), DATE),
    ),
    help=_("Les phases de la démarche de planification."),
    rules=rules.PHASE,
)  # fmt: skip
FIGURE = Sheet(
    "figures", "chiffres", "figures", ProcessFigure, ("phase", "position"),
    (
        Column("phase", "phase", "phase", Reference("phases"), _("Numéro de la phase; vide pour toute la démarche.")),
        Column("position", "ordre", "order", Integer(), _("Repère la ligne, avec la phase."), required=True),
        Column("value", "valeur", "value", Integer(), required=True),
        *both("label", "libellé", "label", required=True),
    ),
    help=_("Les chiffres de la démarche, tels que le Conseil les rapporte."),
)  # fmt: skip
MILESTONE = Sheet(
    "milestones", "jalons", "milestones", Milestone, ("happened", "title_fr"),
    (
        Column("happened", "date", "date", Partial(), DATE, required=True),
        *both("title", "titre", "title", help=_("Repère la ligne, avec la date."), required=True),
        *both("text", "texte", "text", help=PARAGRAPHS),
    ),
    help=_("La chronologie de la démarche."),
)  # fmt: skip
ISSUE = Sheet(
    "issues", "enjeux", "issues", CrossCuttingIssue, ("number",),
    (
        Column("number", "numéro", "number", Integer(), NUMBER, required=True),
        *both("title", "titre", "title", required=True, overflow="description"),
        *both("description", "description", "description", help=PARAGRAPHS),
    ),
    help=_("Les enjeux transversaux."),
    rules=rules.POSITIVE_NUMBER["issue"],
)  # fmt: skip
ORIENTATION = Sheet(
    "orientations", "orientations", "orientations", Orientation, ("number",),
    (
        Column("number", "numéro", "number", Integer(), NUMBER, required=True),
        *both("title", "titre", "title", required=True, overflow="problem"),
        *both("short_title", "titre court", "short title"),
        *both("problem", "problématique", "problem", help=PARAGRAPHS),
        Column("colour", "couleur", "colour", Choice(Orientation.Colour)),
    ),
    help=_("Les grandes orientations du plan."),
    rules=rules.POSITIVE_NUMBER["orientation"],
)  # fmt: skip
OBJECTIVE = Sheet(
    "objectives", "objectifs", "objectives", Objective, ("code",),
    (
        Column("code", "code", "code", ObjectiveCode(), _("Numéro de l'orientation, point, numéro de l'objectif : 3.2. Repère la ligne."), required=True),
        *both("title", "titre", "title", required=True, overflow="description"),
        *both("description", "description", "description", help=PARAGRAPHS),
        DEMONSTRATION,
    ),
    help=_("Les objectifs généraux de chaque orientation."),
    rules=rules.POSITIVE_NUMBER["objective"],
)  # fmt: skip
ORGANIZATION = Sheet(
    "organizations", "organisations", "organizations", Organization, ("slug",),
    (
        Column("slug", "identifiant", "identifier", Text(), SLUG, required=True),
        Column("name", "nom", "name", Text(), required=True, overflow="description_fr"),
        Column("acronym", "acronyme", "acronym", Text()),
        Column("sector", "secteur", "sector", Choice(Organization.Sector), required=True),
        *both("description", "description", "description", help=PARAGRAPHS),
        Column("website", "site web", "website", Text(), _("Adresse complète, avec https://")),
        Column("territories", "territoires", "territories", References("territories"), TERRITORIES),
        Column("stage", "étape", "stage", Choice(Organization.Stage)),
        DEMONSTRATION,
    ),
    help=_("Toutes les organisations du portail, qu'elles participent ou non à ce plan."),
)  # fmt: skip
PROJECT = Sheet(
    "projects", "projets", "projects", Project, ("slug",),
    (
        Column("slug", "identifiant", "identifier", Text(), SLUG, required=True),
        *both("title", "titre", "title", required=True, overflow="description"),
        *both("summary", "résumé", "summary"),
        *both("description", "description", "description", help=PARAGRAPHS),
        Column("primary_objective", "objectif principal", "primary objective", Reference("objectives"), _("Code d'un objectif, par exemple 3.2.")),
        Column("other_objectives", "autres objectifs", "other objectives", References("objectives"), LIST),
        Column("issues", "enjeux transversaux", "cross-cutting issues", References("issues"), _("Numéros séparés par des points-virgules.")),
        Column("links", "maillons", "links of the food chain", Choices(FoodChainLink), LIST),
        Column("territories", "territoires", "territories", References("territories"), TERRITORIES),
        *both("populations", "populations visées", "target populations", overflow="description"),
        Column("stage", "étape", "stage", Choice(Project.Stage)),
        Column("starts", "début", "start", Partial(), DATE),
        Column("ends", "fin", "end", Partial(), DATE),
        Column("contact_name", "personne-ressource", "contact person", Text()),
        Column("contact_email", "courriel", "e-mail", Text()),
        Column("contact_consented_on", "consentement", "consent", Day(), _("Date du consentement à publier la personne-ressource; sans elle, rien n'en paraît.")),
        Column("website", "site web", "website", Text(), _("Adresse complète, avec https://")),
        Column("published_at", "publié le", "published on", DayOfMoment(), DAY),
        DEMONSTRATION,
    ),
    help=_("Les projets du plan. Un projet archivé n'est pas exporté."),
    rules=rules.PROJECT,
)  # fmt: skip
PARTNER = Sheet(
    "partners", "partenaires", "partners", ProjectPartner, ("project", "organization", "role"),
    (
        Column("project", "projet", "project", Reference("projects"), _("Identifiant du projet."), required=True),
        Column("organization", "organisation", "organization", Reference("organizations"), _("Identifiant ou nom de l'organisation."), required=True),
        Column("role", "rôle", "role", Choice(ProjectPartner.Role), _("Un seul porteur par projet : écrire une autre organisation remplace le porteur."), required=True),
        Column("confirmed_on", "confirmé le", "confirmed on", Day(), DAY),
        Column("position", "ordre", "order", Integer(), _("Vide : à la suite, dans l'ordre des lignes.")),
    ),
    help=_("Qui participe à quel projet, et à quel titre."),
)  # fmt: skip
DELIVERABLE = Sheet(
    "deliverables", "livrables", "deliverables", Deliverable, ("project", "number"),
    (
        Column("project", "projet", "project", Reference("projects"), _("Identifiant du projet."), required=True),
        Column("number", "numéro", "number", Integer(), _("Dans le projet. Repère la ligne, avec le projet."), required=True),
        *both("title", "titre", "title", required=True),
        Column("due", "échéance", "due date", Partial(), DATE),
        Column("state", "état", "state", Choice(Deliverable.State)),
        Column("delivered_on", "livré le", "delivered on", Day(), _("Seulement quand l'état est « livré ».")),
        Column("evidence_url", "lien", "link", Text(), _("Adresse complète, avec https://")),
    ),
    help=_("Ce que chaque projet s'engage à produire."),
    rules=rules.DELIVERABLE,
)  # fmt: skip

#: In the order in which rows refer to each other.
SHEETS = (
    TERRITORY, PLAN, PHASE, FIGURE, MILESTONE, ISSUE, ORIENTATION, OBJECTIVE, ORGANIZATION, PROJECT, PARTNER, DELIVERABLE,
)  # fmt: skip
TEMPLATE_SHEETS = tuple(sheet for sheet in SHEETS if sheet.in_template)


def sheet_named(title: str, sheets: Sequence[Sheet] = SHEETS) -> Sheet | None:
    wanted = comparable(title)
    return next((s for s in sheets if wanted in (comparable(s.fr), comparable(s.en), s.name)), None)


Record = dict[str, Any]
