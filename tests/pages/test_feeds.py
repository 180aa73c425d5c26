import datetime as dt
from xml.etree import ElementTree

import pytest

from tests.factories import ObjectiveFactory, PlanFactory, ProjectFactory

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def plan():
    return PlanFactory(is_current=True)


def feed(client, address="/projets.atom"):
    response = client.get(address)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def all_text(root, path):
    return [node.text for node in root.findall(path, ATOM)]


def at(day):
    return dt.datetime(2026, 1, day, tzinfo=dt.UTC)


def test_what_changed_last_comes_first(client, plan):
    ProjectFactory(plan=plan, title_fr="Ancien, modifié", published_at=at(1), updated_at=at(9))
    ProjectFactory(plan=plan, title_fr="Nouveau", published_at=at(5), updated_at=at(5))

    root = feed(client)

    assert all_text(root, "a:entry/a:title") == ["Ancien, modifié", "Nouveau"]
    assert all_text(root, "a:entry/a:updated") == ["2026-01-09T00:00:00+00:00", "2026-01-05T00:00:00+00:00"]
    assert all_text(root, "a:updated") == ["2026-01-09T00:00:00+00:00"]


def test_an_entry_keeps_its_identifier_through_changes(client, plan):
    project = ProjectFactory(plan=plan, slug="jardin", title_fr="Jardin")
    before = all_text(feed(client), "a:entry/a:id")

    project.title_fr, project.updated_at = "Grand jardin", at(9)
    project.save()

    assert all_text(feed(client), "a:entry/a:id") == before == ["tag:127.0.0.1,2020:projets/jardin/fr"]


def test_each_language_has_its_feed(client, plan):
    ProjectFactory(plan=plan, slug="jardin", title_fr="Jardin", title_en="Garden")

    root = feed(client, "/en/projets.atom")

    assert all_text(root, "a:entry/a:title") == ["Garden"]
    assert all_text(root, "a:entry/a:id") == ["tag:127.0.0.1,2020:projets/jardin/en"]
    assert root.find("a:link[@rel='self']", ATOM).get("href") == "http://testserver/en/projets.atom"
    assert root.find("a:entry/a:link", ATOM).get("href") == "http://testserver/en/projets/jardin/"


def test_a_valid_feed_names_its_author_and_identifier(client):
    root = feed(client)

    assert all_text(root, "a:author/a:name") == ["Conseil du Système alimentaire montréalais"]
    assert all_text(root, "a:id") == ["tag:127.0.0.1,2020:projets/fr"]
    assert len(all_text(root, "a:updated")) == 1


def test_a_summary_is_escaped_html(client, plan):
    ProjectFactory(plan=plan, summary_fr="Moins de 5 % de <perte> & plus")

    assert all_text(feed(client), "a:entry/a:summary") == ["Moins de 5\u00a0% de &lt;perte&gt; &amp; plus"]


def test_demonstration_data_says_so(client, plan):
    ProjectFactory(plan=plan, is_demonstration=True)

    root = feed(client)

    assert "Données de démonstration" in all_text(root, "a:subtitle")[0]
    assert [c.get("term") for c in root.findall("a:entry/a:category", ATOM)] == ["Données de démonstration"]


def test_what_is_not_public_is_not_told(client, plan):
    ProjectFactory(plan=PlanFactory(stage="preparation"))
    ProjectFactory(plan=plan, archived_at=at(1), archive_reason_fr="Doublon.")

    assert all_text(feed(client), "a:entry/a:title") == []


@pytest.mark.parametrize("count", [1, 3, 25])
def test_the_number_of_queries_does_not_grow(client, plan, count, django_assert_num_queries):
    for _ in range(count):
        ProjectFactory(plan=plan, objective=ObjectiveFactory(orientation__plan=plan))

    # The projects; their objectives with these' orientations; whether any is for demonstration.
    with django_assert_num_queries(5):
        client.get("/projets.atom")


def test_an_unchanged_feed_is_not_sent_again(client, plan):
    ProjectFactory(plan=plan, updated_at=at(9), published_at=at(1))
    first = client.get("/projets.atom")

    again = client.get("/projets.atom", headers={"if-modified-since": first["Last-Modified"]})

    assert again.status_code == 304
