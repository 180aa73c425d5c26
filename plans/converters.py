"""Parts of addresses that only this app has."""

from __future__ import annotations


class ObjectiveCodeConverter:
    """The code of an objective, as in /objectifs/3.2/."""

    regex = r"[1-9][0-9]{0,3}\.[1-9][0-9]{0,3}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
