"""A document's HTML as a source for Typst, for the benchmark: all that it says, shows and links, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

HEAD = """\
#set document(title: {title})
#set page(paper: "us-letter", margin: (x: 22mm, y: 26mm))
#set text(lang: "{language}", size: 10pt, hyphenate: true)
#set table(stroke: 0.2mm + luma(200))
"""
#: What holds words of a line; the others begin a new one.
_INLINE = {"a", "strong", "em", "span", "sup", "br", "b", "i", "abbr", "small", "svg"}
_HEADING = re.compile(r"h[1-6]")
_SVG = "http://www.w3.org/2000/svg"


def source_of(html: str) -> str:
    """Takes what `documents.whole_html` gives."""
    import tinyhtml5

    root = tinyhtml5.parse(html, namespace_html_elements=False)
    body = root.find("body")
    title = root.findtext("head/title") or ""
    writer = _Writer({element.get("id") for element in root.iter() if element.get("id")})
    head = HEAD.format(title=_string(title), language=(root.get("lang") or "fr")[:2])
    return head + "\n".join(writer.piece(piece) for piece in body)


class _Writer:
    def __init__(self, anchors: set[str | None]) -> None:
        self.anchors = anchors
        self.cites_pages = False

    def piece(self, piece: ET.Element) -> str:
        """A piece begins a page, under running heads of its own."""
        header = f"[#{_string(piece.get('data-plan'))} #h(1fr) #{_string(piece.get('data-running'))}]"
        footer = f"[#{_string(piece.get('data-foot'))} #h(1fr) #context counter(page).display()]"
        return f"#set page(header: {header}, footer: {footer})\n{self.blocks(piece)}"

    def blocks(self, element: ET.Element) -> str:
        """What an element holds: runs of words as paragraphs, and blocks."""
        written, words = [], [_words(element.text)]

        def end_paragraph() -> None:
            if "".join(words).strip():
                written.append(f"#par[{''.join(words)}]")
            words.clear()

        for child in element:
            if not isinstance(child.tag, str):
                words.append(_words(child.tail))
                continue
            if _name(child) in _INLINE and not _is_figure(child):
                words.append(self.inline(child))
            else:
                end_paragraph()
                written.append(self.block(child))
            words.append(_words(child.tail))
        end_paragraph()
        return _label(element) + "\n".join(written)

    def block(self, element: ET.Element) -> str:
        name = _name(element)
        classes = set((element.get("class") or "").split())
        cited, self.cites_pages = self.cites_pages, self.cites_pages or bool(classes & {"contents", "index"})
        try:
            return self.by_name(element, name)
        finally:
            self.cites_pages = cited

    def by_name(self, element: ET.Element, name: str) -> str:
        if _HEADING.fullmatch(name):
            return f"#heading(level: {name[1]})[{self.line(element)}]"
        if name == "p":
            return f"#par[{self.line(element)}]"
        if name in ("ul", "ol"):
            return f"#{'list' if name == 'ul' else 'enum'}({self.items(element)})"
        if name == "dl":
            return f"#terms({', '.join(self.terms(element))})"
        if name == "table":
            return self.table(element)
        if name == "svg":
            return _drawing(element)
        return self.blocks(element)

    def items(self, element: ET.Element) -> str:
        return ", ".join(f"[{self.blocks(item)}]" for item in element if _name(item) == "li")

    def terms(self, element: ET.Element) -> Iterator[str]:
        """Groups in « div » are looked into."""
        term = ""
        for child in element.iter():
            if _name(child) == "dt":
                term = self.line(child)
            elif _name(child) == "dd":
                yield f"terms.item([{term}], [{self.blocks(child)}])"

    def table(self, element: ET.Element) -> str:
        label = "".join(_label(part) for part in element.iter() if _name(part) in ("table", "tr"))
        rows = [[cell for cell in row if _name(cell) in ("th", "td")] for row in element.iter("tr")]
        columns = max((len(row) for row in rows), default=0)
        heads = len(list(element.findall("thead/tr")))
        cells = [[f"[{self.blocks(cell)}]" for cell in row] + ["[]"] * (columns - len(row)) for row in rows]
        head = f"table.header({_listed(cells[:heads])})," if heads else ""
        return f"{label}#table(columns: {columns}, {head} {_listed(cells[heads:])})"

    def line(self, element: ET.Element) -> str:
        inner = "".join(self.inline(child) + _words(child.tail) for child in element)
        return _label(element) + _words(element.text) + inner

    def inline(self, element: ET.Element) -> str:
        name = _name(element)
        if name == "br":
            return "#linebreak()"
        if name == "svg":
            return f"#box[{_drawing(element)}]"
        words = self.line(element)
        if name == "a":
            return self.link(element, words)
        if name in ("strong", "b"):
            return f"#strong[{words}]"
        if name in ("em", "i"):
            return f"#emph[{words}]"
        return f"#super[{words}]" if name == "sup" else words

    def link(self, element: ET.Element, words: str) -> str:
        address = element.get("href") or ""
        if not address.startswith("#"):
            return f"#link({_string(address)})[{words}]" if address else words
        anchor = address[1:]
        if anchor not in self.anchors:
            return words
        cites = self.cites_pages or "paged" in (element.get("class") or "").split()
        page = f" #context counter(page).at(<{anchor}>).first()" if cites else ""
        return f"#link(<{anchor}>)[{words}{page}]"


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _label(element: ET.Element) -> str:
    anchor = element.get("id")
    return f"#metadata(none)<{anchor}>" if anchor else ""


def _is_figure(element: ET.Element) -> bool:
    return _name(element) == "svg" and element.get("role") == "img"


def _drawing(element: ET.Element) -> str:
    """A drawing with the words that stand for it, or without any where it is an ornament."""
    words = element.get("aria-label") or element.findtext("{*}title") or ""
    copy = _copied(element)
    copy.tail = None
    source = _string(ET.tostring(copy, encoding="unicode"))
    _left, _top, width, _height = (element.get("viewBox") or "0 0 300 100").split()
    size = f"width: {min(100.0, float(width) / 7):.0f}%"
    if not words:
        return f'#pdf.artifact(image(bytes({source}), format: "svg", {size}))'
    return f'#image(bytes({source}), format: "svg", alt: {_string(words)}, {size})'


def _copied(element: ET.Element) -> ET.Element:
    """As the parser of HTML read it, but with its names as XML writes them."""
    names = {
        key: value for key, value in element.attrib.items() if key[0] != "{" and not key.startswith("xml")
    }
    copy = ET.Element(_name(element), names)
    if copy.tag == "svg":
        copy.set("xmlns", _SVG)
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_copied(child) for child in element if _name(child))
    return copy


def _words(value: str | None) -> str:
    value = re.sub(r"[ \t\r\n]+", " ", value or "")
    return f"#{_string(value)};" if value.strip() else value


def _string(value: str | None) -> str:
    escaped = (value or "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _listed(rows: Iterable[list[str]]) -> str:
    return ", ".join(cell for row in rows for cell in row)
