"""The steps of a registration as forms: they turn what is typed into a content, and back; the rules of a complete
registration live in :mod:`projects.registrations.completeness` and are only shown here.

Every form is bound, to what was sent or to what is stored. Nothing is required; only what was never offered is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.forms import ImageField
from core.listing import capital
from partners.models import Organization
from projects.models import Deliverable, FoodChainLink, Project, ProjectPartner, Registration
from projects.registrations.completeness import Problem
from projects.registrations.content import EMPTY, Content, complete
from projects.registrations.naming import Directory
from projects.registrations.vocabulary import Vocabulary

#: No text is longer, complete or not: what nobody types and a database should not be asked to keep.
LARGEST_TEXT = 50_000


class Offer:
    """What a registration may choose from."""

    def __init__(self, registration: Registration, content: Content) -> None:
        self.registration = registration
        self.content = content

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.registration.plan)

    @cached_property
    def directory(self) -> Directory:
        chosen = [row["organization"] for row in self.content["partners"] if row.get("organization")]
        return Directory.of(chosen)


class Words(forms.CharField):
    """A text, kept as it is typed."""

    def __init__(self, *, rows: int = 0, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
        options = {"required": False, "strip": False, "max_length": LARGEST_TEXT, "widget": widget, **options}
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"class": "form-control"}

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class Choice(forms.TypedChoiceField):
    def __init__(self, **options: Any) -> None:
        options = {"required": False, "widget": forms.Select(attrs={"class": "form-select"}), **options}
        super().__init__(**options)


class Boxes(forms.TypedMultipleChoiceField):
    #: Many short choices, laid in columns.
    is_long = False

    def __init__(self, **options: Any) -> None:
        widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
        super().__init__(**{"required": False, "widget": widget, **options})


class Flag(forms.BooleanField):
    def __init__(self, **options: Any) -> None:
        widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
        super().__init__(**{"required": False, "widget": widget, **options})


class Dated(Words):
    """A date as people say it; unreadable ones are kept and told."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("Par exemple 2026-09-15, mars 2026, automne 2026 ou 2026."))
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"class": "form-control form-control-short", "autocomplete": "off"}


def _helper(*layout: Any) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.include_media = False
    helper.field_template = "registrations/_field.html"
    helper.layout = Layout(*layout)
    return helper


def _english(*names: str) -> Div:
    return Div(*names, template="registrations/_english.html")


def _part(legend: str | Promise, *names: Any) -> Fieldset:
    return Fieldset(legend, *names, template="registrations/_part.html")


class RowForm(forms.Form):
    """A row of a table of the form: a partner, a deliverable, an indicator."""

    #: What a row is called, before its number.
    one: ClassVar[str | Promise] = ""
    one_key: ClassVar[str] = ""
    #: Columns that say something by themselves: a row where they are all empty is no row.
    telling: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Mapping[str, Any], *, prefix: str, offer: Offer) -> None:
        super().__init__(data, prefix=prefix)
        self.offer = offer

    @property
    def is_blank(self) -> bool:
        return not any(str(self.data.get(self.add_prefix(name)) or "").strip() for name in self.telling)

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    @classmethod
    def data_of(cls, row: Mapping[str, Any], offer: Offer) -> dict[str, Any]:
        return {name: row.get(name, "") for name in cls.base_fields}


ROLES_OF_OTHERS = (
    ProjectPartner.Role.CONTRIBUTOR,
    ProjectPartner.Role.CO_LEAD,
    ProjectPartner.Role.FUNDER,
    ProjectPartner.Role.LEAD,
)


