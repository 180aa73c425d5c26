"""The English catalogue: gather the French strings of the code and templates, and compile what is read at run time.

    python scripts/catalogs.py update     locale/en/LC_MESSAGES/django.po follows the code
    python scripts/catalogs.py compile    .po → .mo, and the French of what is not ours

French is the language of the strings themselves. It needs a catalogue all the same: for its plurals, since « 0 projet » is
singular in French, where gettext without a catalogue would say « 0 projets »; and for the texts of other apps that say
« e-mail », which is « courriel » in Québec, or « Ajout de organisation ». That one is derived, never kept.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "plans", "partners", "projects", "indicators", "csam")
ENGLISH = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
FRENCH = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.mo"
HEADER = """# English texts of the portal. The French is the text itself, in the code and the templates.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "__": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
#: The apps that say « e-mail » in French; Django itself says « courriel ».
FRENCH_OF_OTHERS = ("allauth", "rest_framework")
#: How the console says what Django says of any row, without its gender nor its vowel: « Ajout de organisation ».
CONSOLE = {
    "Add %s": "Ajouter : %s",
    "Add %(name)s": "Ajouter : %(name)s",
    "Change %s": "Modifier : %s",
    "View %s": "Consulter : %s",
    "Select %s to change": "Liste : %s",
    "Select %s to view": "Liste : %s",
}
#: The word itself, not the name of a value: %(email)s, {email}.
E_MAIL = r"(?<![\w(){])[Ee]-?mail(?![\w)}])"
#: « E-mail » begins with a vowel, « courriel » does not.
COURRIEL = (
    (re.compile(rf"\b([LlDd])['’]{E_MAIL}"), r"\1e courriel"),
    (re.compile(rf"\b([Cc])et {E_MAIL}"), r"\1e courriel"),
    (re.compile(rf"(?<![^.]){E_MAIL}"), "Courriel"),
    (re.compile(E_MAIL), "courriel"),
)


def sources() -> Iterator[tuple[Path, str]]:
    """Every file with strings, and its text as Python source."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    from django.utils.translation.template import templatize

    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text()
    for folder in (ROOT / "templates", *((ROOT / package) for package in PACKAGES)):
        for path in sorted(
            p for ending in ("html", "txt", "xml", "svg") for p in folder.rglob(f"*.{ending}")
        ):
            source = templatize(path.read_text(), origin=str(path.relative_to(ROOT)))
            yield path, "\n".join(line.strip() for line in source.splitlines())


def gathered() -> Catalog:
    catalog = Catalog(locale="en", project="csam", fuzzy=False)
    for path, source in sources():
        found = extract_python(io.BytesIO(source.encode()), KEYWORDS, [], {"encoding": "utf-8"})
        for _line, function, message, _comments in found:
            context, message_id = _message(function, message)
            if message_id and all(_parts(message_id)):
                catalog.add(message_id, context=context, locations=[(str(path.relative_to(ROOT)), 0)])
    return catalog


def update(path: Path = ENGLISH) -> Catalog:
    """The catalogue with exactly the strings of the code, keeping the translations it has."""
    catalog = read_po(io.BytesIO(path.read_bytes()), locale="en") if path.is_file() else Catalog(locale="en")
    catalog.update(gathered(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    for message in catalog:
        # A text that turns into a plural is flagged, and a flagged text would not be compiled.
        message.flags.discard("fuzzy")
    return catalog


def write(catalog: Catalog, path: Path = ENGLISH) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = io.BytesIO()
    write_po(body, catalog, include_lineno=False, sort_by_file=True, width=110, omit_header=True)
    path.write_bytes(HEADER.encode() + body.getvalue())


def compile_all() -> None:
    with ENGLISH.open("rb") as file:
        english = read_po(file, locale="en")
    french = Catalog(locale="fr", fuzzy=False)
    for message in english:
        if message.pluralizable:
            french.add(message.id, tuple(message.id), context=message.context)
    for message in quebec():
        french.add(message.id, message.string, context=message.context)
    for said, here in CONSOLE.items():
        french.add(said, here)
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    for catalog, path in ((english, ENGLISH.with_suffix(".mo")), (french, FRENCH)):
        part = path.with_suffix(".mo.part")
        with part.open("wb") as file:
            write_mo(file, _WithSingulars(catalog))
        part.replace(path)


def quebec() -> Iterator[Message]:
    """The texts of other apps that say « e-mail » in French, as they are said here."""
    for package in FRENCH_OF_OTHERS:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise RuntimeError(f"{package} is not installed")
        with (Path(spec.origin).parent / "locale/fr/LC_MESSAGES/django.mo").open("rb") as file:
            catalog = read_mo(file)
        for message in catalog:
            said = _said_here(message.string) if message.id and isinstance(message.string, str) else ""
            if said and said != message.string:
                yield Message(message.id, said, context=message.context)


def _said_here(text: str) -> str:
    for pattern, word in COURRIEL:
        text = pattern.sub(word, text)
    return text


class _WithSingulars:
    """A catalogue in which a text that has a plural is also found alone.

    Some Pythons look for the singular of a plural by itself (3.11.2 of Debian 12 does not find it then): an
    English page would say « Objectif » in the place of "Objective".
    """

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.charset = catalog.charset

    def __iter__(self) -> Iterator[Message]:
        yield from self.catalog
        for message in self.catalog:
            if message.pluralizable:
                yield Message(message.id[0], message.string[0], context=message.context)


def _message(function: str, message: object) -> tuple[str | None, str | tuple[str, ...] | None]:
    parts = message if isinstance(message, tuple) else (message,)
    spec = KEYWORDS.get(function) or (1,)
    if isinstance(spec[0], tuple):
        return parts[0], parts[1] if len(spec) == 2 else tuple(parts[1:3])
    return None, tuple(parts[:2]) if len(spec) == 2 else parts[0]


def _parts(message_id: str | tuple[str, ...]) -> tuple[str, ...]:
    return message_id if isinstance(message_id, tuple) else (message_id,)


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        write(update())
    elif sys.argv[1:] == ["compile"]:
        compile_all()
    else:
        sys.exit(__doc__)
