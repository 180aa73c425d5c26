"""What an accessible PDF has to have (PDF/UA-1), checked on the finished file.

No substitute for a full validator, but each rule here is one that a broken build would break. Problems are
told in words of the format, for whoever maintains the portal; staff read the sentence around them.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from csam.documents.errors import DocumentError

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
_OPERATORS = re.compile(
    rb"(?P<string>\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>)"
    rb"|/(?P<tag>\w+)\s*<<(?P<properties>[^>]*)>>\s*BDC\b|/(?P<plain>\w+)\s+BMC\b|\b(?P<end>EMC)\b"
    rb"|(?<![\w/.])(?P<paint>TJ|Tj|Do|sh|f\*?|F|S|s|B\*?|b\*?)(?![\w*])"
)
_MCID = re.compile(rb"/MCID (\d+)")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*")


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
    """The number of pages and every problem found, each once with how often it occurs."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        checker = _Checker(pdf)
        checker.run()
        tally = Counter(checker.problems)
        return len(pdf.pages), [f"{text} (×{n})" if n > 1 else text for text, n in tally.items()]


@dataclass
class _Checker:
    pdf: Any
    problems: list[str] = field(default_factory=list)
    #: Marked content owned by each page: page object number → {mcid: owners}.
    owned: dict[Any, Counter[int]] = field(default_factory=dict)
    elements: int = 0

    def run(self) -> None:
        root = self.pdf.Root
        self.catalog(root)
        if "/StructTreeRoot" not in root:
            self.problems.append("no structure tree")
            return
        self.tree(root.StructTreeRoot)
        self.contents(root.StructTreeRoot)
        self.annotations()
        self.outline(root)
        self.fonts()

    def expect(self, condition: object, problem: str) -> None:
        if not condition:
            self.problems.append(problem)

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
        with self.pdf.open_metadata() as metadata:
            self.expect(str(metadata.get("pdfuaid:part", "")) == "1", "the metadata does not name PDF/UA-1")
            self.expect(metadata.get("dc:title"), "the metadata has no title")
        for page in self.pdf.pages:
            self.expect(page.obj.get("/Tabs") == "/S", "a page's tab order is not that of the structure")

    def tree(self, root: Any) -> None:
        headings: list[int] = []
        identifiers: Counter[str] = Counter()
        named: set[str] = set()
        for element, parent in _walk(root):
            self.elements += 1
            tag = str(element.S)[1:]
            self.expect(tag in STANDARD_TAGS, f"{tag} is not a standard tag")
            allowed = _PARENTS.get(tag)
            self.expect(not allowed or parent in allowed, f"{tag} inside {parent}")
            if re.fullmatch(r"H[1-6]", tag):
                headings.append(int(tag[1]))
            if tag == "Figure":
                self.expect(str(element.get("/Alt", "")).strip(), "a figure has no alternative text")
                self.expect(len(_attribute(element, "/BBox") or ()) == 4, "a figure has no bounding box")
            if tag == "TH":
                self.expect(_attribute(element, "/Scope") is not None, "a header cell has no scope")
                if "/ID" in element:
                    identifiers[str(element.ID)] += 1
            if tag == "TD":
                named |= {str(header) for header in _attribute(element, "/Headers") or ()}
            if tag == "Link":
                kids = _kids(element)
                self.expect(any(_is(kid, "/OBJR") for kid in kids), "a link tag refers to no annotation")
            self.own(element)
        self.expect(headings[:1] == [1], "the headings do not start at level 1")
        self.expect(
            all(b - a <= 1 for a, b in pairwise(headings)),
            "a heading level is skipped",
        )
        self.expect(all(n == 1 for n in identifiers.values()), "two header cells have the same id")
        self.expect(named <= set(identifiers), "a cell names a header cell that does not exist")

    def own(self, element: Any) -> None:
        page = element.get("/Pg")
        for kid in _kids(element):
            if isinstance(kid, int):
                self.owned.setdefault(page.objgen, Counter())[kid] += 1
            elif _is(kid, "/MCR"):
                self.owned.setdefault(kid.get("/Pg", page).objgen, Counter())[int(kid.MCID)] += 1

    def contents(self, root: Any) -> None:
        numbers = _number_tree(root.ParentTree)
        for page in self.pdf.pages:
            owned = self.owned.get(page.obj.objgen, Counter())
            marked = self.marked_content(page)
            self.expect(len(marked) == len(set(marked)), "the same content number twice on a page")
            self.expect(set(marked) <= set(owned), "content that no tag owns")
            self.expect(set(owned) <= set(marked), "a tag owns content that is not there")
            self.expect(all(n == 1 for n in owned.values()), "content that two tags own")
            owners = numbers.get(int(page.obj.get("/StructParents", -1)))
            if owners is None:
                self.problems.append("a page is missing from the parent tree")
                continue
            for mcid in marked:
                self.expect(mcid < len(owners) and owners[mcid] is not None, "the parent tree is incomplete")

    def marked_content(self, page: Any) -> list[int]:
        """Numbers of the tagged content of a page, after checking that nothing is painted outside tags and
        artifacts."""
        page.contents_coalesce()
        stack: list[bool] = []
        found: list[int] = []
        for token in _OPERATORS.finditer(page.obj.Contents.read_bytes()):
            if token["string"] is not None:
                continue
            if token["end"]:
                if stack:
                    stack.pop()
                else:
                    self.problems.append("marked content ends without a beginning")
            elif token["tag"] or token["plain"]:
                is_artifact = (token["tag"] or token["plain"]) == b"Artifact"
                self.expect(not (is_artifact and False in stack), "an artifact inside tagged content")
                self.expect(is_artifact or True not in stack, "tagged content inside an artifact")
                stack.append(is_artifact)
                if mcid := _MCID.search(token["properties"] or b""):
                    found.append(int(mcid[1]))
            else:
                self.expect(stack, "something is painted outside tags and artifacts")
        self.expect(not stack, "marked content does not end")
        return found

    def annotations(self) -> None:
        destinations = _names(self.pdf)
        numbers = _number_tree(self.pdf.Root.StructTreeRoot.ParentTree)
        for page in self.pdf.pages:
            for annotation in page.obj.get("/Annots", ()):
                self.expect(str(annotation.get("/Contents", "")).strip(), "a link has no description")
                self.expect(int(annotation.get("/F", 0)) & 4, "a link is not printed")
                owner = numbers.get(int(annotation.get("/StructParent", -1)))
                self.expect(
                    owner is not None and str(owner.get("/S")) == "/Link",
                    "a link annotation without a link tag",
                )
                if "/Dest" in annotation:
                    name = str(annotation.Dest)
                    self.expect(name in destinations, f"a link leads to {name}, which does not exist")
                else:
                    self.expect("/A" in annotation, "a link leads nowhere")

    def outline(self, root: Any) -> None:
        first = root.get("/Outlines", {}).get("/First")
        self.expect(first is not None, "no bookmarks")
        pages = {page.obj.objgen for page in self.pdf.pages}
        waiting = [first] if first is not None else []
        while waiting:
            entry = waiting.pop()
            destination = entry.get("/Dest")
            self.expect(str(entry.get("/Title", "")).strip(), "a bookmark has no title")
            self.expect(
                destination is not None and destination[0].objgen in pages, "a bookmark leads nowhere"
            )
            waiting += [entry[key] for key in ("/First", "/Next") if key in entry]

    def fonts(self) -> None:
        seen: set[Any] = set()
        for page in self.pdf.pages:
            for font in dict(page.obj.get("/Resources", {}).get("/Font", {})).values():
                if font.objgen in seen:
                    continue
                seen.add(font.objgen)
                for inner in font.get("/DescendantFonts", [font]):
                    descriptor = inner.get("/FontDescriptor", {})
                    embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
                    self.expect(embedded or font.get("/Subtype") == "/Type3", "a font is not embedded")
                self.expect("/ToUnicode" in font, "a font cannot be read as text")


