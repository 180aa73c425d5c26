import datetime as dt
import html

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from indicators.models import CommonTarget, Contribution, Indicator, IndicatorDefinition, Measurement
from tests.factories import (
    CommonTargetFactory,
    ContributionFactory,
    IndicatorDefinitionFactory,
    IndicatorFactory,
    MeasurementFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
State = Measurement.State


@pytest.fixture
def staff(client):
    alice = UserFactory(name="Alice", is_staff=True, is_superuser=True)
    client.force_login(alice)
    return client


def page(name, *args):
    return reverse(f"admin:indicators_{name}", args=args)


def text_of(response):
    """The page as it is read, with plain spaces and apostrophes."""
    return html.unescape(response.content.decode()).replace("\xa0", " ").replace("’", "'")


def act(client, model, action, *rows, **data):
    chosen = {"action": action, "_selected_action": [r.pk for r in rows]}
    return client.post(page(f"{model}_changelist"), chosen | data, follow=True)


@pytest.mark.parametrize(
    "model", ["indicator", "indicatordefinition", "measurement", "commontarget", "contextindicator"]
)
def test_lists_open_and_ask_a_fixed_number_of_queries(staff, model, django_assert_max_num_queries):
    for _n in range(12):
        measurement = MeasurementFactory()
        ContributionFactory(indicator=measurement.indicator)

    with django_assert_max_num_queries(25):
        response = staff.get(page(f"{model}_changelist"))

    assert response.status_code == 200


def test_a_new_value_is_submitted_under_the_definition_in_force(staff):
    indicator = IndicatorFactory()
    MeasurementFactory(indicator=indicator, measured_on=dt.date(2025, 12, 31), value=40)
    form = inline_form(staff, indicator, value="55", measured_on="2026-06-30")

    response = staff.post(page("indicator_change", indicator.pk), form)

    assert response.status_code == 302
    new = Measurement.objects.get(state=State.SUBMITTED)
    assert (new.value, new.definition, new.entered_by.name) == (55, indicator.definition, "Alice")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "Donnez une valeur"),
        ({"value": "5", "absence": "not_yet"}, "Donnez une valeur"),
        ({"numerator": "1", "denominator": "2"}, "attend une valeur seule"),
        ({"value": "beaucoup"}, "Saisissez un nombre"),
    ],
)
def test_a_value_that_cannot_be_is_told_on_the_page(staff, value, message):
    indicator = IndicatorFactory()

    response = staff.post(
        page("indicator_change", indicator.pk),
        inline_form(staff, indicator, measured_on="2026-06-30", **value),
    )

    assert message in response.content.decode()
    assert not Measurement.objects.exists()


def inline_form(client, indicator, **value):
    rows = {"measurements": 0, "measurements-2": 0, "definitions": indicator.definitions.count()}
    accepted = indicator.measurements.filter(state=State.ACCEPTED).count()
    form = {"project": indicator.project_id, "slug": indicator.slug, "position": 0}
    for prefix in rows:
        initial = {"measurements": 0, "measurements-2": accepted}.get(prefix, rows[prefix])
        form |= {
            f"{prefix}-TOTAL_FORMS": initial + (prefix == "measurements"),
            f"{prefix}-INITIAL_FORMS": initial,
        }
    for n, row in enumerate(indicator.measurements.filter(state=State.ACCEPTED)):
        form[f"measurements-2-{n}-id"] = row.pk
    for n, row in enumerate(indicator.definitions.all()):
        form[f"definitions-{n}-id"] = row.pk
    form |= {"measurements-0-quality": "measured", "measurements-0-indicator": indicator.pk}
    return form | {f"measurements-0-{name}": text for name, text in value.items()}


def test_measurements_are_accepted_together_and_each_result_told(staff):
    one = MeasurementFactory(state=State.SUBMITTED)
    decided = MeasurementFactory()

    response = act(staff, "measurement", "accept_chosen", one, decided)

    one.refresh_from_db()
    content = text_of(response)
    assert one.state == State.ACCEPTED
    assert "1 mesure décidée." in content
    assert "n'attend plus de décision" in content


