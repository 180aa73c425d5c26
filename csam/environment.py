"""Reads the settings from the environment, and says what to write when a value is wrong.

Each reader takes the name of a variable and its default, and raises `ImproperlyConfigured` with the name, the
value found and what would be accepted. A variable that is empty counts as absent. `forbid_unknown` refuses a
`CSAM_` name that nobody read: a mistyped setting must not be ignored in silence.
"""

import difflib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PREFIX = "CSAM_"
YES = {"1", "true", "yes", "on", "oui"}
NO = {"0", "false", "no", "off", "non"}

known: set[str] = set()


def text(name: str, default: str = "") -> str:
    known.add(name)
    return os.environ.get(name, "").strip() or default


def secret(name: str, default: str = "") -> str:
    """A value from NAME, or from the file that NAME_FILE points at (as container secrets are handed over)."""
    file = text(f"{name}_FILE")
    if not file:
        return text(name, default)
    if text(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE is {file!r}, which cannot be read ({error.strerror}). Write the path of a file."
        ) from error


def choice(name: str, options: Sequence[str], default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} is {value!r}. Write one of: {', '.join(options)}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name).casefold()
    if not value:
        return default
    if value in YES | NO:
        return value in YES
    raise ImproperlyConfigured(f"{name} is {value!r}. Write 1 (yes) or 0 (no).")


def integer(name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is {value!r}. Write a whole number from {least} to {most}.")
    return int(value)


def words(name: str, default: Sequence[str] = ()) -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()] or list(default)


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().resolve()


def writable_folder(name: str, default: Path) -> Path:
    """A folder that is there, made when it was not, and that may be written in."""
    found = folder(name, default)
    try:
        found.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {found} cannot be made ({error.strerror}). Name another one with {name}=…"
        ) from error
    if not os.access(found, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"The folder {found} cannot be written in. Give it to the user who starts the portal, or name "
            f"another one with {name}=…"
        )
    return found


def address(name: str, default: str) -> str:
    """The root of a site, without its last slash: https://plan.example.org"""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(
            f"{name} is {value!r}. Write the root of the site, such as https://plan.example.org"
        )
    return value


def database(name: str, default: str, *, base: Path, pool: int) -> dict[str, Any]:
    """The Django configuration of sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME?OPTION=VALUE.

    A relative SQLite file is taken from `base`. `pool` is the most connections a process holds; 0: no pool.
    """
    value = secret(name, default)
    scheme = value.partition(":")[0]
    if scheme == "sqlite":
        return _sqlite(name, value, base)
    if scheme in {"postgres", "postgresql"}:
        return _postgresql(name, value, pool)
    raise ImproperlyConfigured(
        f"{name} starts with {scheme!r}. Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME."
    )


def _sqlite(name: str, value: str, base: Path) -> dict[str, Any]:
    file = unquote(value.removeprefix("sqlite:///"))
    if not value.startswith("sqlite:///") or not file:
        raise ImproperlyConfigured(f"{name} is {value!r}. Write sqlite:/// and then the path of the file.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": base / file,
        "OPTIONS": {
            # A write that starts as a read fails at once while another one runs; IMMEDIATE makes it wait.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def _postgresql(name: str, value: str, pool: int) -> dict[str, Any]:
    try:
        parts = urlsplit(value)
        port = str(parts.port or "")
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} cannot be read ({error}). In a password, / @ : are written %2F %40 %3A."
        ) from error
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = unquote(parts.hostname or "") or options.pop("host", "")
    database_name = unquote(parts.path.removeprefix("/"))
    if not database_name:
        raise ImproperlyConfigured(
            f"{name} names no database. Write postgresql://USER:PASSWORD@HOST:PORT/NAME."
        )
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 20}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port or options.pop("port", ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def mail(name: str, default: str) -> dict[str, Any]:
    """Django's mail settings out of file:FOLDER or smtp://, smtp+tls://, smtp+ssl://USER:PASSWORD@HOST:PORT."""
    value = secret(name, default)
    parts = urlsplit(value)
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": parts.path,
        }
    ports = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
    if parts.scheme not in ports or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} is not understood. Write smtp+tls://USER:PASSWORD@HOST:587, smtp+ssl://…, smtp://… "
            "or file:/FOLDER."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or ports[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
        "EMAIL_TIMEOUT": 20,
    }


def forbid_unknown() -> None:
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"Did you mean {near[0]}?" if near else "See docs/operations/settings.md."
            raise ImproperlyConfigured(f"There is no setting {name}. {hint}")
