from csam.pages.excerpts import LENGTH, Passage, excerpt, highlight


def test_words_found_are_marked_whatever_their_accents_and_plural():
    assert highlight("Les marchés et le marché", {"march"}, "fr") == (
        "Les <mark>marchés</mark> et le <mark>marché</mark>"
    )


def test_letters_with_separate_accents_are_one_word():
    assert highlight("marche\u0301s", {"march"}, "fr") == "<mark>marchés</mark>"


def test_text_is_escaped_around_and_inside_marks():
    assert highlight("<b>marché</b> & <script>", {"march", "script"}, "fr") == (
        "&lt;b&gt;<mark>marché</mark>&lt;/b&gt; &amp; &lt;<mark>script</mark>&gt;"
    )


def test_nothing_to_find_leaves_the_text():
    assert highlight("Un texte", set(), "fr") == "Un texte"


def test_the_excerpt_is_cut_around_the_words():
    text = f"{'avant ' * 80}le marché de Verdun {'après ' * 80}"

    found = excerpt([Passage(text, "fr")], {"march", "verdun"}, "fr")

    assert found.html.startswith("… avant")
    assert "le <mark>marché</mark> de <mark>Verdun</mark> après" in found.html
    assert found.html.endswith("après …")
    assert len(found.html) < LENGTH + 40


def test_the_passage_with_the_most_words_is_chosen():
    passages = [Passage("Le marché.", "fr"), Passage("Le marché de Verdun.", "fr")]

    assert (
        excerpt(passages, {"march", "verdun"}, "fr").html == "Le <mark>marché</mark> de <mark>Verdun</mark>."
    )


def test_without_a_word_found_the_excerpt_is_the_beginning():
    passages = [Passage("", "fr"), Passage("Un résumé.", "fr"), Passage("Autre chose.", "fr")]

    assert excerpt(passages, {"march"}, "fr").html == "Un résumé."


def test_without_any_text_the_excerpt_is_empty():
    assert excerpt([Passage("  ", "fr")], {"march"}, "fr").html == ""


def test_one_endless_word_is_cut():
    found = excerpt([Passage("x" * 5_000, "fr")], {"y"}, "fr")

    assert len(found.html) <= LENGTH + 2


def test_lines_and_bullets_become_one_line():
    assert highlight("Un\n\n- deux\ttrois", set(), "fr") == "Un - deux trois"
