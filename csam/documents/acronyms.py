"""What the acronyms of a document stand for: those of the food system that its texts use, and its partners'
own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from core.folding import sort_key
from csam.documents.content import PlanContent

_KNOWN = {
    "CSAM": ("Conseil du Système alimentaire montréalais", "fr"),
    "SAM": ("Système alimentaire montréalais", "fr"),
    "DRSP": ("Direction régionale de santé publique", "fr"),
    "CIUSSS": ("centre intégré universitaire de santé et de services sociaux", "fr"),
    "CMM": ("Communauté métropolitaine de Montréal", "fr"),
    "CPE": ("centre de la petite enfance", "fr"),
    "CSSDM": ("Centre de services scolaire de Montréal", "fr"),
    "GDP": ("gross domestic product", "en"),
    "HLM": ("habitation à loyer modique", "fr"),
    "ICI": ("industries, commerces et institutions", "fr"),
    "MAPAQ": ("ministère de l'Agriculture, des Pêcheries et de l'Alimentation du Québec", "fr"),
    "OBNL": ("organisme à but non lucratif", "fr"),
    "PARI": ("Plan d'action régional intégré", "fr"),
    "PIB": ("produit intérieur brut", "fr"),
    "PME": ("petites et moyennes entreprises", "fr"),
    "RECYC-QUÉBEC": ("Société québécoise de récupération et de recyclage", "fr"),
    "SAQ": ("Société des alcools du Québec", "fr"),
}
_WORD = re.compile(r"\b[A-ZÉÈ][A-ZÉÈ-]+\b")


def acronyms_in(content: PlanContent) -> list[dict[str, str]]:
    """Rows of acronym, meaning and language of the meaning, in alphabetical order."""
    used = {word for text in _texts(content) for word in _WORD.findall(text)}
    found = {acronym: meaning for acronym, meaning in _KNOWN.items() if acronym in used}
    found |= {o.acronym: (o.name, "fr") for o in content.organizations if o.acronym}
    return [
        {"acronym": acronym, "meaning": meaning, "language": language}
        for acronym, (meaning, language) in sorted(found.items(), key=lambda row: sort_key(row[0]))
    ]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))
