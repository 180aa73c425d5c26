import pytest

from core.typography import typeset, typeset_html

N = "\u00a0"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Titre : texte", f"Titre{N}: texte"),
        ("Titre: texte", f"Titre{N}: texte"),
        ("à 10:30", "à 10:30"),
        ("https://exemple.org", "https://exemple.org"),
        ("« Bonjour »", f"«{N}Bonjour{N}»"),
        ("«Bonjour»", f"«{N}Bonjour{N}»"),
        ('Le "circuit court"', f"Le «{N}circuit court{N}»"),
        ("Vraiment ?", "Vraiment?"),
        ("Oui ! Non ; peut-être", "Oui! Non; peut-être"),
        ("22 %", f"22{N}%"),
        ("22% des gens", f"22{N}% des gens"),
        ("75,25 $", f"75,25{N}$"),
        ("1 234 567 personnes", f"1{N}234{N}567 personnes"),
        ("de 2020 à 2022", "de 2020 à 2022"),
        ("l'île d'Orléans", "l’île d’Orléans"),
        ("9 h 15", f"9{N}h{N}15"),
        ("un mot—un autre", f"un mot{N}— un autre"),
        ("Et puis...", "Et puis…"),
        ("Rosemont–La Petite-Patrie", "Rosemont–La Petite-Patrie"),
    ],
)
def test_typeset_follows_quebec_usage(typed, expected):
    assert typeset(typed, "fr") == expected


@pytest.mark.parametrize(
    "typed", ["Titre : texte", "l'île", '"mot" à 22 %', "« a » ; b", "un—deux", "12 h 30"]
)
def test_typeset_twice_changes_nothing_more(typed):
    once = typeset(typed, "fr")

    assert typeset(once, "fr") == once


def test_typeset_english_only_curls_quotes():
    assert typeset('The council\'s "plan": 22%', "en") == "The council’s “plan”: 22%"


def test_typeset_html_sets_text_in_the_language_of_each_element():
    html = '<html lang="fr-CA"><p>Note : 5 %</p><p lang="en">Note : 5 %</p><p>Fin : 6 %</p></html>'

    assert typeset_html(html) == (
        f'<html lang="fr-CA"><p>Note{N}: 5{N}%</p><p lang="en">Note : 5 %</p><p>Fin{N}: 6{N}%</p></html>'
    )


@pytest.mark.parametrize(
    "verbatim",
    [
        "<code>a : b</code>",
        "<textarea>l'été : 5 %</textarea>",
        '<script src="x.js">if (a ? b : c) "d"</script>',
        '<a translate="no" href="#">x : y</a>',
        '<input value="l\'été : 5 %">',
        "<!-- l'été : 5 % -->",
    ],
)
def test_typeset_html_leaves_code_and_what_is_typed_alone(verbatim):
    html = f'<body lang="fr">{verbatim}</body>'

    assert typeset_html(html) == html


def test_typeset_html_sets_alternative_texts_and_keeps_entities():
    html = (
        '<body lang="fr"><img alt="L&#x27;île : carte" src="a:b">'
        "<p>Pain &amp; beurre &lt;b&gt; : l&#x27;idéal</p></body>"
    )

    assert typeset_html(html) == (
        f'<body lang="fr"><img alt="L’île{N}: carte" src="a:b">'
        f"<p>Pain &amp; beurre &lt;b&gt;{N}: l’idéal</p></body>"
    )


def test_typeset_html_joins_a_sign_to_the_element_before_it():
    html = '<p lang="fr"><strong>22</strong> % et <b>titre</b> : suite</p>'

    assert typeset_html(html) == f'<p lang="fr"><strong>22</strong>{N}% et <b>titre</b>{N}: suite</p>'
