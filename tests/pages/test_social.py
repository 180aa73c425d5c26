"""What a page says of itself to those who share it, and in a list of tabs."""

import re
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from PIL import Image

from tests.factories import ObjectiveFactory, OrientationFactory, PlanFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return PlanFactory(slug="2020-2022", title_fr="Plan d'action intégré 2020-2022", is_current=True)


def told(client, address):
    """The social tags of the page by name, without typography."""
    page = client.get(address).content.decode().replace("’", "'").replace("\u00a0", " ")
    return dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', page))


def title_of(client, address):
    page = client.get(address).content.decode().replace("’", "'").replace("\u00a0", " ")
    return re.search(r"<title>(.*?)</title>", page).group(1)


def test_a_shared_page_has_its_own_title_and_description(client, plan):
    ProjectFactory(
        plan=plan, slug="halles", title_fr="Halles & jardins", summary_fr="Des fruits & <légumes>."
    )

    tags = told(client, "/projets/halles/")

    assert tags["og:title"] == "Halles &amp; jardins"
    assert tags["og:description"] == "Des fruits &amp; &lt;légumes&gt;."


def test_pages_of_the_plan_are_shared_under_their_title(client, plan):
    OrientationFactory(plan=plan, number=3, title_fr="Réduire l'insécurité")

    assert (
        told(client, "/plans/2020-2022/orientations/3/")["og:title"] == "Orientation 3 : Réduire l'insécurité"
    )
    assert told(client, "/demarche/")["og:title"] == "La démarche de planification"


@pytest.mark.parametrize(("address", "language"), [("/", "fr"), ("/en/", "en"), ("/projets/", "fr")])
def test_a_shared_page_shows_a_picture(client, plan, address, language):
    tags = told(client, address)

    url = urlsplit(tags["og:image"])
    with Image.open(finders.find(f"img/partage-{language}.png")) as picture:
        size = [str(length) for length in picture.size]
    assert (url.scheme, url.netloc, url.path) == ("http", "testserver", f"/static/img/partage-{language}.png")
    assert [tags["og:image:width"], tags["og:image:height"]] == size


def test_social_tags_are_typeset_but_not_their_addresses(client, plan):
    page = client.get("/").content.decode()

    assert 'property="og:image:alt" content="Plan d’action intégré' in page
    assert 'property="og:url" content="http://testserver/"' in page


def test_a_title_tells_one_plan_from_another(client, plan):
    later = PlanFactory(slug="2026-2028", title_fr="Plan d'action intégré 2026-2028")
    for one in (plan, later):
        orientation = OrientationFactory(plan=one, number=1, title_fr="Produits locaux")
        ObjectiveFactory(orientation=orientation)
    pages = [
        f"/plans/{slug}/{page}" for slug in ("2020-2022", "2026-2028") for page in ("", "orientations/1/")
    ]

    titles = [title_of(client, page) for page in ["/", *pages]]

    assert len(set(titles)) == len(titles)
    assert titles[-1] == "Orientation 1 : Produits locaux | Plan d'action intégré 2026-2028 — Conseil SAM"
