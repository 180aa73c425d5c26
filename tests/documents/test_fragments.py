import dataclasses
import datetime as dt

import pytest

from csam.documents.collecting import collect
from csam.documents.errors import DocumentError
from csam.documents.fragments import fragments_of
from csam.documents.margins import PageMargins, margins_html
from projects.models import Project
from tests.factories import ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]


def content_of(plan, kind="full", day=24):
    on = dt.date(2026, 11, day)
    return collect(plan=plan, kind=kind, language="fr", on=on, full=kind == "full")


def names(kind, plan):
    return [fragment.name for fragment in fragments_of(content_of(plan, kind))]


def test_full_plan_has_a_piece_per_project(plan):
    ProjectFactory(
        plan=plan,
        title_fr="Zeste",
        slug="zeste",
        objective=plan.orientations.get(number=1).objectives.get(number=1),
    )

    assert names("full", plan) == [
        "couverture", "sommaire", "contexte", "approche", "demarche", "statistiques", "avancement",
        "orientation-1", "orientation-1-probleme", "objectif-1.1", "projet-zeste", "objectif-1.2",
        "orientation-2", "orientation-2-probleme", "objectif-2.1",
        "autres", "territoires", "suites", "partenaires", "acronymes", "index-territoires", "index-maillons",
        "index-organisations",
    ]  # fmt: skip


def test_synthesis_has_a_piece_per_orientation(plan):
    assert names("synthesis", plan) == [
        "couverture", "sommaire", "contexte", "approche", "demarche", "statistiques", "avancement",
        "orientation-1", "orientation-1-objectifs", "orientation-2", "orientation-2-objectifs",
        "autres", "territoires", "suites", "partenaires", "acronymes",
    ]  # fmt: skip


def changed(before, after):
    known = {fragment.name: fragment.html for fragment in before}
    return [fragment.name for fragment in after if known.get(fragment.name) != fragment.html]


def test_change_to_a_text_touches_its_own_piece_only(plan):
    before = fragments_of(content_of(plan))
    Project.objects.filter(slug="marche-d-hiver").update(description_fr="Autrement dit.")

    assert changed(before, fragments_of(content_of(plan))) == ["objectif-1.1"]


def test_another_day_touches_the_front_only(plan):
    before = fragments_of(content_of(plan))

    assert changed(before, fragments_of(content_of(plan, day=25))) == ["couverture"]


def test_links_of_a_piece_cite_pages(plan):
    contents = next(f for f in fragments_of(content_of(plan)) if f.name == "sommaire")

    html = contents.citing({"contexte": 4})

    assert '<a data-page="4" href="#contexte">' in html
    assert '<a data-page="888" href="#approche">' in html


def test_project_that_cannot_be_rendered_is_named(plan):
    content = content_of(plan)
    project = content.orientations[1].objectives[0].projects[0]
    broken = dataclasses.replace(project, sheet=dataclasses.replace(project.sheet, deliverables=(None,)))
    objective = dataclasses.replace(content.orientations[1].objectives[0], projects=(broken,))
    orientation = dataclasses.replace(content.orientations[1], objectives=(objective,))

    with pytest.raises(DocumentError, match=r"Objectif 2\.1, projet « Glanage » : ce contenu"):
        fragments_of(dataclasses.replace(content, orientations=(content.orientations[0], orientation)))


def test_margins_have_a_page_for_each_page(plan):
    html = margins_html(content_of(plan), [PageMargins("cover", ""), PageMargins("", 'Le "reste"')])

    assert html.count('class="margins') == 2
    assert ".page-cover { page: cover }" in html
    assert 'data-running="Le &quot;reste&quot;"' in html
