"""The drawings of the documents, made by the same functions as the site's from the collected values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

import qrcode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from csam.documents.content import Measured, PeriodPart, PlanContent, Project, Tally
from csam.figures import charts
from csam.figures.diagram import diagram_svg
from csam.figures.island import island_svg
from plans.systemic import IssueNode, OrientationNode, Systemic, ties_between
from projects.territories import TerritoryCount


def orientations_of(project: Project) -> set[int]:
    """Numbers of the orientations that a project serves."""
    return {int(code.split(".")[0]) for code in project.objectives}


def systemic(content: PlanContent) -> Systemic:
    """What holds the plan together, counted from the collected projects."""
    served = [orientations_of(project) for project in content.projects]
    projects = Counter(number for numbers in served for number in numbers)
    carried = Counter(number for project in content.projects for number in project.issues)
    shares = Counter(
        (issue, number)
        for project in content.projects
        for issue in project.issues
        for number in orientations_of(project)
    )
    return Systemic(
        orientations=tuple(
            OrientationNode(
                number=o.number,
                title=str(o.title),
                name=str(o.name),
                lang=o.name.language,
                url=f"#orientation-{o.number}",
                hue=o.colour,
                project_count=projects[o.number],
            )
            for o in content.orientations
        ),
        issues=tuple(
            IssueNode(
                number=issue.number,
                title=str(issue.title),
                lang=issue.title.language,
                url=f"#enjeu-{issue.number}",
                project_count=carried[issue.number],
                shares=tuple((o.number, shares[issue.number, o.number]) for o in content.orientations),
            )
            for issue in content.issues
        ),
        ties=ties_between(served),
    )


def diagram(content: PlanContent) -> SafeString:
    return _lettered(diagram_svg(systemic(content), language=content.language, for_print=True))


def island(content: PlanContent) -> SafeString:
    tally = Counter(code for project in content.projects for code in project.territories)
    drawing = island_svg(
        [
            TerritoryCount(t.abbreviation, t.name, float(t.latitude), float(t.longitude), tally[t.code])
            for t in content.territories
        ],
        language=content.language,
        for_print=True,
        whole_island=sum(project.covers_whole_island for project in content.projects),
    )
    return _lettered(drawing)


def bar(measured: Measured, language: str, *, for_print: bool) -> SafeString:
    """How far the way is done; empty where that cannot be said."""
    return _titled(charts.progress_bar(measured.progress, language=language, for_print=for_print))


def stack(tally: Tally, language: str, *, for_print: bool) -> SafeString:
    """Indicators by status, side by side."""
    counts = {row.status: row.count for row in tally.counts}
    return _titled(charts.status_stack(counts, language=language, for_print=for_print))


def squares(part: PeriodPart, language: str, *, for_print: bool) -> SafeString:
    """A square per project that was asked; empty where they are too many to be counted, or none."""
    drawing = charts.coverage_squares(part.reported, part.expected, language=language, for_print=for_print)
    return _titled(drawing)


_NAME = re.compile(r'<svg [^>]*aria-label="([^"]*)"[^>]*>')


def _titled(svg: SafeString) -> SafeString:
    """With its name as a title too, which is where the library for PDF looks for it."""
    titled = _NAME.sub(r"\g<0><title>\1</title>", svg, count=1)
    return mark_safe(titled.replace("<svg ", '<svg font-family="Source Sans 3" ', 1))  # noqa: S308 - drawn by our functions


def qr_code(address: str) -> SafeString:
    """The address as a square that telephones read; drawn in runs of dark modules."""
    code = qrcode.QRCode(border=0, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(address)
    rows = code.get_matrix()
    runs = [
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _dark_runs(row)
    ]
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr-code" viewBox="0 0 {size} {size}" role="img" '
        'aria-labelledby="code-title"><title id="code-title">{label}</title><path fill="#2a1b29" d="{path}"/></svg>',
        size=len(rows),
        label=_("Code à balayer : %(address)s") % {"address": address},
        path="".join(runs),
    )


def _dark_runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    position = 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        if is_dark:
            yield position, length
        position += length


_RIVERS = re.compile(r'<g class="rivers".*?</g>', re.DOTALL)


def _lettered(svg: SafeString) -> SafeString:
    """With the letters of the document, as a drawing on paper sees no style sheet; without text along
    curves, which the library for PDF cannot set."""
    return mark_safe(_RIVERS.sub("", svg).replace("<svg ", '<svg font-family="Source Sans 3" ', 1))  # noqa: S308 - drawn by our functions
