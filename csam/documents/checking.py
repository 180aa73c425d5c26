"""What an accessible PDF has to have (PDF/UA-1), checked on the finished file.

No substitute for a full validator, but each rule here is one that a broken build would break. Problems are
told in words of the format, for whoever maintains the portal; staff read the sentence around them.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from csam.documents.errors import DocumentError
from csam.documents.pdf_reading import (
    Tag,
    attribute,
    destinations,
    drawn_on,
    fonts_of,
    name_tree,
    number_tree,
    page_of,
    walk,
)

STANDARD_TAGS = {
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index",
    "NonStruct", "Private", "P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody",
    "Table", "TR", "TH", "TD", "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference",
    "BibEntry", "Code", "Link", "Annot", "Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure",
    "Formula", "Form",
}  # fmt: skip
_PARENTS = {
    "LI": {"L"},
    "LBody": {"LI"},
    "Lbl": {"LI", "TOCI"},
    "TR": {"Table", "THead", "TBody", "TFoot"},
    "TH": {"TR"},
    "TD": {"TR"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "TFoot": {"Table"},
}
#: What may stand directly inside, where the format says so.
_CHILDREN = {
    "L": {"LI", "L", "Caption"},
    "LI": {"Lbl", "LBody"},
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "THead": {"TR"},
    "TBody": {"TR"},
    "TFoot": {"TR"},
    "TR": {"TH", "TD"},
}
#: So many places of a problem are named; the others are counted.
_PLACES = 3
_STRINGS = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>")
_MARKS = re.compile(
    rb"/(?P<tag>\w+)\s*<<(?P<properties>[^>]*)>>\s*BDC\b|/(?P<plain>\w+)\s+BMC\b|\b(?P<end>EMC)\b"
)
_PAINT = re.compile(rb"(?<![\w/.])(?:TJ|Tj|Do|sh|f\*?|F|S|s|B\*?|b\*?)(?![\w*])")
_HEADINGS = frozenset(f"H{level}" for level in range(1, 7))
_MCID = re.compile(rb"/MCID (\d+)")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*")


@lru_cache(maxsize=10_000)
def _misplaced(path: tuple[str, ...]) -> tuple[str, ...]:
    """What is wrong with an element there, whatever it holds; a document has some hundred places, and elements by the
    ten thousand."""
    *ancestors, kind = path
    parent = ancestors[-1] if ancestors else "StructTreeRoot"
    problems = []
    if kind not in STANDARD_TAGS:
        problems.append(f"{kind} is not a standard tag")
    if parent not in _PARENTS.get(kind, {parent}) or kind not in _CHILDREN.get(parent, {kind}):
        problems.append(f"{kind} inside {parent}")
    if kind in _HEADINGS and not _HEADINGS.isdisjoint(ancestors):
        problems.append("a heading inside a heading")
    return tuple(problems)


def require_accessible(data: bytes) -> int:
    """The number of pages. Raises :class:`DocumentError` where the file breaks a rule."""
    pages, found = check(data)
    if found:
        listed = "; ".join(found[:5])
        raise DocumentError(
            _(
                "Le PDF ne respecte pas toutes les règles d'accessibilité et n'a pas été gardé : "
                "%(problems)s. Redemandez le "
                "document; si le problème revient, transmettez ce message à la personne qui "
                "entretient le portail."
            )
            % {"problems": listed}
        )
    return pages


def check(data: bytes) -> tuple[int, list[str]]:
    """The number of pages, and every problem found with the pages and elements where it is."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        checker = _Checker(pdf)
        checker.run()
        return len(pdf.pages), [_told(text, places) for text, places in checker.problems.items()]


def _told(problem: str, places: list[str]) -> str:
    named = [place for place in dict.fromkeys(places) if place]
    if not named:
        return problem
    more = f" and {len(named) - _PLACES} more" if len(named) > _PLACES else ""
    return f"{problem} ({', '.join(named[:_PLACES])}{more})"


@dataclass
class _Table:
    tag: Tag
    rows: list[list[Tag]] = field(default_factory=list)


