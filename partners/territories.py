"""Territories as values of filters."""

#: The value of a filter by territory for what covers the whole island.
WHOLE_ISLAND = "toute-l-ile"
