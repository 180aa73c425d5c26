"""What a registration still needs before it can be submitted: every rule of the form, callable without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.partial_dates import PartialDate, UnreadableDateError
from partners.merging import successors
from partners.models import Organization, Territory
from plans.models import CrossCuttingIssue, Objective, Plan
from projects.models import Deliverable, FoodChainLink, Project, ProjectPartner
from projects.registrations.content import TEXTS, Content, complete, followed, named_organizations


@dataclass(frozen=True)
class Step:
    """A page of the form, with the keys of the content that it asks for."""

    key: str
    label: str | Promise
    names: tuple[str, ...]


STEPS = (
    Step(
        "projet",
        _("Le projet"),
        (
            "title_fr",
            "title_en",
            "summary_fr",
            "summary_en",
            "description_fr",
            "description_en",
            "stage",
            "website",
            "image",
            "image_alt_fr",
            "image_alt_en",
        ),
    ),
    Step("plan", _("Sa place dans le plan"), ("primary_objective", "objectives", "issues", "links")),
    Step("partenaires", _("Les partenaires"), ("own_role", "partners")),
    Step(
        "territoire",
        _("Le territoire et les personnes"),
        (
            "covers_whole_island",
            "territories",
            "populations_fr",
            "populations_en",
            "contact_name",
            "contact_email",
            "contact_consent",
        ),
    ),
    Step("livrables", _("Les livrables et le calendrier"), ("starts", "ends", "deliverables")),
    Step("indicateurs", _("Les indicateurs"), ("indicators",)),
    Step("verification", _("Vérifier et soumettre"), ()),
)
STEP_OF = {name: step for step in STEPS for name in step.names}

#: The longest text of each field, in characters; longer ones are kept in a draft and told.
LONGEST = {
    "title_fr": 200,
    "title_en": 200,
    "summary_fr": 400,
    "summary_en": 400,
    "description_fr": 8000,
    "description_en": 8000,
    "populations_fr": 300,
    "populations_en": 300,
    "image_alt_fr": 200,
    "image_alt_en": 200,
    "contact_name": 150,
    "contact_email": 254,
    "website": 200,
    "image": 100,
}
MOST_ROWS = 60


@dataclass(frozen=True)
class Problem:
    """Something to mend before submitting: the field, the row of its table (from 0) and its column."""

    name: str
    message: str | Promise
    row: int | None = None
    column: str = ""

    @property
    def step(self) -> Step:
        return STEP_OF[self.name]

    @property
    def anchor(self) -> str:
        """Where its field stands on the page of its step."""
        if self.row is None:
            return self.name if self.name in ("partners", "deliverables", "indicators") else f"id_{self.name}"
        return f"{self.name}-{self.row}"


#: Further rules, of indicators for instance: ``function(content)`` gives problems.
more_rules: list[Callable[[Content], Iterator[Problem]]] = []


@dataclass(frozen=True)
class Known:
    """The rows that contents may point at, read once for all of them."""

    objectives: frozenset[tuple[int, int]]
    issues: frozenset[tuple[int, int]]
    organizations: frozenset[int]
    territories: frozenset[int]
    #: What became of organisations that were merged.
    moved: Mapping[int, int]

    @classmethod
    def of(cls, contents: Iterable[Content], plans: Iterable[int]) -> Known:
        """Objectives and issues stand with their plan."""
        full = [complete(content) for content in contents]
        named = named_organizations(*full)
        rows = Organization.objects.filter(pk__in=named).values_list("pk", "merged_into")
        moved = successors(pk for pk, merged in rows if merged)
        named = {moved.get(pk, pk) for pk in named}
        ties = Objective.objects.filter(orientation__plan__in=plans).order_by()
        issues = CrossCuttingIssue.objects.filter(plan__in=plans).order_by()
        living = Organization.objects.filter(pk__in=named).exclude(stage=Organization.Stage.ARCHIVED)
        return cls(
            objectives=frozenset(ties.values_list("orientation__plan", "pk")),
            issues=frozenset(issues.values_list("plan", "pk")),
            organizations=frozenset(living.values_list("pk", flat=True)),
            territories=frozenset(Territory.objects.values_list("pk", flat=True)),
            moved=moved,
        )


def problems(
    content: Content, *, plan: Plan, organization: Organization, known: Known | None = None
) -> list[Problem]:
    """Everything that keeps this content from being submitted, in the order of the steps."""
    full = complete(content)
    known = known or Known.of([full], [plan.pk])
    full = followed(full, known.moved, own=organization.pk)
    found = [
        *_project(full),
        *_place(full, plan, known),
        *_partners(full, organization, known),
        *_territory(full, known),
        *_timetable(full),
        *(problem for rule in more_rules for problem in rule(full)),
    ]
    order = list(STEPS)
    return sorted(found, key=lambda problem: order.index(problem.step))


def is_complete(step: Step, found: list[Problem]) -> bool:
    return not any(problem.step == step for problem in found)


def _required(full: Content, name: str, message: str | Promise) -> Iterator[Problem]:
    if not str(full[name] or "").strip():
        yield Problem(name, message)


def _lengths(full: Content) -> Iterator[Problem]:
    for name in TEXTS:
        excess = len(str(full[name])) - LONGEST[name]
        if excess > 0:
            message = _("Ce texte dépasse de %(excess)s caractères les %(longest)s permis.")
            yield Problem(name, message % {"excess": excess, "longest": LONGEST[name]})


def _project(full: Content) -> Iterator[Problem]:
    yield from _required(full, "title_fr", _("Donnez un titre au projet."))
    yield from _required(full, "summary_fr", _("Résumez le projet en une ou deux phrases."))
    yield from _required(
        full, "description_fr", _("Décrivez le projet : ce qu'il change, pour qui et comment.")
    )
    yield from _lengths(full)
    if full["stage"] not in Project.Stage.values:
        yield Problem("stage", _("Choisissez l'étape du projet."))
    if full["website"] and not _passes(URLValidator(schemes=["http", "https"]), full["website"]):
        yield Problem("website", _("Écrivez une adresse complète, par exemple https://exemple.org."))
    if full["image"] and not full["image_alt_fr"].strip():
        yield Problem("image_alt_fr", _("Décrivez l'image en quelques mots, pour qui ne la voit pas."))


def _place(full: Content, plan: Plan, known: Known) -> Iterator[Problem]:
    objectives = {pk for plan_pk, pk in known.objectives if plan_pk == plan.pk}
    if full["primary_objective"] not in objectives:
        yield Problem(
            "primary_objective", _("Choisissez l'objectif général auquel le projet répond d'abord.")
        )
    if not objectives.issuperset(full["objectives"]):
        yield Problem("objectives", _("Un des objectifs choisis n'est pas de ce plan."))
    issues = {pk for plan_pk, pk in known.issues if plan_pk == plan.pk}
    if not issues.issuperset(full["issues"]):
        yield Problem("issues", _("Un des enjeux choisis n'est pas de ce plan."))
    if not full["links"]:
        yield Problem("links", _("Cochez au moins un maillon de la chaîne alimentaire."))
    elif not set(FoodChainLink.values).issuperset(full["links"]):
        yield Problem("links", _("Choisissez parmi les maillons proposés."))


def _partners(full: Content, organization: Organization, known: Known) -> Iterator[Problem]:
    lead = ProjectPartner.Role.LEAD
    if full["own_role"] not in ProjectPartner.Role.values:
        yield Problem("own_role", _("Dites quel rôle votre organisation tient dans le projet."))
    rows = full["partners"]
    if len(rows) > MOST_ROWS:
        yield Problem("partners", _("Un projet compte au plus %(most)s partenaires.") % {"most": MOST_ROWS})
    seen = {(organization.pk, full["own_role"])}
    for index, row in enumerate(rows):
        key = (row.get("organization") or row.get("name", "").strip().casefold(), row.get("role"))
        if not key[0]:
            yield Problem("partners", _("Choisissez une organisation ou écrivez son nom."), index, "name")
        elif row.get("organization") and row["organization"] not in known.organizations:
            yield Problem(
                "partners", _("Cette organisation n'est plus au répertoire."), index, "organization"
            )
        elif key in seen:
            yield Problem("partners", _("Cette organisation tient déjà ce rôle."), index, "role")
        if row.get("role") not in ProjectPartner.Role.values:
            yield Problem("partners", _("Choisissez un rôle."), index, "role")
        seen.add(key)
    leads = [full["own_role"], *(row.get("role") for row in rows)].count(lead)
    if leads != 1:
        message = _("Indiquez un porteur, et un seul : les autres sont coporteurs.")
        yield Problem("own_role" if not leads else "partners", message)


def _territory(full: Content, known: Known) -> Iterator[Problem]:
    if not full["covers_whole_island"]:
        chosen = set(full["territories"])
        if not chosen:
            yield Problem("territories", _("Cochez les territoires où le projet agit, ou « toute l'île »."))
        elif not known.territories.issuperset(chosen):
            yield Problem("territories", _("Choisissez parmi les territoires proposés."))
    yield from _required(full, "contact_name", _("Nommez la personne à qui le Conseil peut écrire."))
    yield from _required(full, "contact_email", _("Donnez le courriel de la personne-ressource."))
    if full["contact_email"] and not _passes(EmailValidator(), full["contact_email"]):
        yield Problem("contact_email", _("Écrivez un courriel complet, par exemple nom@exemple.org."))


def _timetable(full: Content) -> Iterator[Problem]:
    dates: dict[str, PartialDate] = {}
    for name in ("starts", "ends"):
        try:
            if full[name].strip():
                dates[name] = PartialDate.parse(full[name])
        except UnreadableDateError as error:
            yield Problem(name, str(error))
    if not full["starts"].strip():
        yield Problem(
            "starts", _("Dites quand le projet commence, même à peu près : « automne 2025 » suffit.")
        )
    if len(dates) == 2 and dates["ends"].last_day < dates["starts"].first_day:
        yield Problem("ends", _("La fin ne peut pas précéder le début."))
    rows = full["deliverables"]
    if not rows:
        yield Problem("deliverables", _("Nommez au moins un livrable : ce que le projet produira."))
    if len(rows) > MOST_ROWS:
        yield Problem("deliverables", _("Un projet compte au plus %(most)s livrables.") % {"most": MOST_ROWS})
    for index, row in enumerate(rows):
        yield from _deliverable(index, row)


def _deliverable(index: int, row: dict[str, Any]) -> Iterator[Problem]:
    if not row.get("title_fr", "").strip():
        yield Problem("deliverables", _("Donnez un titre au livrable."), index, "title_fr")
    for column in ("title_fr", "title_en"):
        if len(row.get(column, "")) > 250:
            yield Problem("deliverables", _("Ce titre dépasse 250 caractères."), index, column)
    if row.get("state", "to_do") not in Deliverable.State.values:
        yield Problem("deliverables", _("Choisissez un état."), index, "state")
    try:
        if row.get("due", "").strip():
            PartialDate.parse(row["due"])
    except UnreadableDateError as error:
        yield Problem("deliverables", str(error), index, "due")


def _passes(validator: Callable[[str], None], value: str) -> bool:
    try:
        validator(value)
    except ValidationError:
        return False
    return True
