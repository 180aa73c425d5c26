from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from csam.workbook.raw import MAX_BYTES
from plans.models import Plan


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Classeur"),
        help_text=_("Un classeur .xlsx, un fichier CSV ou un .zip de fichiers CSV."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt,.zip"}),
    )
    plan = forms.ModelChoiceField(
        Plan.objects.all(),
        label=_("Plan"),
        required=False,
        to_field_name="slug",
        empty_label=_("Celui que décrit le fichier"),
        help_text=_("À choisir quand le fichier n'a pas de feuille « plan »."),
    )
    mapping = forms.FileField(
        label=_("Correspondance"),
        required=False,
        help_text=_(
            "Seulement pour un tableau d'une autre forme : le fichier .toml qui dit où vont ses colonnes."
        ),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )

    def clean_file(self) -> UploadedFile:
        return _of_reasonable_size(self.cleaned_data["file"])

    def clean_mapping(self) -> UploadedFile | None:
        mapping = self.cleaned_data["mapping"]
        return _of_reasonable_size(mapping) if mapping else None


class ExportForm(forms.Form):
    plan = forms.ModelChoiceField(Plan.objects.all(), label=_("Plan"), to_field_name="slug", empty_label=None)
    form = forms.ChoiceField(
        label=_("Forme"),
        choices=[("xlsx", _("classeur (.xlsx)")), ("zip", _("fichiers CSV (.zip)"))],
        initial="xlsx",
    )
    language = forms.ChoiceField(
        label=_("Langue des titres de colonnes"),
        choices=[("fr", _("français")), ("en", _("anglais"))],
        initial="fr",
    )


class TemplateForm(ExportForm):
    """The empty template: the form and the language of an export, of no plan."""

    plan: Any = None


def _of_reasonable_size(file: UploadedFile) -> UploadedFile:
    if (file.size or 0) > MAX_BYTES:
        raise forms.ValidationError(
            _("Le fichier dépasse %(size)d Mo. Partagez-le en plusieurs fichiers."),
            params={"size": MAX_BYTES // 1024 // 1024},
        )
    return file
