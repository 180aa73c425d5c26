"""The words of a PDF as a reader's computer finds them: glyphs through each font's table of letters."""

import re

import pikepdf


def text_of(content):
    """Of a page, or of a drawing."""
    letters = {name: to_letters(font) for name, font in dict(content.Resources.Font).items()}
    words, table = [], {}
    for operands, operator in pikepdf.parse_content_stream(content):
        if str(operator) == "Tf":
            table = letters[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            items = operands[0] if str(operator) == "TJ" else [operands[0]]
            words.append("".join(decoded(bytes(i), table) for i in items if isinstance(i, pikepdf.String)))
        elif str(operator) in ("ET", "Td", "Tm"):
            words.append(" ")
    return re.sub(r"\s+", " ", "".join(words))


def decoded(data, table):
    return "".join(table[int.from_bytes(data[n : n + 2], "big")] for n in range(0, len(data), 2))


def to_letters(font):
    rows = re.findall(rb"<(\w{4})> <(\w+)>\n", font.ToUnicode.read_bytes())
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in rows}
