"""What the PDF library leaves to be done for PDF/UA-1, and a small file with the same bytes for the same document."""

from __future__ import annotations

import io
import re
from typing import Any

_MARK = re.compile(rb"^/(\w+) <</MCID (\d+)>> BDC$")


def declare_languages() -> None:
    """Make the tags carry the language of passages in another language than the document.

    The library drops ``lang`` of elements below the root; each tag passes through this one function.
    """
    from weasyprint.pdf import tags

    if hasattr(tags._build_box_tree, "declares_languages"):
        return
    build = tags._build_box_tree

    def build_with_language(box: Any, *args: Any, **kwargs: Any) -> Any:
        for element in build(box, *args, **kwargs):
            source = getattr(box, "element", None)
            language = source.get("lang") if source is not None and box.element_tag not in ("html", "body") else None
            if language:
                element["Lang"] = _text(language)
            yield element

    build_with_language.declares_languages = True  # type: ignore[attr-defined]
    tags._build_box_tree = build_with_language


def finish(document: Any, pdf: Any) -> None:
    """Repair the tags of a laid-out document just before it is written."""
    objects = {obj.reference: obj for obj in pdf.objects}
    for page in document.pages:
        for box in page._page_box.descendants():
            _scope_header(box)
            _describe_link(box)
    _retag_stray_links(pdf)
    _place_figures(pdf, objects)
    _make_margins_artifacts(pdf, objects)
    _index_header_ids(pdf, objects)


def compact(raw: bytes) -> bytes:
    """The file without unreachable objects, compressed; equal input gives equal bytes."""
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


def _text(value: str) -> Any:
    import pydyf

    return pydyf.String(value)


def _scope_header(box: Any) -> None:
    mark = getattr(box, "mark", None)
    if mark is not None and mark.get("S") == "/TH":
        mark["A"]["Scope"] = "/Row" if box.element.get("scope") == "row" else "/Column"


def _describe_link(box: Any) -> None:
    annotation = getattr(box, "link_annotation", None)
    if annotation:
        words = " ".join("".join(box.element.itertext()).split())
        annotation["Contents"] = _text(box.element.get("aria-label") or words or box.element.get("href", ""))
        annotation["F"] = 4


def _retag_stray_links(pdf: Any) -> None:
    """A page number set by ``::after`` is tagged as a second link without an annotation: it is plain text."""
    references = {obj.reference for obj in pdf.objects if isinstance(obj, dict) and obj.get("Type") == "/OBJR"}
    for obj in pdf.objects:
        if isinstance(obj, dict) and obj.get("S") == "/Link" and not any(kid in references for kid in obj["K"]):
            obj["S"] = "/Span"


def _place_figures(pdf: Any, objects: dict[bytes, Any]) -> None:
    """Bounding boxes in points from the bottom of the page, not in pixels from its top."""
    for obj in pdf.objects:
        if isinstance(obj, dict) and obj.get("S") == "/Figure":
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
    for index, operation in enumerate(stream.stream):
        data = operation if isinstance(operation, bytes) else str(operation).encode()
        match = _MARK.match(data)
        if match and int(match[2]) in mcids:
            stream.stream[index] = b"/Artifact <</Type /Pagination>> BDC"


def _index_header_ids(pdf: Any, objects: dict[bytes, Any]) -> None:
    """The tree that finds a header cell by the id that data cells name."""
    import pydyf

    cells = {
        obj["ID"].string: obj.reference
        for obj in pdf.objects
        if isinstance(obj, dict) and obj.get("S") == "/TH" and "ID" in obj
    }
    if not cells:
        return
    names = pydyf.Array()
    for key in sorted(cells):
        names += [pydyf.String(key), cells[key]]
    tree = pydyf.Dictionary({"Names": names})
    pdf.add_object(tree)
    objects[pdf.catalog["StructTreeRoot"]]["IDTree"] = tree.reference
