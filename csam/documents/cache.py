"""Pieces of documents kept for the next build, by the hash of all that they depend on.

A kept piece only saves time: a file that is gone, cut short or damaged is as good as none. Files are written
beside and renamed, so several builds may share the folder and a power cut leaves no half piece to be believed.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)

_HASH = hashlib.sha256().digest_size


class PieceCache:
    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes

    def get(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        if hashlib.sha256(data[_HASH:]).digest() == data[:_HASH]:
            return data[_HASH:]
        path.unlink(missing_ok=True)
        return None

    def put(self, key: str, data: bytes) -> None:
        """A disk that is full loses nothing: the piece is made again next time."""
        path = self._path(key)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(hashlib.sha256(data).digest() + data)
            part.replace(path)
        except OSError as error:
            logger.warning("a piece of a document could not be kept: %s", error)
            part.unlink(missing_ok=True)

    def prune(self) -> None:
        """Drop the pieces that were not used for longest, down to the size allowed."""
        found = []
        for path in self.folder.rglob("*"):
            try:
                status = path.stat()
            except OSError:
                continue
            if path.is_file():
                found.append((status.st_mtime, status.st_size, path))
        size = sum(row[1] for row in found)
        for _time, bytes_, path in sorted(found):
            if size <= self.most_bytes:
                break
            path.unlink(missing_ok=True)
            size -= bytes_

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]
