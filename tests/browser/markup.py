"""Is it valid HTML? The errors of a parser that follows the standard, and what a parser mends in silence."""

import re

from tinyhtml5.parser import HTMLParser

NAMESPACE = re.compile(r"^\{.*\}")


def words(text):
    return set(text.split())


PHRASING = words(
    "a abbr audio b bdi bdo br button canvas cite code data datalist del dfn em embed i iframe img input ins kbd"
    " label link map mark math meta meter noscript object output picture progress q ruby s samp script select"
    " small span strong sub sup svg template textarea time u var video wbr"
)
#: Elements that may hold words and what stands between words, no blocks.
WORDS_ONLY = words(
    "p h1 h2 h3 h4 h5 h6 pre span em strong small b i u s abbr cite code data time kbd samp var sub sup q mark"
    " label button dfn output bdi bdo legend"
)
#: What may stand in a summary or a legend beside words.
HEADINGS = words("h1 h2 h3 h4 h5 h6 hgroup")
ONLY_CHILDREN = {
    "ul": {"li", "script", "template"},
    "ol": {"li", "script", "template"},
    "dl": {"dt", "dd", "div", "script", "template"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "tr": {"th", "td"},
    "select": {"option", "optgroup", "hr"},
    "optgroup": {"option"},
    "datalist": {"option"},
}
ONLY_PARENTS = {
    "li": {"ul", "ol", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "summary": {"details"},
    "legend": {"fieldset"},
    "figcaption": {"figure"},
    "caption": {"table"},
}
INTERACTIVE = words("a button details embed iframe label select textarea input")
OBSOLETE = words("acronym applet big center dir font frame frameset marquee nobr strike tt")
REFERENCES = ("for", "form", "list", "headers", "aria-labelledby", "aria-describedby", "aria-controls",
              "aria-owns", "aria-details", "aria-errormessage", "aria-activedescendant", "aria-flowto")  # fmt: skip


def faults(html):
    """What is wrong with the text of a whole page, as texts."""
    parser = HTMLParser()
    document = parser.parse(html)
    found = [f"line {position[0]}: {code} {data or ''}".rstrip() for position, code, data in parser.errors]
    elements = [element for element in document.iter() if isinstance(element.tag, str)]
    parents = {child: parent for parent in elements for child in parent}
    found += identifiers(elements)
    for element in elements:
        found += placed(element, parents.get(element))
        found += carried(element)
    return found + head(document, elements)


def tag(element):
    return NAMESPACE.sub("", element.tag) if is_html(element) else element.tag.rpartition("}")[2]


def is_html(element):
    return not element.tag.startswith("{") or "xhtml" in element.tag


def shown(element):
    label = " ".join(f'{key}="{value[:40]}"' for key, value in list(element.attrib.items())[:4])
    return f"<{tag(element)} {label}>".replace(" >", ">")


def identifiers(elements):
    found, known = [], set()
    for element in elements:
        identifier = element.get("id")
        if identifier is None:
            continue
        if identifier in known:
            found.append(f"twice the same id: {shown(element)}")
        if not identifier or re.search(r"\s", identifier):
            found.append(f"an id that is none: {shown(element)}")
        known.add(identifier)
    for element in elements:
        for attribute in REFERENCES:
            targets = (element.get(attribute) or "").split()
            found += [f"{attribute} leads nowhere: {shown(element)}" for one in targets if one not in known]
        link = element.get("href") or ""
        if link.startswith("#") and len(link) > 1 and link[1:] not in known:
            found.append(f"leads nowhere in this page: {shown(element)}")
    return found


def placed(element, parent):
    """What is wrong with where an element stands."""
    if not is_html(element) or parent is None or not is_html(parent):
        return []
    inner, outer = tag(element), tag(parent)
    found = []
    if outer in WORDS_ONLY and inner not in PHRASING and not (outer == "legend" and inner in HEADINGS):
        found.append(f"{shown(element)} in {shown(parent)}")
    if outer == "summary" and inner not in PHRASING | HEADINGS:
        found.append(f"{shown(element)} in {shown(parent)}")
    if inner not in ONLY_CHILDREN.get(outer, {inner}):
        found.append(f"{shown(element)} directly in {shown(parent)}")
    if outer not in ONLY_PARENTS.get(inner, {outer}):
        found.append(f"{shown(element)} directly in {shown(parent)}")
    if inner in ("a", "button"):
        found += [
            f"{shown(child)} within {shown(element)}"
            for child in element.iter()
            if child is not element and isinstance(child.tag, str) and tag(child) in INTERACTIVE
        ]
    return found


def carried(element):
    """What is wrong with an element's own name and attributes."""
    if not is_html(element):
        return [f"{name} on {shown(element)}" for name in ("style", "translate") if name in element.attrib]
    name, found = tag(element), []
    if name in OBSOLETE:
        found.append(f"obsolete: {shown(element)}")
    if "style" in element.attrib or any(key.startswith("on") for key in element.attrib):
        found.append(f"style or script on {shown(element)}")
    if name == "style" or (
        name == "script" and "src" not in element.attrib and "json" not in element.get("type", "")
    ):
        found.append(f"style or script inline: {shown(element)}")
    if name == "img" and ("alt" not in element.attrib or not element.get("src")):
        found.append(f"without alt or src: {shown(element)}")
    if name == "a" and "href" in element.attrib and not element.get("href").strip():
        found.append(f"empty address: {shown(element)}")
    if name in HEADINGS and not "".join(element.itertext()).strip():
        found.append(f"empty heading: {shown(element)}")
    if name in ("dl", "ul", "ol", "table", "tr") and not len(element):
        found.append(f"empty list: {shown(element)}")
    return found


def head(document, elements):
    found = []
    titles = [element for element in elements if is_html(element) and tag(element) == "title"]
    if len(titles) != 1 or not (titles[0].text or "").strip():
        found.append("not exactly one title")
    if not document.get("lang"):
        found.append("no language on the page")
    if (count := sum(is_html(element) and tag(element) == "h1" for element in elements)) != 1:
        found.append(f"{count} h1")
    if sum(is_html(element) and tag(element) == "main" for element in elements) != 1:
        found.append("not exactly one main")
    return found
