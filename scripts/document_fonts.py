"""The fonts of the PDF documents: one file for each weight that their style sheet asks for. Called by the set-up.

    python scripts/document_fonts.py TARGET-FOLDER SOURCE WEIGHT [SOURCE WEIGHT …]

The pages read one variable file for all weights; a document can only embed one weight, and cutting it out of the
variable file takes longer than all the rest of a short document. Each font is written twice: whole, as the text is
laid out with it, and in `embedded/` without what only laying out needs.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

#: What tells which glyphs to take and where to put them: done when the text is laid out.
ONLY_FOR_LAYOUT = ("GPOS", "GSUB", "GDEF", "DSIG", "STAT")


def main(target: str, *asked: str) -> None:
    folder = Path(target)
    (folder / "embedded").mkdir(parents=True, exist_ok=True)
    for source, weight in zip(asked[::2], asked[1::2], strict=True):
        name = f"{Path(source).name.partition('-latin-')[0]}-{weight}.ttf"
        font = TTFont(source, recalcTimestamp=False)
        font.flavor = None
        font = instantiateVariableFont(font, {"wght": int(weight)}, inplace=True)
        save(font, folder / name)
        for table in ONLY_FOR_LAYOUT:
            if table in font:
                del font[table]
        save(font, folder / "embedded" / name)


def save(font: TTFont, path: Path) -> None:
    """Under its name only when it is whole."""
    part = path.with_name(f"{path.name}.part")
    font.save(part)
    part.replace(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
