"""What people write of organisations and of who belongs to them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.forms import ImageField, dress
from partners.models import Invitation, JoinRequest, Membership, Organization, Territory


class OrganizationForm(forms.ModelForm):
    """A new organisation: enough for the council to know it, and for others to find it."""

    class Meta:
        model = Organization
        fields = ("name", "acronym", "sector", "website", "description_fr")
        widgets = {"description_fr": forms.Textarea({"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Nom officiel")
        self.fields["name"].help_text = _("Au long, tel que vous l'écrivez.")
        self.fields["acronym"].label = _("Acronyme, s'il y en a un")
        self.fields["sector"].label = _("Secteur")
        self.fields["website"].label = _("Site web, s'il y en a un")
        self.fields["description_fr"].label = _("Ce que fait l'organisation")
        self.fields["description_fr"].help_text = _(
            "Quelques phrases, qui paraîtront dans le répertoire des partenaires."
        )
        dress(self.fields)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class JoinForm(forms.ModelForm):
    class Meta:
        model = JoinRequest
        fields = ("message",)
        widgets = {"message": forms.Textarea({"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].label = _("Un mot pour vous présenter (facultatif)")
        self.fields["message"].help_text = _("Vos fonctions, ou qui vous connaît dans l'organisation.")
        dress(self.fields)


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ("email", "role", "language")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Courriel de la personne")
        self.fields["role"].label = _("Rôle")
        self.fields["role"].help_text = _(
            "La rédaction écrit et soumet les projets. Une personne responsable décide aussi qui est membre."
        )
        self.fields["language"].label = _("Langue de l'invitation")
        self.fields["language"].initial = (get_language() or "fr")[:2]
        dress(self.fields)


class RoleForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ("role",)


class SuccessorForm(forms.Form):
    """Who leads after the last lead has left."""

    successor = forms.ModelChoiceField(
        Membership.objects.none(), label=_("La personne qui deviendra responsable"), empty_label=None
    )

    def __init__(self, *args: Any, leaving: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Membership.objects.filter(organization=leaving.organization_id, user__is_active=True)
        field: Any = self.fields["successor"]
        field.queryset = others.exclude(pk=leaving.pk).select_related("user")
        field.label_from_instance = lambda membership: str(membership.user)
        dress(self.fields)


class PageForm(forms.Form):
    """An organisation's public page, as its lead writes it."""

    description_fr = forms.CharField(
        label=_("Ce que fait l'organisation"),
        widget=forms.Textarea({"rows": 7}),
        max_length=5000,
        required=False,
    )
    description_en = forms.CharField(
        label=_("Le même texte en anglais (facultatif)"),
        widget=forms.Textarea({"rows": 7, "lang": "en"}),
        max_length=5000,
        required=False,
    )
    website = forms.URLField(label=_("Site web"), required=False, max_length=200, assume_scheme="https")
    covers_whole_island = forms.BooleanField(label=_("Elle agit sur toute l'île"), required=False)
    territories = forms.ModelMultipleChoiceField(
        Territory.objects.all(),
        label=_("Territoires où elle agit"),
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    logo = ImageField(
        label=_("Nouveau logo"),
        help_text=_("JPEG, PNG, WebP ou GIF. Il est réduit au besoin, et ses métadonnées sont effacées."),
        widget=forms.FileInput,
        required=False,
    )
    removes_logo = forms.BooleanField(label=_("Retirer le logo actuel"), required=False)
    logo_alt_fr = forms.CharField(
        label=_("Texte de remplacement du logo"),
        help_text=_("Ce qu'entend une personne qui ne voit pas l'image : « Logo des Récoltes partagées »."),
        max_length=200,
        required=False,
    )
    logo_alt_en = forms.CharField(
        label=_("Texte de remplacement en anglais (facultatif)"), max_length=200, required=False
    )

    def __init__(self, *args: Any, has_logo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_logo = has_logo
        if not has_logo:
            del self.fields["removes_logo"]
        dress(self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        removes = bool(cleaned.get("removes_logo"))
        if cleaned.get("logo") and removes:
            self.add_error("removes_logo", _("Envoyez un nouveau logo ou retirez l'actuel, pas les deux."))
        stays = bool(cleaned.get("logo")) or (self.has_logo and not removes)
        if stays and not cleaned.get("logo_alt_fr"):
            self.add_error(
                "logo_alt_fr",
                _("Décrivez le logo en quelques mots : le texte de remplacement est obligatoire."),
            )
        return cleaned

    @property
    def content(self) -> dict[str, Any]:
        """In the shape that ``changes.propose`` takes."""
        data = self.cleaned_data
        columns = ("description_fr", "description_en", "website", "covers_whole_island")
        alternatives = {name: data[name] for name in ("logo_alt_fr", "logo_alt_en")}
        return {
            **{name: data[name] for name in columns},
            **alternatives,
            "territories": sorted(territory.slug for territory in data["territories"]),
        }
