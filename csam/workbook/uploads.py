"""Files handed in for an import, kept between the preview and its confirmation."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

KEPT_SECONDS = 24 * 3600


class UploadGoneError(Exception):
    """No such upload of that person: never made, too old, applied already, or not the file that was handed in."""


@dataclass
class Upload:
    token: str
    user_id: int
    name: str
    plan: str
    sha256: str
    mapping_sha256: str = ""
    #: Lines that say what was done, once it was.
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return _root() / self.token

    def content(self) -> bytes:
        return _checked(self.folder / "content", self.sha256)

    def mapping(self) -> bytes | None:
        return _checked(self.folder / "mapping", self.mapping_sha256) if self.mapping_sha256 else None

    def finish(self, result: dict[str, Any]) -> None:
        """Keeps what was done and drops the file: a second confirmation finds nothing to apply."""
        self.result = result
        _write_meta(self)
        for name in ("content", "mapping"):
            (self.folder / name).unlink(missing_ok=True)

    def drop(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def keep(*, user_id: int, name: str, content: bytes, mapping: bytes | None, plan: str) -> Upload:
    _sweep()
    upload = Upload(
        secrets.token_urlsafe(16), user_id, name, plan, _hash(content), _hash(mapping) if mapping else ""
    )
    upload.folder.mkdir(parents=True, mode=0o700)
    (upload.folder / "content").write_bytes(content)
    if mapping:
        (upload.folder / "mapping").write_bytes(mapping)
    _write_meta(upload)
    return upload


def find(token: str, *, user_id: int) -> Upload:
    if not token.replace("-", "").replace("_", "").isalnum():
        raise UploadGoneError
    try:
        upload = Upload(**json.loads((_root() / token / "meta.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise UploadGoneError from error
    if upload.user_id != user_id:
        raise UploadGoneError
    return upload


def _root() -> Path:
    return Path(settings.VAR_DIR) / "workbook"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UploadGoneError from error
    if _hash(content) != sha256:
        raise UploadGoneError
    return content


def _write_meta(upload: Upload) -> None:
    part = upload.folder / "meta.part"
    part.write_text(json.dumps(asdict(upload)))
    part.replace(upload.folder / "meta.json")


def _sweep() -> None:
    if not _root().is_dir():
        return
    for folder in _root().iterdir():
        if folder.is_dir() and time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