class PartnerRow(RowForm):
    one = _("Organisation")
    one_key = "partner"
    telling = ("name",)

    name = Words(
        label=_("Organisation"),
        help_text=_(
            "Tapez son nom ou son acronyme : choisissez-la au répertoire, ou proposez-la par son nom."
        ),
    )
    role = Choice(
        label=_("Son rôle"),
        # The usual role of another organisation comes first: a new row shows it.
        choices=[(role.value, capital(role.label)) for role in ROLES_OF_OTHERS],
        empty_value=ProjectPartner.Role.CONTRIBUTOR.value,
    )

    def __init__(self, data: Mapping[str, Any], *, prefix: str, offer: Offer) -> None:
        super().__init__(data, prefix=prefix, offer=offer)
        self.fields["name"].widget.attrs |= {"list": "organisations", "autocomplete": "off"}
        self.helper = _helper("name", "role")

    def values(self) -> dict[str, Any]:
        typed = self.cleaned_data["name"]
        organization = self.offer.directory.find(typed)
        return {
            "organization": organization.pk if organization else None,
            "name": "" if organization else typed,
            "role": self.cleaned_data["role"],
        }

    @classmethod
    def data_of(cls, row: Mapping[str, Any], offer: Offer) -> dict[str, Any]:
        name = offer.directory.name(row.get("organization")) or row.get("name", "")
        return {"name": name, "role": row.get("role") or ProjectPartner.Role.CONTRIBUTOR.value}

    @property
    def chosen(self) -> Organization | None:
        """The organisation of the directory that the name stands for."""
        return self.offer.directory.find(str(self["name"].value() or ""))

    @property
    def suggestions(self) -> list[Organization]:
        """Organisations that the name may mean, where it is none of the directory's."""
        typed = str(self["name"].value() or "")
        return [] if self.chosen or self.is_blank else self.offer.directory.like(typed)


class DeliverableRow(RowForm):
    one = _("Livrable")
    telling = ("title_fr", "title_en", "due")

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title_fr = Words(
        label=_("Ce que le projet produira"),
        help_text=_("Par exemple : douze ateliers de cuisine, un guide, une cuisine aménagée."),
    )
    due = Dated(label=_("Échéance"))
    state = Choice(
        label=_("Où en est-il?"),
        choices=[(value, capital(label)) for value, label in Deliverable.State.choices],
        empty_value=Deliverable.State.TO_DO.value,
    )
    title_en = Words(label=_("Le même en anglais (facultatif)"))

    def __init__(self, data: Mapping[str, Any], *, prefix: str, offer: Offer) -> None:
        super().__init__(data, prefix=prefix, offer=offer)
        self.helper = _helper("id", "title_fr", Div("due", "state", css_class="form-pair"), "title_en")

    def clean_id(self) -> int | None:
        """Only a deliverable of this registration keeps its identity."""
        known = {row.get("id") for row in self.offer.content["deliverables"]}
        value: int | None = self.cleaned_data["id"]
        return value if value in known else None


