"""What would be refused by the models, told for every row at once and before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _

from csam.workbook.problems import Problem
from csam.workbook.raw import MAX_TEXT
from csam.workbook.stores import Key, Store, Stored
from csam.workbook.tables import Row, Table
from csam.workbook.template import Record
from csam.workbook.values import Integer, Number, Text
from partners.models import Organization, Territory
from plans.models import Plan
from projects.models import Project

#: Fields other than the key that no two rows may share, and the rows they are compared with.
_UNIQUE: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "territories": (Territory, ("name", "abbreviation")),
    "organizations": (Organization, ("name",)),
    "plan": (Plan, ("predecessor",)),
}


@dataclass
class RowChecker:
    table: Table
    store: Store
    current: dict[Key, Stored]
    as_demonstration: bool = False
    _rows: dict[Key, Row] = field(default_factory=dict)
    _final: dict[Key, tuple[Row, Record]] = field(default_factory=dict)
    _foreign_slugs: dict[str, str] | None = None

    def empty_key(self, row: Row, record: Record) -> Iterator[Problem]:
        for name in self.table.sheet.key:
            if self.table.sheet.column(name).required and record.get(name) in (None, ""):
                yield self.table.problem(
                    _("La cellule est vide, mais elle repère la ligne. Remplissez-la ou supprimez la ligne."),
                    row,
                    name,
                )

    def check(
        self, row: Row, key: Key, record: Record, full: Record, fields: list[str], stored: Stored | None
    ) -> Iterator[Problem]:
        if first := self._rows.get(key):
            yield self.table.problem(
                _("Cette ligne répète la ligne %(row)d (%(key)s). Gardez l'une des deux.")
                % {"row": first.number, "key": self.store.label_of(full)},
                row,
                self.table.sheet.key[-1],
            )
            return
        self._rows[key] = row
        self._final[key] = (row, full)
        if self.as_demonstration and stored and stored.record.get("is_demonstration") is False:
            yield self.table.problem(
                _(
                    "« %(label)s » existe et n'est pas une donnée de démonstration : elle ne sera pas "
                    "remplacée."
                )
                % {"label": self.store.label_of(full)},
                row,
            )
            return
        bad = False
        for name in fields:
            for message in self._value_problems(
                name, full[name], was_read=name in record or name not in self.table.headings
            ):
                bad = True
                yield self.table.problem(message, row, name)
        if fields and not bad:
            yield from self._row_problems(row, full, fields, stored)

    def check_all(self) -> Iterator[Problem]:
        """What concerns several rows of the sheet, those that the file does not mention included."""
        model, names = _UNIQUE.get(self.table.sheet.name, (None, ()))
        untouched = {key: stored.record for key, stored in self.current.items() if key not in self._final}
        for name in names if model else ():
            taken: dict[Any, str] = {r[name]: self.store.label_of(r) for r in untouched.values() if r[name]}
            for row, record in self._final.values():
                value = record[name]
                if value and value in taken:
                    yield self.table.problem(
                        _(
                            "« %(value)s » est déjà pris par « %(other)s ». Choisissez une autre valeur ou "
                            "reprenez le même identifiant."
                        )
                        % {"value": value, "other": taken[value]},
                        row,
                        name,
                    )
                if value:
                    taken.setdefault(value, _("ligne %(row)d") % {"row": row.number})

    def _value_problems(self, name: str, value: Any, *, was_read: bool) -> Iterator[str]:
        column = self.table.sheet.column(name)
        if value in (None, ""):
            if column.required and was_read:
                yield _("La cellule est vide, mais elle est obligatoire : écrivez « %(heading)s ».") % {
                    "heading": column.heading()
                }
            return
        if not isinstance(column.kind, Text | Integer | Number):
            return
        try:
            model_field = self.table.sheet.model._meta.get_field(name)
        except FieldDoesNotExist:
            return
        if not isinstance(model_field, models.Field):
            return
        limit = model_field.max_length or MAX_TEXT
        if isinstance(value, str) and len(value) > limit:
            yield _(
                "Le texte compte %(count)d caractères, et il en faut au plus %(limit)d. Raccourcissez-le."
            ) % {
                "count": len(value),
                "limit": limit,
            }
            return
        try:
            model_field.run_validators(value)
        except ValidationError as error:
            if isinstance(model_field, models.SlugField):
                yield _("« %(value)s » ne peut pas être un identifiant. Écrivez par exemple %(slug)s.") % {
                    "value": value,
                    "slug": slugify(value)[:80].strip("-") or "mon-projet",
                }
            else:
                yield _("« %(value)s » : %(error)s") % {"value": value, "error": " ".join(error.messages)}

    def _row_problems(
        self, row: Row, full: Record, fields: list[str], stored: Stored | None
    ) -> Iterator[Problem]:
        for rule in self.table.sheet.rules:
            if not rule.holds(full):
                yield self.table.problem(rule.message(self.table.sheet.model), row, rule.column)
        special = getattr(self, f"_{self.table.sheet.name}_problems", None)
        if special:
            yield from special(row, full, fields, stored)

    def _plan_problems(
        self, row: Row, full: Record, fields: list[str], stored: Stored | None
    ) -> Iterator[Problem]:
        others = [r for r in self.current.values() if r is not stored and r.record["is_current"]]
        if full["is_current"] and others:
            yield self.table.problem(
                _("« %(plan)s » est déjà le plan courant. Écrivez non, ou changez d'abord l'autre plan.")
                % {"plan": others[0].record["slug"]},
                row,
                "is_current",
            )
        if full["predecessor"] == full["slug"]:
            yield self.table.problem(_("Un plan ne peut pas être son propre précédent."), row, "predecessor")

    def _objectives_problems(
        self, row: Row, full: Record, fields: list[str], stored: Stored | None
    ) -> Iterator[Problem]:
        orientation = full["code"].split(".")[0]
        if not self.store.keys.has("orientations", orientation):
            yield self.table.problem(
                _(
                    "L'orientation %(number)s n'existe pas. Ajoutez-la à la feuille « orientations » ou "
                    "corrigez le code."
                )
                % {"number": orientation},
                row,
                "code",
            )

    def _projects_problems(
        self, row: Row, full: Record, fields: list[str], stored: Stored | None
    ) -> Iterator[Problem]:
        if stored is None and (plan := self._slugs_of_other_plans().get(full["slug"])):
            yield self.table.problem(
                _(
                    "« %(slug)s » est déjà un projet du plan %(plan)s. Écrivez un autre identifiant, par "
                    "exemple %(other)s."
                )
                % {"slug": full["slug"], "plan": plan, "other": f"{full['slug'][:77]}-2"},
                row,
                "slug",
            )
        if full["other_objectives"] and not full["primary_objective"]:
            yield self.table.problem(
                _("Le projet a d'autres objectifs, mais pas d'objectif principal. Écrivez-en un."),
                row,
                "primary_objective",
            )
        if full["primary_objective"] in full["other_objectives"]:
            yield self.table.problem(
                _("L'objectif %(code)s est déjà l'objectif principal. Retirez-le d'ici.")
                % {"code": full["primary_objective"]},
                row,
                "other_objectives",
            )

    def _slugs_of_other_plans(self) -> dict[str, str]:
        if self._foreign_slugs is None:
            others = (
                Project.objects.exclude(plan=self.store.plan) if self.store.plan else Project.objects.all()
            )
            self._foreign_slugs = dict(others.values_list("slug", "plan__slug"))
        return self._foreign_slugs
