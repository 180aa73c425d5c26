import datetime as dt
from collections import Counter

import pytest

from csam.workbook.loading import load_demonstration, load_plan, remove_demonstration
from csam.workbook.problems import RefusedError
from indicators.context import disagreeing, load_context
from indicators.models import (
    CommonTarget,
    ContextIndicator,
    ContextValue,
    Indicator,
    Learning,
    Measurement,
    ProgressReport,
    ReportingPeriod,
)
from indicators.vocabulary import Status
from partners.models import User
from tests.factories import CommonTargetFactory, ContributionFactory

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 24)


def test_the_demonstration_shows_every_status_that_can_be(demonstration_set):
    indicators = Indicator.objects.published().with_progress()

    shown = Counter(indicator.progress(on=ON).status for indicator in indicators)

    assert set(shown) == set(Status) - {Status.REFUSED, Status.TOO_EARLY, Status.NO_TARGET}
    assert Indicator.objects.filter(is_demonstration=False).count() == 0


def test_some_values_wait_and_look_wrong(demonstration_set):
    waiting = Measurement.objects.awaiting()

    assert waiting.doubtful_unit().count() == 0
    assert [m.indicator.slug for m in waiting.jumps()] == ["glanage-kilos"]
    assert [m.indicator.slug for m in waiting.regressions()] == ["restes-d-assiette"]
    assert waiting.future(on=ON).exists()


def test_common_targets_say_their_coverage(demonstration_set):
    found = {t.slug: t.pooled(on=ON) for t in CommonTarget.objects.with_progress()}

    assert {slug: (p.reported, p.expected) for slug, p in found.items()} == {
        "repas-servis-2027": (4, 5),
        "kilos-recoltes-en-ville": (2, 2),
        "kilos-detournes": (2, 2),
        "kilos-sauves": (1, 2),
        "suivis-qui-durent": (3, 3),
    }


def test_loading_twice_makes_nothing_twice(demonstration_set):
    before = [m.objects.count() for m in (Indicator, Measurement, CommonTarget, ContextValue)]

    load_plan()
    load_demonstration()

    assert [m.objects.count() for m in (Indicator, Measurement, CommonTarget, ContextValue)] == before


def test_removing_takes_them_out_and_leaves_the_statistics(demonstration_set):
    remove_demonstration()

    assert not any(m.objects.exists() for m in (Indicator, Measurement, CommonTarget))
    assert ContextValue.objects.count() == 25


def test_a_real_target_that_counts_a_demonstration_indicator_stops_the_removal(demonstration_set):
    target = CommonTargetFactory(title_fr="La vraie cible")
    ContributionFactory(common_target=target, indicator=Indicator.objects.get(slug="repas-a-prix-libre"))

    with pytest.raises(RefusedError):
        remove_demonstration()

    assert Indicator.objects.count() == 62


def test_sources_that_disagree_are_both_there():
    load_context()

    values = ContextIndicator.objects.get(slug="insecurite-alimentaire").values.all()

    assert sorted(str(v.value) for v in values if v.pk in disagreeing(values)) == ["17.4000", "17.7000"]


def test_an_approximate_figure_says_so():
    load_context()

    assert ContextValue.objects.get(code="IA-MTL-2022").is_approximate


def test_the_demonstration_has_something_to_show_and_flags_it(client, demonstration_set):
    response = client.get("/apprentissages/")

    assert response.context["listing"].count == Learning.objects.count() == 37
    assert "Données de démonstration" in response.content.decode()
    assert Learning.objects.filter(text_en="").exists()
    assert all(period.is_demonstration for period in ReportingPeriod.objects.all())


def test_loading_the_demonstration_twice_makes_no_report_twice(demonstration_set):
    load_demonstration()

    assert (ProgressReport.objects.count(), Learning.objects.count()) == (41, 37)


def test_the_reports_of_the_demonstration_go_with_it(demonstration_set):
    remove_demonstration()

    left = [m.objects.count() for m in (ProgressReport, Learning, ReportingPeriod)]
    assert left == [0, 0, 0]
    assert not User.objects.filter(is_demonstration=True).exists()