class IndicatorRow(RowForm):
    one = _("Indicateur")
    telling = ("name_fr", "unit", "baseline", "target", "target_on")

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    name_fr = Words(
        label=_("Ce que vous compterez"),
        help_text=_("Par exemple : repas distribués, parts de marché locales."),
    )
    unit = Words(label=_("Unité"), help_text=_("Par exemple : repas, kg, personnes, %."))
    kind = Choice(
        label=_("Comment les valeurs s'additionnent"),
        help_text=_(
            "Niveau : la dernière valeur remplace les autres. Ajout : on additionne les périodes. "
            "Total cumulé : chaque valeur compte depuis le début."
        ),
    )
    direction = Choice(label=_("Le projet cherche à"))
    baseline = Words(label=_("Valeur de départ"), help_text=_("Vide si elle n'est pas encore connue."))
    target = Words(label=_("Cible"))
    target_on = Words(
        label=_("À atteindre d'ici le"), help_text=_("Une date entière, par exemple 2028-12-31.")
    )

    def __init__(self, data: Mapping[str, Any], *, prefix: str, offer: Offer) -> None:
        super().__init__(data, prefix=prefix, offer=offer)
        for name in ("kind", "direction"):
            field: Any = self.fields[name]
            field.choices = indicator_choices(name)
            field.empty_value = field.choices[0][0]
        for name in ("baseline", "target"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        self.helper = _helper(
            "key",
            "name_fr",
            Div("unit", "direction", css_class="form-pair"),
            "kind",
            Div("baseline", "target", css_class="form-pair"),
            "target_on",
        )

    def clean_key(self) -> str:
        """Only an indicator of this registration keeps its identity."""
        known = {row.get("key") for row in self.offer.content["indicators"]}
        value = str(self.cleaned_data["key"])
        return value if value in known else ""

    def values(self) -> dict[str, Any]:
        """With what the row says beyond these columns, as it was."""
        key = self.cleaned_data["key"]
        rows = self.offer.content["indicators"]
        before: dict[str, Any] = next((row for row in rows if key and row.get("key") == key), {})
        typed = {name: value for name, value in self.cleaned_data.items() if name != "key" or value}
        return {**before, **typed}


def indicator_choices(name: str) -> list[tuple[str, str]]:
    """The choices of a definition, reached by relation: the app of indicators is above this one."""
    indicator: Any = Project._meta.get_field("indicators").related_model
    definition: Any = indicator._meta.get_field("definition").related_model
    return [(value, capital(label)) for value, label in definition._meta.get_field(name).choices]


class StepForm(forms.Form):
    """One step. ``tables`` names the tables of rows that it holds."""

    tables: ClassVar[dict[str, type[RowForm]]] = {}

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        offer: Offer,
        blanks: Iterable[str] = (),
        files: Any = None,
    ) -> None:
        super().__init__(data, files)
        self.offer = offer
        self.rows = {name: self._rows(name, name in blanks) for name in self.tables}
        self.prepare()
        self.helper = _helper(*self.layout())

    def prepare(self) -> None:
        """Give the fields the choices of this registration."""

    def layout(self) -> tuple[Any, ...]:
        return tuple(self.fields)

    def _rows(self, name: str, with_blank: bool) -> list[RowForm]:
        numbers = row_numbers(self.data, name)
        if with_blank or not numbers:
            numbers.append(numbers[-1] + 1 if numbers else 0)
        row = self.tables[name]
        return [row(self.data, prefix=f"{name}-{number}", offer=self.offer) for number in numbers]

    @property
    def row_sets(self) -> list[tuple[str, list[RowForm], RowForm]]:
        """Per table: its name, its rows, and an empty one to copy."""
        return [
            (name, self.rows[name], row({}, prefix=f"{name}-__n__", offer=self.offer))
            for name, row in self.tables.items()
        ]

    def is_valid(self) -> bool:
        rows = [row.is_valid() for rows in self.rows.values() for row in rows if not row.is_blank]
        return super().is_valid() and all(rows)

    def values(self) -> Content:
        """What can be kept: what was refused stays out."""
        self.is_valid()
        found = {name: value for name, value in self.cleaned_data.items() if name in EMPTY}
        for name, rows in self.rows.items():
            filled = [row for row in rows if not row.is_blank]
            if all(row.is_valid() for row in filled):
                found[name] = [row.values() for row in filled]
        return found

    def tell(self, problems: Iterable[Problem]) -> None:
        """Show the problems beside their fields. The values are read before."""
        self.is_valid()
        for problem in problems:
            form, name = self._place(problem)
            if name not in form.errors:
                form.add_error(name, str(problem.message))

    def _place(self, problem: Problem) -> tuple[forms.Form, str | None]:
        rows = self.rows.get(problem.name, [])
        if problem.row is not None and problem.row < len(rows):
            column = "name" if problem.column == "organization" else problem.column
            return rows[problem.row], column if column in rows[problem.row].fields else None
        return self, problem.name if problem.name in self.fields else None

    @classmethod
    def data_of(cls, content: Mapping[str, Any], offer: Offer) -> dict[str, Any]:
        """What is stored, as a browser would send it."""
        full = complete(content)
        names = [name for name in cls.base_fields if name in EMPTY]
        data = {name: full[name] for name in names if full[name] is not None}
        for name, row in cls.tables.items():
            for number, values in enumerate(full[name]):
                data |= {f"{name}-{number}-{key}": v for key, v in row.data_of(values, offer).items()}
        return data


