import dataclasses
import datetime as dt
import io
import os
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pikepdf
import pytest
from django.conf import settings

from csam.documents import layout, rendering, typesetters
from csam.documents.collecting import collect
from csam.documents.content import Text
from csam.documents.fragments import fragments_of, raise_ordinals
from csam.documents.margins import PageMargins, margins_html
from tests.documents.pdf_text import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]
BUILDS = [(kind, language) for kind in ("synthesis", "full") for language in ("fr", "en")]


def content_of(plan, kind="full", language="fr"):
    return collect(plan=plan, kind=kind, language=language, on=dt.date(2026, 11, 24), full=kind == "full")


def html_of(plan, kind="full", language="fr"):
    return whole(content_of(plan, kind, language))


def whole(content):
    return "\n".join(fragment.html for fragment in fragments_of(content))


def words_of(html):
    body = re.sub(r"<(title|style|svg)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"[ \n]+", " ", body)


@pytest.mark.parametrize(("kind", "language"), BUILDS)
def test_every_internal_link_has_its_target_and_ids_are_unique(plan, kind, language):
    html = html_of(plan, kind, language)

    ids = Counter(re.findall(r'\sid="([^"]+)"', html))
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets <= set(ids)
    assert {name for name, count in ids.items() if count > 1} == set()


@pytest.mark.parametrize(("kind", "language"), BUILDS)
def test_headings_start_at_one_and_never_jump(plan, kind, language):
    levels = [int(level) for level in re.findall(r"<h([1-6])", html_of(plan, kind, language))]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_french_text_is_typeset(plan):
    words = words_of(html_of(plan))

    assert "paragraphe\u00a0: d’abord les marchés, à 40\u00a0% des quartiers" in words
    assert not re.search(r"\w'\w| [:%$»]|« ", words)


def test_ordinals_are_raised():
    assert raise_ordinals("<p>1er octobre</p><title>1er mai</title>") == (
        "<p>1<sup>er</sup> octobre</p><title>1er mai</title>"
    )


def test_full_plan_says_everything_of_a_project(plan):
    words = words_of(html_of(plan))

    for said in (
        "Marché d’hiver",
        "La Louche",
        "porteur",
        "Familles",
        "Verdun",
        "La résilience",
        "Guide",
        "en retard",
    ):
        assert said in words
    assert "alice@example.org" not in words


def test_synthesis_has_a_line_per_project_and_no_sheet(plan):
    html = html_of(plan, "synthesis")

    assert html.count('<table class="lines"') == 3
    assert html.count('<span class="stage ') == 3
    assert 'class="sheet"' not in html


def test_indexes_name_the_projects_of_each_entry(plan):
    html = {fragment.name: fragment.html for fragment in fragments_of(content_of(plan))}

    territory, link = (
        re.findall(r'index-name">([^<]+)<|href="#projet-([\w-]+)"', html[name])
        for name in ("index-territoires", "index-maillons")
    )
    assert territory == [("Toute l’île", ""), ("", "glanage"), ("Verdun", ""), ("", "marche-d-hiver")]
    assert link == [("Production", ""), ("", "marche-d-hiver")]


@pytest.mark.parametrize(("kind", "times"), [("synthesis", 1), ("full", 2)])
def test_each_piece_is_laid_out_once_but_the_contents(plan, monkeypatch, settings, tmp_path, kind, times):
    """Those of the full plan first tell how long they are; laying anything else out again would cost seconds."""
    settings.VAR_DIR = tmp_path
    laid_out = Counter()
    lay_out = typesetters.Typesetters.lay_out

    def counted(workers, orders, on_wait):
        laid_out.update(order.message.get("name", "font") for order in orders)
        return lay_out(workers, orders, on_wait)

    monkeypatch.setattr(typesetters.Typesetters, "lay_out", counted)
    content = content_of(plan, kind)
    names = [fragment.name for fragment in fragments_of(content)]

    rendering.render_pdf(content)

    assert {name: laid_out[name] for name in names} == dict.fromkeys(names, 1) | {"sommaire": times}
    laid_out.clear()
    rendering.render_pdf(dataclasses.replace(content, as_of="2026-11-25"))
    assert set(laid_out) == {"couverture", "margins"}


def test_contents_of_another_length_than_was_guessed(plan, monkeypatch):
    content = content_of(plan, "synthesis")
    right = rendering.render_pdf(content)
    monkeypatch.setattr(rendering, "_ENTRIES_OF_A_PAGE", 3)

    assert rendering.render_pdf(content) == right


def test_french_passages_of_an_english_document_are_marked(plan):
    html = html_of(plan, "full", "en")

    assert '<html lang="en-CA">' in html
    assert '<span lang="fr-CA">Une alimentation saine.</span>' in html
    assert '<span lang="fr-CA">Bring closer' not in html


def test_sources_of_an_english_document_are_marked_as_french(plan):
    source = re.compile(r"<span( lang=\"fr-CA\")?>Enquête a,</span>")

    assert source.search(html_of(plan, "synthesis", "en"))[1]
    assert not source.search(html_of(plan, "synthesis", "fr"))[1]


def test_demonstration_data_is_named_on_the_cover_and_in_the_foot(plan):
    content = content_of(plan)

    foot = margins_html(content, [PageMargins("", "")])

    assert '<p class="cover-notice">Données de démonstration</p>' in whole(content)
    assert 'data-foot="Données au 24 novembre 2026 · Données de démonstration"' in foot


def test_text_typed_by_partners_is_escaped(plan):
    content = content_of(plan)
    hostile = dataclasses.replace(content, vision=Text("<script>alert(1)</script> & co", "fr"))

    html = whole(hostile)

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a.png", "file:///etc/passwd", "static:../settings.py", "static:", "media:a.png"],
)
def test_document_never_opens_an_address(tmp_path, address):
    with pytest.raises(ValueError, match="only reads the portal's own files"):
        layout.own_file(address, {"static": [str(tmp_path)], "media": [str(tmp_path)]})


