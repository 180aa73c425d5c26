"""Each kind of document in both languages, built once from a plan with one of everything: what must be true of each."""

import datetime as dt
import io
import os
import re
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pikepdf
import pypdfium2
import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from factory.django import DjangoModelFactory
from PIL import Image, ImageChops, ImageStat

from csam.documents import checking, rendering
from csam.documents.collecting import collect_sheet
from csam.documents.pdf_reading import walk
from csam.documents.source_data import collected
from projects.models import Project
from tests import factories
from tests.documents import conftest
from tests.documents.pdf_text import text_of
from tests.documents.periods import reported

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]
BUILDS = [(kind, language) for kind in ("synthesis", "full", "progress") for language in ("fr", "en")]
PROJECT = "marche-d-hiver"
TODAY = dt.date(2026, 11, 24)
#: Of each kind of page, where it is in the full plan.
PAGES = {
    "cover": 0,
    "contents": 2,
    "progress": "avancement",
    "opener": "orientation-1",
    "objective": "objectif-1.1",
    "partners": "partenaires",
    "index": "index-organisations",
}
#: In the progress edition of a period.
PERIOD_PAGES = {
    "period-cover": 0,
    "period-brief": "en-bref",
    "period-targets": "cibles",
    "period-report": "orientation-1",
    "period-learned": "appris",
    "period-silent": "sans-bilan",
}
REFERENCES = Path(__file__).parent / "reference"


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """The six PDFs, the sheet of a project in both languages, and pages of the site, of the same data."""
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        mock.patch.object(timezone, "localdate", lambda *_at: TODAY),
        transaction.atomic(),
    ):
        # The same names whatever was made before, for the reference images.
        for factory in vars(factories).values():
            if isinstance(factory, type) and issubclass(factory, DjangoModelFactory):
                factory.reset_sequence(1, force=True)
        plan, on = conftest.plan.__wrapped__(), TODAY
        period = reported(plan)
        pdfs = {
            (kind, language): rendering.render_pdf(
                collected(plan, kind, period if kind == "progress" else None, language, on=on)
            )
            for kind, language in BUILDS
        }
        project = Project.objects.select_related("plan").get(slug=PROJECT)
        sheets = {
            language: rendering.render_sheet(collect_sheet(project=project, language=language, on=on))
            for language in ("fr", "en")
        }
        addresses = {"project": f"projets/{PROJECT}/", "indicators": "indicateurs/"}
        client = Client()
        pages = {
            (name, language): client.get(("/" if language == "fr" else "/en/") + address).content.decode()
            for name, address in addresses.items()
            for language in ("fr", "en")
        }
        transaction.set_rollback(True)
    return SimpleNamespace(pdfs=pdfs, sheets=sheets, pages=pages)


def words(text):
    """Comparable: one kind of space, no case, nothing broken at the end of a line."""
    return re.sub(r"\s+", " ", unescape(text).replace("\u202f", " ").replace("\u00a0", " ")).casefold()


