"""Rendering collected values into HTML, and HTML into a tagged PDF."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from core.typography import typeset_html
from csam.documents.content import PlanContent
from csam.documents.sections import render_section, sections_of

Progress = Callable[[int, int], None]

STYLESHEET = "css/document.css"
FONTS = (
    "vendor/fonts/fraunces-latin-wght-normal.woff2",
    "vendor/fonts/source-sans-3-latin-wght-normal.woff2",
)
#: About how many characters of HTML make a page: tells how far the layout is, page after page.
_CHARACTERS_PER_PAGE = 4200


class DocumentError(Exception):
    """A document cannot be built; the message tells a person what to do about it."""


class RenderingUnavailable(DocumentError):
    pass


def require_weasyprint() -> Any:
    """The PDF library. Raises :class:`RenderingUnavailable` where the system lacks what it needs."""
    # Fonts cut down to the letters in use bear this date, not that of the build: equal documents have
    # equal bytes.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1577836800")
    logging.getLogger("weasyprint.progress").propagate = False
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    try:
        import weasyprint
    except OSError as error:
        raise RenderingUnavailable(
            _(
                "La bibliothèque Pango manque sur le serveur : les PDF ne peuvent pas être mis en "
                "page. Installez-la "
                "(sous Debian ou Ubuntu : apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
                "libharfbuzz-subset0; sous "
                "macOS : brew install pango), redémarrez le portail, puis redemandez le document."
            )
        ) from error
    return weasyprint


def unavailable_because() -> str:
    """Why PDF documents cannot be built on this machine; empty when they can."""
    try:
        require_weasyprint()
        for name in (STYLESHEET, *FONTS):
            static_file(name)
    except DocumentError as error:
        return str(error)
    return ""


def static_file(name: str) -> Path:
    found = finders.find(name)
    if not found:
        raise RenderingUnavailable(
            _(
                "Le fichier %(name)s manque : relancez la mise en place du portail (make run), puis "
                "redemandez le document."
            )
            % {"name": name}
        )
    return Path(str(found))


@cache
def layout_fingerprint() -> str:
    """Changes when the look of the documents changes: templates, style sheet, drawings, library."""
    digest = hashlib.sha256(
        f"{version('weasyprint')} {settings.CSAM_VERSION} {settings.SITE_ADDRESS}".encode()
    )
    folder = Path(__file__).resolve().parent
    sources = [
        *sorted((settings.BASE_DIR / "templates" / "documents").rglob("*.html")),
        *sorted(folder.glob("*.py")),
        *sorted((folder.parent / "figures").glob("*.py")),
        *sorted((settings.BASE_DIR / "locale").rglob("*.po")),
        *(static_file(name) for name in (STYLESHEET, *FONTS)),
    ]
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def build_hash(content: PlanContent) -> str:
    """Equal for builds that would make the same document."""
    return hashlib.sha256(f"{content.data_hash} {layout_fingerprint()}".encode()).hexdigest()


def document_title(content: PlanContent) -> str:
    with translation.override(content.language):
        kind = _("Plan intégral") if content.kind == "full" else _("Synthèse")
        return f"{content.title} – {kind}"


def document_html(content: PlanContent) -> tuple[str, list[tuple[str, int]]]:
    """The whole document for print, typeset; and its sections as (title, length of their HTML)."""
    with translation.override(content.language):
        sections = sections_of(content)
        rendered = [
            (section, render_section(section, content, for_print=True, site_address=settings.SITE_ADDRESS))
            for section in sections
        ]
        html = render_to_string(
            "documents/print.html",
            {
                "content": content,
                "is_full": content.kind == "full",
                "title": document_title(content),
                "as_of": content.as_of,
                "sections": rendered,
                "site_address": settings.SITE_ADDRESS,
            },
        )
    weights = [(_("Couverture et table des matières"), 4000), *((s.title, len(text)) for s, text in rendered)]
    return raise_ordinals(typeset_html(html)), weights


_SKIPPED = re.compile(r"(<(title|svg|style)\b.*?</\2>|<[^>]*>)", re.DOTALL)
_ORDINAL = re.compile(r"\b(1)(er)\b(?=[\s\u00a0])")


def raise_ordinals(html: str) -> str:
    """« 1er octobre » with its letters raised, as print asks; never inside tags, titles or drawings."""
    parts: list[str] = []
    position = 0
    for token in _SKIPPED.finditer(html):
        parts += [_ORDINAL.sub(r"\1<sup>\2</sup>", html[position : token.start()]), token[0]]
        position = token.end()
    return "".join([*parts, _ORDINAL.sub(r"\1<sup>\2</sup>", html[position:])])


def render_pdf(html: str, weights: list[tuple[str, int]], *, progress: Progress | None = None) -> bytes:
    """A PDF/UA-1 file. ``progress`` is called with the sections done and their number as pages are laid
    out."""
    weasyprint = require_weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    from csam.documents import finishing

    finishing.declare_languages()
    with _page_by_page(weights, progress):
        fetcher, fonts = _fetcher(), FontConfiguration()
        style = weasyprint.CSS(filename=static_file(STYLESHEET), url_fetcher=fetcher, font_config=fonts)
        page = weasyprint.HTML(string=html, base_url="static:/", url_fetcher=fetcher)
        document = page.render(font_config=fonts, stylesheets=[style], pdf_variant="pdf/ua-1")
        raw = document.write_pdf(pdf_variant="pdf/ua-1", finisher=finishing.finish, uncompressed_pdf=True)
    return finishing.compact(raw)


def _fetcher() -> Any:
    """Reads our own static files, and nothing else: a document never opens an address."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class StaticFetcher(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            name = url.partition("/static/")[2] if url.startswith("file:") else url.partition("static:")[2]
            if not name:
                raise ValueError(f"a document only reads static files, not {url}")
            path = static_file(name.lstrip("/"))
            kinds = {".woff2": "font/woff2", ".svg": "image/svg+xml", ".css": "text/css"}
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kinds[path.suffix]})

    return StaticFetcher()


@contextmanager
def _page_by_page(weights: list[tuple[str, int]], progress: Progress | None) -> Iterator[None]:
    """Turns « page n laid out », which the library logs, into sections done; and keeps those lines out of
    our log."""
    logger = logging.getLogger("weasyprint.progress")
    handler = _PageCounter(weights, progress) if progress else logging.NullHandler()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        if progress:
            progress(0, len(weights))
        yield
        if progress:
            progress(len(weights), len(weights))
    finally:
        logger.removeHandler(handler)


class _PageCounter(logging.Handler):
    def __init__(self, weights: list[tuple[str, int]], progress: Progress) -> None:
        super().__init__()
        self.thread = threading.get_ident()
        self.progress = progress
        total = 0
        self.ends = [
            total := total + max(1, round(length / _CHARACTERS_PER_PAGE)) for _title, length in weights
        ]
        self.done = 0

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self.thread:
            return
        if "Page %d" in record.msg and isinstance(record.args, tuple):
            page = int(str(record.args[0]))
            self.done = max(self.done, sum(1 for end in self.ends[:-1] if end < page))
        self.progress(self.done, len(self.ends))