def test_missing_pango_is_told_with_the_remedy(monkeypatch):
    import builtins

    real = builtins.__import__

    def without_pango(name, *args, **kwargs):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pango)

    assert "apt-get install libpango-1.0-0" in rendering.unavailable_because()


_BUILD = """
import sys, django
django.setup()
from csam.documents.content import PlanContent
from csam.documents.rendering import render_pdf
sys.stdout.buffer.write(render_pdf(PlanContent.from_bytes(sys.stdin.buffer.read())))
"""


def test_equal_data_makes_equal_bytes_in_any_process(plan, tmp_path):
    """Nothing kept from before, other hashes of Python, one typesetter or two."""
    content = content_of(plan, "synthesis")
    built = set()
    for number in (1, 2):
        environ = {
            **os.environ,
            "CSAM_VAR_DIR": str(tmp_path / str(number)),
            "CSAM_DOCUMENT_PROCESSES": str(number),
            "PYTHONHASHSEED": str(number),
            "DJANGO_SETTINGS_MODULE": "csam.settings",
        }
        command = [sys.executable, "-c", _BUILD]
        done = subprocess.run(
            command,
            input=content.to_bytes(),
            capture_output=True,
            env=environ,
            cwd=settings.BASE_DIR,
            check=True,
        )
        built.add(done.stdout)

    assert len(built) == 1
    assert next(iter(built)).startswith(b"%PDF-1.7")


def test_figures_of_the_document_are_those_of_the_site(plan, client):
    home = client.get("/").content.decode()
    shown = re.findall(r'figure-value">(\d+)</span>\s*<span class="figure-label">([^<,]+)', home)

    with pikepdf.open(io.BytesIO(rendering.render_pdf(content_of(plan, "synthesis")))) as pdf:
        words = text_of(pdf.pages[3])

    numbers = {label.split()[0]: value for value, label in shown}
    for said in ("orientations", "objectifs généraux", "projets", "organisations engagées"):
        assert f"{numbers[said.split()[0]]} {said}" in words
    assert f"{numbers['territoire']} territoire rejoint" in words


def test_no_title_is_a_caption_that_a_page_could_part_from_its_table(plan):
    """The library breaks a page between a caption and its table."""
    html = html_of(plan)

    assert "<caption" not in html
    for anchor in re.findall(r'<table[^>]* aria-labelledby="([^"]+)"', html):
        assert f' id="{anchor}"' in html


def test_running_heads_are_typeset(plan):
    heads = {fragment.name: fragment.running for fragment in fragments_of(content_of(plan))}

    assert heads["territoires"] == "Les projets sur l’île"


def test_running_heads_and_page_numbers_are_on_every_page_but_the_first(plan):
    with pikepdf.open(io.BytesIO(rendering.render_pdf(content_of(plan)))) as pdf:
        margins = [text_of(page.Resources.XObject["/Margins"]) for page in pdf.pages]

    assert margins[0].strip() == ""
    assert margins[3].split() == [
        *[
            "Plan",
            "d’action",
            "intégré",
            "2020-2022",
            "Contexte",
            "et",
            "vision",
            "Données",
            "au",
            "24",
            "novembre",
            "2026",
            "·",
            "Données",
            "de",
            "démonstration",
            "4",
        ]
    ]
    assert [words.split()[-1] for words in margins[2:]] == [str(n) for n in range(3, len(margins) + 1)]
