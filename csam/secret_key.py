"""The secret key of an installation that was not given one."""

import os
import secrets
from pathlib import Path


def kept_in(file: Path) -> str:
    """The key kept in `file`, made on first use. Two processes starting together end with the same key."""
    if not file.exists():
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        with draft.open("w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(64))
            handle.flush()
            os.fsync(handle.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text(encoding="ascii").strip()
