"""Reading the trees of a finished PDF: structure, numbers, names, fonts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tag:
    """An element of the structure tree with where it stands."""

    element: Any
    #: Its type and those of the elements around it, outermost first.
    path: tuple[str, ...]
    #: What it holds: elements, numbers of marked content, references. Reading them is what takes time.
    kids: list[Any]

    @property
    def kind(self) -> str:
        return self.path[-1]

    @property
    def parent(self) -> str:
        return self.path[-2] if len(self.path) > 1 else "StructTreeRoot"


def walk(root: Any) -> Iterator[Tag]:
    """Every element in reading order."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(kid, ()) for kid in reversed(kids_of(root))]
    while waiting:
        element, above = waiting.pop()
        if not is_element(element):
            continue
        kids = kids_of(element)
        tag = Tag(element, (*above, str(element.S)[1:]), kids)
        yield tag
        waiting += [(kid, tag.path) for kid in reversed(kids) if not isinstance(kid, int)]


def kids_of(element: Any) -> list[Any]:
    import pikepdf

    kids = element.get("/K")
    if kids is None:
        return []
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def is_kind(kid: Any, kind: str) -> bool:
    import pikepdf

    return isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == kind


def is_element(kid: Any) -> bool:
    import pikepdf

    return isinstance(kid, pikepdf.Dictionary) and "/S" in kid


def attribute(element: Any, name: str) -> Any:
    import pikepdf

    attributes = element.get("/A")
    for owner in [attributes] if isinstance(attributes, pikepdf.Dictionary) else attributes or ():
        if name in owner:
            return owner[name]
    return None


def number_tree(node: Any) -> dict[int, Any]:
    entries = list(node.get("/Nums", ()))
    found = {int(key): value for key, value in zip(entries[::2], entries[1::2], strict=True)}
    for kid in node.get("/Kids", ()):
        found |= number_tree(kid)
    return found


def destination_names(pdf: Any) -> set[str]:
    waiting = [pdf.Root.get("/Names", {}).get("/Dests", {})]
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        found |= {str(name) for name in list(node.get("/Names", ()))[::2]}
        waiting += list(node.get("/Kids", ()))
    return found


def fonts_of(resources: Any, seen: set[Any]) -> Iterator[Any]:
    """The fonts of a page and of the drawings on it, each once."""
    for font in dict(resources.get("/Font", {})).values():
        if font.objgen not in seen:
            seen.add(font.objgen)
            yield font
    for drawing in dict(resources.get("/XObject", {})).values():
        if drawing.objgen not in seen and "/Resources" in drawing:
            seen.add(drawing.objgen)
            yield from fonts_of(drawing.Resources, seen)
