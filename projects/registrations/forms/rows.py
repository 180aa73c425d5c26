"""The rows of the tables of the form: partners, deliverables, indicators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from crispy_forms.layout import Div
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.draft_fields import Choice, Dated, Words
from core.listing import capital
from partners.models import Organization
from projects.models import Deliverable, Project, ProjectPartner
from projects.registrations.forms.layout import helper
from projects.registrations.forms.offer import Offer


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
        self.helper = helper("name", "role")

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
        self.helper = helper("id", "title_fr", Div("due", "state", css_class="form-pair"), "title_en")

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
        self.helper = helper(
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
