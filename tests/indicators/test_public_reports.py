"""What the public reads of reports: what was accepted, and only by accepting."""

import datetime as dt
import html
import re
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.mailing import rehearsal
from core.workflow import Refused
from indicators.models import Measurement, ProgressReport
from indicators.reports import public, workflow
from indicators.reports.periods import open_period
from projects.models import Deliverable, Project
from tests.indicators.reports import NOW, Followed

pytestmark = pytest.mark.django_db


#: What `people` are here.
PEOPLE = Followed


def page(client, people, prefix=""):
    response = client.get(f"{prefix}/projets/{people.project.slug}/")
    text = re.sub(r"</?(time|span|a)[^>]*>", "", html.unescape(response.content.decode()))
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("’", "'"))


# The page of the project ------------------------------------------------------------------------------------


def test_an_accepted_report_stands_on_the_page_of_its_project(client, people):
    people.accepted()

    text = page(client, people)

    for words in (
        "Bilan 2026",
        "Dix marchés ont eu lieu.",
        "Le jeudi convient mieux.",
        "60 repas",
        "Photos au bureau.",
        "du 1er janvier 2026 au 31 décembre 2026",
    ):
        assert words in text


def test_what_was_written_for_the_council_is_nowhere(client, people):
    people.accepted(difficulties="Motcanari difficile", needs="Motcanari requis")

    assert "Motcanari" not in page(client, people)
    assert "Motcanari" not in str(public.of_project(people.project))


@pytest.mark.parametrize("state", ["expected", "draft", "submitted", "changes_requested", "waived"])
def test_a_report_that_is_not_accepted_stands_nowhere(client, people, state):
    people.in_state(state)

    text = page(client, people)

    assert "Bilans d'étape" not in text
    assert "Dix marchés ont eu lieu." not in text


def test_a_correction_is_read_once_it_is_accepted(client, people):
    row = people.submitted(
        people.correction(narrative_fr="Onze marchés.", values=[{"key": "repas", "value": "61"}])
    )
    before = page(client, people)
    workflow.accept(report=row, number=2, by=people.approver, at=NOW)

    after = page(client, people)

    assert ("Dix marchés ont" in before, "Onze marchés." in before) == (True, False)
    assert ("Dix marchés ont" in after, "Onze marchés." in after) == (False, True)
    assert "61 repas" in after


def test_english_readers_are_told_what_is_in_french(client, people):
    people.accepted(narrative_en="Ten markets took place.")

    text = client.get(f"/en/projets/{people.project.slug}/").content.decode()

    assert "Ten markets took place." in text
    assert "Report for 2026" in text
    assert re.search(r'lang="fr"[^>]*>\s*(<p>)?Le jeudi convient mieux', text)


def test_a_value_that_is_missing_says_why_and_is_not_zero(client, people):
    people.accepted(values=[{"key": "repas", "absence": "not_collected"}])

    assert "Sans valeur : non recueillie" in page(client, people)


@pytest.mark.parametrize("number", [1, 3, 25])
def test_reports_of_a_project_cost_three_queries(people, django_assert_num_queries, number):
    row = people.accepted()
    for month in range(number - 1):
        ProgressReport.objects.create(
            project=people.project,
            own_title=f"Bilan {month}",
            own_starts_on=dt.date(2026, 1, 1),
            own_ends_on=dt.date(2026, 1, 1) + dt.timedelta(days=month),
            state="accepted",
            accepted_version=row.accepted_version,
            accepted_at=NOW,
        )

    with django_assert_num_queries(3):
        assert len(public.of_project(people.project)) == number


# The one rule -----------------------------------------------------------------------------------------------

ROLES = ["editor", "lead", "contributor", "reviewer", "approver", "administrator", "stranger"]
WORDS = ["Dix marchés.", "Onze marchés.", "", "Douze marchés."]


def row(choice):
    rows = list(ProgressReport.objects.with_names().order_by("pk"))
    return rows[choice % len(rows)]


