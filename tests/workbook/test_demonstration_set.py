"""The demonstration set as it is loaded, exported, imported again and taken out."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from csam.workbook.applying import import_workbook
from csam.workbook.exporting import csv_zip
from csam.workbook.loading import load_demonstration, load_plan, remove_demonstration
from csam.workbook.opening import open_bytes
from csam.workbook.problems import RefusedError
from csam.workbook.scale import load_scale
from csam.workbook.template import TEMPLATE_SHEETS
from indicators import demonstration
from indicators.models import Learning, ProgressReport
from partners.models import Organization
from plans.models import Objective, Orientation, Plan
from projects.models import Deliverable, Project, ProjectPartner
from tests.factories import (
    MembershipFactory,
    ObjectiveFactory,
    OrganizationFactory,
    ProjectFactory,
    UserFactory,
)
from tests.workbook.test_exporting import MAKERS, contents

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demonstration_set")]


def test_the_demonstration_has_the_size_of_the_real_plan_and_is_flagged():
    for model, count in ((Objective, 17), (Organization, 55), (Project, 92)):
        assert model.objects.filter(is_demonstration=True).count() == model.objects.count() == count


def test_loading_twice_changes_nothing():
    for changes in (load_plan(), load_demonstration()):
        assert (changes.created, changes.changed) == (0, 0)


def test_removing_leaves_the_plan_and_what_staff_entered():
    objective = ObjectiveFactory(orientation=Orientation.objects.get(number=1), number=9)
    alice = OrganizationFactory(name="Cuisine d'Alice")
    project = ProjectFactory(plan=Plan.objects.get(), objective=objective, lead=alice)
    MembershipFactory(
        organization=Organization.objects.filter(is_demonstration=True).first(),
        user=UserFactory(is_demonstration=True),
    )

    removed = remove_demonstration()

    assert list(removed.values()) == [62, 92, 17, 55]
    assert [list(m.objects.all()) for m in (Project, Objective, Organization)] == [
        [project],
        [objective],
        [alice],
    ]
    assert (ProjectPartner.objects.count(), Deliverable.objects.count(), Orientation.objects.count()) == (
        1,
        0,
        5,
    )


def test_a_real_project_that_rests_on_the_demonstration_stops_the_removal():
    objective = Objective.objects.get(orientation__number=1, number=1)
    ProjectFactory(plan=Plan.objects.get(), title_fr="Le vrai projet", objective=objective)

    with pytest.raises(RefusedError) as refused:
        remove_demonstration()

    assert [str(p) for p in refused.value.problems] == [
        f"« Le vrai projet » (projet) dépend d'une donnée de démonstration par « {objective} ». Retirez d'abord ce lien."
    ]
    assert (Project.objects.count(), Objective.objects.count(), Organization.objects.count()) == (93, 17, 55)


def test_a_real_member_of_a_demonstration_organization_stops_the_removal():
    MembershipFactory(organization=Organization.objects.first(), user=UserFactory(name="Bob"))

    with pytest.raises(RefusedError, match="« Bob »"):
        remove_demonstration()

    assert Project.objects.count() == 92


def test_rows_to_measure_with_are_flagged_varied_and_the_same_each_time():
    load_scale(projects=50)
    first = list(
        Project.objects.filter(slug__startswith="mesure-")
        .order_by("slug")
        .values_list("slug", "title_fr", "starts_on")
    )

    assert load_scale(projects=50) == (50, 10)

    rows = Project.objects.filter(slug__startswith="mesure-", is_demonstration=True)
    assert list(rows.order_by("slug").values_list("slug", "title_fr", "starts_on")) == first
    assert Organization.objects.filter(slug__startswith="mesure-").count() == 10
    assert Project.objects.search("fermes cuisines").filter(slug__startswith="mesure-").exists()
    learned = Learning.objects.published().filter(report__project__in=rows)
    assert learned.count() == 13
    assert Learning.objects.search("suffit pas").filter(pk__in=learned).count() == 13
    assert all(learning.report.state == ProgressReport.State.ACCEPTED for learning in learned)
    remove_demonstration()
    assert (Project.objects.count(), Organization.objects.count()) == (0, 0)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", MAKERS)
def test_an_untouched_file_changes_nothing(kind, language):
    data = MAKERS[kind](Plan.objects.get(), language=language)

    with CaptureQueriesContext(connection) as queries:
        changes = import_workbook(open_bytes(data, f"plan.{kind}"))

    assert (changes.problems, changes.notices, changes.created, changes.changed) == ([], [], 0, 0)
    assert changes.unchanged == 1 + 3 + 8 + 4 + 4 + 5 + 17 + 55 + 92 + 319 + 246
    assert [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


@pytest.mark.parametrize("kind", MAKERS)
def test_an_export_makes_the_same_plan_in_an_empty_portal(kind):
    data = MAKERS[kind](Plan.objects.get(), language="fr")
    before = csv_zip(Plan.objects.get(), language="fr")
    demonstration.remove()
    for model in (sheet.model for sheet in reversed(TEMPLATE_SHEETS)):
        model.objects.all().delete()

    import_workbook(open_bytes(data, f"plan.{kind}"))

    assert contents(csv_zip(Plan.objects.get(), language="fr")) == contents(before)