def test_refusing_asks_for_the_reason_first(staff):
    measurement = MeasurementFactory(state=State.SUBMITTED)

    asked = act(staff, "measurement", "refuse_chosen", measurement)
    empty = act(staff, "measurement", "refuse_chosen", measurement, confirm="1", reason="")
    measurement.refresh_from_db()
    before = measurement.state
    act(staff, "measurement", "refuse_chosen", measurement, confirm="1", reason="Mauvaise unité.")

    measurement.refresh_from_db()
    assert "Motif du refus" in asked.content.decode()
    assert (empty.status_code, before) == (200, State.SUBMITTED)
    assert (measurement.state, measurement.refusal) == (State.REFUSED, "Mauvaise unité.")


def test_changing_an_accepted_value_submits_a_correction(staff):
    measurement = MeasurementFactory(value=60)
    form = {"measured_on": "2026-12-31", "value": "55", "quality": "measured"}

    staff.post(page("measurement_change", measurement.pk), form)

    measurement.refresh_from_db()
    correction = Measurement.objects.get(corrects=measurement)
    assert (measurement.state, measurement.value) == (State.ACCEPTED, 60)
    assert (correction.state, correction.value) == (State.SUBMITTED, 55)


@pytest.mark.parametrize(
    ("doubt", "value", "on"),
    [
        ("saut", 900, "2026-06-30"),
        ("unite", 60000, "2026-06-30"),
        ("futur", 61, "2090-06-30"),
        ("negatif", -1, "2026-06-30"),
        ("recul", 41, "2026-06-30"),
    ],
)
def test_values_that_look_wrong_are_one_click_away(staff, doubt, value, on):
    indicator = IndicatorFactory()
    MeasurementFactory(indicator=indicator, measured_on=dt.date(2025, 12, 31), value=60)
    MeasurementFactory(measured_on=dt.date(2025, 12, 31), value=60)
    wrong = MeasurementFactory(indicator=indicator, measured_on=on, value=value, state=State.SUBMITTED)

    found = staff.get(page("measurement_changelist"), {"doute": doubt}).context["cl"].result_list

    assert wrong in found
    assert all(m.indicator_id == indicator.pk for m in found)


def test_indicators_are_filtered_by_the_status_that_the_public_reads(staff):
    behind = MeasurementFactory(value=10, measured_on=dt.date(2025, 12, 31)).indicator
    MeasurementFactory(value=100, measured_on=dt.date(2025, 12, 31))

    found = staff.get(page("indicator_changelist"), {"avancement": "regressing"}).context["cl"].result_list

    assert [i.pk for i in found] == [behind.pk]


def definition_form(indicator, **changes):
    old = indicator.definition
    form = {
        "indicator": indicator.pk,
        "title_fr": old.title_fr,
        "unit_fr": old.unit_fr,
        "kind": "level",
        "direction": "increase",
        "decimals": 0,
        "frequency": "yearly",
        "baseline_status": "known",
        "baseline": old.baseline,
        "baseline_on": "2024-12-31",
        "target": "150",
        "target_on": "2028-12-31",
        "tolerance": "0",
        "reason": "Plus ambitieux.",
    }
    for prefix in ("interim_targets", "categories"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return form | changes


@pytest.mark.parametrize(("changes", "kept"), [({}, 1), ({"unit_fr": "kg"}, 0)])
def test_a_proposal_keeps_the_interim_targets_that_it_does_not_replace(staff, changes, kept):
    indicator = IndicatorFactory()
    indicator.definition.interim_targets.create(due_on=dt.date(2026, 12, 31), value=50)

    staff.post(page("indicatordefinition_add"), definition_form(indicator, **changes))

    proposed = IndicatorDefinition.objects.get(number=2)
    assert (proposed.interim_targets.count(), indicator.definition.interim_targets.count()) == (kept, 1)


def test_a_definition_is_proposed_then_approved_and_then_closed(staff):
    indicator = IndicatorFactory()

    staff.post(page("indicatordefinition_add"), definition_form(indicator))
    proposed = IndicatorDefinition.objects.get(number=2)
    shown = text_of(staff.get(page("indicatordefinition_change", proposed.pk)))
    act(staff, "indicatordefinition", "approve_chosen", proposed)
    closed = staff.post(
        page("indicatordefinition_change", proposed.pk), definition_form(indicator, target="999")
    )

    indicator.refresh_from_db()
    assert "cible : 100 → 150" in shown
    assert (indicator.definition, indicator.definition.target) == (proposed, 150)
    assert closed.status_code == 403


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": ""}, "Une définition change avec un motif."),
        ({"target": "20"}, "La cible est égale à la valeur de départ"),
        ({"target": "10"}, "La cible est du mauvais côté"),
        ({"baseline": ""}, "Une valeur de départ connue porte"),
    ],
)
def test_a_proposal_that_cannot_be_is_told_on_the_page(staff, changes, message):
    indicator = IndicatorFactory()

    response = staff.post(page("indicatordefinition_add"), definition_form(indicator, **changes))

    assert message in response.content.decode()
    assert IndicatorDefinition.objects.count() == 1


