"""Opens a file, whatever it is called, and finds the template's sheets and columns in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from core.spreadsheets import restored
from csam.workbook.csv_reading import read_csv
from csam.workbook.problems import Problem, RefusedError, comparable, suggestion
from csam.workbook.raw import MAX_BYTES, MAX_UNPACKED, RawBook, RawRow, RawSheet
from csam.workbook.tables import Row, Table, Workbook
from csam.workbook.template import SHEETS, TEMPLATE_SHEETS, Sheet, sheet_named
from csam.workbook.values import CellError, Formula
from csam.workbook.xlsx_reading import check_archive, read_xlsx

#: The sheet of an exported workbook that explains the others.
README_TITLES = ("Lisez-moi", "Read me")
TEXT_ENDINGS = (".csv", ".tsv", ".txt")


def read_path(path: Path, *, encoding: str = "", separator: str = "") -> RawBook:
    """A workbook, a CSV file, a zip of CSV files or a folder of them."""
    if path.is_dir():
        found = [p for p in sorted(path.iterdir()) if p.suffix.lower() in TEXT_ENDINGS and p.is_file()]
        sizes = {p.name: p.stat().st_size for p in found}
        _check_size(sum(sizes.values()), MAX_UNPACKED)
        _check_each(sizes)
        files = [(p.name, p.read_bytes()) for p in found]
        return _read_files(files, encoding=encoding, separator=separator)
    if not path.is_file():
        raise RefusedError([_("« %(path)s » n'existe pas.") % {"path": path}])
    _check_size(path.stat().st_size, MAX_BYTES)
    return read_bytes(path.read_bytes(), path.name, encoding=encoding, separator=separator)


def read_bytes(data: bytes, name: str, *, encoding: str = "", separator: str = "") -> RawBook:
    """The kind of file is told by its content; the name only gives a CSV file its sheet."""
    _check_size(len(data), MAX_BYTES)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedError(
            [
                _(
                    "C'est un ancien classeur .xls ou un classeur protégé par un mot de passe. "
                    "Enregistrez-le en .xlsx, sans mot de passe."
                )
            ]
        )
    if data.startswith(b"%PDF"):
        raise RefusedError([_("C'est un PDF. Il faut un classeur .xlsx ou des fichiers CSV.")])
    if not data.startswith(b"PK\x03\x04"):
        return _read_files([(PurePosixPath(name).name, data)], encoding=encoding, separator=separator)
    archive = check_archive(data)
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        return read_xlsx(data)
    if "mimetype" in names:
        raise RefusedError([_("C'est un classeur OpenDocument (.ods). Enregistrez-le en .xlsx.")])
    texts = [
        n
        for n in names
        if n.lower().endswith(TEXT_ENDINGS)
        and not PurePosixPath(n).name.startswith(".")
        and "__MACOSX" not in n
    ]
    _check_each({PurePosixPath(n).name: archive.getinfo(n).file_size for n in texts})
    return _read_files(
        [(PurePosixPath(n).name, archive.read(n)) for n in texts], encoding=encoding, separator=separator
    )


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise RefusedError([_too_heavy(limit)])


def _check_each(sizes: dict[str, int]) -> None:
    """By the size unpacked, before anything is: a small zip can hold a huge file."""
    if heavy := [name for name, size in sizes.items() if size > MAX_BYTES]:
        raise RefusedError([Problem(_too_heavy(MAX_BYTES), PurePosixPath(name).stem) for name in heavy])


def _too_heavy(limit: int) -> str:
    return _("Le fichier dépasse %(size)d Mo. Partagez-le en plusieurs fichiers.") % {
        "size": limit // 1024 // 1024
    }


def _read_files(files: list[tuple[str, bytes]], *, encoding: str, separator: str) -> RawBook:
    if not files:
        raise RefusedError(
            [
                _("Aucun fichier CSV ici. Il en faut un par feuille : %(names)s.")
                % {"names": ", ".join(f"{s.title()}.csv" for s in TEMPLATE_SHEETS)}
            ]
        )
    book, problems = RawBook([]), []
    for name, data in files:
        try:
            book.sheets.append(
                read_csv(data, PurePosixPath(name).stem, encoding=encoding, separator=separator)
            )
        except RefusedError as refused:
            problems += refused.problems
    if problems:
        raise RefusedError(problems)
    return book


def template_workbook(book: RawBook, sheets: Sequence[Sheet] = SHEETS) -> Workbook:
    """The sheets of the template in the book; what is not understood is told, never passed over in silence.

    ``sheets`` are those of another template than the plan's.
    """
    offered = [sheet.title() for sheet in sheets if sheet.in_template]
    found: dict[str, str] = {}
    workbook = Workbook([], notices=list(book.notices))
    for raw in book.sheets:
        if comparable(raw.title) in map(comparable, README_TITLES):
            continue
        sheet = sheet_named(raw.title, sheets)
        if sheet is None:
            near = suggestion(raw.title, offered)
            workbook.notices.append(
                Problem(
                    _("Cette feuille n'est pas du modèle; elle n'est pas lue.%(near)s") % {"near": near},
                    raw.title,
                )
            )
        elif raw.is_hidden:
            workbook.problems.append(
                Problem(
                    _("Cette feuille est masquée. Affichez-la pour l'importer, ou supprimez-la."), raw.title
                )
            )
        elif sheet.name in found:
            message = _("Cette feuille et « %(other)s » sont la même. Gardez-en une.") % {
                "other": found[sheet.name]
            }
            workbook.problems.append(Problem(message, raw.title))
        else:
            found[sheet.name] = raw.title
            _add_table(workbook, raw, sheet)
    if not found:
        names = ", ".join(offered)
        raise RefusedError(
            [
                *workbook.problems,
                *workbook.notices,
                _("Aucune feuille du modèle dans ce fichier. Nommez-les : %(names)s.") % {"names": names},
            ]
        )
    workbook.tables.sort(key=lambda t: sheets.index(t.sheet))
    return workbook


def _add_table(workbook: Workbook, raw: RawSheet, sheet: Sheet) -> None:
    rows = [row for row in raw.rows if not row.is_empty]
    workbook.notices += [Problem(text, raw.title) for text in raw.notices]
    if not rows:
        workbook.problems.append(
            Problem(
                _("La feuille est vide : il y manque au moins la ligne des titres de colonnes."), raw.title
            )
        )
        return
    fields = _columns(workbook, raw, sheet, rows[0])
    if not fields:
        message = _(
            "La première ligne remplie ne porte aucun titre de colonne du modèle. Écrivez-y : %(headings)s. "
            "Dans un fichier CSV, séparez-les par des virgules, des points-virgules ou des tabulations."
        ) % {"headings": ", ".join(c.heading() for c in sheet.columns)}
        workbook.problems.append(Problem(message, raw.title, rows[0].number))
        return
    if merged := [m for m in raw.merged if m[1] >= rows[0].number]:
        workbook.problems.append(
            Problem(
                _("Des cellules sont fusionnées. Défusionnez-les et répétez la valeur dans chaque ligne."),
                raw.title,
                merged[0][0],
            )
        )
    table = Table(sheet, raw.title, dict(fields.values()), [])
    for row in rows[1:]:
        extra = [c for c in row.cells[len(rows[0].cells) :] if c not in (None, "")]
        if extra:
            workbook.problems.append(
                Problem(
                    _(
                        "La ligne a plus de cellules que la ligne des titres. Entourez de guillemets les "
                        "textes qui contiennent le séparateur."
                    ),
                    raw.title,
                    row.number,
                )
            )
        cells = {
            field: restored(row.cells[index])
            for index, (field, _heading) in fields.items()
            if index < len(row.cells)
        }
        if any(value not in (None, "") for value in cells.values()):
            table.rows.append(Row(row.number, cells))
    workbook.tables.append(table)


def _columns(workbook: Workbook, raw: RawSheet, sheet: Sheet, headings: RawRow) -> dict[int, tuple[str, str]]:
    """Index of a cell to the field and the heading as the file writes it."""
    fields: dict[int, tuple[str, str]] = {}
    for index, cell in enumerate(headings.cells):
        heading = "" if cell is None or isinstance(cell, Formula | CellError) else " ".join(str(cell).split())
        column = sheet.column_for_heading(heading) if heading else None
        if not heading:
            if any(
                index < len(r.cells) and r.cells[index] not in (None, "")
                for r in raw.rows
                if r.number > headings.number
            ):
                workbook.problems.append(
                    Problem(
                        _("La colonne %(number)d n'a pas de titre. Écrivez-le ou videz la colonne.")
                        % {"number": index + 1},
                        raw.title,
                        headings.number,
                    )
                )
        elif column is None:
            missing = [c.heading() for c in sheet.columns]
            message = _("Cette colonne n'est pas du modèle; elle n'est pas lue.%(near)s") % {
                "near": suggestion(heading, missing)
            }
            workbook.notices.append(Problem(message, raw.title, headings.number, heading))
        elif column.field in (field for field, _heading in fields.values()):
            workbook.problems.append(
                Problem(
                    _("Deux colonnes portent ce titre. Gardez-en une."), raw.title, headings.number, heading
                )
            )
        else:
            fields[index] = (column.field, heading)
    return fields
