"""The longest document that the portal comes with: 92 projects, in the language that has French passages too."""

import datetime as dt

import pytest

from csam.documents import checking, rendering
from csam.documents.collecting import collect
from plans.models import Plan
from tests.factories import ObjectiveFactory, OrientationFactory, PlanFactory, ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]
TODAY = dt.date(2026, 11, 24)


def problems(plan, kind, language):
    content = collect(plan=plan, kind=kind, language=language, on=TODAY, full=kind == "full")
    return len(content.projects), checking.check(rendering.render_pdf(content))[1]


def test_ninety_two_projects(demonstration_set):
    assert problems(Plan.objects.get(), "full", "en") == (92, [])


@pytest.mark.parametrize(("kind", "language"), [("full", "fr"), ("synthesis", "en")])
def test_a_single_project(kind, language):
    plan = PlanFactory()
    ProjectFactory(plan=plan, objective=ObjectiveFactory(orientation=OrientationFactory(plan=plan)))

    assert problems(plan, kind, language) == (1, [])
