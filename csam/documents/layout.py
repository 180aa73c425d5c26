"""Lays out one piece of HTML after another: what a process of its own does, which reads orders and writes pieces of PDF.

A layout needs a processor and much memory for seconds. In processes apart (:mod:`csam.documents.loaded`) it runs on
every core, whatever pool of threads or processes the worker itself lives in, and one that dies takes nothing with
it. This module knows neither Django nor the database: an order holds all that its piece depends on, so that equal orders make
equal bytes and a piece can be kept for the next build (see :mod:`csam.documents.cache`).

A piece is tagged for PDF/UA-1 like a whole document, with two differences: links to other pieces are named
destinations already, and the portal's own fonts are left out, as one copy of each will serve all pieces.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import json
import logging
import os
import struct
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

#: The scheme of links that lead to another piece of the same document.
_ELSEWHERE = "piece:"
_KINDS = {
    ".ttf": "font/ttf", ".svg": "image/svg+xml", ".css": "text/css",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
}  # fmt: skip
#: Signs of pictures, and what joins them: left out where our fonts do not have them.
_PICTOGRAMS = {"So", "Sk", "Cf", "Cn", "Co", "Cs"}

#: Objects that may wait to be looked through for what nobody uses: in the midst of a piece, and between two.
_MOST_OBJECTS = 1_000_000
_KEPT_OBJECTS = 100_000

Message = dict[str, Any]


class LayoutError(Exception):
    """What keeps a piece from being laid out, in words of the library."""


class MissingGlyphs(LayoutError):
    """Letters that no font of the machine has."""


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    def write(self, data: bytes, /) -> Any: ...
    def flush(self) -> None: ...


def read_message(stream: Source) -> tuple[Message, bytes] | None:
    """The next message and its data; None where the other side is gone."""
    lengths = stream.read(16)
    if len(lengths) < 16:
        return None
    head, body = struct.unpack(">QQ", lengths)
    data = stream.read(head + body)
    return (json.loads(data[:head]), data[head:]) if len(data) == head + body else None


def write_message(stream: Sink, message: Message, data: bytes = b"") -> None:
    head = json.dumps(message, ensure_ascii=False).encode()
    stream.write(struct.pack(">QQ", len(head), len(data)) + head + data)
    stream.flush()


class Compositor:
    """The library with fonts, style sheets and dictionaries loaded once."""

    def __init__(
        self, *, stylesheets: dict[str, str], folders: dict[str, list[str]], fonts: list[str]
    ) -> None:
        # Fonts cut down to the letters in use bear this date, not that of the build.
        os.environ.setdefault("SOURCE_DATE_EPOCH", "1577836800")
        for name in ("fontTools", "pikepdf"):
            logging.getLogger(name).setLevel(logging.ERROR)
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        from csam.documents import columns, finishing

        finishing.complete_tags()
        columns.balance_at_once()
        self.weasyprint = weasyprint
        self.fetcher = _fetcher(folders)
        self.fonts = FontConfiguration()
        self.own_fonts, self.letters = _read_fonts(fonts)
        self.shared: dict[str, Message] = {}
        self.has_margins = False
        self._leave_own_fonts_out()
        self._leave_empty_margins_out()
        with _complaints(logging.WARNING) as complaints:
            self.stylesheets = {
                name: weasyprint.CSS(filename=path, url_fetcher=self.fetcher, font_config=self.fonts)
                for name, path in stylesheets.items()
            }
        if complaints:
            raise LayoutError("; ".join(complaints))

    def lay_out(self, order: Message) -> tuple[Message, bytes]:
        """The piece of PDF, and what has to be known of it: its pages, anchors, bookmarks and fonts."""
        from csam.documents import finishing

        html = self.weasyprint.HTML(
            string=self._without_pictograms(order["html"]), base_url="static:/", url_fetcher=self.fetcher
        )
        _mark_links(html.etree_element)
        self.has_margins = "margins" in order["stylesheets"]
        styles = [self.stylesheets[name] for name in order["stylesheets"]]
        variant = "pdf/ua-1" if order["is_tagged"] else None
        with _complaints(logging.ERROR) as complaints:
            document = html.render(font_config=self.fonts, stylesheets=styles, pdf_variant=variant)
            self.drawn = document
            raw = document.write_pdf(
                pdf_variant=variant,
                uncompressed_pdf=True,
                finisher=lambda document, pdf: self._finish(document, pdf, order),
            )
        if complaints:
            raise LayoutError("; ".join(complaints))
        return {
            "pages": [page._page_box.page_type.name for page in document.pages],
            "anchors": {
                name: n for n, page in reversed(list(enumerate(document.pages))) for name in page.anchors
            },
            "bookmarks": list(_bookmarks(document)),
            "fonts": self.shared,
        }, finishing.compact(raw)

    def _finish(self, document: Any, pdf: Any, order: Message) -> None:
        from csam.documents import finishing

        if order["is_tagged"]:
            finishing.finish(document, pdf, prefix=order["name"])
            finishing.aim_links(pdf, _ELSEWHERE)
        self.shared = finishing.leave_fonts_out(document, pdf, self._source)

    def _leave_empty_margins_out(self) -> None:
        """Spare the library the sixteen boxes around each page of text: nothing stands in them before merging."""
        from weasyprint import layout

        make = layout.make_margin_boxes
        layout.make_margin_boxes = lambda *args: make(*args) if self.has_margins else ()

    def _without_pictograms(self, html: str) -> str:
        """Emoji and the like depend on the fonts of the machine, and most have none that can be printed."""
        if html.isascii():
            return html
        return "".join(
            c
            for c in html
            if ord(c) < 0x2000 or ord(c) in self.letters or unicodedata.category(c) not in _PICTOGRAMS
        )

    def _source(self, font: Any) -> str | None:
        """The name of our font that this one is; None for any other."""
        if not hasattr(font, "digest"):
            font.digest = hashlib.sha256(font.file_content).hexdigest()
        return self.own_fonts.get(font.digest)

    def _leave_own_fonts_out(self) -> None:
        """Spare the library the work on fonts that a piece does without."""
        from weasyprint.pdf import fonts

        clean = fonts.Font.clean

        def clean_unless_shared(font: Any, *args: Any) -> None:
            twins = [other for other in self.drawn.fonts.values() if other.hash == font.hash]
            missing = {chr(code) for other in twins for code in other.missing}
            if missing:
                raise MissingGlyphs(" ".join(sorted(missing)))
            if self._source(font) is None:
                clean(font, *args)

        fonts.Font.clean = clean_unless_shared


def _fetcher(folders: dict[str, list[str]]) -> Any:
    """Opens our own files by name, and nothing else: a document never asks the network for anything."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            path = own_file(url, folders)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _KINDS[path.suffix.lower()]})

    return OwnFiles()


