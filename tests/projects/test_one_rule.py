"""The one rule: nothing that partners write changes what is public; approving (R6) and unpublishing (R11) do."""

import datetime as dt
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.mailing import rehearsal
from core.workflow import Refused
from projects.models import Project, Registration
from projects.registrations import workflow
from projects.registrations.content import of_project
from tests.projects.registrations import NOW, People

ROLES = ["editor", "lead", "other_lead", "reviewer", "approver", "administrator", "stranger"]
WORDS = ["Un marché", "Deux marchés", "", "Trois marchés"]


def first(rows, choice):
    rows = list(rows)
    return rows[choice % len(rows)] if rows else None


def latest(row):
    return row.versions.count()


#: Each takes (people, who acts, the moment, a number that chooses), on a registration or a project of its choice.
MOVES = {
    "start": lambda p, by, at, n: workflow.start(plan=p.plan, organization=p.organization, by=by, at=at),
    "save": lambda p, by, at, n: workflow.save(
        registration=row(n), values=p.content(title_fr=WORDS[n % 4]), version=row(n).version, by=by, at=at
    ),
    "submit": lambda p, by, at, n: workflow.submit(
        registration=row(n), version=row(n).version, token=uuid.uuid4(), by=by, at=at
    ),
    "take_back": lambda p, by, at, n: workflow.take_back(registration=row(n), by=by, at=at),
    "request_changes": lambda p, by, at, n: workflow.request_changes(
        registration=row(n), number=latest(row(n)), message="Précisez.", by=by, at=at
    ),
    "approve": lambda p, by, at, n: workflow.approve(
        registration=row(n), number=latest(row(n)), by=by, at=at, override=n % 2 == 0
    ),
    "decline": lambda p, by, at, n: workflow.decline(
        registration=row(n), number=latest(row(n)), reason="Non.", by=by, at=at
    ),
    "propose_decision": lambda p, by, at, n: workflow.propose_decision(
        registration=row(n), number=latest(row(n)), decision="approve", reason="", by=by, at=at
    ),
    "withdraw": lambda p, by, at, n: workflow.withdraw(registration=row(n), by=by, at=at),
    "reopen": lambda p, by, at, n: workflow.reopen(registration=row(n), by=by, at=at),
    "note": lambda p, by, at, n: workflow.note(registration=row(n), text="Note.", by=by, at=at),
    "propose_change": lambda p, by, at, n: workflow.propose_change(
        project=first(Project.objects.order_by("pk"), n), organization=p.organization, by=by, at=at
    ),
    "unpublish": lambda p, by, at, n: workflow.unpublish(
        project=first(Project.objects.order_by("pk"), n), reason_fr="Motif.", by=by, at=at
    ),
}
MAY_CHANGE_THE_PUBLIC = {"approve", "unpublish"}

steps = st.lists(
    st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(ROLES), st.integers(0, 7)),
    min_size=4,
    max_size=14,
)


def row(choice):
    return first(Registration.objects.order_by("pk"), choice)


def public():
    """All that the public reads of projects."""
    return {project.pk: of_project(project) for project in Project.objects.published()}


@pytest.mark.same_on_any_database
@pytest.mark.django_db
def test_the_public_project_changes_only_by_approving_and_unpublishing():
    people = People()
    people.approved()
    people.submitted()
    people.submitted(people.change())
    changed_by = set()

    @settings(max_examples=15)
    @example([("approve", "approver", 1)])  # so that at least these are seen to change it
    @example([("unpublish", "administrator", 0)])
    @given(steps)
    def walk(walked):
        with rehearsal():  # each example begins with the same rows
            for minutes, (action, role, choice) in enumerate(walked):
                by = AnonymousUser() if role == "stranger" else getattr(people, role)
                before = public()
                try:
                    MOVES[action](people, by, NOW + dt.timedelta(minutes=minutes), choice)
                except Refused:
                    assert public() == before
                if public() != before:
                    changed_by.add(action)
                    assert action in MAY_CHANGE_THE_PUBLIC, (action, role)

    walk()

    assert changed_by, "no example changed anything: the test would see nothing"
