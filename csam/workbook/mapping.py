"""A mapping file: how the rows and columns of another form become those of the template.

The file is TOML, written by hand; docs/guide/correspondance-des-colonnes.md describes it and two stand beside that page. Unknown words in it
are refused by name: a mistyped option must not be passed over.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from csam.workbook.problems import RefusedError, comparable, suggestion
from csam.workbook.template import Column, Sheet, sheet_named

DEFAULT_SOURCE = ""


@dataclass(frozen=True)
class Carry:
    """A value that the rows below a row of some level keep: the title of the part that they are in."""

    name: str
    column: str
    when: dict[str, Any]
    resets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where in the file the rows lie, and what is done to them before any column is read."""

    sheets: tuple[str, ...] = ()
    header_rows: tuple[int, ...] = (1,)
    first_row: int = 0
    last_row: int = 0
    skip_rows: tuple[int, ...] = ()
    skip_when: dict[str, Any] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    defaults: dict[str, str] = field(default_factory=dict)
    carry: tuple[Carry, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Each:
    """One row per piece of some cells, such as the names in « CCNS, FDE80 »."""

    columns: tuple[str, ...]
    separators: tuple[str, ...]
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableMapping:
    sheet: Sheet
    source: str
    columns: dict[str, dict[str, Any]]
    when: dict[str, Any] = field(default_factory=dict)
    each: Each | None = None
    distinct: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    plan: dict[str, Any]
    sources: dict[str, Source]
    tables: tuple[TableMapping, ...]
    encoding: str = ""
    separator: str = ""


#: What a column may say. One of the first line gives the value, the others change it, in this order.
GIVERS = frozenset({"column", "value", "join", "slug", "key_of", "hierarchy", "by_position"})
CHANGERS = frozenset(
    {"match", "write", "strip_number", "map", "split", "date", "serial", "default", "on_too_long"}
)
OPTIONS = {
    "join": frozenset({"separator", "with_headings"}),
    "slug": frozenset({"prefix"}),
}


def load_mapping(data: bytes) -> Mapping:
    """Reads a mapping file; raises :class:`RefusedError` with every mistake in it."""
    try:
        raw = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RefusedError(
            [_("Le fichier de correspondance n'est pas du TOML lisible : %(error)s") % {"error": error}]
        ) from error
    reader = _Reader()
    mapping = reader.mapping(raw)
    if reader.mistakes:
        raise RefusedError(reader.mistakes)
    return mapping


class _Reader:
    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def mapping(self, raw: dict[str, Any]) -> Mapping:
        self.known(raw, {"plan", "file", "source", "sources", "tables"}, "")
        file = self.part(raw, "file", {"encoding", "separator"})
        sources = {DEFAULT_SOURCE: self.source(raw.get("source", {}), "[source]")}
        for name, part in raw.get("sources", {}).items():
            sources[name] = self.source(part, f"[sources.{name}]")
        tables = [
            self.table(part, f"[[tables]] {number}", sources)
            for number, part in enumerate(raw.get("tables", []), start=1)
        ]
        if not tables:
            self.mistakes.append(
                _("Le fichier de correspondance ne décrit aucune feuille : il lui faut [[tables]].")
            )
        return Mapping(
            raw.get("plan", {}),
            sources,
            tuple(t for t in tables if t),
            file.get("encoding", ""),
            file.get("separator", ""),
        )

    def source(self, raw: dict[str, Any], where: str) -> Source:
        known = {
            "sheet",
            "sheets",
            "header_row",
            "header_rows",
            "first_row",
            "last_row",
            "skip_rows",
            "skip_when",
            "fill_down",
            "defaults",
            "carry",
            "ignore",
        }
        self.known(raw, known, where)
        carries = []
        for part in raw.get("carry", []):
            self.known(part, {"name", "column", "when", "resets"}, f"{where} carry")
            if "name" in part and "column" in part:
                carries.append(
                    Carry(part["name"], part["column"], part.get("when", {}), tuple(part.get("resets", [])))
                )
            else:
                self.mistakes.append(
                    _("%(where)s : « carry » veut « name » et « column ».") % {"where": where}
                )
        sheets = raw.get("sheets", raw.get("sheet", []))
        return Source(
            sheets=(sheets,) if isinstance(sheets, str) else tuple(sheets),
            header_rows=tuple(raw.get("header_rows", [raw.get("header_row", 1)])),
            first_row=raw.get("first_row", 0),
            last_row=raw.get("last_row", 0),
            skip_rows=tuple(raw.get("skip_rows", [])),
            skip_when=raw.get("skip_when", {}),
            fill_down=tuple(raw.get("fill_down", [])),
            defaults=raw.get("defaults", {}),
            carry=tuple(carries),
            ignore=tuple(raw.get("ignore", [])),
        )

    def table(self, raw: dict[str, Any], where: str, sources: dict[str, Source]) -> TableMapping | None:
        self.known(raw, {"sheet", "source", "when", "each", "distinct", "columns"}, where)
        sheet = sheet_named(raw.get("sheet", ""))
        if sheet is None:
            self.mistakes.append(
                _("%(where)s : « sheet » doit nommer une feuille du modèle.") % {"where": where}
            )
            return None
        where = f"[[tables]] {sheet.fr}"
        if raw.get("source", DEFAULT_SOURCE) not in sources:
            self.mistakes.append(
                _("%(where)s : la source « %(name)s » n'est pas décrite.")
                % {"where": where, "name": raw["source"]}
            )
        columns = {}
        for heading, spec in raw.get("columns", {}).items():
            column = sheet.column_for_heading(heading)
            if column is None:
                near = suggestion(heading, [c.fr for c in sheet.columns])
                self.mistakes.append(
                    _("%(where)s : « %(heading)s » n'est pas une colonne du modèle.%(near)s")
                    % {"where": where, "heading": heading, "near": near}
                )
                continue
            columns[column.field] = self.column(spec, f"{where}, {heading}", column)
        distinct = raw.get("distinct", False)
        if distinct is True:
            fields = sheet.key
        else:
            fields = tuple(c.field for c in map(sheet.column_for_heading, distinct or []) if c)
        return TableMapping(
            sheet,
            raw.get("source", DEFAULT_SOURCE),
            columns,
            raw.get("when", {}),
            self.each(raw, where),
            fields,
        )

    def each(self, raw: dict[str, Any], where: str) -> Each | None:
        if "each" not in raw:
            return None
        part = self.part(raw, "each", {"columns", "separator", "separators", "ignore"})
        if not part.get("columns"):
            self.mistakes.append(_("%(where)s : « each » veut « columns ».") % {"where": where})
        separators = part.get("separators", [part.get("separator", ",")])
        return Each(
            tuple(part.get("columns", [])),
            tuple(separators),
            tuple(comparable(word) for word in part.get("ignore", [])),
        )

    def column(self, spec: Any, where: str, column: Column) -> dict[str, Any]:
        if isinstance(spec, str):
            return {"column": spec}
        if not isinstance(spec, dict):
            return {"value": spec}
        givers = GIVERS & set(spec)
        if len(givers) != 1:
            self.mistakes.append(
                _("%(where)s : il faut exactement un de %(words)s.")
                % {"where": where, "words": ", ".join(sorted(GIVERS))}
            )
            return {"value": ""}
        more = OPTIONS.get(next(iter(givers)), frozenset())
        self.known(spec, GIVERS | CHANGERS | more, where)
        if "match" in spec:
            self.pattern(spec["match"], where)
        for name, words in (("date", {"refuse", "empty", "move"}), ("on_too_long", {"refuse", "move"})):
            if name in spec and spec[name] not in words:
                self.mistakes.append(
                    _("%(where)s : « %(name)s » est l'un de %(words)s.")
                    % {"where": where, "name": name, "words": ", ".join(sorted(words))}
                )
        if spec.get("on_too_long") == "move" and not column.overflow:
            self.mistakes.append(
                _(
                    "%(where)s : aucun champ ne peut recevoir le texte entier; « on_too_long » ne peut pas "
                    "être « move »."
                )
                % {"where": where}
            )
        return spec

    def pattern(self, pattern: str, where: str) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            self.mistakes.append(
                _("%(where)s : l'expression « %(pattern)s » est mal formée (%(error)s).")
                % {"where": where, "pattern": pattern, "error": error}
            )

    def part(self, raw: dict[str, Any], name: str, known: set[str]) -> dict[str, Any]:
        part: dict[str, Any] = raw.get(name, {})
        self.known(part, known, f"[{name}]")
        return part

    def known(self, raw: dict[str, Any], words: set[str] | frozenset[str], where: str) -> None:
        for word in raw:
            if word not in words:
                near = suggestion(word, words)
                self.mistakes.append(
                    _("%(where)s : « %(word)s » est inconnu.%(near)s")
                    % {"where": where or "TOML", "word": word, "near": near}
                )
