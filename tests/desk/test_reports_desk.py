"""The desk of progress reports: who has not reported, what is late, what looks wrong, and the decisions."""

import datetime as dt
import html
import re

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.models import Mail
from csam.desk.attention import matters
from indicators.models import Measurement, ProgressReport, ReportingPeriod, ReportReminder
from indicators.reports import doubts, workflow
from indicators.vocabulary import Direction
from partners.models import Membership
from tests.factories import IndicatorFactory, MeasurementFactory
from tests.indicators.reports import NOW, Followed
from tests.indicators.test_report_workflow import TABLE as MOVES

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

STAFF = ["reviewer", "approver", "administrator"]
ROLES = ["stranger", "editor", "lead", "contributor", *STAFF]
STATES = list(ProgressReport.State.values)
LATER = (timezone.localdate() + dt.timedelta(days=400)).isoformat()

#: What each move is sent with.
DATA = {
    "accept": {},
    "request_changes": {"message": "Précisez."},
    "extend": {"until": LATER},
    "waive": {"reason": "Suspendu."},
    "restore": {},
}
#: Addresses that are no report's: who gets past the door.
GENERAL = {"changelist": set(STAFF), "remind": set(STAFF), "add": set()}
READ = {"change": set(STAFF), "version": set(STAFF), "history": set(STAFF)}
OTHERS = {"act", "note", "delete"}


#: What `people` are here.
PEOPLE = Followed


@pytest.fixture
def enter(client, people):
    def signed_in(role):
        if role != "stranger":
            client.force_login(getattr(people, role))
        return client

    return signed_in


def address(name, *arguments, model="progressreport"):
    return reverse(f"admin:indicators_{model}_{name}", args=arguments)


def text_of(response):
    page = re.sub(r"</?(time|span)[^>]*>", "", html.unescape(response.content.decode()))
    return re.sub(r"\s+", " ", page.replace("\u00a0", " ").replace("’", "'"))


# Every role at every address --------------------------------------------------------------------------------


def test_every_address_of_the_desk_stands_in_this_table():
    site_admin = admin.site._registry[ProgressReport]
    prefix = "indicators_progressreport_"
    names = {pattern.name.removeprefix(prefix) for pattern in site_admin.get_urls() if pattern.name}

    assert names == set(READ) | set(GENERAL) | OTHERS


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_makes_which_move_at_its_address(people, enter, role, state):
    row, made = people.in_state(state), {}
    for action, data in DATA.items():
        sid = transaction.savepoint()
        number = row.versions.count() or ""
        response = enter(role).post(address("act", row.pk, action), {"number": number, "step": "do", **data})
        after = ProgressReport.objects.get(pk=row.pk)
        made[action] = (after.state, after.extended_to) != (row.state, row.extended_to)
        assert response.status_code in (302, 403, 404), (action, response.status_code)
        transaction.savepoint_rollback(sid)

    def may(action):
        _after, who = MOVES.get((state, action), ("", ""))
        return role in STAFF and role in who.split()

    assert made == {action: may(action) for action in DATA}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_reads_what(people, enter, role, state):
    row = people.in_state(state)
    browser = enter(role)

    for name in READ:
        arguments = (row.pk, 1) if name == "version" else (row.pk,)
        status = browser.get(address(name, *arguments)).status_code
        exists = name != "version" or row.versions.exists()
        expected = {200 if name != "history" else 302} if role in STAFF and exists else {302, 404}
        assert status in expected, (name, status)


@pytest.mark.parametrize("role", ROLES)
def test_who_enters_the_other_pages(people, enter, role):
    people.expected()
    browser = enter(role)

    for name, who in GENERAL.items():
        assert (browser.get(address(name)).status_code == 200) == (role in who), name


@pytest.mark.parametrize("role", ROLES)
def test_who_opens_a_period(people, enter, role):
    browser = enter(role)

    browser.post(address("open", people.period.pk, model="reportingperiod"))

    assert ProgressReport.objects.exists() == (role == "administrator")