def _walk(root: Any) -> Iterator[tuple[Any, str]]:
    waiting = [(kid, "StructTreeRoot") for kid in reversed(_kids(root))]
    while waiting:
        element, parent = waiting.pop()
        if not _is_element(element):
            continue
        yield element, parent
        tag = str(element.S)[1:]
        waiting += [(kid, tag) for kid in reversed(_kids(element))]


def _kids(element: Any) -> list[Any]:
    import pikepdf

    kids = element.get("/K")
    if kids is None:
        return []
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _is(kid: Any, kind: str) -> bool:
    import pikepdf

    return isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == kind


def _is_element(kid: Any) -> bool:
    import pikepdf

    return isinstance(kid, pikepdf.Dictionary) and "/S" in kid


def _attribute(element: Any, name: str) -> Any:
    import pikepdf

    attributes = element.get("/A")
    for owner in [attributes] if isinstance(attributes, pikepdf.Dictionary) else attributes or ():
        if name in owner:
            return owner[name]
    return None


def _number_tree(node: Any) -> dict[int, Any]:
    entries = list(node.get("/Nums", ()))
    found = {int(key): value for key, value in zip(entries[::2], entries[1::2], strict=True)}
    for kid in node.get("/Kids", ()):
        found |= _number_tree(kid)
    return found


def _names(pdf: Any) -> set[str]:
    waiting = [pdf.Root.get("/Names", {}).get("/Dests", {})]
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        found |= {str(name) for name in list(node.get("/Names", ()))[::2]}
        waiting += list(node.get("/Kids", ()))
    return found
