from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from csam.workbook.period_book.opening import MAX_BYTES


class PeriodBookForm(forms.Form):
    file = forms.FileField(
        label=_("Classeur rempli"),
        help_text=_("Le classeur .xlsx téléchargé ici, une fois rempli. Au plus 2 Mo."),
        widget=forms.FileInput(attrs={"accept": ".xlsx", "class": "form-control"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(_("Ce fichier dépasse 2 Mo. Repartez du modèle."))
        return file
