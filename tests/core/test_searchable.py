import pytest

from projects.models import Project
from tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db


def project(title, **texts):
    row = ProjectFactory(title_fr=title, **texts)
    Project.objects.filter(pk=row.pk).reindex()
    return row


def found(text, language="fr"):
    rows = Project.objects.search(text, language=language).order_by("title_hit", f"sort_key_{language}", "pk")
    return [(row.title_fr, row.title_hit) for row in rows]


def test_every_word_must_be_there():
    project("Jardin de quartier", summary_fr="Des légumes.")
    project("Jardin", summary_fr="Des fleurs.")

    assert found("jardins légume") == [("Jardin de quartier", 1)]


def test_a_hit_in_the_title_comes_first():
    project("Un autre titre", summary_fr="Le marché du coin.")
    project("Zone de marché")

    assert found("marches") == [("Zone de marché", 0), ("Un autre titre", 1)]


def test_words_split_between_title_and_text_are_a_hit_in_the_text():
    project("Jardin", summary_fr="À Verdun.")

    assert found("jardin verdun") == [("Jardin", 1)]


@pytest.mark.parametrize("text", ["", "   ", "le de la", "%", "_", "'", "\\"])
def test_a_text_without_words_finds_nothing(text):
    project("Le marché de l'île")

    assert found(text) == []


def test_a_wildcard_is_no_wildcard():
    project("Marché")

    assert found("mar%") == []


def test_the_english_search_reads_french_where_there_is_no_english():
    project("Marché public")
    project("Jardin", title_en="Garden market")

    assert found("marche", "en") == [("Marché public", 0)]
    assert found("gardens", "en") == [("Jardin", 0)]


def test_reindex_counts_its_rows_in_batches(django_assert_num_queries):
    ProjectFactory.create_batch(5)

    assert Project.objects.all().reindex(batch_size=2) == 5


def test_alphabetical_follows_french_order():
    for title in ("Zèle", "Écoles", "Eau", "Étal"):
        project(title)

    assert [p.title_fr for p in Project.objects.alphabetical(language="fr")] == [
        "Eau",
        "Écoles",
        "Étal",
        "Zèle",
    ]
