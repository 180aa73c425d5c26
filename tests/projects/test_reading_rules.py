"""Who reads the text of a registration, at each address that shows it: row « read registrations » of the roles.

Its organisation at any time; staff what was handed in; whoever of them writes it for the organisation; administrators
all, and the log says so.
"""

import pytest
from django.urls import reverse

from partners.models import Membership
from projects.models import Registration
from projects.registrations import workflow
from projects.registrations.urls import urlpatterns
from tests.projects.registrations import NOW, People

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

STATES = list(Registration.State.values)
HANDED_IN = {"submitted", "approved", "declined"}
WORD = "motlu"
#: The addresses of one registration; the others of the form are no registration's.
PAGES = ("detail", "preview", "version", "review", "step", "take_back", "withdraw", "reopen")
ELSEWHERE = {"start", "questions", "propose_change", "part"}


class Readers(People):
    def __init__(self):
        super().__init__()
        self.writing_reviewer = self.staff("writes@example.org", "Révision")
        self.member_reviewer = self.staff("both@example.org", "Révision")
        self.organization.memberships.create(user=self.member_reviewer, role=Membership.Role.EDITOR)


#: What `people` are here.
PEOPLE = Readers


def row_of(people, state):
    """A registration whose present text holds the word."""
    row = people.in_state(state)
    content = {**row.content, "summary_fr": f"Un texte {WORD}"}
    Registration.objects.filter(pk=row.pk).update(content=content)
    return Registration.objects.get(pk=row.pk)


def address(name, row):
    more = {"version": (1,), "step": ("projet",)}.get(name, ())
    return reverse(f"registrations:{name}", args=(row.pk, *more))


def reads(client, row):
    """Whether any page of the partners shows the present text."""
    found = set()
    for name in PAGES:
        response = client.get(address(name, row))
        assert response.status_code in (200, 302, 404), (name, response.status_code)
        if response.status_code == 200 and WORD in response.content.decode():
            found.add(name)
    return found


def test_every_address_of_a_registration_is_looked_at():
    assert {pattern.name for pattern in urlpatterns} == set(PAGES) | ELSEWHERE


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("role", "where"),
    [
        ("editor", STATES),
        ("lead", STATES),
        ("member_reviewer", STATES),
        ("administrator", STATES),
        ("reviewer", HANDED_IN),
        ("approver", HANDED_IN),
        ("writing_reviewer", HANDED_IN),
        ("other_lead", ()),
    ],
)
def test_who_reads_the_text_as_it_stands(client, people, state, role, where):
    row = row_of(people, state)
    client.force_login(getattr(people, role))

    pages = reads(client, row)

    assert bool(pages) == (state in where)
    logged = row.activities.filter(action="read", by=getattr(people, role)).count()
    assert logged == (1 if role == "administrator" and state not in HANDED_IN else 0)


@pytest.mark.parametrize(
    ("role", "is_read"), [("writing_reviewer", True), ("reviewer", False), ("approver", False)]
)
def test_what_staff_write_for_an_organisation_is_its_writers_to_read(client, people, role, is_read):
    writer = people.writing_reviewer
    row = workflow.start(plan=people.plan, organization=people.organization, by=writer, at=NOW)
    row = workflow.save(registration=row, values={"summary_fr": WORD}, version=row.version, by=writer, at=NOW)
    client.force_login(getattr(people, role))

    assert bool(reads(client, row)) == is_read
    assert not row.activities.filter(action="read").exists()


@pytest.mark.parametrize("role", ["reviewer", "approver"])
@pytest.mark.parametrize("state", ["draft", "changes_requested", "withdrawn"])
def test_staff_do_not_write_over_what_they_may_not_read(client, people, role, state):
    row = row_of(people, state)
    client.force_login(getattr(people, role))

    for headers in ({}, {"X-Autosave": "1"}):
        answer = client.post(address("step", row), {"title_fr": "Autre", "seen": "vieux"}, headers=headers)
        assert answer.status_code == 404

    assert WORD not in answer.content.decode()
    assert Registration.objects.get(pk=row.pk).title == "Un marché dans la ruelle"


@pytest.mark.parametrize(
    ("state", "is_logged"),
    [("draft", True), ("withdrawn", True), ("changes_requested", False), ("submitted", False)],
)
@pytest.mark.parametrize("page", ["change", "version"])
def test_an_administrator_who_reads_at_the_desk_what_no_reviewer_can_is_logged(
    client, people, page, state, is_logged
):
    row = people.submitted()
    if state == "draft":
        workflow.take_back(registration=row, by=people.editor, at=NOW)
    elif state == "withdrawn":
        row = workflow.take_back(registration=row, by=people.editor, at=NOW)
        workflow.withdraw(registration=row, by=people.lead, at=NOW)
    elif state == "changes_requested":
        workflow.request_changes(registration=row, number=1, message="?", by=people.reviewer, at=NOW)
    client.force_login(people.administrator)

    arguments = (row.pk, 1) if page == "version" else (row.pk,)
    response = client.get(reverse(f"admin:projects_registration_{page}", args=arguments))

    assert response.status_code == 200
    assert row.activities.filter(action="read", by=people.administrator).exists() == is_logged


def test_a_picture_that_is_not_handed_in_is_its_organisations(client, people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    row = people.changes_requested()
    (tmp_path / "registrations" / str(row.pk)).mkdir(parents=True)
    name = f"registrations/{row.pk}/image.png"
    (tmp_path / name).write_bytes(b"x")
    workflow.save(registration=row, values={"image": name}, version=row.version, by=people.editor, at=NOW)

    answers = {}
    for role in ("editor", "reviewer", "approver", "administrator", "other_lead"):
        client.force_login(getattr(people, role))
        response = client.get(f"/media/{name}")
        if response.streaming:
            b"".join(response.streaming_content)
        answers[role] = response.status_code

    assert answers == {
        "editor": 200,
        "reviewer": 404,
        "approver": 404,
        "administrator": 200,
        "other_lead": 404,
    }


def test_the_page_that_merges_organisations_tells_no_title_of_a_draft(admin_client, people):
    people.draft(title_fr=WORD)
    address = reverse(
        "admin:partners_organization_merge", args=(people.other_organization.pk, people.organization.pk)
    )

    page = admin_client.get(address).content.decode()

    assert "brouillon" in page
    assert WORD not in page
