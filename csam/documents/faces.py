"""The portal's own fonts, of which a document holds one copy for all its pieces.

A copy has every glyph of the font, so that it is the same in every document; the widths and the letters listed beside
it are those of the glyphs that the pieces use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from csam.documents.typesetters import Piece


@dataclass
class Face:
    """One font, as the pieces of a document use it."""

    name: str
    family: str
    #: The one that the pieces were laid out with.
    source: str
    flags: int
    ascent: float
    descent: float
    #: By glyph, in thousandths of the size.
    widths: dict[int, float] = field(default_factory=dict)
    letters: dict[int, str] = field(default_factory=dict)


def faces_of(pieces: Iterable[Piece]) -> dict[str, Face]:
    """The faces that the pieces share, by the name that their pages call them."""
    found: dict[str, Face] = {}
    for piece in pieces:
        for name, facts in sorted(piece.facts["fonts"].items()):
            kept = {key: value for key, value in facts.items() if key not in ("widths", "letters")}
            face = found.setdefault(name, Face(**kept))
            face.widths |= {int(glyph): width for glyph, width in facts["widths"].items()}
            face.letters |= {int(glyph): text for glyph, text in facts["letters"].items()}
    return found


def add_font(pdf: Any, face: Face, data: bytes) -> Any:
    """The font, of which ``data`` is the file, as an object of that document."""
    import pikepdf

    name = pikepdf.Name(f"/{face.name}")
    text = pikepdf.String
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=name,
        FontFamily=text(face.family),
        Flags=face.flags,
        FontBBox=[0, face.descent, max(face.widths.values(), default=0), face.ascent],
        ItalicAngle=0,
        Ascent=face.ascent,
        Descent=face.descent,
        CapHeight=face.ascent,
        StemV=80,
        StemH=80,
        FontFile2=pikepdf.Stream(pdf, data, Length1=len(data)),
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=pikepdf.Dictionary(Registry=text("Adobe"), Ordering=text("Identity"), Supplement=0),
        CIDToGIDMap=pikepdf.Name.Identity,
        W=pikepdf.Array(_runs(face.widths)),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=name,
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[pdf.make_indirect(descendant)],
            ToUnicode=pikepdf.Stream(pdf, _to_unicode(face.letters)),
        )
    )


def _runs(widths: dict[int, float]) -> list[Any]:
    """Widths as the format wants them: the first glyph of each run, then the widths of the run."""
    listed: list[Any] = []
    for glyph in sorted(widths):
        if glyph - 1 not in widths:
            listed += [glyph, []]
        listed[-1].append(widths[glyph])
    return listed


def _to_unicode(letters: dict[int, str]) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap",
        "/CIDSystemInfo\n<< /Registry (Adobe)\n/Ordering (UCS)\n/Supplement 0\n>> def",
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def",
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange",
    ]
    rows = [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in sorted(letters.items())]
    for start in range(0, len(rows), 100):
        batch = rows[start : start + 100]
        lines += [f"{len(batch)} beginbfchar", *batch, "endbfchar"]
    lines.append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
    return "\n".join(lines).encode()