def values(people, choice):
    answer = {"key": "repas", "value": str(choice)} if choice % 3 else {"key": "repas", "absence": "not_yet"}
    return people.content(narrative_fr=WORDS[choice % 4], values=[answer])


#: Each takes (people, who acts, the moment, a number that chooses), on a report of its choice.
MOVES = {
    "open": lambda p, by, at, n: open_period(period=p.period, by=by, at=at),
    "start": lambda p, by, at, n: workflow.start(
        project=p.project, title="Étape", starts_on=at.date(), ends_on=at.date(), by=by, at=at
    ),
    "save": lambda p, by, at, n: workflow.save(
        report=row(n), values=values(p, n), version=row(n).version, by=by, at=at
    ),
    "submit": lambda p, by, at, n: workflow.submit(
        report=row(n), version=row(n).version, token=uuid.uuid4(), by=by, at=at
    ),
    "take_back": lambda p, by, at, n: workflow.take_back(report=row(n), by=by, at=at),
    "request_changes": lambda p, by, at, n: workflow.request_changes(
        report=row(n), number=row(n).versions.count(), message="Précisez.", by=by, at=at
    ),
    "accept": lambda p, by, at, n: workflow.accept(
        report=row(n), number=row(n).versions.count(), by=by, at=at, override=n % 2 == 0
    ),
    "waive": lambda p, by, at, n: workflow.waive(report=row(n), reason="Suspendu.", by=by, at=at),
    "restore": lambda p, by, at, n: workflow.restore(report=row(n), by=by, at=at),
    "extend": lambda p, by, at, n: workflow.extend(
        report=row(n), until=dt.date(2027, 4, 1) + dt.timedelta(days=n), by=by, at=at
    ),
    "correct": lambda p, by, at, n: workflow.correct(report=row(n), by=by, at=at),
    "drop_correction": lambda p, by, at, n: workflow.drop_correction(report=row(n), by=by, at=at),
    "note": lambda p, by, at, n: workflow.note(report=row(n), text="Note.", by=by, at=at),
}

steps = st.lists(
    st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(ROLES), st.integers(0, 7)),
    min_size=4,
    max_size=14,
)


def read_by_the_public():
    """All that the public reads that a report may change."""
    reports = ProgressReport.objects.published().select_related("period", "accepted_version").order_by("pk")
    measured = Measurement.objects.accepted().order_by("pk")
    return (
        [str(report) for report in public.public(list(reports))],
        list(measured.values_list("pk", "value", "absence", "measured_on", "version")),
        list(Deliverable.objects.order_by("pk").values_list("state", "delivered_on", "evidence_url")),
        list(Project.objects.published().values_list("pk", "title_fr", "updated_at")),
    )


def test_what_the_public_reads_changes_only_by_accepting(people):
    people.submitted()
    people.published("Un autre")
    workflow.start(
        project=people.project,
        title="Étape",
        starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2026, 6, 30),
        by=people.editor,
        at=NOW,
    )
    changed_by = set()

    @settings(max_examples=30)
    @example([("accept", "approver", 0)])  # so that at least this is seen to change it
    @example(
        [
            ("accept", "approver", 0),
            ("correct", "lead", 0),
            ("save", "editor", 4),
            ("submit", "editor", 0),
            ("accept", "approver", 0),
        ]
    )
    @given(steps)
    def walk(walked):
        with rehearsal():  # each example begins with the same rows
            for minutes, (action, role, choice) in enumerate(walked):
                by = AnonymousUser() if role == "stranger" else getattr(people, role)
                before = read_by_the_public()
                try:
                    MOVES[action](people, by, NOW + dt.timedelta(minutes=minutes), choice)
                except Refused:
                    assert read_by_the_public() == before
                if read_by_the_public() != before:
                    changed_by.add(action)
                    assert action == "accept", (action, role)

    walk()

    assert changed_by, "no example changed anything: the test would see nothing"