@pytest.mark.parametrize("role", ROLES)
def test_nobody_deletes_or_edits_and_notes_are_the_staffs(people, enter, role):
    row = people.submitted()
    browser = enter(role)

    deleted = browser.post(address("delete", row.pk), {"post": "yes"})
    edited = browser.post(address("change", row.pk), {"state": "accepted"})
    browser.post(address("note", row.pk), {"text": "Une note."})

    assert deleted.status_code in (302, 403, 404)
    assert edited.status_code in (302, 403, 404)
    assert ProgressReport.objects.get(pk=row.pk).state == "submitted"
    assert row.activities.filter(action="note").exists() == (role in STAFF)


# Opening ----------------------------------------------------------------------------------------------------


def test_the_opening_names_the_projects_and_who_will_be_told(people, enter):
    browser = enter("administrator")

    page = text_of(browser.get(address("open", people.period.pk, model="reportingperiod")))

    assert "Marché suivi" in page
    assert not ProgressReport.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize("days", [-1, 5])
def test_people_are_told_on_the_day_of_the_opening(people, enter, days):
    today = timezone.localdate()
    ReportingPeriod.objects.filter(pk=people.period.pk).update(
        opens_on=today + dt.timedelta(days=days), due_on=today + dt.timedelta(days=60)
    )
    browser = enter("administrator")
    announced = text_of(browser.get(address("open", people.period.pk, model="reportingperiod")))

    browser.post(address("open", people.period.pk, model="reportingperiod"))

    told = [mail.address for mail in Mail.objects.all()]
    assert told == (["lead@example.org"] if days < 0 else [])
    assert ("lead@example.org" in announced) == (days < 0)
    assert ("seront averties par courriel le" in announced) == (days > 0)


def test_the_list_of_periods_counts_what_is_missing(people, enter):
    people.published()
    people.submitted()
    people.published("Publié après l'ouverture")

    page = text_of(enter("administrator").get(address("changelist", model="reportingperiod")))
    change = text_of(enter("administrator").get(address("change", people.period.pk, model="reportingperiod")))

    assert f'period__id__exact={people.period.pk}&tour=conseil">1</a>' in page
    assert f'period__id__exact={people.period.pk}&tour=attendus">1</a>' in page
    assert "Demander un bilan à 1 projet publié depuis…" in change


# The queue --------------------------------------------------------------------------------------------------


def listed(browser, query=""):
    page = text_of(browser.get(address("changelist") + query))
    return "Marché suivi" in page.partition('id="result_list"')[2]


@pytest.mark.parametrize(
    ("state", "turn"),
    [
        ("submitted", "conseil"),
        ("expected", "attendus"),
        ("draft", "attendus"),
        ("changes_requested", "precisions"),
        ("accepted", "acceptes"),
        ("waived", "dispenses"),
        ("correction", "corrections"),
    ],
)
def test_each_report_is_found_by_whose_turn_it_is(people, enter, state, turn):
    people.in_state(state)
    browser = enter("reviewer")

    turns = ["conseil", "attendus", "precisions", "acceptes", "dispenses", "corrections"]
    found = [name for name in turns if listed(browser, f"?tour={name}")]

    assert turn in found
    assert set(found) - {turn} <= {"attendus"}
    assert listed(browser, "?tour=tous")


def test_the_desk_opens_on_what_waits_for_the_council(people, enter):
    people.submitted()
    browser = enter("reviewer")

    assert listed(browser)


def test_what_is_late_is_found_and_counted_on_the_index(people, enter):
    people.draft()
    browser = enter("reviewer")
    today = timezone.localdate()

    def counts():
        return {m.url.partition("tour=")[2]: m.count for m in matters(on=today) if "progressreport" in m.url}

    ReportingPeriod.objects.update(opens_on=dt.date(2020, 1, 1), due_on=today)
    assert (listed(browser, "?tour=retard"), counts()) == (False, {})
    ReportingPeriod.objects.update(due_on=today - dt.timedelta(days=3))
    assert (listed(browser, "?tour=retard"), counts()) == (True, {"retard": 1})
    assert "(3 jours de retard)" in text_of(browser.get(address("changelist") + "?tour=retard"))


