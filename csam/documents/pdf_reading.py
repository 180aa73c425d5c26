"""Reading the trees of a finished PDF: structure, numbers, names, fonts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Tag:
    """An element of the structure tree with where it stands and what it holds beside other elements."""

    element: Any
    #: Its type and those of the elements around it, outermost first.
    path: tuple[str, ...]
    #: The keys that it has. To ask for one that is not there takes ten times as long as to find it.
    keys: set[str]
    #: Of marked content of its own page.
    numbers: list[int]
    #: To annotations, and to marked content of any page.
    references: list[Any]

    @property
    def kind(self) -> str:
        return self.path[-1]


def walk(root: Any) -> Iterator[Tag]:
    """Every element in reading order. Each entry of the file is read once: that is what takes time."""
    waiting: list[tuple[Any, set[str], tuple[str, ...]]] = []

    def sort(kids: list[Any], path: tuple[str, ...]) -> tuple[list[int], list[Any]]:
        numbers, references = [], []
        elements = []
        for kid in kids:
            if isinstance(kid, int):
                numbers.append(kid)
            elif is_dictionary(kid):
                keys = kid.keys()
                if "/S" in keys:
                    elements.append((kid, keys, (*path, str(kid.get("/S"))[1:])))
                else:
                    references.append(kid)
        waiting.extend(reversed(elements))
        return numbers, references

    sort(kids_of(root), ())
    while waiting:
        element, keys, path = waiting.pop()
        kids = kids_of(element) if "/K" in keys else []
        yield Tag(element, path, keys, *sort(kids, path))


def kids_of(element: Any) -> list[Any]:
    import pikepdf

    kids = element.get("/K")
    if kids is None:
        return []
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def is_dictionary(kid: Any) -> bool:
    import pikepdf

    return isinstance(kid, pikepdf.Dictionary)


def attribute(tag: Tag, name: str) -> Any:
    if "/A" not in tag.keys:
        return None
    attributes = tag.element.get("/A")
    for owner in [attributes] if is_dictionary(attributes) else attributes:
        if name in owner:
            return owner[name]
    return None


def drawn_on(page: Any) -> bytes:
    """What draws a page, of all its streams."""
    import pikepdf

    contents = page.obj.get("/Contents", pikepdf.Array())
    streams = contents if isinstance(contents, pikepdf.Array) else [contents]
    return b"\n".join(stream.read_bytes() for stream in streams)


def number_tree(node: Any) -> dict[int, Any]:
    entries = list(node.get("/Nums", ()))
    found = {int(key): value for key, value in zip(entries[::2], entries[1::2], strict=True)}
    for kid in node.get("/Kids", ()):
        found |= number_tree(kid)
    return found


def name_tree(node: Any) -> dict[str, Any]:
    """The entries of a tree of names, by name."""
    found: dict[str, Any] = {}
    waiting = [node]
    while waiting:
        node = waiting.pop()
        entries = list(node.get("/Names", ()))
        found |= {str(name): value for name, value in zip(entries[::2], entries[1::2], strict=True)}
        waiting += list(node.get("/Kids", ()))
    return found


def destinations(pdf: Any) -> dict[str, Any]:
    """The page that each named destination leads to, as its object's number."""
    named = name_tree(pdf.Root.get("/Names", {}).get("/Dests", {}))
    places = {name: place.D if is_dictionary(place) else place for name, place in named.items()}
    return {name: page_of(place) for name, place in places.items()}


def page_of(place: Any) -> Any:
    """The number of the page's object; None where the place is not one on a page of the same file."""
    import pikepdf

    is_place = isinstance(place, pikepdf.Array) and len(place) and is_dictionary(place[0])
    return place[0].objgen if is_place else None


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
