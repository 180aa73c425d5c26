"""Bilingual model fields: one real column per language, French always there, English optional."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from translated_fields import TranslatedField, to_attribute

SOURCE_LANGUAGE = "fr"


def text_and_language(obj: object, name: str, language: str | None = None) -> tuple[str, str]:
    """The text of a translated field and the language it is in.

    The English text falls back to French when it is empty, so that no page is blank; whoever prints it
    marks the passage with the language returned.
    """
    wanted = language or get_language() or SOURCE_LANGUAGE
    text = getattr(obj, to_attribute(name, wanted), "")
    if text or wanted == SOURCE_LANGUAGE:
        return text, wanted
    return getattr(obj, to_attribute(name, SOURCE_LANGUAGE)), SOURCE_LANGUAGE


def is_translated(obj: object, *names: str) -> bool:
    """Whether each of these texts that exists in French exists in English too."""
    return all(
        getattr(obj, to_attribute(name, "en")) or not getattr(obj, to_attribute(name, "fr")) for name in names
    )


def _with_fallback(name: str, field: TranslatedField) -> Callable[[object], str]:
    return lambda obj: text_and_language(obj, name)[0]


def translated(field: models.Field[Any, Any]) -> Any:
    """A field in both languages: ``title = translated(CharField(...))`` makes ``title_fr`` and ``title_en``.

    ``obj.title`` reads the active language with fallback to French. English may always stay empty.
    """
    verbose_name = field.verbose_name
    specific = {"en": {"blank": True, "verbose_name": format_lazy("{} {}", verbose_name, _("(anglais)"))}}
    return TranslatedField(field, specific, attrgetter=_with_fallback)
