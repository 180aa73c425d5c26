"""What the serializers share: texts in both languages, dates that say how precise they are, exact numbers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.partial_dates import PartialDate, Precision

NULLABLE_TEXT = {"type": "string", "nullable": True}


TEXT_IN_BOTH = {
    "type": "object",
    "properties": {"fr": {"type": "string"}, "en": NULLABLE_TEXT},
    "required": ["fr", "en"],
}


@extend_schema_field(TEXT_IN_BOTH)
class Bilingual(serializers.Field[Any, Any, Any, Any]):
    """``{"fr": …, "en": …}`` of a translated field; null where no translation was written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def get_attribute(self, instance: Any) -> Any:
        for name in self.source_attrs[:-1]:
            instance = getattr(instance, name)
        name = self.source_attrs[-1]
        return getattr(instance, f"{name}_fr"), getattr(instance, f"{name}_en")

    def to_representation(self, value: tuple[str, str]) -> dict[str, str | None]:
        return {"fr": value[0], "en": value[1] or None}

    @staticmethod
    def of(instance: Any, name: str) -> dict[str, str | None]:
        return {"fr": getattr(instance, f"{name}_fr"), "en": getattr(instance, f"{name}_en") or None}


@extend_schema_field(
    {
        "type": "object",
        "nullable": True,
        "properties": {
            "first_day": {"type": "string", "format": "date"},
            "last_day": {"type": "string", "format": "date"},
            "precision": {"type": "string", "enum": list(Precision.values)},
        },
        "required": ["first_day", "last_day", "precision"],
    }
)
class PartialDateField(serializers.Field[Any, Any, Any, Any]):
    """A date as it is known: « automne 2021 » is its first and last day, and the precision ``season``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: PartialDate) -> dict[str, str]:
        return {
            "first_day": value.first_day.isoformat(),
            "last_day": value.last_day.isoformat(),
            "precision": str(value.precision),
        }


@extend_schema_field({"type": "string", "format": "decimal", "nullable": True, "example": "1234.5"})
class Figure(serializers.Field[Any, Any, Any, Any]):
    """A decimal as a text with a point, without superfluous zeros; null is no value, "0" is zero.

    Exact, but for a number that was computed: that one is rounded to its ``places``.
    """

    def __init__(self, *, places: int | None = None, **options: Any) -> None:
        super().__init__(read_only=True, **options)
        self.places = places

    def to_representation(self, value: Any) -> str:
        shown = value if self.places is None else round(value, self.places)
        return f"{shown.normalize():f}"


@extend_schema_field({"type": "string", "format": "uri"})
class PageAddress(serializers.Field[Any, Any, Any, Any]):
    """The address of the page of the same thing on the site, in French."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, source="*", **options)

    def to_representation(self, value: Any) -> str:
        request = self.context["request"]
        return str(request.build_absolute_uri(value.get_absolute_url()))
