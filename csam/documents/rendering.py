"""From collected values to a tagged PDF: cut, lay out what is not kept from before, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from csam.documents.content import PlanContent
from csam.documents.errors import DocumentError, RenderingUnavailable, pango_is_missing
from csam.documents.fragments import Fragment, fragments_of, sheet_of
from csam.documents.margins import PageMargins, margins_html
from csam.documents.merging import merge
from csam.documents.press import (
    FONTS,
    STYLESHEETS,
    Press,
    digest_of,
    embedded_font,
    fingerprint,
    open_press,
    static_file,
)
from csam.documents.typesetters import Order, Piece

#: Called with the number of pieces done and of all, at least every few seconds.
Progress = Callable[[int, int], None]
#: Pages whose margins are laid out by one process while another does those of others.
_MARGINS_AT_ONCE = 24
#: Entries that a page of contents has room for, where some of them take two lines.
_ENTRIES_OF_A_PAGE = 36


def render_pdf(content: PlanContent, *, progress: Progress | None = None, paper: str | None = None) -> bytes:
    """A PDF/UA-1 file on that paper (« letter » or « a4 », else the one of the settings); equal values make
    equal bytes.

    Raises :class:`DocumentError` naming the part that cannot be laid out, and
    :class:`RenderingUnavailable` where this machine cannot lay out anything.
    """
    with open_press() as press:
        return _Build(content, press, progress or (lambda _done, _total: None), paper).run()


def render_sheet(content: PlanContent) -> bytes:
    """The sheet of one project: one page or two, set closer where that saves a page."""
    with open_press(processes=1) as press:
        build = _Build(content, press, lambda _done, _total: None)
        fragment, piece = build.sheet(is_dense=False)
        if len(piece.facts["pages"]) > 1:
            closer = build.sheet(is_dense=True)
            if len(closer[1].facts["pages"]) < len(piece.facts["pages"]):
                fragment, piece = closer
        margins = press.pieces(
            build.margin_orders([fragment], {fragment.name: piece.facts["pages"]}), lambda _n: None
        )
        return build.join([piece], margins)


def unavailable_because() -> str:
    """Why PDF documents cannot be built on this machine; empty when they can."""
    try:
        require_weasyprint()
        for name in (*STYLESHEETS.values(), *FONTS):
            static_file(name)
    except DocumentError as error:
        return str(error)
    return ""


def require_weasyprint() -> None:
    """Raises :class:`RenderingUnavailable` where the system lacks what the PDF library needs."""
    try:
        import weasyprint  # noqa: F401
    except OSError as error:
        raise RenderingUnavailable(pango_is_missing()) from error


@cache
def layout_fingerprint() -> str:
    """Changes when the look of the documents changes: templates, style sheets, drawings, library."""
    folder = Path(__file__).resolve().parent
    sources = [
        *sorted((settings.BASE_DIR / "templates" / "documents").rglob("*.html")),
        *sorted(folder.glob("*.py")),
        *sorted((folder.parent / "figures").glob("*.py")),
        *sorted((settings.BASE_DIR / "locale").rglob("*.po")),
    ]
    return digest_of(
        settings.CSAM_VERSION, settings.SITE_ADDRESS, fingerprint(), *(path.read_bytes() for path in sources)
    )


def build_hash(content: PlanContent) -> str:
    """Equal for builds that would make the same document."""
    edition = (str(content.edition), content.as_of) if content.edition else ()
    paper = () if settings.DOCUMENT_PAPER == "letter" else (settings.DOCUMENT_PAPER,)
    return digest_of(content.data_hash, layout_fingerprint(), *edition, *paper)


class _Build:
    """One run from values to a file."""

    def __init__(
        self, content: PlanContent, press: Press, progress: Progress, paper: str | None = None
    ) -> None:
        self.content = content
        self.stylesheets = ["text", "a4"] if (paper or settings.DOCUMENT_PAPER) == "a4" else ["text"]
        self.press = press
        self.progress = progress
        self.done = 0
        self.total = 0

    def run(self) -> bytes:
        fragments = fragments_of(self.content)
        self.total = len(fragments) + 2
        self.tell(0)
        pieces, margins = self.lay_out_fragments(fragments)
        self.tell(0)
        pdf = self.join(pieces, margins)
        self.done = self.total
        self.tell(0)
        return pdf

    def sheet(self, *, is_dense: bool) -> tuple[Fragment, Piece]:
        fragment = sheet_of(self.content, is_dense=is_dense)
        [piece] = self.press.pieces([self.text_order(fragment, fragment.html)], lambda _n: None)
        return fragment, piece

    def text_order(self, fragment: Fragment, html: str) -> Order:
        message = {
            "name": fragment.name,
            "html": html,
            "stylesheets": self.stylesheets,
            "is_tagged": True,
        }
        return Order(fragment.label, message)

    def join(self, pieces: list[Piece], margins: list[Piece]) -> bytes:
        return merge(pieces, margins=margins, font=embedded_font, on_piece=lambda: self.tell(0))

    def tell(self, more: int) -> None:
        self.progress(min(self.done + more, self.total), self.total)

    def lay_out_fragments(self, fragments: list[Fragment]) -> tuple[list[Piece], list[Piece]]:
        """First what stands by itself, then what cites pages, the contents last and with them the margins of all pages.

        The contents stand before what they cite. How long they are is found by laying them out with wide numbers;
        where only margins depend on it, it is guessed from their entries. In the odd case that they turn out to be
        of another length, what follows from it is done again.
        """
        pieces: dict[str, Piece] = {}
        contents, *late = [f for f in fragments if f.cites_pages]
        early = [f for f in fragments if not f.cites_pages]
        self.lay_out([contents, *early] if late else early, pieces, {})
        supposed = (
            len(pieces[contents.name].facts["pages"])
            if late
            else 1 + contents.html.count("<li") // _ENTRIES_OF_A_PAGE
        )
        while True:
            known = {name: len(piece.facts["pages"]) for name, piece in pieces.items()}
            starts = _starts(fragments, {**known, contents.name: supposed})
            self.lay_out(late, pieces, _page_numbers(pieces, starts))
            known = {name: len(piece.facts["pages"]) for name, piece in pieces.items()}
            starts = _starts(fragments, {**known, contents.name: supposed})
            names = {name: piece.facts["pages"] for name, piece in pieces.items()}
            orders = self.margin_orders(fragments, {**names, contents.name: [""] * supposed})
            margins = self.lay_out([contents], pieces, _page_numbers(pieces, starts), beside=orders)
            length = len(pieces[contents.name].facts["pages"])
            if length == supposed:
                return [pieces[fragment.name] for fragment in fragments], margins
            supposed = length

    def lay_out(
        self,
        fragments: list[Fragment],
        pieces: dict[str, Piece],
        pages: dict[str, int],
        beside: Sequence[Order] = (),
    ) -> list[Piece]:
        """Put the pieces of these fragments among the others. Returns what was ordered beside them."""
        orders = [
            self.text_order(fragment, fragment.citing(pages) if fragment.cites_pages else fragment.html)
            for fragment in fragments
        ]
        again = sum(fragment.name in pieces for fragment in fragments)
        most = len(fragments) - again
        made = self.press.pieces([*orders, *beside], lambda n: self.tell(min(most, max(0, n - again))))
        pieces.update(zip((fragment.name for fragment in fragments), made, strict=False))
        self.done += most
        return made[len(fragments) :]

    def margin_orders(self, fragments: list[Fragment], names: dict[str, list[str]]) -> list[Order]:
        """What stands in the margins of all pages, so many pages at a time; ``names`` says which of the style
        sheet's pages each page of a piece is."""
        pages = [
            PageMargins(name, fragment.running) for fragment in fragments for name in names[fragment.name]
        ]
        return [
            self.margins_order(pages[start : start + _MARGINS_AT_ONCE], start + 1)
            for start in range(0, len(pages), _MARGINS_AT_ONCE)
        ]

    def margins_order(self, pages: list[PageMargins], first: int) -> Order:
        message = {
            "name": "margins",
            "html": margins_html(self.content, pages, first=first),
            "stylesheets": [*self.stylesheets, "margins"],
            "is_tagged": False,
        }
        return Order(_("En-têtes et numéros de page"), message)


def _starts(fragments: list[Fragment], lengths: dict[str, int]) -> dict[str, int]:
    """The first page of each piece whose place is known, counted from 1."""
    starts: dict[str, int] = {}
    page = 1
    for fragment in fragments:
        starts[fragment.name] = page
        page += lengths.get(fragment.name, 0)
    return starts


def _page_numbers(pieces: dict[str, Piece], starts: dict[str, int]) -> dict[str, int]:
    """The page of each anchor of the pieces laid out so far."""
    return {
        anchor: starts[name] + number
        for name, piece in pieces.items()
        for anchor, number in piece.facts["anchors"].items()
    }
