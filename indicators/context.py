"""The published statistics that come with the portal, and how sources are set side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from indicators.models import ContextIndicator, ContextValue
from indicators.tables import both, chosen, rows


@transaction.atomic
def load_context() -> int:
    """Load the statistics of ``data/contexte``; a second time changes only what differs. Returns how many values."""
    indicators = {}
    for position, row in enumerate(rows("contexte/indicateurs.csv")):
        indicators[row["adresse"]], _created = ContextIndicator.objects.update_or_create(
            slug=row["adresse"],
            defaults={
                "position": position,
                "decimals": int(row["décimales"]),
                **both(row, "titre", "title"),
                **both(row, "définition", "meaning"),
                **both(row, "unité", "unit"),
            },
        )
    count = 0
    for row in rows("contexte/valeurs.csv"):
        ContextValue.objects.update_or_create(
            code=row["code"],
            defaults={
                "indicator": indicators[row["indicateur"]],
                "first_year": int(row["première année"]),
                "last_year": int(row["dernière année"]),
                "value": Decimal(row["valeur"]),
                "is_approximate": row["approximative"] == "oui",
                "source": row["source"],
                "source_url": row["adresse de la source"],
                "nature": chosen(ContextValue.Nature, row["nature"]),
                **both(row, "territoire", "territory"),
                **both(row, "note", "note"),
            },
        )
        count += 1
    return count


def disagreeing(values: Iterable[ContextValue]) -> set[int]:
    """Keys of the values whose sources do not agree, for the same territory and years."""
    places: dict[tuple[str, int, int], list[ContextValue]] = defaultdict(list)
    for value in values:
        places[value.territory, value.first_year, value.last_year].append(value)
    return {v.pk for found in places.values() if len({v.value for v in found}) > 1 for v in found}
