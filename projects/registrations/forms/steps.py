"""What each step asks, in the order of the form."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML, Div
from django import forms
from django.utils.translation import gettext_lazy as _

from core.draft_fields import Boxes, Choice, Dated, Flag, Words
from core.forms import ImageField
from core.listing import capital
from core.uploads import address_of
from projects.models import FoodChainLink, Project, ProjectPartner
from projects.registrations.forms.layout import english, part
from projects.registrations.forms.rows import DeliverableRow, IndicatorRow, PartnerRow
from projects.registrations.forms.step import StepForm


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
            part(_("En français"), "title_fr", "summary_fr", "description_fr"),
            english("title_en", "summary_en", "description_en"),
            part(_("Pour s'y retrouver"), "stage", "website"),
            part(
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
            part(_("Où"), "covers_whole_island", "territories"),
            part(_("Pour qui"), "populations_fr", "populations_en"),
            part(_("À qui écrire"), "contact_name", "contact_email", "contact_consent"),
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