def words_of_pdf(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return words(" ".join(text_of(page) for page in opened.pages))


def words_of_html(html):
    return words(re.sub(r"<(svg|script)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)).strip()


@pytest.mark.parametrize(("kind", "language"), BUILDS)
def test_document_is_accessible(built, kind, language):
    pdf = built.pdfs[kind, language]

    assert checking.check(pdf)[1] == []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.Lang == f"{language}-CA"
        assert "2020-2022" in str(opened.docinfo.Title)
        assert {str(font)[8:].split("-")[0] for font in fonts(opened)} <= {"Fraunces", "Source"}
        if language == "en":
            assert any(str(tag.element.get("/Lang")) == "fr-CA" for tag in walk(opened.Root.StructTreeRoot))


def fonts(pdf):
    return {font.BaseFont for page in pdf.pages for font in dict(page.Resources.Font).values()}


def shown_of_project(page):
    """By title, what the page of a project says of each indicator: values with their day, target, label, status."""
    found = {}
    for line in re.findall(r'<article class="indicator-line">.*?</article>', page, re.DOTALL):
        title = words_of_html(re.search(r"<h3.*?</h3>", line, re.DOTALL)[0])
        figures = re.findall(
            r"<(strong|span)\b[^>]*>(.*?)</\1>", line.partition("indicator-figures")[2], re.DOTALL
        )
        status = re.search(r'class="badge badge-status.*?</span>', line, re.DOTALL)[0]
        found[title] = [words_of_html(text) for _tag, text in figures], words_of_html(f"<{status}")
    return found


@pytest.mark.parametrize("document", ["full", "sheet"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_figures_of_a_project_are_those_of_its_page(built, document, language):
    pdf = built.pdfs["full", language] if document == "full" else built.sheets[language]
    shown = shown_of_project(built.pages["project", language])
    printed = words_of_pdf(pdf)

    assert len(shown) == 2
    for title, (figures, status) in shown.items():
        assert figures
        # The row of the indicator, as far as the next one.
        row = printed[printed.index(title) :][:400]
        for figure in figures:
            for part in re.split(r"(?:cible|target) ?: |, (?=\d+ \w+ \d{4}|\w+ \d+, \d{4})", figure):
                assert part in row
        assert status in row


@pytest.mark.parametrize(("kind", "language"), BUILDS)
def test_counts_and_common_targets_are_those_of_the_follow_up_page(built, kind, language):
    page = built.pages["indicators", language]
    printed = words_of_pdf(built.pdfs[kind, language])

    tally = re.search(r'<ul class="tally-list">(.*?)</ul>', page, re.DOTALL)[1]
    counts = re.findall(r"</svg>\s*(.*?)\s*<strong>(\d+)</strong>", tally, re.DOTALL)
    assert len(counts) >= 2
    for status, count in counts:
        assert f"{count} {words(status)}" in printed
    targets = re.findall(r'<article class="common-target".*?</article>', page, re.DOTALL)
    assert len(targets) == 2
    for target in targets:
        title = words_of_html(re.search(r"<h3.*?</h3>", target, re.DOTALL)[0])
        row = printed[printed.index(title) :][:400]
        said = [
            re.search(pattern, target, re.DOTALL)[1]
            for pattern in (
                r'indicator-percent">(.*?)</span>',
                r'indicator-figures">.*?<strong>(.*?)</strong>',
                r'coverage-line">.*?<strong>(.*?)</strong>',
            )
        ]
        for text in said:
            assert words_of_html(text) in row


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_period_is_told_with_the_figures_of_the_site(built, language):
    """Its coverage is that of the follow-up page, its values and states those of the project's page."""
    printed = words_of_pdf(built.pdfs["progress", language])

    page = built.pages["indicators", language]
    said = re.search(r'coverage-list">.*?– (\d+) (?:projets? sur|of) (\d+) ', page, re.DOTALL)
    phrase = "{} sur {} bilans demandés" if language == "fr" else "{} of {} reports asked for"
    assert phrase.format(said[1], said[2]) in printed
    report = built.pages["project", language].partition('class="public-report"')[2].partition("</details>")[0]
    lines = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", report, re.DOTALL)
    assert len(lines) == 2
    for title, value in lines:
        row = printed[printed.index(words_of_html(title)) :][:400]
        assert words_of_html(value) in row
    states = re.findall(r'<span class="badge badge-\w+">(.*?)</span> (?:<span[^>]*>)?(\w+)', report)
    assert len(states) == 2
    for state, title in states:
        row = printed[printed.rindex(words(title)) :] if title == "Guide" else printed
        assert words(state) in row
    for narrative in ("dix marchés ont eu lieu", "photos au bureau", "glanage"):
        assert narrative in printed
    assert "motcanari" not in printed


@pytest.mark.parametrize(("kind", "language"), [build for build in BUILDS if build[0] != "progress"])
def test_statistics_name_their_source(built, kind, language):
    printed = words_of_pdf(built.pdfs[kind, language])

    about = printed[printed.rindex("insécurité alimentaire") :]
    assert re.search(r"22[.,]5 ?% \[1\]", about)
    assert re.search(r"\[2\] enquête b, https://exemple.org/b", about)


def picture(pdf, number):
    """A page as a small picture of 64 colours."""
    opened = pypdfium2.PdfDocument(pdf)
    try:
        drawn = opened[number].render(scale=0.75).to_pil().convert("RGB")
    finally:
        opened.close()
    return drawn.quantize(64, dither=Image.Dither.NONE)


def page_of(pdf, anchor):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        names = list(opened.Root.Names.Dests.Names)
        places = {str(name): place for name, place in zip(names[::2], names[1::2], strict=True)}
        return next(n for n, page in enumerate(opened.pages) if page.obj.objgen == places[anchor][0].objgen)


@pytest.mark.parametrize("kind", [*PAGES, *PERIOD_PAGES, "sheet"])
def test_page_looks_as_it_was_approved(built, kind):
    """`make references` renews the images after a change of look, to be looked at before they are committed.

    Compared at a quarter of the size: a letter that another version of a library sets a hair aside is no change.
    """
    document = "progress" if kind in PERIOD_PAGES else "full"
    pdf = built.sheets["fr"] if kind == "sheet" else built.pdfs[document, "fr"]
    place = {**PAGES, **PERIOD_PAGES}.get(kind, 0)
    found = picture(pdf, page_of(pdf, place) if isinstance(place, str) else place)
    file = REFERENCES / f"{kind}.png"
    if os.environ.get("RENEW_REFERENCES"):
        found.save(file, optimize=True)

    with Image.open(file) as kept:
        assert kept.size == found.size
        small = (kept.width // 4, kept.height // 4)
        one, other = (image.convert("RGB").resize(small, Image.Resampling.BOX) for image in (kept, found))
    difference = ImageChops.difference(one, other)
    assert max(ImageStat.Stat(difference).mean) < 2
    assert max(high for _low, high in difference.getextrema()) < 90
    assert file.stat().st_size < 60_000
