import dataclasses
import datetime as dt

import pytest

from csam.documents.acronyms import acronyms_in
from csam.documents.collecting import collect
from csam.documents.content import Text

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]


@pytest.mark.parametrize(("language", "word"), [("fr", "PIB"), ("en", "GDP")])
def test_words_of_the_texts_and_acronyms_of_the_partners_are_listed(plan, language, word):
    content = collect(plan=plan, kind="synthesis", language=language, on=dt.date(2026, 11, 24), full=False)
    content = dataclasses.replace(content, limits=Text(f"{word} de la CMM, selon RECYC-QUÉBEC.", language))

    found = {row["acronym"]: (row["meaning"], row["language"]) for row in acronyms_in(content)}

    meanings = {"PIB": "produit intérieur brut", "GDP": "gross domestic product"}
    assert found[word] == (meanings[word], language)
    assert found["CMM"] == ("Communauté métropolitaine de Montréal", "fr")
    assert found["RECYC-QUÉBEC"] == ("Société québécoise de récupération et de recyclage", "fr")
    assert found["LLC"] == ("La Louche", "fr")
    assert "MAPAQ" not in found
