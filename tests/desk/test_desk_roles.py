"""Every role at every address of the review desk, for a registration in every state."""

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from partners.models import Membership
from projects.models import Project, Registration
from tests.projects.registrations import People
from tests.projects.test_workflow import SEEN
from tests.projects.test_workflow import TABLE as MOVES

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

PARTNERS = ["editor", "lead", "other_lead"]
STAFF = ["reviewer", "approver", "administrator", "own_reviewer"]
ROLES = ["stranger", *PARTNERS, *STAFF]
STATES = list(Registration.State.values)

#: What each move is sent with.
DATA = {
    "approve": {},
    "decline": {"reason": "Hors de l'île."},
    "request_changes": {"message": "Précisez."},
    "propose_decision": {"decision": "approve"},
    "withdraw": {},
    "reopen": {},
}
#: Addresses of a registration that are read: who among those who may see it.
READ = {"change": set(STAFF), "version": set(STAFF), "history": set(STAFF), "draft": {"administrator"}}
#: Those that are no registration's: (method, who gets past the door).
GENERAL = {
    "changelist": ("get", set(STAFF)),
    "start": ("get", {"reviewer", "administrator", "own_reviewer"}),
    "bulk": ("get", {"approver", "administrator"}),
    "propose": ("post", {"reviewer", "administrator", "own_reviewer"}),
    "add": ("get", set()),
}
OTHERS = {"act", "note", "delete", "distinguish"}


class WithMemberOfStaff(People):
    """A reviewer who is also a member of the organisation."""

    def __init__(self):
        super().__init__()
        self.own_reviewer = self.staff("both@example.org", "Révision")
        self.organization.memberships.create(user=self.own_reviewer, role=Membership.Role.EDITOR)


#: What `people` are here.
PEOPLE = WithMemberOfStaff


@pytest.fixture
def enter(client, people):
    def signed_in(role):
        if role != "stranger":
            client.force_login(getattr(people, role))
        return client

    return signed_in


def seen(role, state):
    """As `Registration.objects.visible_to` is tested to answer."""
    if role == "own_reviewer" or (role, state) == ("approver", "withdrawn"):
        return True
    return role in SEEN[state].split()


def may(role, state, action):
    _after, who = MOVES.get((state, action), ("", ""))
    if role == "own_reviewer":
        return action in ("request_changes", "propose_decision") and (state, action) in MOVES
    return role in who.split()


def address(name, *arguments):
    return reverse(f"admin:projects_registration_{name}", args=arguments)


def test_every_address_of_the_desk_stands_in_this_table():
    site_admin = admin.site._registry[Registration]
    prefix = "projects_registration_"
    names = {pattern.name.removeprefix(prefix) for pattern in site_admin.get_urls() if pattern.name}

    assert names == set(READ) | set(GENERAL) | OTHERS


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_makes_which_move_at_its_address(people, enter, role, state):
    row, made = people.in_state(state), {}
    before = (Registration.objects.get(pk=row.pk).state, Project.objects.count())
    for action, data in DATA.items():
        row = Registration.objects.get(pk=row.pk)
        number = row.versions.count()
        sid = transaction.savepoint()
        response = enter(role).post(address("act", row.pk, action), {"number": number, "step": "do", **data})
        after = Registration.objects.get(pk=row.pk)
        made[action] = (after.state, after.proposed_decision) != (row.state, row.proposed_decision)
        assert response.status_code in (302, 403, 404), (action, response.status_code)
        transaction.savepoint_rollback(sid)

    expected = {action: role in STAFF and seen(role, state) and may(role, state, action) for action in DATA}
    assert made == expected
    assert before == (Registration.objects.get(pk=row.pk).state, Project.objects.count())


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_reads_what(people, enter, role, state):
    row = people.in_state(state)
    browser = enter(role)

    for name, who in READ.items():
        arguments = (row.pk, 1) if name == "version" else (row.pk,)
        status = browser.get(address(name, *arguments)).status_code
        if (name == "version" and not row.versions.exists()) or not (role in STAFF and seen(role, state)):
            expected = {302, 404}
        elif role in who:
            redirects = name == "history" or (name == "draft" and not row.is_private)
            expected = {302} if redirects else {200}
        else:
            expected = {302, 403} if not row.is_private else {403}
        assert status in expected, (name, status)


@pytest.mark.parametrize("role", ROLES)
def test_who_enters_the_other_pages(people, enter, role):
    project = people.approved().project
    browser = enter(role)

    for name, (method, who) in GENERAL.items():
        arguments = (project.pk,) if name == "propose" else ()
        response = getattr(browser, method)(address(name, *arguments))
        past = response.status_code == 200 or (
            response.status_code == 302 and "/espace/inscriptions/" in response.url
        )
        assert past == (role in who), (name, response.status_code)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_deletes_or_edits_and_notes_are_the_staffs(people, enter, role):
    row = people.submitted()
    browser = enter(role)

    deleted = browser.post(address("delete", row.pk), {"post": "yes"})
    edited = browser.post(address("change", row.pk), {"state": "approved", "title": "Autre"})
    browser.post(address("note", row.pk), {"text": "Une note."})

    assert deleted.status_code in (302, 403, 404)
    assert edited.status_code in (302, 403, 404)
    row.refresh_from_db()
    assert (row.state, row.title) == ("submitted", "Un marché dans la ruelle")
    assert row.activities.filter(action="note").exists() == (role in STAFF)


@pytest.mark.parametrize("role", ROLES)
def test_who_says_that_two_are_not_the_same(people, enter, role):
    row, other = people.submitted(), people.submitted(title_fr="Un marché dans la ruelle voisine")
    browser = enter(role)

    response = browser.post(address("distinguish", row.pk), {"other": f"registration:{other.pk}"})

    assert response.status_code in (302, 403, 404)
    assert row.distinctions.exists() == (role in STAFF)
