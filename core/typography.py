"""French (Québec) and English typography, applied once, when a page or a document is rendered.

Rules: Office québécois de la langue française, summed up in docs/development/typography.md. Templates and
data hold plain
spaces and straight quotes; :func:`typeset_html` sets the text of whole pages, so that no template can forget.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

NBSP = "\u00a0"

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

_SPACE = "[ \t\r\n\u00a0\u202f]"
_FRENCH: list[Rule] = [
    (re.compile(r"(?<=\w)['\u2019](?=[\w«])"), "’"),
    (re.compile(r'"([^"]+)"'), r"«\1»"),
    (re.compile(rf"«{_SPACE}*"), "«" + NBSP),
    (re.compile(rf"{_SPACE}*»"), NBSP + "»"),
    (re.compile(rf"{_SPACE}+:(?=[\s<]|$)"), NBSP + ":"),
    (re.compile(r"(?<=[^\W\d]):(?=\s|$)|(?<=[»)\]%’]):(?=\s|$)|(?<=\d):(?=\s|$)"), NBSP + ":"),
    (re.compile(rf"(?<=\S){_SPACE}+(?=[;?!])"), ""),
    (re.compile(rf"(?<=\d){_SPACE}*(?=[%$](?!\w))"), NBSP),
    (re.compile(rf"^{_SPACE}+(?=[%$])"), NBSP),
    (re.compile(r"(?<=\d) (?=\d{3}(?!\d))"), NBSP),
    (re.compile(r"(?<=\d) h(?: (?=\d\d\b)|\b)"), lambda m: NBSP + "h" + (NBSP if m[0].endswith(" ") else "")),
    (re.compile(rf"(?<=[^\s]){_SPACE}*—{_SPACE}*(?=[^\s])"), NBSP + "— "),
    (re.compile(r"\.\.\."), "…"),
]
_ENGLISH: list[Rule] = [
    (re.compile(r"(?<=\w)'(?=\w)|(?<=s)'(?=\s)"), "’"),
    (re.compile(r'"([^"]+)"'), r"“\1”"),
    (re.compile(r"\.\.\."), "…"),
]
_RULES = {"fr": _FRENCH, "en": _ENGLISH}

#: What one of the rules may change. Most words on a page have nothing of it, and are passed over at once.
_SIGN = re.compile(r"['\"\u2019«»:;?!%$—\d]|\.\.\.")

_TOKEN = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)")
_LANG = re.compile(r'\slang="([a-zA-Z]{2})')
_TEXT_ATTRIBUTE = re.compile(r'(\s(?:alt|title|aria-label|placeholder)=")([^"]+)(")')
_META_TEXT = re.compile(
    r'(\s(?:name|property)="(?:description|og:(?:title|description|site_name|image:alt))"\s+content=")([^"]+)(")'
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_VERBATIM = frozenset(["script", "style", "textarea", "pre", "code", "kbd", "samp"])


def typeset(text: str, language: str) -> str:
    """Plain text with the no-break spaces, quotes and apostrophes of that language ("fr" or "en")."""
    if not _SIGN.search(text):
        return text
    for pattern, replacement in _RULES.get(language, ()):
        text = pattern.sub(replacement, text)
    return text


def typeset_html(html: str) -> str:
    """A whole HTML page or fragment, set in the language that each element declares with ``lang``.

    Left as they are: scripts, styles, code, text areas, addresses and anything under ``translate="no"``, and
    every
    attribute but the alternative texts, titles and labels.
    """
    out: list[str] = []
    stack: list[tuple[str, str, bool]] = [("", "", False)]
    position = 0
    for token in _TOKEN.finditer(html):
        if token.start() > position:
            out.append(_set_node(html[position : token.start()], *stack[-1][1:]))
        position = token.end()
        tag = _TAG.match(token[0])
        if tag is None:
            out.append(token[0])
            continue
        closing, name = tag[1], tag[2].lower()
        if closing:
            _close(stack, name)
            out.append(token[0])
            continue
        _parent, language, verbatim = stack[-1]
        if found := _LANG.search(token[0]):
            language = found[1].lower()
        verbatim = verbatim or name in _VERBATIM or 'translate="no"' in token[0]
        out.append(token[0] if verbatim else _set_attributes(token[0], name, language))
        if name not in _VOID and not token[0].endswith("/>"):
            stack.append((name, language, verbatim))
    out.append(_set_node(html[position:], *stack[-1][1:]))
    return "".join(out)


class TypographyMiddleware:
    """Typesets every HTML page that the portal answers with."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html"):
            response.content = typeset_html(response.content.decode(response.charset)).encode(
                response.charset
            )
        return response


def _close(stack: list[tuple[str, str, bool]], name: str) -> None:
    for depth in range(len(stack) - 1, 0, -1):
        if stack[depth][0] == name:
            del stack[depth:]
            return


def _set_node(text: str, language: str, verbatim: bool) -> str:
    if verbatim or not language or text.isspace():
        return text
    plain = unescape(text) if "&" in text else text
    return escape(typeset(plain, language), quote=False)


def _set_attributes(tag: str, name: str, language: str) -> str:
    pattern = _META_TEXT if name == "meta" else _TEXT_ATTRIBUTE
    if not language or '="' not in tag:
        return tag
    return pattern.sub(lambda m: m[1] + escape(typeset(unescape(m[2]), language)) + m[3], tag)
