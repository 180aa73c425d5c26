"""The mail that a portal without a mail server wrote to its folder, read back for whoever tries it out."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path

#: Between two letters of one file, as Django's backend of files writes them; a line of dashes alone may be text.
SEPARATOR = re.compile(rb"\n-{79}\n(?=Content-Type:|\Z)")
#: The latest files that are listed.
MOST = 200


@dataclass(frozen=True)
class Written:
    """One letter of the folder. ``key`` names its file and its place in it."""

    key: str
    subject: str
    to: str
    date: str
    text: str
    html: str


def letters(folder: Path) -> list[Written]:
    """The latest first."""
    files = sorted(
        folder.glob("*.log"), key=lambda file: (file.name[:15], file.stat().st_mtime), reverse=True
    )
    return [letter for file in files[:MOST] for letter in reversed(_of_file(file))]


def letter(folder: Path, key: str) -> Written | None:
    """The one with that key, or None; a key can name no file outside of the folder."""
    name, _dash, place = key.rpartition(".")
    file = next((f for f in folder.glob("*.log") if f.stem == name), None)
    return next((found for found in _of_file(file) if found.key == key), None) if file and place else None


def _of_file(file: Path) -> list[Written]:
    parts = [part for part in SEPARATOR.split(file.read_bytes()) if part.strip()]
    return [_read(part, f"{file.stem}.{place}") for place, part in enumerate(parts)]


def _read(source: bytes, key: str) -> Written:
    message = email.message_from_bytes(source.lstrip(), policy=policy.default)
    return Written(
        key=key,
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        date=str(message["Date"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()) if body else ""
