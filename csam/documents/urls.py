from django.urls import path, register_converter

from csam.documents import edition_views, views
from csam.documents.models import Document


class KindConverter:
    """« synthese » and « integral » in addresses, the kinds of documents in the code."""

    regex = "synthese|integral"
    kinds = {"synthese": Document.Kind.SYNTHESIS, "integral": Document.Kind.FULL}

    def to_python(self, value: str) -> str:
        return self.kinds[value]

    def to_url(self, value: str) -> str:
        return next(segment for segment, kind in self.kinds.items() if value in (segment, kind))


class LanguageConverter:
    regex = "fr|en"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "document_kind")
register_converter(LanguageConverter, "document_language")

app_name = "documents"
_OF_PERIOD = "<slug:plan>/bilans/<int:period>/"
_EDITION_OF_PERIOD = f"{_OF_PERIOD}editions/<int:number>/"
_PROGRESS = {"kind": Document.Kind.PROGRESS}

urlpatterns = [
    path("", views.document_list, name="list"),
    path("<slug:plan>/<document_kind:kind>/", views.read, name="read"),
    path(
        "<slug:plan>/<document_kind:kind>/<document_language:language>.pdf", views.download, name="download"
    ),
    path("fiches/<slug:slug>/<document_language:language>.pdf", views.sheet, name="sheet"),
    path("<slug:plan>/editions/<int:number>/", edition_views.edition, name="edition"),
    path("<slug:plan>/editions/<int:number>/changements/", edition_views.changes, name="changes"),
    path("<slug:plan>/editions/<int:number>/<document_kind:kind>/", edition_views.read, name="edition_read"),
    path(
        "<slug:plan>/editions/<int:number>/<document_kind:kind>/<document_language:language>.pdf",
        edition_views.download,
        name="edition_download",
    ),
    path(
        "<slug:plan>/editions/<int:number>/<document_kind:kind>/<document_language:language>.json",
        edition_views.data,
        name="edition_data",
    ),
    path(_OF_PERIOD, views.period_read, name="period_read"),
    path(f"{_OF_PERIOD}<document_language:language>.pdf", views.period_download, name="period_download"),
    path(_EDITION_OF_PERIOD, edition_views.edition, name="period_edition"),
    path(f"{_EDITION_OF_PERIOD}changements/", edition_views.changes, name="period_changes"),
    path(f"{_EDITION_OF_PERIOD}lire/", edition_views.read, _PROGRESS, name="period_edition_read"),
    path(
        f"{_EDITION_OF_PERIOD}<document_language:language>.pdf",
        edition_views.download,
        _PROGRESS,
        name="period_edition_download",
    ),
    path(
        f"{_EDITION_OF_PERIOD}<document_language:language>.json",
        edition_views.data,
        _PROGRESS,
        name="period_edition_data",
    ),
]