def address_of(name: str) -> str:
    return str(default_storage.url(name)) if name else ""


def row_numbers(data: Mapping[str, Any], name: str) -> list[int]:
    """The numbers of the rows that were sent, in order."""
    pattern = re.compile(rf"{name}-(\d{{1,4}})-")
    return sorted({int(match[1]) for key in data if (match := pattern.match(key))})


class ProjectForm(StepForm):
    title_fr = Words(
        label=_("Titre du projet"),
        help_text=_("Court et parlant, au plus 200 caractères. Par exemple : Marchés de ruelle à Villeray."),
    )
    summary_fr = Words(
        label=_("Résumé"),
        rows=3,
        help_text=_(
            "Une ou deux phrases, au plus 400 caractères : c'est ce qu'on lit sur la carte du projet. Par exemple : "
            "Des fruits et légumes frais, à prix coûtant, chaque jeudi d'été dans six ruelles."
        ),
    )
    description_fr = Words(
        label=_("Description"),
        rows=9,
        help_text=_(
            "Quel problème le projet règle-t-il, pour qui, comment? Qu'est-ce qui aura changé à la fin? "
            "Écrivez comme vous l'expliqueriez à un voisin; une ligne vide sépare deux paragraphes."
        ),
    )
    stage = Choice(
        label=_("Où en est le projet?"),
        choices=[(value, capital(label)) for value, label in Project.Stage.choices],
        empty_value=Project.Stage.PLANNED.value,
    )
    website = Words(
        label=_("Site web (facultatif)"),
        help_text=_("L'adresse complète d'une page sur le projet, par exemple https://exemple.org/marches."),
    )
    title_en = Words(label=_("Titre en anglais"))
    summary_en = Words(label=_("Résumé en anglais"), rows=3)
    description_en = Words(label=_("Description en anglais"), rows=7)

    image_file = ImageField(
        required=False,
        label=_("Image"),
        widget=forms.FileInput(attrs={"class": "form-control"}),
        help_text=_(
            "Une photo ou une illustration, en JPEG, PNG, WebP ou GIF. Elle s'enregistre dès que vous la choisissez, "
            "ou avec le bouton « Enregistrer »."
        ),
    )
    image_alt_fr = Words(
        label=_("Ce que montre l'image"),
        help_text=_(
            "Pour qui ne la voit pas. Par exemple : une table de légumes dans une ruelle, trois personnes."
        ),
    )
    image_alt_en = Words(label=_("Ce que montre l'image, en anglais (facultatif)"))

    @property
    def picture(self) -> str:
        """The address of the picture kept so far."""
        return address_of(str(self.offer.content["image"]))

    def layout(self) -> tuple[Any, ...]:
        return (
            _part(_("En français"), "title_fr", "summary_fr", "description_fr"),
            _english("title_en", "summary_en", "description_en"),
            _part(_("Pour s'y retrouver"), "stage", "website"),
            _part(
                _("Une image (facultatif)"),
                HTML(
                    '<div data-picture>{% include "registrations/_picture.html" with picture=form.picture only %}</div>'
                ),
                "image_file",
                "image_alt_fr",
                "image_alt_en",
            ),
        )


