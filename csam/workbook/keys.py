"""What rows of one sheet say to name rows of another: keys, the names that are understood for them, and the rows themselves."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from csam.workbook.problems import UnreadableError, comparable, suggestion
from csam.workbook.values import NumericText

#: Stands for all territories in a list of them.
WHOLE_ISLAND = "*"
_WHOLE_ISLAND_WORDS = (
    "toute l'île",
    "toute l'île de Montréal",
    "île de Montréal",
    "whole island",
    "the whole island",
    "*",
)


class Keys:
    """The rows that may be referred to, per sheet: those of the database, then those that the file adds."""

    def __init__(self) -> None:
        self._by_name: dict[str, dict[str, set[str]]] = {}
        self._labels: dict[str, dict[str, str]] = {}
        self._pks: dict[str, dict[str, int]] = {}
        self._keys: dict[str, dict[int, str]] = {}
        self.add("territories", WHOLE_ISLAND, label="toute l'île", names=_WHOLE_ISLAND_WORDS)

    def add(
        self, target: str, key: Any, *, pk: int | None = None, label: str = "", names: tuple[str, ...] = ()
    ) -> None:
        key = str(key)
        if label or key not in self._labels.get(target, {}):
            self._labels.setdefault(target, {})[key] = label or key
        by_name = self._by_name.setdefault(target, {})
        for name in (key, *names):
            if name:
                by_name.setdefault(comparable(name), set()).add(key)
        if pk is not None:
            self._pks.setdefault(target, {})[key] = pk
            self._keys.setdefault(target, {})[pk] = key

    def resolve(self, target: str, text: str) -> str:
        """The key that the text names; raises :class:`UnreadableError` with the nearest name when there is none."""
        labels, by_name = self._labels.get(target, {}), self._by_name.get(target, {})
        if isinstance(text, NumericText) and f"{text}0" in labels:
            raise UnreadableError(
                _(
                    "Le nombre %(text)s peut vouloir dire %(text)s ou %(text)s0. Mettez la cellule au "
                    "format Texte."
                )
                % {"text": str(text)}
            )
        if text in labels:
            return str(text)
        found = by_name.get(comparable(text) or text, set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise UnreadableError(
                _("« %(text)s » désigne plusieurs entrées. Écrivez l'identifiant : %(options)s.")
                % {"text": text, "options": _(" ou ").join(sorted(found))}
            )
        near = suggestion(text, list(labels.values())) or suggestion(text, list(labels))
        raise UnreadableError(
            _("« %(text)s » n'existe ni dans ce fichier ni dans le portail.%(suggestion)s")
            % {"text": text, "suggestion": near}
            + (
                ""
                if near
                else " "
                + _("Ajoutez cette entrée à la feuille « %(sheet)s » ou corrigez.")
                % {"sheet": _sheet_title(target)}
            )
        )

    def label(self, target: str, key: str) -> str:
        return self._labels.get(target, {}).get(key, key)

    def pk(self, target: str, key: str) -> int:
        return self._pks[target][key]

    def key(self, target: str, pk: int) -> str:
        return self._keys[target][pk]

    def has(self, target: str, key: str) -> bool:
        return key in self._labels.get(target, {})


def _sheet_title(target: str) -> str:
    # Imported here: the template is made of what this module offers.
    from csam.workbook.template import SHEETS

    return next(s.title() for s in SHEETS if s.name == target)
