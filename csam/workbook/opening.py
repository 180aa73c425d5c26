"""From a file to the template's sheets, mapped or not."""

from __future__ import annotations

from pathlib import Path

from csam.workbook.mapped import mapped_workbook
from csam.workbook.mapping import Mapping
from csam.workbook.reading import read_bytes, read_path, template_workbook
from csam.workbook.tables import Workbook


def open_path(path: Path, *, mapping: Mapping | None = None) -> Workbook:
    if mapping is None:
        return template_workbook(read_path(path))
    return mapped_workbook(read_path(path, encoding=mapping.encoding, separator=mapping.separator), mapping)


def open_bytes(data: bytes, name: str, *, mapping: Mapping | None = None) -> Workbook:
    if mapping is None:
        return template_workbook(read_bytes(data, name))
    return mapped_workbook(
        read_bytes(data, name, encoding=mapping.encoding, separator=mapping.separator), mapping
    )
