"""What the form of a registration offers to choose from."""

from __future__ import annotations

from functools import cached_property

from projects.models import Registration
from projects.registrations.content import Content
from projects.registrations.naming import Directory
from projects.registrations.vocabulary import Vocabulary


class Offer:
    """What a registration may choose from."""

    def __init__(self, registration: Registration, content: Content) -> None:
        self.registration = registration
        self.content = content

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.registration.plan)

    @cached_property
    def directory(self) -> Directory:
        chosen = [row["organization"] for row in self.content["partners"] if row.get("organization")]
        return Directory.of(chosen)
