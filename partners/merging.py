"""Two organisations that are one: everything that points at the one comes to the other, and nothing is lost.

The rows to move are found by walking the models, so that a relation added tomorrow is not forgotten. Where two
rows cannot both stand (the same person in both organisations), the model says what becomes of them by a class
method ``join_organizations``; a relation that has none and collides stops the whole merge.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from partners.activity import Kind, log
from partners.models import Organization, OrganizationAlias, User


class MergeRefused(Exception):
    """Nothing was moved; the text says why."""


@dataclass(frozen=True)
class Moving:
    """The rows of one kind that will come along."""

    label: str
    rows: list[str]

    @property
    def count(self) -> int:
        return len(self.rows)


def what_moves(organization: Organization) -> list[Moving]:
    """Kind by kind, with each row in words, for the page that asks to confirm.

    A model whose rows are otherwise told by their organisation says what they are in ``moving_label``.
    """
    found = []
    for relation in relations():
        rows = _pointing(relation, organization)
        described = [str(getattr(row, "moving_label", row)) for row in rows]
        if described:
            found.append(Moving(str(relation.related_model._meta.verbose_name_plural), described))
    return found


@transaction.atomic
def merge(*, kept: Organization, absorbed: Organization, by: User, at: dt.datetime) -> Organization:
    """``absorbed`` is archived, its name and address become former ones of ``kept``, to which all else goes."""
    if not (by.is_staff and by.has_perm("partners.change_organization")):
        raise MergeRefused(_("Seul le Conseil fusionne des organisations."))
    if kept.pk == absorbed.pk:
        raise MergeRefused(_("Une organisation ne se fusionne pas avec elle-même."))
    # Always in the same order: two opposite merges at once would wait for each other for ever.
    rows = {
        row.pk: row
        for row in Organization.objects.select_for_update()
        .filter(pk__in=(kept.pk, absorbed.pk))
        .order_by("pk")
    }
    kept, absorbed = rows[kept.pk], rows[absorbed.pk]
    if kept.merged_into_id or absorbed.merged_into_id:
        raise MergeRefused(_("L'une des deux a déjà été fusionnée avec une autre."))
    projects = _projects(absorbed)
    for relation in relations():
        _move(relation, kept, absorbed)
    OrganizationAlias.objects.create(
        organization=kept, name=absorbed.name, acronym=absorbed.acronym, slug=absorbed.slug, added_at=at
    )
    absorbed.stage, absorbed.merged_into = Organization.Stage.ARCHIVED, kept
    absorbed.save(update_fields=["stage", "merged_into", "updated_at"])
    log(organization=kept, kind=Kind.MERGED, by=by, at=at, person=absorbed.name)
    Organization.objects.filter(pk__in=(kept.pk, absorbed.pk)).reindex()
    projects.reindex()
    return kept


def successors(ids: Iterable[int]) -> dict[int, int]:
    """By the id of each that was merged into another: the id of what it is now. For texts, which no merge rewrites."""
    moved: dict[int, int] = {}
    waiting = set(ids)
    while waiting:
        merged = Organization.objects.filter(pk__in=waiting).exclude(merged_into=None)
        found = dict(merged.values_list("pk", "merged_into"))
        moved |= found
        waiting = set(found.values()) - set(moved)
    return {pk: _last(pk, moved) for pk in moved}


def _last(pk: int, moved: dict[int, int]) -> int:
    while pk in moved:
        pk = moved[pk]
    return pk


def relations() -> list[Any]:
    """Every foreign key to an organisation, hidden ones too; not the links of its own many-to-many fields,
    which say what it is rather than what belongs to it.
    """
    return [
        field
        for field in Organization._meta.get_fields(include_hidden=True)
        if field.auto_created
        and not field.concrete
        and (field.one_to_many or field.one_to_one)
        and field.related_model._meta.auto_created is not Organization  # type: ignore[union-attr]
    ]


def _pointing(relation: Any, organization: Organization) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = relation.related_model._base_manager.filter(
        **{relation.field.name: organization}
    ).order_by("pk")
    return rows


def _move(relation: Any, kept: Organization, absorbed: Organization) -> None:
    model = relation.related_model
    rows = _pointing(relation, absorbed)
    if model._meta.auto_created:
        _drop_doubles(relation, kept, rows)
    if join := getattr(model, "join_organizations", None):
        rows = join(kept=kept, absorbed=absorbed)
    try:
        with transaction.atomic():
            rows.update(**{relation.field.name: kept})
    except IntegrityError as error:
        raise MergeRefused(
            _("Des %(rows)s des deux organisations ne peuvent pas se rejoindre. Réglez-les d'abord.")
            % {"rows": model._meta.verbose_name_plural}
        ) from error


def _drop_doubles(relation: Any, kept: Organization, rows: models.QuerySet[Any]) -> None:
    """A link of a many-to-many field says nothing more when the other organisation has it too."""
    model = relation.related_model
    other = next(
        field for field in model._meta.fields if field.is_relation and field.name != relation.field.name
    )
    has = _pointing(relation, kept).values(other.name)
    rows.filter(**{f"{other.name}__in": has}).delete()


def _projects(organization: Organization) -> Any:
    """Those it took part in: the names of its partners are part of what finds a project."""
    model: Any = Organization._meta.get_field("projects").related_model
    keys = list(organization.project_parts.values_list("project", flat=True))
    return model.objects.filter(pk__in=keys)
