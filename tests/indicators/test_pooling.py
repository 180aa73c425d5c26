import datetime as dt
from decimal import Decimal

import pytest

from indicators.pooling import Part, pool
from indicators.progress import Aim, Reading
from indicators.vocabulary import BaselineStatus, Direction, Kind, Status
from tests.factories import (
    CommonTargetFactory,
    ContributionFactory,
    IndicatorFactory,
    MeasurementFactory,
    OrganizationFactory,
    ProjectFactory,
    ProjectPartnerFactory,
)

START, HALFWAY, END = dt.date(2024, 12, 31), dt.date(2026, 12, 31), dt.date(2028, 12, 31)


def common(target, kind=Kind.INCREMENT, baseline="0", direction=Direction.INCREASE):
    return Aim(
        kind=kind,
        direction=direction,
        baseline=Decimal(baseline),
        baseline_on=START,
        target=Decimal(target),
        target_on=END,
    )


def counted(project, *values, kind=Kind.INCREMENT):
    nothing = {"baseline_status": BaselineStatus.NOT_APPLICABLE}
    return Part(project, Aim(kind=kind, **nothing), tuple(Reading(HALFWAY, Decimal(v)) for v in values))


def level(project, baseline, *values):
    return Part(project, Aim(baseline=Decimal(baseline)), tuple(Reading(HALFWAY, Decimal(v)) for v in values))


def share(project, *pairs):
    readings = tuple(Reading(HALFWAY, numerator=Decimal(n), denominator=Decimal(d)) for n, d in pairs)
    return Part(project, Aim(kind=Kind.RATIO), readings)


def figures(pooled):
    return pooled.progress.label, pooled.reported, pooled.expected


def test_silence_is_not_zero():
    aim = common("100", Kind.RATIO)

    one_silent = pool(aim, [share("a", (80, 100)), share("b")], on=END)
    third_at_zero = pool(aim, [share("a", (80, 100)), share("b"), share("c", (0, 100))], on=END)

    assert figures(one_silent) == ("80 %", 1, 2)
    assert figures(third_at_zero) == ("40 %", 2, 3)


def test_sums_say_how_many_projects_they_hold():
    parts = [counted("a", 60, 20), counted("b"), counted("c", 0)]

    pooled = pool(common("100"), parts, on=END)

    assert figures(pooled) == ("80 %", 2, 3)
    assert pooled.shares == (("a", Decimal(80)), ("b", None), ("c", Decimal(0)))


def test_a_project_counts_once_however_many_partners_carry_it():
    pooled = pool(common("100"), [counted("a", 40), counted("a", 40), counted("b", 10)], on=END)

    assert figures(pooled) == ("50 %", 2, 2)


def test_lower_is_better_adds_up_the_reductions():
    """From 100 to 60 in all: one project went from 50 to 40, the other says nothing and has not vanished."""
    aim = common("60", baseline="100", direction=Direction.DECREASE)

    pooled = pool(aim, [level("a", 50, 40), level("b", 50)], on=HALFWAY)

    assert (pooled.progress.value, pooled.progress.status) == (90, Status.BEHIND)
    assert figures(pooled) == ("25 %", 1, 2)


def test_a_level_without_a_baseline_brings_nothing_that_can_be_counted():
    unknown = Part("a", Aim(baseline_status=BaselineStatus.PENDING), (Reading(HALFWAY, Decimal(50)),))

    pooled = pool(common("100"), [unknown], on=END)

    assert (pooled.progress.status, pooled.reported, pooled.expected) == (Status.NO_DATA, 0, 1)


def test_running_totals_are_not_added_to_themselves():
    pooled = pool(common("100"), [counted("a", 30, 50, kind=Kind.RUNNING_TOTAL)], on=END)

    assert pooled.progress.value == 50


@pytest.mark.django_db
def test_partners_of_a_project_do_not_multiply_it(django_assert_num_queries):
    target = CommonTargetFactory(target=100)
    for value in (40, None):
        project = ProjectFactory(plan=target.plan, lead=OrganizationFactory())
        ProjectPartnerFactory(project=project)
        ProjectPartnerFactory(project=project)
        indicator = IndicatorFactory(project=project, baseline=0)
        ContributionFactory(common_target=target, indicator=indicator)
        if value:
            MeasurementFactory(indicator=indicator, value=value)

    with django_assert_num_queries(5):
        pooled = type(target).objects.with_progress().get().pooled(on=END)

    assert figures(pooled) == ("40 %", 1, 2)
