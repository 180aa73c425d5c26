"""Bilingual and typographic helpers for templates."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from django import template
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.partial_dates import PartialDate, Precision
from core.translation import SOURCE_LANGUAGE, text_and_language

register = template.Library()

_BULLET = re.compile(r"^\s*[-•*–]\s+")


@register.filter
def localized(obj: object, name: str) -> SafeString:
    """``{{ project|localized:"title" }}``: the text in the reader's language; French, marked, where there
    is none.
    """
    text, language = text_and_language(obj, name)
    if _is_foreign(language) and text:
        return format_html('<span lang="fr">{}</span> {}', text, _in_french())
    return escape(text)


@register.filter
def stored(name: str) -> str:
    """The address of a stored file: ``{{ piece.text|stored }}``. Who may read it is for :mod:`csam.media` to say."""
    return default_storage.url(name)


@register.filter
def foreign_language(obj: object, name: str) -> str:
    """The language of a text that is not in the reader's: ``fr`` where the English is missing, else nothing.

    For the places that take no markup, or no note beside the text: the end of a breadcrumb, an attribute.
    """
    text, language = text_and_language(obj, name)
    return language if text and _is_foreign(language) else ""


@register.filter
def localized_paragraphs(obj: object, name: str) -> SafeString:
    """Long text as paragraphs and lists: a blank line parts paragraphs, lines that begin with « - » are a
    list.
    """
    text, language = text_and_language(obj, name)
    html = paragraphs(text)
    if _is_foreign(language) and text:
        return format_html('<div lang="fr">{}</div><p>{}</p>', html, _in_french())
    return html


@register.filter
def paragraphs(text: str) -> SafeString:
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return mark_safe("".join(_block(block) for block in blocks if block))  # noqa: S308 - each line is escaped


@register.filter
def partial_date(value: PartialDate | None) -> SafeString | str:
    """A partial date in words, in a ``<time>`` where ISO 8601 has a form for it."""
    if value is None:
        return ""
    if value.precision in (Precision.DAY, Precision.MONTH, Precision.YEAR):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), value.format())
    return value.format()


@register.filter
def day(value: dt.date | dt.datetime | None) -> SafeString | str:
    """A full date in words: « 1er octobre 2020 »."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return partial_date(PartialDate(value))


@register.filter
def number(value: Decimal | float | None, decimals: int = 0) -> str:
    """A number as it is written in the reader's language: 1 234,5 or 1,234.5."""
    return "" if value is None else number_format(value, decimals, use_l10n=True, force_grouping=True)


@register.filter
def file_size(size: int | None) -> str:
    """The size of a file as readers know it: « 271 ko », « 1,2 Mo »; kB and MB in English."""
    if not size:
        return "–"
    if size < 1_000_000:
        return _("%(size)s ko") % {"size": number_format(max(1, round(size / 1000)), 0)}
    return _("%(size)s Mo") % {"size": number_format(size / 1_000_000, 1)}


def _is_foreign(language: str) -> bool:
    return language == SOURCE_LANGUAGE and (get_language() or SOURCE_LANGUAGE)[:2] != SOURCE_LANGUAGE


def _in_french() -> SafeString:
    return format_html('<small class="in-french">{}</small>', _("(en français)"))


def _block(block: str) -> str:
    html: list[str] = []
    lines: list[str] = []
    items: list[str] = []

    def flush() -> None:
        if lines:
            html.append(f"<p>{'<br>'.join(str(escape(line)) for line in lines)}</p>")
            lines.clear()
        if items:
            html.append(f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>")
            items.clear()

    for line in block.split("\n"):
        if match := _BULLET.match(line):
            if lines:
                flush()
            items.append(line[match.end() :].strip())
        elif line.strip():
            if items:
                flush()
            lines.append(line.strip())
    flush()
    return "".join(html)
