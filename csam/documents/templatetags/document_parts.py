"""What the sections of a document share: texts with their language, and links that suit paper or screen."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core.partial_dates import PartialDate
from core.templatetags.words import paragraphs
from core.typography import typeset
from csam.documents import figures
from csam.documents.content import PROGRESS, SHEET, Measured, PeriodPart, Tally, Text
from csam.figures.charts import FAMILIES, coverage_text
from indicators.explaining import figure

register = template.Library()


@register.filter
def said(text: Text) -> SafeString:
    """A text, escaped; marked as being in the other language where it stands in for one that is missing."""
    if not _is_foreign(text):
        return escape(text.value)
    return format_html(
        '<span lang="{}-CA">{}</span> <small class="in-french">{}</small>',
        text.language,
        text.value,
        _of(text),
    )


@register.filter
def said_paragraphs(text: Text) -> SafeString:
    """A long text as paragraphs and lists, marked like ``said``."""
    html = paragraphs(text.value)
    if not _is_foreign(text):
        return html
    return format_html(
        '<div lang="{}-CA">{}</div><p><small class="in-french">{}</small></p>', text.language, html, _of(text)
    )


@register.filter
def full_day(iso: str) -> str:
    """A day in ISO 8601 in words."""
    return PartialDate(dt.date.fromisoformat(iso)).format()


@register.filter
def site_page(path: str, site_address: str) -> str:
    """The address without its scheme, as print shows it."""
    return f"{site_address.partition('://')[2]}{path}"


@register.filter
def typeset_in(text: str, language: str) -> str:
    """Typeset text for an attribute, which the typesetting of whole pages leaves alone."""
    return typeset(text, language)


@register.filter
def kind_name(kind: str) -> str:
    """A kind of document as the title of one."""
    if kind == PROGRESS:
        return pgettext("document", "Bilan d'étape")
    return _("Plan intégral") if kind == "full" else _("Synthèse")


@register.simple_tag(takes_context=True)
def reading_path(context: Context) -> str:
    """Where the document is read on the site, always the latest."""
    content = context["content"]
    if content.period:
        return reverse("documents:period_read", kwargs={"plan": content.slug, "period": content.period.key})
    return reverse("documents:read", kwargs={"plan": content.slug, "kind": content.kind})


@register.simple_tag(takes_context=True)
def edition_path(context: Context) -> str:
    """Where the edition that it belongs to stays."""
    content = context["content"]
    values = {"plan": content.slug, "number": content.edition}
    if content.period:
        return reverse("documents:period_edition", kwargs={**values, "period": content.period.key})
    return reverse("documents:edition", kwargs=values)


@register.simple_tag(takes_context=True)
def project_href(context: Context, project: Any) -> str:
    """The project's sheet in the full plan; elsewhere its page on the site."""
    if context["is_full"]:
        return f"#projet-{project.slug}"
    return f"{context['site_address']}{reverse('projects:detail', kwargs={'slug': project.slug})}"


@register.simple_tag(takes_context=True)
def organization_href(context: Context, slug: str) -> str:
    """The organisation's entry in the directory, or its page on the site from a sheet of its own;
    organisations without one have none."""
    if slug not in context["organizations"]:
        return ""
    return _outside(context, "partners:detail", slug=slug) or f"#partenaire-{slug}"


@register.simple_tag(takes_context=True)
def objective_href(context: Context, code: str) -> str:
    """The objective in the document, or its page on the site from a sheet of its own."""
    slug = context["content"].slug
    return _outside(context, "plans:objective", plan=slug, code=code) or f"#objectif-{code}"


@register.simple_tag(takes_context=True)
def territory_names(context: Context, codes: tuple[str, ...]) -> list[str]:
    names = {t.code: t.name for t in context["content"].territories}
    return [names[code] for code in codes if code in names]


@register.simple_tag(takes_context=True)
def issue_titles(context: Context, numbers: tuple[int, ...]) -> list[Text]:
    return [issue.title for issue in context["content"].issues if issue.number in numbers]


@register.simple_tag(takes_context=True)
def objectives_named(context: Context, codes: tuple[str, ...]) -> list[Any]:
    """The objectives with those codes, in the order of the codes."""
    known = {objective.code: objective for objective in context["content"].objectives}
    return [known[code] for code in codes if code in known]


@register.simple_tag
def quantity(value: str, decimals: int, unit: str = "") -> str:
    """A number of the collected values with its unit, as the site writes it; a dash where there is none."""
    return figure(Decimal(value) if value else None, decimals, unit)


@register.simple_tag(takes_context=True)
def progress_bar(context: Context, measured: Measured) -> SafeString:
    return figures.bar(measured, context["content"].language, for_print=context["for_print"])


@register.simple_tag(takes_context=True)
def status_stack(context: Context, tally: Tally) -> SafeString:
    return figures.stack(tally, context["content"].language, for_print=context["for_print"])


@register.simple_tag(takes_context=True)
def coverage_drawing(context: Context, part: PeriodPart) -> SafeString:
    return figures.squares(part, context["content"].language, for_print=context["for_print"])


@register.filter
def status_family(status: str) -> str:
    """« good », « watch », « bad », « open » or « silent »: how a status is dressed."""
    return FAMILIES[status]


@register.simple_tag
def coverage(reported: int, expected: int) -> str:
    return coverage_text(reported, expected)


def _outside(context: Context, name: str, **values: str) -> str:
    """The address of a page of the site, where the document is no more than one sheet."""
    if context["content"].kind != SHEET:
        return ""
    return f"{context['site_address']}{reverse(name, kwargs=values)}"


def _of(text: Text) -> str:
    return _("(en français)") if text.language == "fr" else _("(en anglais)")


def _is_foreign(text: Text) -> bool:
    return bool(text) and text.language != (get_language() or "fr")[:2]