class PlaceForm(StepForm):
    primary_objective = Choice(
        label=_("Objectif principal"),
        coerce=int,
        empty_value=None,
        help_text=_("L'objectif général auquel le projet répond d'abord. Un seul."),
    )
    objectives = Boxes(
        label=_("Autres objectifs (facultatif)"),
        coerce=int,
        help_text=_("Ceux que le projet sert aussi, s'il y en a."),
    )
    issues = Boxes(
        label=_("Enjeux transversaux (facultatif)"),
        coerce=int,
        help_text=_("Ce qui traverse tout le plan, et que le projet prend en compte."),
    )
    links = Boxes(
        label=_("Maillons de la chaîne alimentaire"),
        choices=[(value, capital(label)) for value, label in FoodChainLink.choices],
        help_text=_("Là où le projet agit : cochez-en au moins un."),
    )

    def prepare(self) -> None:
        words = self.offer.vocabulary
        groups = [
            (f"{o.number}. {o.name}", [(c.pk, f"{c.code} {c.title}") for c in o.objectives.all()])
            for o in words.orientations
        ]
        fields: dict[str, Any] = self.fields
        fields["primary_objective"].choices = [("", _("Choisir un objectif")), *groups]
        fields["objectives"].choices = groups
        fields["issues"].choices = [(issue.pk, issue.title) for issue in words.issues]
        if not words.issues:
            del self.fields["issues"]


class PartnersForm(StepForm):
    tables = {"partners": PartnerRow}

    own_role = Choice(
        label=_("Le rôle de votre organisation"),
        choices=[(value, capital(label)) for value, label in ProjectPartner.Role.choices],
        empty_value=ProjectPartner.Role.LEAD.value,
        help_text=_(
            "Le porteur répond du projet; il y en a un seul. Les coporteurs le mènent avec lui, les collaborateurs "
            "y participent, les bailleurs de fonds le financent."
        ),
    )


class TerritoryForm(StepForm):
    covers_whole_island = Flag(label=_("Le projet agit sur toute l'île"))
    territories = Boxes(
        label=_("Sinon, sur quels territoires?"),
        coerce=int,
        help_text=_("Arrondissements et villes liées. Cochez tous ceux où le projet agit."),
    )
    populations_fr = Words(
        label=_("Populations visées (facultatif)"),
        help_text=_(
            "Par exemple : familles du quartier, personnes aînées, écoles primaires. Au plus 300 caractères."
        ),
    )
    populations_en = Words(label=_("Populations visées, en anglais (facultatif)"))
    contact_name = Words(
        label=_("Personne-ressource"), help_text=_("La personne à qui le Conseil écrit au sujet du projet.")
    )
    contact_email = Words(label=_("Son courriel"), help_text=_("Par exemple : nom@exemple.org."))
    contact_consent = Flag(
        label=_("Cette personne accepte que son nom et son courriel soient publiés avec le projet"),
        help_text=_("Sans cette case, ils restent entre le Conseil et vous."),
    )

    def prepare(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["territories"].choices = [(t.pk, t.name) for t in self.offer.vocabulary.territories]
        fields["territories"].is_long = True
        for name in ("contact_name", "contact_email"):
            fields[name].widget.attrs["autocomplete"] = "off"
        fields["contact_email"].widget.attrs["inputmode"] = "email"

    def layout(self) -> tuple[Any, ...]:
        return (
            _part(_("Où"), "covers_whole_island", "territories"),
            _part(_("Pour qui"), "populations_fr", "populations_en"),
            _part(_("À qui écrire"), "contact_name", "contact_email", "contact_consent"),
        )


class TimetableForm(StepForm):
    tables = {"deliverables": DeliverableRow}

    starts = Dated(label=_("Début du projet"))
    ends = Dated(
        label=_("Fin du projet (facultatif)"),
        help_text=_("Laissez vide pour un projet qui continue sans fin prévue."),
    )

    def layout(self) -> tuple[Any, ...]:
        return (Div("starts", "ends", css_class="form-pair"),)


class IndicatorsForm(StepForm):
    tables = {"indicators": IndicatorRow}


FORMS: dict[str, type[StepForm]] = {
    "projet": ProjectForm,
    "plan": PlaceForm,
    "partenaires": PartnersForm,
    "territoire": TerritoryForm,
    "livrables": TimetableForm,
    "indicateurs": IndicatorsForm,
}
