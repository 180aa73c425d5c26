"""Which sections a document has, whatever its kind."""

from __future__ import annotations

from csam.documents.content import PlanContent
from csam.documents.period_sections import sections_of_period
from csam.documents.sections import Section, sections_of


def outline(content: PlanContent) -> list[Section]:
    """The sections in reading order: the PDF, its contents and the HTML page are all made from this list."""
    return sections_of_period(content, content.period) if content.period else sections_of(content)