def test_staff_do_not_read_what_is_being_written(people, enter):
    row = people.draft(narrative_fr="Phrase secrète.")

    page = text_of(enter("administrator").get(address("change", row.pk)))

    assert "secrète" not in page


# Deciding ---------------------------------------------------------------------------------------------------


def test_the_decision_page_shows_the_report_and_what_changed_since(people, enter):
    row = people.submitted(people.draft(people.changes_requested(), narrative_fr="Onze marchés ont eu lieu."))

    page = text_of(enter("reviewer").get(address("change", row.pk)))

    for words in (
        "Dix marchés",
        "60 repas",
        "La pluie.",
        "Depuis la version 1",
        "Onze",
        "editor@example.org",
    ):
        assert words in page


def test_a_decision_shows_who_will_be_told_before_it_is_made(people, enter):
    row = people.submitted()
    before = Mail.objects.count()
    browser = enter("approver")

    page = text_of(browser.get(address("act", row.pk, "accept") + "?version=1"))

    assert "2 courriels partiront" in page
    assert "lead@example.org" in page
    assert "Accepté : le bilan de « Marché suivi »" in page
    assert (ProgressReport.objects.get(pk=row.pk).state, Mail.objects.count()) == ("submitted", before)


def test_what_is_asked_is_checked_confirmed_and_done(people, enter):
    row = people.submitted()
    browser = enter("reviewer")
    there = address("act", row.pk, "request_changes")

    empty = browser.post(there, {"number": 1, "step": "check"})
    confirm = text_of(browser.post(there, {"number": 1, "message": "Combien?", "step": "check"}))
    browser.post(there, {"number": 1, "message": "Combien?", "step": "do"})

    assert "errorlist" in empty.content.decode()
    assert "Combien?" in confirm
    assert ProgressReport.objects.get(pk=row.pk).state == "changes_requested"


def test_who_decides_on_an_older_page_is_told(people, enter):
    row = people.changes_requested()
    people.submitted(people.draft(row, narrative_fr="Onze."))

    response = enter("approver").get(address("act", row.pk, "accept") + "?version=1", follow=True)

    assert "Une version plus récente a été soumise" in text_of(response)


def test_the_second_of_two_who_accept_is_told_who_did(people, enter):
    row = people.submitted()
    workflow.accept(report=row, number=1, by=people.administrator, at=NOW)

    response = enter("approver").post(
        address("act", row.pk, "accept"), {"number": 1, "step": "do"}, follow=True
    )

    assert f"Accepté, par {people.administrator}" in text_of(response)
    assert Measurement.objects.count() == 1


def test_a_due_day_moves_after_it_has_passed(people, enter):
    row = people.expected()
    ReportingPeriod.objects.update(opens_on=dt.date(2020, 1, 1), due_on=dt.date(2020, 2, 1))

    enter("reviewer").post(address("act", row.pk, "extend"), {"until": LATER, "step": "do"})

    row = ProgressReport.objects.get(pk=row.pk)
    assert (row.due.isoformat(), row.is_late(on=timezone.localdate())) == (LATER, False)


# Values that look wrong -------------------------------------------------------------------------------------


def told(people, value, **row):
    report = people.submitted(values=[{"key": "repas", "value": value, **row}])
    content = report.versions.get().content
    return [doubt.kind for doubt in doubts.doubts(report, content, on=NOW.date())]


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ("60", []),
        ("0", []),
        ("45", ["recul"]),
        ("260", ["saut"]),
        ("9", ["saut", "recul"]),
        ("5000", ["unite"]),
        ("0,5", ["unite", "recul"]),
        ("-3", ["negatif", "saut", "recul"]),
    ],
)
def test_values_that_look_wrong_against_those_before(people, value, kinds):
    people.indicator.definition.direction = Direction.INCREASE
    MeasurementFactory(indicator=people.indicator, measured_on=dt.date(2025, 12, 31), value=50)
    if value == "0":
        kinds = ["saut", "recul"]

    assert told(people, value) == kinds


