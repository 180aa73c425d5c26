"""Making one document of its pieces: pages, tags, destinations, bookmarks, fonts, running heads.

The pieces are valid by themselves but for the fonts that they share. Nothing here depends on time, on the order
in which pieces were made or on addresses in memory: equal pieces make equal bytes.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from csam.documents.faces import Face, add_font, faces_of
from csam.documents.typesetters import Piece

#: The running heads and the page number of each page are drawn last, as something that is not content.
_MARGINS = "/Margins"
_BEFORE = b"q"
_AFTER = b"Q\n/Artifact <</Type /Pagination>> BDC\nq /Margins Do Q\nEMC"


def merge(
    pieces: Sequence[Piece],
    *,
    margins: Sequence[Piece],
    font: Callable[[str], bytes],
    on_piece: Callable[[], None] = lambda: None,
) -> bytes:
    """The document. Metadata and language are those of the first piece; ``margins`` have a page for each page;
    ``font`` gives the file that is embedded for a font of ours.
    """
    logging.getLogger("pikepdf").setLevel(logging.ERROR)
    merger = _Merger()
    merger.add_fonts(faces_of([*pieces, *margins]), font)
    for piece in pieces:
        merger.add(piece)
        on_piece()
    merger.draw_margins(margins)
    merger.write_trees(piece.facts["bookmarks"] for piece in pieces)
    return merger.to_bytes()


class _Merger:
    def __init__(self) -> None:
        import pikepdf

        self.pikepdf: Any = pikepdf
        self.pdf: Any = pikepdf.new()
        self.document = self.pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Document, K=pikepdf.Array())
        )
        self.fonts: dict[str, Any] = {}
        self.kids: list[Any] = []
        self.parents: list[Any] = []
        self.next_parent = 0
        self.identifiers: list[tuple[str, Any]] = []
        self.destinations: dict[str, Any] = {}
        self.starts: list[int] = []

    def add_fonts(self, faces: dict[str, Face], font: Callable[[str], bytes]) -> None:
        for name, face in faces.items():
            self.fonts[name] = add_font(self.pdf, face, font(face.source))

    def add(self, piece: Piece) -> None:
        with self.pikepdf.open(io.BytesIO(piece.pdf)) as source:
            start = len(self.pdf.pages)
            self.starts.append(start)
            for page in source.pages:
                self.pdf.pages.append(page)
            pages = [self.pdf.pages[n].obj for n in range(start, start + len(piece.facts["pages"]))]
            self._share_fonts(pages[0].Resources, piece)
            tree = self.pdf.copy_foreign(source.Root.StructTreeRoot)
            self._adopt(tree.K[0])
            self._number(pages, tree.ParentTree.Nums)
            self.identifiers += [
                (str(key), cell) for key, cell in _pairs(tree.get("/IDTree", {}).get("/Names", ()))
            ]
            if names := source.Root.get("/Names", {}).get("/Dests"):
                copied = self.pdf.copy_foreign(source.make_indirect(names))
                for name, destination in _pairs(copied.Names):
                    self.destinations.setdefault(str(name), destination)
            if not start:
                self._take_catalog(source)

    def draw_margins(self, margins: Iterable[Piece]) -> None:
        before, after = self.pdf.make_stream(_BEFORE), self.pdf.make_stream(_AFTER)
        drawn = []
        for piece in margins:
            with self.pikepdf.open(io.BytesIO(piece.pdf)) as source:
                drawn += [(self.pdf.copy_foreign(page.as_form_xobject()), piece) for page in source.pages]
        for page, (form, piece) in zip(self.pdf.pages, drawn, strict=True):
            self._share_fonts(form.Resources, piece)
            resources = self.pikepdf.Dictionary(page.obj.Resources)
            objects = self.pikepdf.Dictionary(resources.get("/XObject", {}))
            objects[_MARGINS] = form
            resources.XObject = objects
            page.obj.Resources = resources
            page.obj.Contents = self.pikepdf.Array([before, page.obj.Contents, after])

    def write_trees(self, bookmarks: Iterable[list[Any]]) -> None:
        array, dictionary, text = self.pikepdf.Array, self.pikepdf.Dictionary, self.pikepdf.String
        self.document.K = array(self.kids)
        root = self.pdf.make_indirect(
            dictionary(
                Type=self.pikepdf.Name.StructTreeRoot,
                K=array([self.document]),
                ParentTree=self.pdf.make_indirect(dictionary(Nums=array(self.parents))),
                ParentTreeNextKey=self.next_parent,
            )
        )
        self.document.P = root
        if self.identifiers:
            names = [
                item
                for key, cell in sorted(self.identifiers, key=lambda row: row[0])
                for item in (text(key), cell)
            ]
            root.IDTree = self.pdf.make_indirect(dictionary(Names=array(names)))
        self.pdf.Root.StructTreeRoot = root
        # Readers look names up by their bytes: that is the order they must be in.
        found = sorted(
            ((text(name), place) for name, place in self.destinations.items()), key=lambda row: bytes(row[0])
        )
        names = [item for row in found for item in row]
        self.pdf.Root.Names = dictionary(Dests=self.pdf.make_indirect(dictionary(Names=array(names))))
        self._write_outline(bookmarks)

    def to_bytes(self) -> bytes:
        target = io.BytesIO()
        self.pdf.save(
            target,
            min_version="1.7",
            compress_streams=True,
            recompress_flate=False,
            object_stream_mode=self.pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
        )
        return target.getvalue()

    def _share_fonts(self, resources: Any, piece: Piece) -> None:
        for name in piece.facts["fonts"]:
            resources.Font[f"/{name}"] = self.fonts[name]

    def _adopt(self, document: Any) -> None:
        for kid in document.K:
            kid.P = self.document
            self.kids.append(kid)

    def _number(self, pages: list[Any], numbers: Any) -> None:
        """Give pages and links of a piece their places in the parent tree of the whole."""
        shift = self.next_parent
        for number, owner in _pairs(numbers):
            self.parents += [int(number) + shift, owner]
            self.next_parent = max(self.next_parent, int(number) + shift + 1)
        for page in pages:
            page.StructParents = int(page.StructParents) + shift
            for annotation in page.get("/Annots", ()):
                if "/StructParent" in annotation:
                    annotation.StructParent = int(annotation.StructParent) + shift

    def _take_catalog(self, source: Any) -> None:
        for name in ("/Lang", "/MarkInfo", "/ViewerPreferences"):
            self.pdf.Root[name] = self.pdf.copy_foreign(source.make_indirect(source.Root[name]))
        self.pdf.Root.Metadata = self.pdf.copy_foreign(source.Root.Metadata)
        self.pdf.trailer.Info = self.pdf.copy_foreign(source.make_indirect(source.trailer.Info))

    def _write_outline(self, bookmarks: Iterable[list[Any]]) -> None:
        """Bookmarks of all pieces, each under the last one of a higher level."""
        name = self.pikepdf.Name.XYZ
        with self.pdf.open_outline() as outline:
            open_levels: list[tuple[int, list[Any]]] = [(0, outline.root)]
            for start, found in zip(self.starts, bookmarks, strict=True):
                for level, words, number, left, top, is_closed in found:
                    place = self.pikepdf.Array([self.pdf.pages[start + number].obj, name, left, top, 0])
                    item = self.pikepdf.OutlineItem(words, destination=place)
                    item.is_closed = is_closed
                    while open_levels[-1][0] >= level:
                        open_levels.pop()
                    open_levels[-1][1].append(item)
                    open_levels.append((level, item.children))


def _pairs(items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    listed = list(items)
    return zip(listed[::2], listed[1::2], strict=True)
