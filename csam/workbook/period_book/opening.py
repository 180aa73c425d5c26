"""Opens the workbook that a partner hands in: smaller bounds than for staff, who import whole plans."""

from __future__ import annotations

import io
import zipfile

from django.utils.translation import gettext as _

from csam.workbook.period_book.template import SHEETS
from csam.workbook.problems import RefusedError
from csam.workbook.reading import read_bytes, template_workbook
from csam.workbook.tables import Workbook

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 30 * 1024 * 1024


def open_period_book(data: bytes, name: str) -> Workbook:
    """RefusedError for what is no workbook of a period."""
    if len(data) > MAX_BYTES or _unpacked(data) > MAX_UNPACKED:
        raise RefusedError([_("Ce fichier est trop gros pour un classeur de bilans. Repartez du modèle.")])
    return template_workbook(read_bytes(data, name), SHEETS)


def _unpacked(data: bytes) -> int:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return 0  # told by the reader, in words
