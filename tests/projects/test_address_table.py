"""Every role at every address of the partners that moves a registration, in each of its states: who is let, and who is
told what; the same table as that of the functions (test_workflow) and of the desk (test_desk_roles).
"""

import pytest
from django.db import transaction
from django.urls import reverse

from projects.models import Project, Registration
from projects.registrations import editing
from projects.registrations.completeness import STEPS
from projects.registrations.urls import urlpatterns
from tests.projects.registrations import People
from tests.projects.test_workflow import TABLE as MOVES

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

ROLES = ["stranger", "editor", "lead", "other_lead", "reviewer", "approver", "administrator"]
STATES = list(Registration.State.values)
#: By action: the address where it is made. The others are made at the desk alone.
ADDRESSES = {
    "save": "step",
    "submit": "review",
    "take_back": "take_back",
    "withdraw": "withdraw",
    "reopen": "reopen",
}
AT_THE_DESK = {"approve", "decline", "request_changes", "propose_decision"}
#: Addresses where rows come into being, below; and those that are only read.
BEGINNING = {"start", "propose_change"}
READ = {"detail", "preview", "version", "questions", "part"}
#: Where the text as it stands is for staff to read: elsewhere the address does not exist for them.
HANDED_IN = ("submitted", "approved", "declined")


#: What `people` are here.
PEOPLE = People


@pytest.fixture
def enter(client, people):
    def signed_in(role):
        if role != "stranger":
            client.force_login(getattr(people, role))
        return client

    return signed_in


def sent(action, row):
    if action == "submit":
        return {"token": row.submission_token, "version": row.version}
    if action == "save":
        mark = editing.seen(row.content, STEPS[0])
        return {"title_fr": "Un autre titre", "summary_fr": "Autre.", "do": "save", "seen": mark}
    return {}


def meets(role, state):
    """Whether the address of the registration is there for that role."""
    if role in ("editor", "lead", "administrator"):
        return True
    return role in ("reviewer", "approver") and state in HANDED_IN


def expected(role, state):
    return {
        action: meets(role, state) and role in MOVES.get((state, action), ("", ""))[1].split()
        for action in ADDRESSES
    }


def test_every_address_and_every_action_stands_here():
    assert {pattern.name for pattern in urlpatterns} == set(ADDRESSES.values()) | BEGINNING | READ
    assert {action for _state, action in MOVES} == set(ADDRESSES) | AT_THE_DESK


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_makes_which_move_at_its_address(people, enter, role, state):
    row, made = people.in_state(state), {}
    browser = enter(role)
    for action, name in ADDRESSES.items():
        row = Registration.objects.get(pk=row.pk)
        sid = transaction.savepoint()
        key = ("projet",) if name == "step" else ()
        answer = browser.post(reverse(f"registrations:{name}", args=(row.pk, *key)), sent(action, row))
        after = Registration.objects.get(pk=row.pk)
        made[action] = (after.state, after.title) != (row.state, row.title)
        statuses = (302,) if role == "stranger" else (302, 422) if meets(role, state) else (404,)
        assert answer.status_code in statuses, (action, answer.status_code)
        transaction.savepoint_rollback(sid)

    assert made == expected(role, state)


@pytest.mark.parametrize("role", ROLES)
def test_who_begins_one_at_its_address(people, enter, role):
    """For the own organisation and for another's: nobody begins in the partners' pages what is not theirs."""
    browser, begun = enter(role), {}
    for organization in (people.organization, people.other_organization):
        asked = {"organization": organization.slug, "plan": people.plan.slug}
        browser.post(reverse("registrations:start"), asked)
        begun[organization.name] = Registration.objects.filter(organization=organization).exists()

    is_ours, is_theirs = role in ("editor", "lead"), role == "other_lead"
    assert begun == {"Chez Alice": is_ours, "Chez Charlie": is_theirs}


@pytest.mark.parametrize("role", ROLES)
def test_who_proposes_a_change_at_its_address(people, enter, role):
    project = people.approved().project
    address = reverse("registrations:propose_change", args=(project.slug,))
    before = Project.objects.get(pk=project.pk).updated_at

    for organization in (people.organization, people.other_organization):
        enter(role).post(address, {"organization": organization.slug})

    begun = Registration.objects.filter(is_change=True)
    assert [row.organization for row in begun] == (
        [people.organization] if role in ("editor", "lead") else []
    )
    assert Project.objects.get(pk=project.pk).updated_at == before
