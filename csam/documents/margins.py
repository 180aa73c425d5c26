"""What stands around the text of each page: running heads, the foot, the page number.

It is laid out last, when every page is known, so that a page moved or a new date leaves the pieces as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from django.utils import translation
from django.utils.translation import gettext as _

from core.typography import typeset
from csam.documents.content import PlanContent
from csam.documents.templatetags.document_parts import full_day


@dataclass(frozen=True)
class PageMargins:
    #: The page's name in the style sheet, which decides what is shown and in which colour.
    name: str
    running: str


def margins_html(content: PlanContent, pages: Iterable[PageMargins], *, first: int = 1) -> str:
    """A page with nothing but its margins for each of these pages, in order; ``first`` is the number of the first."""
    rows = list(pages)
    names = sorted({page.name for page in rows if page.name})
    title = typeset(str(content.subject), content.subject.language)
    common = f'data-plan="{escape(title)}" data-foot="{escape(_foot(content))}"'
    rules = f"@page :first {{ counter-reset: page {first} }}" if first > 1 else ""
    rules += "".join(f".page-{name} {{ page: {name} }}" for name in names)
    divs = "".join(
        f'<div class="margins page-{page.name}" {common} data-running="{escape(page.running)}"></div>'
        for page in rows
    )
    return (
        f'<!DOCTYPE html><html lang="{content.language}-CA"><head><title>margins</title><style>{rules}</style></head>'
        f"<body>{divs}</body></html>"
    )


def _foot(content: PlanContent) -> str:
    with translation.override(content.language):
        foot = _("Données au %(day)s") % {"day": full_day(content.as_of)}
        if content.edition:
            foot = f"{_('Édition %(number)s') % {'number': content.edition}} · {foot}"
        if content.has_demonstration_data:
            foot = f"{foot} · {_('Données de démonstration')}"
        return typeset(foot, content.language)