@dataclass
class _Checker:
    pdf: Any
    #: By problem, the places where it is.
    problems: dict[str, list[str]] = field(default_factory=dict)
    #: Number of each page, by its object.
    pages: dict[Any, int] = field(default_factory=dict)
    #: By page, the element that owns each piece of its marked content.
    owned: dict[Any, dict[int, Any]] = field(default_factory=dict)
    #: By structure element that can be reached, the annotations that it refers to.
    links: dict[Any, list[Any]] = field(default_factory=dict)
    parents: dict[int, Any] = field(default_factory=dict)
    #: The page of each named destination, by its object.
    destinations: dict[str, Any] = field(default_factory=dict)

    def run(self) -> None:
        root = self.pdf.Root
        self.pages = {page.obj.objgen: number for number, page in enumerate(self.pdf.pages, start=1)}
        self.destinations = destinations(self.pdf)
        self.catalog(root)
        self.fonts()
        self.outline(root)
        if "/StructTreeRoot" not in root:
            self.expect(False, "no structure tree")
            return
        self.parents = number_tree(root.StructTreeRoot.get("/ParentTree", {}))
        self.tree(root.StructTreeRoot)
        self.contents()
        self.annotations()

    def expect(self, condition: object, problem: str, place: str | Tag = "") -> None:
        if not condition:
            named = place if isinstance(place, str) else self.place(place)
            self.problems.setdefault(problem, []).append(named)

    def place(self, tag: Tag) -> str:
        page = tag.element.get("/Pg")
        number = self.pages.get(page.objgen) if page is not None else None
        path = " > ".join(tag.path[-3:])
        return f"page {number}, {path}" if number else path

    def catalog(self, root: Any) -> None:
        self.expect(
            _LANGUAGE.fullmatch(str(root.get("/Lang", ""))), "the document declares no valid language"
        )
        marks = root.get("/MarkInfo", {})
        self.expect(marks.get("/Marked", False) is True, "the document is not marked as tagged")
        self.expect(not marks.get("/Suspects", False), "tags are marked as suspect")
        self.expect(
            root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False) is True,
            "the title is not displayed",
        )
        self.expect(not self.pdf.is_encrypted, "the file is encrypted")
        metadata = self.pdf.open_metadata()
        self.expect(str(metadata.get("pdfuaid:part", "")) == "1", "the metadata does not name PDF/UA-1")
        self.expect(str(metadata.get("dc:title") or "").strip(), "the metadata has no title")
        for number, page in enumerate(self.pdf.pages, start=1):
            self.expect(
                page.obj.get("/Tabs") == "/S",
                "a page's tab order is not that of the structure",
                f"page {number}",
            )

    def tree(self, root: Any) -> None:
        level = 0
        identifiers: Counter[str] = Counter()
        named: dict[str, Tag] = {}
        tables: list[_Table] = []
        for tag in walk(root):
            while tables and len(tag.path) <= len(tables[-1].tag.path):
                self.table(tables.pop())
            self.element(tag)
            kind = tag.kind
            if kind == "Table":
                tables.append(_Table(tag))
            elif kind == "TR" and tables:
                tables[-1].rows.append([])
            elif kind in ("TH", "TD"):
                if tables and tables[-1].rows:
                    tables[-1].rows[-1].append(tag)
                if kind == "TD":
                    named |= {str(header): tag for header in attribute(tag, "/Headers") or ()}
                elif "/ID" in tag.keys:
                    identifiers[str(tag.element.ID)] += 1
            elif kind in _HEADINGS:
                deeper = int(kind[1])
                self.expect(level or deeper == 1, "the headings do not start at level 1", tag)
                self.expect(not level or deeper <= level + 1, "a heading level is skipped", tag)
                level = deeper
        for table in tables:
            self.table(table)
        self.expect(level, "the headings do not start at level 1")
        self.expect(all(n == 1 for n in identifiers.values()), "two header cells have the same id")
        indexed = name_tree(root.get("/IDTree", {})).keys()
        self.expect(identifiers.keys() <= indexed, "a header cell cannot be found by its id")
        for header, tag in named.items():
            self.expect(header in identifiers, "a cell names a header cell that does not exist", tag)

    def element(self, tag: Tag) -> None:
        """What each element has to have by itself."""
        element, kind, keys = tag.element, tag.kind, tag.keys
        for problem in _misplaced(tag.path):
            self.expect(False, problem, tag)
        if "/Lang" in keys:
            is_language = _LANGUAGE.fullmatch(str(element.Lang))
            self.expect(is_language, "an element declares no valid language", tag)
        if kind == "Figure":
            self.expect("/Alt" in keys and str(element.Alt).strip(), "a figure has no alternative text", tag)
            box = attribute(tag, "/BBox") or ()
            self.expect(len(box) == 4, "a figure has no bounding box", tag)
            if len(box) == 4 and "/Pg" in keys:
                is_inside = _is_inside(box, element.Pg)
                self.expect(is_inside, "the bounding box of a figure is not on its page", tag)
        elif kind == "TH":
            self.expect(attribute(tag, "/Scope") is not None, "a header cell has no scope", tag)
        self.own(tag)
        if kind == "Link":
            self.expect(element.objgen in self.links, "a link tag refers to no annotation", tag)

    def own(self, tag: Tag) -> None:
        """Note which annotations and which marked content an element holds."""
        element = tag.element
        page = element.get("/Pg") if "/Pg" in tag.keys else None
        if page is not None:
            for number in tag.numbers:
                self.own_content(page, number, tag)
        for reference in tag.references:
            kind = reference.get("/Type")
            if kind == "/OBJR":
                self.links.setdefault(element.objgen, []).append(reference.Obj.objgen)
            elif kind == "/MCR":
                self.own_content(reference.get("/Pg", page), int(reference.MCID), tag)

    def own_content(self, page: Any, number: int, tag: Tag) -> None:
        owner = tag.element.objgen
        first = self.owned.setdefault(page.objgen, {}).setdefault(number, owner)
        if first != owner:
            self.expect(False, "content that two tags own", f"page {self.pages.get(page.objgen)}")

    def table(self, table: _Table) -> None:
        """Where cells span rows or columns, or rows differ, only named headers tell what a cell is about."""
        cells = [cell for row in table.rows for cell in row]
        spans = any(attribute(cell, name) is not None for cell in cells for name in ("/RowSpan", "/ColSpan"))
        if spans or len({len(row) for row in table.rows}) > 1:
            bare = [cell for cell in cells if cell.kind == "TD" and not attribute(cell, "/Headers")]
            self.expect(not bare, "a cell of an irregular table names no header cell", table.tag)

    def contents(self) -> None:
        for number, page in enumerate(self.pdf.pages, start=1):
            place = f"page {number}"
            owned = self.owned.get(page.obj.objgen, {})
            marked = self.marked_content(page, place)
            self.expect(len(marked) == len(set(marked)), "the same content number twice on a page", place)
            self.expect(set(marked) <= set(owned), "content that no tag owns", place)
            self.expect(set(owned) <= set(marked), "a tag owns content that is not there", place)
            owners = self.parents.get(int(page.obj.get("/StructParents", -1)))
            if owners is None:
                self.expect(False, "a page is missing from the parent tree", place)
                continue
            listed = dict(enumerate(owner.objgen if owner is not None else None for owner in owners))
            found = {mcid: listed.get(mcid) for mcid in marked}
            self.expect(None not in found.values(), "the parent tree is incomplete", place)
            self.expect(
                all(owner is None or owner == owned.get(mcid) for mcid, owner in found.items()),
                "the parent tree names another tag",
                place,
            )

    def marked_content(self, page: Any, place: str) -> list[int]:
        """Numbers of the tagged content of a page, after checking that nothing is painted outside tags and
        artifacts."""
        stack: list[bool] = []
        found: list[int] = []
        data = _STRINGS.sub(b"", drawn_on(page))
        outside = 0
        for token in _MARKS.finditer(data):
            if not stack:
                self.unpainted(data[outside : token.start()], place)
            if token["end"]:
                self.expect(stack, "marked content ends without a beginning", place)
                del stack[-1:]
            else:
                is_artifact = (token["tag"] or token["plain"]) == b"Artifact"
                if is_artifact and False in stack:
                    self.expect(False, "an artifact inside tagged content", place)
                elif not is_artifact and True in stack:
                    self.expect(False, "tagged content inside an artifact", place)
                stack.append(is_artifact)
                if mcid := _MCID.search(token["properties"] or b""):
                    found.append(int(mcid[1]))
            outside = token.end()
        if not stack:
            self.unpainted(data[outside:], place)
        self.expect(not stack, "marked content does not end", place)
        return found

    def unpainted(self, data: bytes, place: str) -> None:
        self.expect(not _PAINT.search(data), "something is painted outside tags and artifacts", place)

    def annotations(self) -> None:
        for number, page in enumerate(self.pdf.pages, start=1):
            for annotation in page.obj.get("/Annots", ()):
                words = str(annotation.get("/Contents", "")).strip()
                place = f"page {number}, link « {words[:40]} »"
                self.expect(words, "a link has no description", f"page {number}")
                self.expect(int(annotation.get("/F", 0)) & 4, "a link is not printed", place)
                owner = self.parents.get(int(annotation.get("/StructParent", -1)))
                self.expect(
                    owner is not None
                    and str(owner.get("/S")) == "/Link"
                    and annotation.objgen in self.links.get(owner.objgen, ()),
                    "a link annotation without a link tag",
                    place,
                )
                if "/Dest" in annotation:
                    name = str(annotation.Dest)
                    self.expect(
                        name in self.destinations, f"a link leads to {name}, which does not exist", place
                    )
                    is_here = name not in self.destinations or self.destinations[name] in self.pages
                    self.expect(is_here, f"a link leads to {name}, on no page of the document", place)
                else:
                    action = annotation.get("/A", {})
                    is_empty = action.get("/S") == "/URI" and not str(action.get("/URI", "")).strip()
                    self.expect(action and not is_empty, "a link leads nowhere", place)

    def outline(self, root: Any) -> None:
        first = root.get("/Outlines", {}).get("/First")
        self.expect(first is not None, "no bookmarks")
        waiting = [first] if first is not None else []
        while waiting:
            entry = waiting.pop()
            destination = entry.get("/Dest", entry.get("/A", {}).get("/D"))
            page = self.destinations.get(str(destination)) or page_of(destination)
            title = str(entry.get("/Title", "")).strip()
            self.expect(title, "a bookmark has no title")
            self.expect(
                page in self.pages,
                "a bookmark leads nowhere",
                f"« {title} »",
            )
            waiting += [entry[key] for key in ("/First", "/Next") if key in entry]

    def fonts(self) -> None:
        seen: set[Any] = set()
        for number, page in enumerate(self.pdf.pages, start=1):
            for font in fonts_of(page.obj.get("/Resources", {}), seen):
                place = f"page {number}, {str(font.get('/BaseFont', 'font'))[1:]}"
                for inner in font.get("/DescendantFonts", [font]):
                    descriptor = inner.get("/FontDescriptor", {})
                    embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
                    is_drawn = font.get("/Subtype") == "/Type3"
                    self.expect(embedded or is_drawn, "a font is not embedded", place)
                    is_mapped = inner.get("/Subtype") != "/CIDFontType2" or "/CIDToGIDMap" in inner
                    self.expect(is_mapped, "a font does not say which of its letters are meant", place)
                self.expect("/ToUnicode" in font, "a font cannot be read as text", place)


def _is_inside(box: Any, page: Any) -> bool:
    """With a point of tolerance, as edges are rounded."""
    import pikepdf

    left, bottom, right, top = map(float, box)
    first, lowest, last, highest = map(float, pikepdf.Page(page).mediabox)
    return first - 1 <= left < right <= last + 1 and lowest - 1 <= bottom < top <= highest + 1
