import re
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from csam.pages.sitemaps import RowSitemap
from partners.models import Organization
from projects.models import Project
from tests.factories import (
    CrossCuttingIssueFactory,
    ObjectiveFactory,
    OrganizationFactory,
    OrientationFactory,
    PlanFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def addresses(client, section):
    root = ElementTree.fromstring(client.get(f"/sitemap-{section}.xml").content)
    return [loc.text.removeprefix("http://testserver") for loc in root.findall("s:url/s:loc", NAMES)]


def test_the_sitemap_lists_its_sections(client):
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)

    assert [
        loc.text.removeprefix("http://testserver/") for loc in root.findall("s:sitemap/s:loc", NAMES)
    ] == [
        "sitemap-portail.xml",
        "sitemap-plans.xml",
        "sitemap-projets.xml",
        "sitemap-indicateurs.xml",
        "sitemap-partenaires.xml",
    ]


def test_what_is_public_is_in_the_sitemap_in_both_languages(client):
    plan = PlanFactory(slug="2020-2022", is_current=True)
    orientation = OrientationFactory(plan=plan, number=3)
    ObjectiveFactory(orientation=orientation, number=2)
    CrossCuttingIssueFactory(plan=plan, number=1)
    ProjectFactory(plan=plan, slug="jardin")
    OrganizationFactory(slug="porteuse")

    found = [a for s in ("plans", "projets", "partenaires") for a in addresses(client, s) if "/en/" not in a]

    assert found == [
        "/plans/2020-2022/",
        "/plans/2020-2022/approche/",
        "/plans/2020-2022/orientations/3/",
        "/plans/2020-2022/objectifs/3.2/",
        "/plans/2020-2022/enjeux/1/",
        "/projets/jardin/",
        "/partenaires/porteuse/",
    ]
    assert "/en/projets/jardin/" in addresses(client, "projets")


def test_each_address_tells_its_other_language(client):
    ProjectFactory(slug="jardin")

    root = ElementTree.fromstring(client.get("/sitemap-projets.xml").content)

    links = root.find("s:url", NAMES).findall("x:link", NAMES)
    assert {link.get("hreflang"): link.get("href") for link in links} == {
        "fr": "http://testserver/projets/jardin/",
        "en": "http://testserver/en/projets/jardin/",
        "x-default": "http://testserver/projets/jardin/",
    }


def test_what_is_not_public_is_not_in_the_sitemap(client):
    hidden = PlanFactory(stage="preparation")
    ObjectiveFactory(orientation=OrientationFactory(plan=hidden))
    ProjectFactory(plan=hidden)
    ProjectFactory(archived_at="2024-01-01T00:00Z", archive_reason_fr="Doublon.", plan=PlanFactory(slug="p"))
    OrganizationFactory(stage=Organization.Stage.PENDING)

    assert addresses(client, "projets") == addresses(client, "partenaires") == []
    assert [a for a in addresses(client, "plans") if "/en/" not in a] == ["/plans/p/", "/plans/p/approche/"]


def test_an_unknown_section_is_missing(client):
    assert client.get("/sitemap-rien.xml").status_code == 404


def test_every_page_of_the_portal_in_the_sitemap_answers(client):
    PlanFactory(is_current=True)

    statuses = {
        address: client.get(address, follow=True).status_code for address in addresses(client, "portail")
    }

    assert set(statuses.values()) == {200}


def test_robots_are_told_what_is_not_for_them(client):
    lines = client.get("/robots.txt").content.decode().splitlines()

    assert lines == [
        "User-agent: *",
        "Disallow: /recherche/",
        "Disallow: /en/recherche/",
        "Disallow: /espace/",
        "Disallow: /en/espace/",
        "Disallow: /admin/",
        "Disallow: /en/admin/",
        "Disallow: /compte/",
        "Disallow: /en/compte/",
        "",
        "Sitemap: http://testserver/sitemap.xml",
    ]


def test_a_weakness_can_be_told(client, settings):
    settings.CSAM_CONTACT_EMAIL = "ecrire@example.org"

    page = client.get("/.well-known/security.txt").content.decode()

    assert "Contact: mailto:ecrire@example.org\n" in page
    assert "Expires: 2" in page


def test_a_page_of_the_sitemap_reads_no_more_rows_than_it_lists(
    client, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(RowSitemap, "limit", 4)
    projects = ProjectFactory.create_batch(5, plan=PlanFactory())

    with django_assert_num_queries(2):
        second = client.get("/sitemap-projets.xml?p=2").text

    places = re.findall("<loc>http://testserver([^<]*)</loc>", second)
    assert places == [
        f"{prefix}/projets/{project.slug}/" for project in projects[2:4] for prefix in ("", "/en")
    ]


def test_the_sitemap_index_lists_every_page_and_the_latest_change(client, monkeypatch):
    monkeypatch.setattr(RowSitemap, "limit", 4)
    ProjectFactory.create_batch(5, plan=PlanFactory())
    latest = Project.objects.order_by("-updated_at")[0].updated_at

    index = client.get("/sitemap.xml").text

    assert re.findall(r"<loc>[^<]*/sitemap-projets.xml([^<]*)</loc>", index) == ["", "?p=2", "?p=3"]
    assert f"<lastmod>{timezone.localtime(latest).isoformat()}</lastmod>" in index
