"""What the PDF library leaves to be done for PDF/UA-1, and a small file with the same bytes for the same
document."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any

_SVG = "{http://www.w3.org/2000/svg}"


def complete_tags() -> None:
    """Make the tags say what the library drops: the language of a passage, all that a drawing shows, and which
    of them come from leaders, terms and their meanings.

    Each tag passes through this one function.
    """
    from weasyprint.pdf import tags

    if hasattr(tags._build_box_tree, "completes_tags"):
        return
    build = tags._build_box_tree

    def build_complete(box: Any, *args: Any, **kwargs: Any) -> Any:
        for element in build(box, *args, **kwargs):
            source = getattr(box, "element", None)
            if source is not None and box.element_tag not in ("html", "body"):
                if language := source.get("lang"):
                    element["Lang"] = _text(language)
                if element["S"] == "/Figure":
                    _tell_all(element, source)
                element.role = "leader" if box.is_leader else box.element_tag
            yield element

    build_complete.completes_tags = True  # type: ignore[attr-defined]
    tags._build_box_tree = build_complete


def _tell_all(element: Any, source: Any) -> None:
    """The description of a drawing beside its title, which alone would not say what it shows."""
    title, description = source.find(f"{_SVG}title"), source.find(f"{_SVG}desc")
    if title is not None and description is not None and description.text:
        element["Alt"] = _text(f"{title.text}. {description.text}")


def finish(document: Any, pdf: Any, *, prefix: str) -> None:
    """Repair the tags of a laid-out piece just before it is written; ``prefix`` makes its ids its own."""
    objects = {obj.reference: obj for obj in pdf.objects}
    nested: set[bytes] = set()
    for page in document.pages:
        _describe(page._page_box, nested, link=None)
    _drop_nested_links(pdf, objects, nested)
    _silence_leaders(pdf)
    _join_columns(pdf, objects)
    _join_terms(pdf, objects)
    _place_figures(pdf, objects)
    _make_margins_artifacts(pdf, objects)
    _index_header_ids(pdf, objects, prefix)


def aim_links(pdf: Any, scheme: str) -> None:
    """Links that were written as outside addresses of that scheme lead to named destinations."""
    for obj in _dictionaries(pdf):
        if obj.get("Subtype") == "/Link" and obj.get("A", {}).get("S") == "/URI":
            address = obj["A"]["URI"].string
            if address.startswith(scheme):
                del obj["A"]
                obj["Dest"] = _text(address.removeprefix(scheme))


def leave_fonts_out(
    document: Any, pdf: Any, source_of: Callable[[Any], str | None]
) -> dict[str, dict[str, Any]]:
    """Take the fonts that all pieces share, those that have a source, out of this one. Returns by name what it needs of
    each.

    Metrics are the same in every piece; widths and letters are those of the glyphs in use.
    """
    shared: dict[str, dict[str, Any]] = {}
    for font in document.fonts.values():
        source = source_of(font)
        if source is None:
            continue
        known = shared.setdefault(
            font.hash,
            {
                "source": source,
                "name": font.name.decode()[1:],
                "family": font.family,
                "flags": font.flags,
                "ascent": font.ascent,
                "descent": font.descent,
                "widths": {},
                "letters": {},
            },
        )
        known["widths"] |= font.widths
        known["letters"] |= font.to_unicode
    for obj in _dictionaries(pdf):
        for name in shared.keys() & obj.keys():
            obj[name] = "null"
    return shared


def compact(raw: bytes) -> bytes:
    """The file without unreachable objects, compressed; equal input gives equal bytes."""
    logging.getLogger("pikepdf").setLevel(logging.WARNING)
    import pikepdf

    with pikepdf.open(io.BytesIO(raw)) as pdf:
        target = io.BytesIO()
        pdf.save(
            target,
            compress_streams=True,
            recompress_flate=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
        )
    return target.getvalue()


def _dictionaries(pdf: Any) -> list[Any]:
    return [obj for obj in pdf.objects if isinstance(obj, dict)]


def _text(value: str) -> Any:
    import pydyf

    return pydyf.String(value)


def _describe(box: Any, nested: set[bytes], *, link: Any) -> None:
    """Give header cells their scope and links their words, from the boxes that were drawn.

    The library makes a link of every box inside a link; ``nested`` gathers those inner ones.
    """
    box = getattr(box, "_box", box)
    mark = getattr(box, "mark", None)
    if mark is not None and mark.get("S") == "/TH":
        mark["A"]["Scope"] = "/Row" if box.element.get("scope") == "row" else "/Column"
    annotation = getattr(box, "link_annotation", None)
    if annotation and link is not None:
        nested.add(annotation.reference)
    elif annotation:
        link = box.element
        words = " ".join("".join(link.itertext()).split())
        annotation["Contents"] = _text(link.get("aria-label") or words or link.get("href", ""))
        annotation["F"] = 4
    for child in getattr(box, "children", ()):
        _describe(child, nested, link=link)


def _drop_nested_links(pdf: Any, objects: dict[bytes, Any], nested: set[bytes]) -> None:
    """One annotation and one link tag per link; what is inside becomes plain text, page numbers set by
    ``::after`` too."""
    references = [obj for obj in _dictionaries(pdf) if obj.get("Type") == "/OBJR"]
    inner = {obj.reference for obj in references if obj["Obj"] in nested}
    kept = {obj.reference for obj in references if obj["Obj"] not in nested}
    for obj in _dictionaries(pdf):
        if "Annots" in obj:
            obj["Annots"][:] = [reference for reference in obj["Annots"] if reference not in nested]
        if obj.get("S") == "/Link":
            obj["K"][:] = [kid for kid in obj["K"] if kid not in inner]
            if not any(kid in kept for kid in obj["K"]):
                obj["S"] = "/Span"
    numbers = objects[objects[pdf.catalog["StructTreeRoot"]]["ParentTree"]]["Nums"]
    gone = {objects[reference]["StructParent"] for reference in nested}
    pairs = [pair for pair in zip(numbers[::2], numbers[1::2], strict=True) if pair[0] not in gone]
    numbers[:] = [item for pair in pairs for item in pair]


def _silence_leaders(pdf: Any) -> None:
    """Dots that lead the eye to a page number are read aloud one by one where they are tags: without one, they become
    artifacts."""
    leaders = {obj.reference for obj in _dictionaries(pdf) if _role(obj) == "leader"}
    for obj in _dictionaries(pdf):
        if "S" in obj and "K" in obj:
            obj["K"][:] = [kid for kid in obj["K"] if kid not in leaders]


def _join_columns(pdf: Any, objects: dict[bytes, Any]) -> None:
    """A list in columns is one list: the library makes one of each column, inside another."""
    for obj in _lists(pdf):
        columns = [objects[kid] for kid in obj["K"] if objects[kid].get("S") == "/L"]
        if len(columns) == len(obj["K"]):
            obj["K"][:] = [item for column in columns for item in column["K"]]
            for item in obj["K"]:
                objects[item]["P"] = obj.reference


def _join_terms(pdf: Any, objects: dict[bytes, Any]) -> None:
    """A term and its meaning are the label and the body of one item, not two items of a list."""
    for obj in _lists(pdf):
        kept: list[bytes] = []
        term = None
        for reference in obj["K"]:
            item = objects[reference]
            if term is not None and _role(item) == "dd":
                objects[term["K"][0]]["S"] = "/Lbl"
                for body in item["K"]:
                    objects[body]["P"] = term.reference
                term["K"] += item["K"]
                term = None
            else:
                kept.append(reference)
                term = item if _role(item) == "dt" else None
        obj["K"][:] = kept


def _lists(pdf: Any) -> list[Any]:
    return [obj for obj in _dictionaries(pdf) if obj.get("S") == "/L"]


def _role(obj: Any) -> str:
    return getattr(obj, "role", "")


def _place_figures(pdf: Any, objects: dict[bytes, Any]) -> None:
    """Bounding boxes in points from the bottom of the page, not in pixels from its top."""
    for obj in _dictionaries(pdf):
        if obj.get("S") == "/Figure":
            left, top, right, bottom = obj["A"]["BBox"]
            height = objects[obj["Pg"]]["MediaBox"][3]
            obj["A"]["BBox"][:] = [left * 0.75, height - bottom * 0.75, right * 0.75, height - top * 0.75]


def _make_margins_artifacts(pdf: Any, objects: dict[bytes, Any]) -> None:
    """Running heads and page numbers: painted content that no tag of the tree owns becomes an artifact."""
    root = objects[pdf.catalog["StructTreeRoot"]]
    reachable = _reachable(root, objects)
    numbers = objects[root["ParentTree"]]["Nums"]
    streams = [objects[objects[reference]["Contents"]] for reference in pdf.page_references]
    for index in range(0, len(numbers), 2):
        page, owners = numbers[index], numbers[index + 1]
        if not isinstance(owners, list):
            continue
        orphans = {mcid for mcid, owner in enumerate(owners) if owner not in reachable}
        for mcid in orphans:
            owners[mcid] = "null"
        while owners and owners[-1] == "null":
            owners.pop()
        _unmark(streams[page], orphans)


def _reachable(root: Any, objects: dict[bytes, Any]) -> set[bytes]:
    seen: set[bytes] = set()
    waiting = list(root["K"])
    while waiting:
        reference = waiting.pop()
        if isinstance(reference, bytes) and reference not in seen:
            seen.add(reference)
            waiting += objects[reference].get("K", ())
    return seen


def _unmark(stream: Any, mcids: set[int]) -> None:
    """The library keeps « /Span », its properties and « BDC » as three items of the stream."""
    parts = stream.stream
    for index, operator in enumerate(parts):
        if (
            operator == b"BDC"
            and isinstance(parts[index - 1], dict)
            and parts[index - 1].get("MCID") in mcids
        ):
            parts[index - 2 : index] = [b"/Artifact", b"<</Type /Pagination>>"]


def _index_header_ids(pdf: Any, objects: dict[bytes, Any], prefix: str) -> None:
    """The tree that finds a header cell by the id that data cells name."""
    import pydyf

    headers = [obj for obj in _dictionaries(pdf) if obj.get("S") == "/TH" and "ID" in obj]
    for obj in headers:
        # The same string stands in the data cells that name this header.
        obj["ID"].string = f"{prefix}:{obj['ID'].string}"
    cells = {obj["ID"].string: obj.reference for obj in headers}
    if not cells:
        return
    names = pydyf.Array()
    for key in sorted(cells):
        names += [pydyf.String(key), cells[key]]
    tree = pydyf.Dictionary({"Names": names})
    pdf.add_object(tree)
    objects[pdf.catalog["StructTreeRoot"]]["IDTree"] = tree.reference
