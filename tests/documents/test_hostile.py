"""What people might type or leave out does not break a document, nor its accessibility."""

import dataclasses
import datetime as dt
import shutil
import subprocess

import pytest

from csam.documents import checking, rendering
from csam.documents.collecting import collect
from csam.documents.content import Part, Text
from csam.documents.errors import DocumentError
from tests.factories import PlanFactory

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]
LONG = "anticonstitutionnellement" * 6
HOSTILE = (
    f'<script>alert("a")</script> </p></section><h1> &amp; &lt; {{{{ x }}}} {{% url %}} {LONG} \U0001f955\u200d\U0001f33e '
    "\u202egauche\u202c zero\u200bwidth A\u0301 https://exemple.org/" + "a" * 120
)


def content_of(plan, kind="full", language="fr"):
    return collect(plan=plan, kind=kind, language=language, on=dt.date(2026, 11, 24), full=kind == "full")


def with_texts(value, change):
    """Every text of collected values, however deep, as that function changes it."""
    if isinstance(value, Text):
        return Text(change(value.value), value.language)
    if isinstance(value, tuple):
        return tuple(with_texts(item, change) for item in value)
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(
            value, **{name: with_texts(getattr(value, name), change) for name in names}
        )
    return value


def with_first_project(content, **changes):
    first, *others = content.orientations
    objective = first.objectives[0]
    project = dataclasses.replace(objective.projects[0], **changes)
    objective = dataclasses.replace(objective, projects=(project,))
    first = dataclasses.replace(first, objectives=(objective, *first.objectives[1:]))
    return dataclasses.replace(content, orientations=(first, *others))


def problems(content):
    return checking.check(rendering.render_pdf(content))[1]


@pytest.mark.parametrize("kind", ["synthesis", "full"])
def test_hostile_texts_everywhere(plan, kind):
    content = with_texts(content_of(plan, kind), lambda text: f"{text[:40]} {HOSTILE}")

    assert problems(content) == []


def test_empty_texts_everywhere(plan):
    """Titles are required; whatever else may be missing is missing."""
    content = content_of(plan)
    kept = {content.title.value} | {o.title.value for o in content.orientations}
    kept |= {o.title.value for o in content.objectives} | {p.title.value for p in content.projects}

    assert problems(with_texts(content, lambda text: text if text in kept else "")) == []


def test_project_with_forty_partners(plan):
    partners = tuple(
        Part(
            f"organisation-{n}",
            f"Organisation {n} {LONG[: n * 7]}",
            "lead" if not n else "contributor",
            "rôle",
            n % 2 > 0,
        )
        for n in range(40)
    )

    assert problems(with_first_project(content_of(plan), partners=partners)) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_plan_without_any_project(language):
    assert problems(content_of(PlanFactory(), language=language)) == []


def test_text_from_right_to_left(plan):
    """Printed where the machine has letters for it, told with the project where it has not."""
    content = with_first_project(content_of(plan), title=Text("Jardin שלום مرحبا", "fr"))
    has_letters = bool(shutil.which("fc-list")) and all(
        subprocess.run(["fc-list", f":lang={code}"], capture_output=True, check=True).stdout
        for code in ("he", "ar")
    )

    if has_letters:
        assert problems(content) == []
    else:
        with pytest.raises(
            DocumentError, match=r"Jardin שלום مرحبا ». : aucun caractère installé ne peut imprimer"
        ):
            rendering.render_pdf(content)
