"""The files of documents, each whole or not there at all."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction

from csam.documents.models import Document


def keep(document: Document, name: str, data: bytes) -> str:
    """Store a file whole or not at all; returns its name. One with that name has the same bytes already."""
    storage = document.file.storage
    name = f"documents/{name}"
    if storage.exists(name) and storage.size(name) == len(data):
        return name
    folder = Path(settings.MEDIA_ROOT) / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{document.pk}-{document.attempts}.part"
    try:
        part.write_bytes(data)
        with _Finished(part) as file:
            return str(storage.save(name, file))
    finally:
        part.unlink(missing_ok=True)


def drop_files(document: Document) -> None:
    """After the commit that takes its row away, its files go too where no other row has them."""
    files = {name for name in (document.file.name, document.content.name) if name}
    kept = set(Document.objects.filter(file__in=files).values_list("file", flat=True))
    kept |= set(Document.objects.filter(content__in=files).values_list("content", flat=True))
    for name in sorted(files - kept):
        transaction.on_commit(partial(document.file.storage.delete, name))


class _Finished(File):
    """A complete file that a local storage moves into place by renaming; any other storage reads it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self.path = path

    def temporary_file_path(self) -> str:
        return str(self.path)