def own_file(url: str, folders: dict[str, list[str]]) -> Path:
    """The file that « static:NAME » or « media:NAME » names. Raises :class:`ValueError` for any other."""
    scheme, _colon, name = url.partition(":")
    if scheme == "file":
        scheme, _slash, name = "static", "", url.partition("/static/")[2]
    for folder in folders.get(scheme, ()):
        # A folder inside may itself be a link to where the files are, so links are followed.
        root = Path(os.path.normpath(folder))
        path = Path(os.path.normpath(root / name.lstrip("/")))
        if name and path.is_relative_to(root) and path.is_file():
            return path
    raise ValueError(f"a document only reads the portal's own files, not {url}")


def _read_fonts(paths: list[str]) -> tuple[dict[str, str], set[int]]:
    """The names of our fonts by their hash, and every letter that they have."""
    from fontTools.ttLib import TTFont

    found: dict[str, str] = {}
    letters: set[int] = set()
    for path in map(Path, paths):
        data = path.read_bytes()
        found[hashlib.sha256(data).hexdigest()] = path.name
        letters |= set(TTFont(io.BytesIO(data), lazy=True).getBestCmap())
    return found, letters


def _mark_links(root: Any) -> None:
    """A link to an anchor that this piece does not have would be dropped by the library."""
    for link in root.iter("a"):
        if link.get("href", "").startswith("#"):
            link.set("href", _ELSEWHERE + link.get("href")[1:])


def _bookmarks(document: Any) -> Iterator[tuple[int, str, int, float, float, bool]]:
    """Level, words, page, place in points from the bottom left, and whether closed."""
    for number, page in enumerate(document.pages):
        for level, label, (x, y), state in page.bookmarks:
            yield level, label, number, x * 0.75, (page.height - y) * 0.75, state == "closed"


@contextmanager
def _complaints(level: int) -> Iterator[list[str]]:
    """What the library logs at that level or above: an image that does not open, a font that fails."""
    found: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    logger, keeper = logging.getLogger("weasyprint"), Keeper(level)
    logger.addHandler(keeper)
    try:
        yield found
    finally:
        logger.removeHandler(keeper)


def answer(compositor: Compositor, order: Message) -> tuple[Message, bytes]:
    """The piece that an order asks for, or the error that keeps it from being made."""
    try:
        return compositor.lay_out(order)
    except MissingGlyphs as error:
        return {"error": str(error), "kind": "glyphs"}, b""
    except MemoryError:
        return {"error": "MemoryError", "kind": "memory"}, b""
    except Exception as error:  # noqa: BLE001 - whatever stops the library is told to who asked
        return {"error": f"{type(error).__name__}: {error}"[:500], "kind": "layout"}, b""


def load_library() -> None:
    """Load what laying out needs, but no font. What keeps it from being loaded is told by :func:`serve`, later."""
    with contextlib.suppress(ImportError, OSError):
        import pikepdf  # noqa: F401
        import weasyprint.text.fonts  # noqa: F401

        from csam.documents import columns, finishing  # noqa: F401


def serve(orders: Source, answers: Sink) -> None:
    """Answer orders until the other side is gone. The first message says what to load."""
    first = read_message(orders)
    if first is None:
        return
    try:
        compositor = Compositor(**first[0])
    except Exception as error:  # noqa: BLE001 - told to who started us, who tells people
        write_message(answers, {"error": str(error), "kind": type(error).__name__})
        return
    write_message(answers, {"pid": os.getpid()})
    gc.collect()
    gc.freeze()
    gc.set_threshold(_MOST_OBJECTS, 20, 50)
    while received := read_message(orders):
        write_message(answers, *answer(compositor, received[0]))
        # Between two pieces hardly anything is in use, so that looking for what is not costs least.
        if gc.get_count()[0] > _KEPT_OBJECTS:
            gc.collect()