def test_a_date_in_the_future_looks_wrong(people):
    assert told(people, "60", measured_on="2027-06-30") == ["futur"]


@pytest.mark.parametrize(("value", "kinds"), [("40", []), ("0,4", ["unite"]), ("140", ["unite"])])
def test_a_percentage_outside_of_its_range_looks_wrong(people, value, kinds):
    people.indicator.definition.unit_fr = "%"
    people.indicator.definition.save()

    assert told(people, value) == kinds


def test_what_looks_wrong_is_flagged_and_found_and_refused_by_nobody(people, enter):
    MeasurementFactory(indicator=people.indicator, measured_on=dt.date(2025, 12, 31), value=50)
    row = people.submitted(values=[{"key": "repas", "value": "5000", "measured_on": "2026-01-31"}])
    browser = enter("approver")

    page = text_of(browser.get(address("change", row.pk)))

    assert "1 valeur semble fausse" in page
    assert "est-ce la bonne unité?" in page
    found = {kind: listed(browser, f"?doute={kind}") for kind in ("tous", "unite", "saut", "negatif")}
    assert found == {"tous": True, "unite": True, "saut": False, "negatif": False}
    assert workflow.accept(report=row, number=1, by=people.approver, at=NOW).state == "accepted"


# Reminders by hand ------------------------------------------------------------------------------------------


def test_a_reminder_names_who_will_be_told_then_tells_them_once(people, enter):
    row, waiting = people.draft(), people.published("Autre")
    browser = enter("reviewer")

    sent = browser.post(
        address("changelist") + "?tour=attendus", {"action": "remind_chosen", "_selected_action": [row.pk]}
    )
    page = text_of(browser.get(sent.url))
    for _click in range(2):
        browser.post(address("remind"), {"report": [row.pk]})

    assert "2 courriels partiront" in page
    assert "editor@example.org" in page
    assert "lead@example.org" in page
    mails = Mail.objects.filter(event="report_reminder")
    assert sorted(mail.address for mail in mails) == ["editor@example.org", "lead@example.org"]
    assert {r.by for r in ReportReminder.objects.all()} == {people.reviewer}
    assert waiting.progress_reports.count() == 0


def test_one_letter_for_several_reports(people, enter):
    people.published("Autre projet")
    people.expected()
    ids = list(ProgressReport.objects.values_list("pk", flat=True))

    enter("reviewer").post(address("remind"), {"report": ids})

    mail = Mail.objects.get()
    assert (mail.address, "2 bilans" in mail.subject.replace("\xa0", " ")) == ("lead@example.org", True)
    assert "Autre projet" in mail.text
    assert "Marché suivi" in mail.text


def test_what_is_handed_in_is_not_reminded_of(people, enter):
    row = people.submitted()
    Mail.objects.all().delete()
    browser = enter("reviewer")

    page = text_of(browser.get(address("remind") + f"?ids={row.pk}"))
    browser.post(address("remind"), {"report": [row.pk]})

    assert "il n'y a rien à rappeler" in page
    assert not Mail.objects.exists()


def test_staff_read_why_nobody_was_reminded(people, enter):
    row = people.expected()
    Membership.objects.filter(organization=people.organization).delete()
    browser = enter("reviewer")

    page = text_of(browser.get(address("remind") + f"?ids={row.pk}"))
    browser.post(address("remind"), {"report": [row.pk]})
    after = text_of(browser.get(address("change", row.pk)))

    assert "Personne ne sera averti de ceux-ci" in page
    assert "pas envoyé : personne à qui écrire" in after


def test_the_list_costs_the_same_for_one_report_as_for_many(people, enter, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    people.submitted()
    browser = enter("reviewer")
    browser.get(address("changelist") + "?tour=tous")
    counts = []
    for more in (0, 5):
        for number in range(more):
            project = people.published(f"Projet {number}")
            IndicatorFactory(project=project)
            ProgressReport.objects.create(project=project, period=people.period)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address("changelist") + "?tour=tous")
        counts.append(len(queries))

    assert counts[0] == counts[1]