def test_a_proposal_begins_as_a_copy_of_the_definition_in_force(staff):
    indicator = IndicatorFactory(title_fr="Repas servis")

    response = staff.get(page("indicatordefinition_add"), {"indicator": indicator.pk})

    assert 'value="Repas servis"' in response.content.decode()


def contributions(*indicators):
    form = {"contributions-TOTAL_FORMS": len(indicators), "contributions-INITIAL_FORMS": 0}
    return form | {f"contributions-{n}-indicator": i.pk for n, i in enumerate(indicators)}


def target_form(target, *indicators):
    return {
        "plan": target.plan_id,
        "title_fr": target.title_fr,
        "slug": target.slug,
        "adding": "increment",
        "direction": "increase",
        "unit_fr": target.unit_fr,
        "decimals": 0,
        "baseline": 0,
        "baseline_on": "2024-12-31",
        "target": 1000,
        "target_on": "2028-12-31",
    } | contributions(*indicators)


def test_a_common_target_counts_indicators_of_its_unit_once_per_project(staff):
    target = CommonTargetFactory()
    meals, kilos = IndicatorFactory(), IndicatorFactory(unit_fr="kg")
    twin = IndicatorFactory(project=meals.project)

    def post(*indicators):
        return staff.post(page("commontarget_change", target.pk), target_form(target, *indicators))

    wrong_unit = post(kilos).content.decode()
    twice = post(meals, twin).content.decode()
    added = post(meals)

    assert "se compte en « kg »" in wrong_unit.replace("\xa0", " ")
    assert "chaque projet compte une fois" in twice
    assert added.status_code == 302
    assert [(c.indicator, c.project) for c in Contribution.objects.all()] == [(meals, meals.project)]


def test_a_new_common_target_is_made_with_its_contributions(staff):
    meals = IndicatorFactory()
    new = CommonTargetFactory.build(plan=meals.project.plan)

    response = staff.post(page("commontarget_add"), target_form(new, meals))

    assert response.status_code == 302
    assert CommonTarget.objects.get().contributions.get().indicator == meals


def test_a_common_target_is_found_by_the_words_it_has_now(staff):
    target = CommonTargetFactory(title_fr="Repas servis")

    staff.post(page("commontarget_change", target.pk), target_form(target) | {"title_fr": "Paniers remis"})

    found = [CommonTarget.objects.search(text).count() for text in ("repas servi", "panier", "paniers repas")]
    assert found == [0, 1, 1]


def test_nothing_here_can_be_deleted(staff):
    indicator = IndicatorFactory()

    assert staff.post(page("indicator_delete", indicator.pk), {"post": "yes"}).status_code == 403
    assert Indicator.objects.exists()


def test_who_may_only_look_decides_nothing(client):
    bob = UserFactory(name="Bob", is_staff=True)
    bob.user_permissions.add(Permission.objects.get(codename="view_measurement"))
    client.force_login(bob)
    measurement = MeasurementFactory(state=State.SUBMITTED)

    act(client, "measurement", "accept_chosen", measurement)

    measurement.refresh_from_db()
    assert measurement.state == State.SUBMITTED


def test_what_waits_is_on_the_desk(staff):
    MeasurementFactory(state=State.SUBMITTED)
    IndicatorDefinitionFactory(indicator=IndicatorFactory(), number=2, reason="Mieux.")

    found = {m.label: (m.count, m.url) for m in staff.get(reverse("admin:index")).context["matters"]}

    for label in ("Mesures à examiner", "Définitions d'indicateurs à décider"):
        count, url = found[label]
        assert count == len(staff.get(url).context["cl"].result_list) == 1
