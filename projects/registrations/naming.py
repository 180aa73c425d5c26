"""From the name that somebody types to the organisation of the directory that it means."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.folding import fold
from partners.merging import successors
from partners.models import Organization

#: Offered as one types; beyond, the names like what was typed are offered once it is saved.
MOST_OFFERED = 400
MOST_LIKE = 4


@dataclass(frozen=True)
class Directory:
    organizations: list[Organization]
    by_name: dict[str, Organization]
    #: What became of organisations that were chosen and merged since.
    moved: dict[int, int]

    @classmethod
    def of(cls, chosen: Collection[int] = ()) -> Directory:
        """The public directory, and the organisations chosen before, whatever became of them: one that was merged is
        named as what it is now.
        """
        rows = Organization.objects.only("name", "acronym", "stage", "slug").order_by("sort_key_fr", "pk")
        public = list(rows.public())
        missing = set(chosen) - {organization.pk for organization in public}
        moved = successors(missing) if missing else {}
        missing = {moved.get(pk, pk) for pk in missing} - {organization.pk for organization in public}
        organizations = [*public, *(rows.filter(pk__in=missing) if missing else [])]
        by_name: dict[str, Organization] = {}
        for name in ("acronym", "name", "name_with_acronym"):
            for organization in organizations:
                folded = fold(getattr(organization, name)).strip()
                if folded and name == "acronym" and folded in by_name:
                    del by_name[folded]  # two that bear one acronym: neither is meant for sure
                elif folded:
                    by_name[folded] = organization
        return cls(organizations, by_name, moved)

    @property
    def offered(self) -> list[Organization]:
        return self.organizations[:MOST_OFFERED]

    def find(self, typed: str) -> Organization | None:
        return self.by_name.get(fold(typed).strip())

    def name(self, pk: int | None) -> str:
        wanted = self.moved.get(pk, pk) if pk else None
        return next((o.name_with_acronym for o in self.organizations if wanted and o.pk == wanted), "")

    def like(self, typed: str) -> list[Organization]:
        """Those whose name holds every word that was typed; the words may be cut short."""
        words = fold(typed).split()
        found = (o for o in self.organizations if all(word in fold(o.name_with_acronym) for word in words))
        return [organization for organization, _n in zip(found, range(MOST_LIKE), strict=False)]
