"""Workbooks as people make them, for tests."""

import csv
import io
import zipfile

import openpyxl

from csam.workbook.opening import open_bytes


def csv_bytes(rows, *, separator=",", encoding="utf-8"):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode(encoding)


def zip_of(**sheets):
    """``zip_of(projets=[[headings], [cells]])``: an archive of CSV files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for title, rows in sheets.items():
            archive.writestr(f"{title}.csv", csv_bytes(rows))
    return out.getvalue()


def xlsx_of(change=None, **sheets):
    """A real workbook; ``change(book)`` alters it before it is saved."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook_of(**sheets):
    return open_bytes(zip_of(**sheets), "plan.zip")


PLAN_ROWS = [
    ["identifiant", "titre", "première année", "dernière année"],
    ["2030-2032", "Plan d'essai", "2030", "2032"],
]


def small_plan(**more):
    """A plan with an orientation, an objective, an organisation and a project."""
    sheets = {
        "plan": PLAN_ROWS,
        "orientations": [["numéro", "titre"], ["1", "Nourrir"]],
        "objectifs": [["code", "titre"], ["1.1", "Rapprocher"]],
        "organisations": [
            ["identifiant", "nom", "secteur", "étape"],
            ["alice", "Cuisine d'Alice", "Communautaire", "Vérifiée"],
        ],
        "projets": [
            ["identifiant", "titre", "objectif principal", "début", "fin"],
            ["marche", "Marché d'hiver", "1.1", "2030-01", "automne 2031"],
        ],
        "partenaires": [["projet", "organisation", "rôle"], ["marche", "alice", "Porteur"]],
        "livrables": [["projet", "numéro", "titre", "échéance"], ["marche", "1", "Dix étals", "mi-2030"]],
    }
    return sheets | more
