"""Having pieces laid out, or taking them from before; and the files that lay-out reads."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

from csam.documents import layout, typesetters
from csam.documents.cache import PieceCache
from csam.documents.errors import RenderingUnavailable
from csam.documents.typesetters import Order, Piece, Typesetters

#: The text's style sheet, what A4 asks otherwise, and the one that only the margins of pages read.
STYLESHEETS = {
    "text": "css/document.css",
    "a4": "css/document-a4.css",
    "margins": "css/document-margins.css",
}
#: Made by `scripts/document_fonts.py`, one for each weight that the style sheet asks for.
FONTS = tuple(
    f"vendor/document-fonts/{name}.ttf"
    for name in ("fraunces-400", "fraunces-500", "fraunces-600", "source-sans-3-400", "source-sans-3-600")
)
_ASSET = re.compile(r"\b(?:static|media):[\w./-]+")


class Press:
    def __init__(self, workers: Typesetters, cache: PieceCache) -> None:
        self.workers = workers
        self.cache = cache

    def pieces(self, orders: Sequence[Order], on_wait: Callable[[int], None]) -> list[Piece]:
        """The pieces in the order asked for; ``on_wait`` is called with the number of pieces there are."""
        keys = [self._key(order) for order in orders]
        kept = [self.cache.get(key) for key in keys]
        missing = [order for order, data in zip(orders, kept, strict=True) if data is None]
        found = len(orders) - len(missing)
        made = iter(self.workers.lay_out(missing, lambda done: on_wait(found + done)))
        pieces = []
        for key, data in zip(keys, kept, strict=True):
            piece = Piece.from_bytes(data) if data is not None else next(made)
            if data is None:
                self.cache.put(key, piece.to_bytes())
            pieces.append(piece)
        return pieces

    def _key(self, order: Order) -> str:
        text = json.dumps(order.message, sort_keys=True)
        return digest_of(fingerprint(), text, *_assets(order.message.get("html", "")))


@contextmanager
def open_press(processes: int | None = None) -> Iterator[Press]:
    """With so many processes where none are at work yet. Raises :class:`RenderingUnavailable` where a file of ours is missing."""
    setup = {
        "stylesheets": {name: str(static_file(path)) for name, path in STYLESHEETS.items()},
        "folders": _folders(),
        "fonts": [str(static_file(name)) for name in FONTS],
    }
    cache = PieceCache(settings.VAR_DIR / "document-pieces", most_bytes=settings.DOCUMENT_CACHE_BYTES)
    with typesetters.at_work(setup, processes or settings.DOCUMENT_PROCESSES) as workers:
        yield Press(workers, cache)
    cache.prune()


def embedded_font(name: str) -> bytes:
    """That font without what only laying out needs."""
    return static_file(f"vendor/document-fonts/embedded/{name}").read_bytes()


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
def fingerprint() -> str:
    """Changes when equal HTML would be laid out otherwise."""
    folder = Path(__file__).resolve().parent
    sheets = [static_file(name) for name in STYLESHEETS.values()]
    modules = [folder / f"{name}.py" for name in ("layout", "columns", "finishing")]
    files = [*modules, *sheets, *map(static_file, FONTS)]
    return digest_of(
        *(version(name) for name in ("weasyprint", "pydyf", "pikepdf", "fonttools")),
        *(path.read_bytes() for path in files),
        *(data for sheet in sheets for data in _assets(sheet.read_text())),
    )


def digest_of(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _folders() -> dict[str, list[str]]:
    """Where « static: » and « media: » addresses are looked for."""
    return {"static": [str(path) for path in settings.STATICFILES_DIRS], "media": [str(settings.MEDIA_ROOT)]}


def _assets(text: str) -> Iterator[bytes]:
    """The content of the files of ours that an HTML or a style sheet names; laying out tells of missing ones."""
    for address in sorted(set(_ASSET.findall(text))):
        try:
            yield layout.own_file(address, _folders()).read_bytes()
        except (ValueError, OSError):
            yield b""
