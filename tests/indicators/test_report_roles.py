"""Every role at every address where people report, for a report in every state; and what they may read beside it."""

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.urls import get_resolver, reverse

from indicators.models import ProgressReport
from indicators.reports import editing, workflow
from indicators.reports.forms import ReportForm
from indicators.reports.questions import Questions
from partners.models import Membership
from projects.models import ProjectPartner
from tests.factories import OrganizationFactory
from tests.indicators.reports import NOW, Followed
from tests.indicators.test_report_workflow import SEEN
from tests.indicators.test_report_workflow import TABLE as MOVES

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

STATES = list(ProgressReport.State.values)
STAFF = ["reviewer", "approver", "administrator"]
#: Their own organisation leads the project; another co-leads it; the others have nothing to say in it.
OWN = ["editor", "lead", "co_lead", "own_reviewer"]
OTHERS = ["stranger", "contributor", "declined", *STAFF]
ROLES = [*OWN, *OTHERS]


def filled(row):
    """The form as it stands, with the mark of what it showed."""
    data = ReportForm.data_of(row.content, Questions.of(row))
    return {**data, "seen": editing.write_mark(editing.seen(row.content))}


#: The moves of partners: the address, and what is sent.
ADDRESSES = {
    "save": ("form", lambda row: {**filled(row), "narrative_fr": "Autre récit."}),
    "submit": ("review", lambda row: {"version": row.version, "token": str(row.submission_token)}),
    "take_back": ("take_back", lambda row: {}),
    "correct": ("correct", lambda row: {}),
    "drop_correction": ("drop_correction", lambda row: {}),
}
#: Those that are not about a report.
GENERAL = {"start", "unsubscribe"}
READ = {"detail", "version"}


class WithOthers(Followed):
    """People of all kinds of organisations around one project, and a member of staff who carries it."""

    def __init__(self):
        super().__init__()
        self.co_lead = self._of_part(ProjectPartner.Role.CO_LEAD, "colead@example.org")
        self.declined = self._of_part(
            ProjectPartner.Role.CO_LEAD, "declined@example.org", declined_on=NOW.date()
        )
        self.own_reviewer = self.staff("both@example.org", "Révision")
        self.organization.memberships.create(user=self.own_reviewer, role=Membership.Role.EDITOR)

    def _of_part(self, role, email, **values):
        organization = OrganizationFactory()
        self.project.project_partners.create(organization=organization, role=role, **values)
        return self.member(email, organization, Membership.Role.LEAD)


#: What `people` are here.
PEOPLE = WithOthers


@pytest.fixture
def enter(client, people):
    def signed_in(role):
        client.logout()
        if role != "stranger":
            client.force_login(getattr(people, role))
        return client

    return signed_in


def address(name, row):
    arguments = {"pk": row.pk, "number": 1} if name == "version" else {"pk": row.pk}
    return reverse(f"reports:{name}", kwargs=arguments)


def sees(role, state):
    """In the space of partners, as `visible_to` is tested to answer."""
    return role in OWN or role in SEEN[state].split()


def may(role, state, action):
    _after, who = MOVES.get((state, action), ("", ""))
    as_partner = "editor" if role in OWN else role
    return sees(role, state) and as_partner in who.split()


def test_every_address_of_reports_stands_in_this_table():
    _prefix, resolver = get_resolver("csam.urls").namespace_dict["reports"]
    names = {name for name in resolver.reverse_dict if isinstance(name, str)}

    assert names == {name for name, _sent in ADDRESSES.values()} | READ | GENERAL


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_makes_which_move_at_its_address(people, enter, role, state):
    row, made = people.in_state(state), {}
    row = ProgressReport.objects.get(pk=row.pk)
    for action, (name, sent) in ADDRESSES.items():
        sid = transaction.savepoint()
        response = enter(role).post(address(name, row), sent(row))
        after = ProgressReport.objects.get(pk=row.pk)
        made[action] = (after.state, after.content) != (row.state, row.content)
        expected = {404, 302} if role == "stranger" or not sees(role, state) else {302, 409}
        assert response.status_code in expected, (action, response.status_code)
        transaction.savepoint_rollback(sid)

    expected = {action: may(role, state, action) for action in ADDRESSES}
    assert made == expected | {"drop_correction": False}  # a first report is no correction to give up


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_reads_what(people, enter, role, state):
    row = people.in_state(state)
    browser = enter(role)

    for name in READ:
        if name == "version" and not row.versions.exists():
            continue
        status = browser.get(address(name, row)).status_code
        expected = 200 if sees(role, state) else 302 if role == "stranger" else 404
        assert status == expected, name


@pytest.mark.parametrize("role", ROLES)
def test_who_gives_a_correction_up_at_its_address(people, enter, role):
    row = people.correction()

    enter(role).post(address("drop_correction", row))

    gives_up = role in OWN or role == "administrator"
    assert (ProgressReport.objects.get(pk=row.pk).state == "accepted") == gives_up


@pytest.mark.parametrize("role", ROLES)
def test_who_starts_a_report_between_the_periods(people, enter, role):
    sent = {"title": "Étape", "starts_on": "2026-01-01", "ends_on": "2026-06-30"}

    enter(role).post(reverse("reports:start", kwargs={"slug": people.project.slug}), sent)

    starts = role in OWN or role in ("reviewer", "administrator")
    assert ProgressReport.objects.exists() == starts


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", ["draft", "submitted", "accepted"])
def test_who_reads_a_file_of_a_report(people, enter, settings, tmp_path, role, state):
    settings.MEDIA_ROOT = tmp_path
    row = people.expected()
    path = f"reports/{row.pk}/photo.png"
    (tmp_path / "reports" / str(row.pk)).mkdir(parents=True)
    (tmp_path / path).write_bytes(b"\x89PNG")
    answers = [{"id": people.deliverable.pk, "state": "delivered", "file": path}]
    row = people.draft(row, deliverables=answers)
    if state != "draft":
        row = people.submitted(row)
    if state == "accepted":
        workflow.accept(report=row, number=1, by=people.approver, at=NOW)

    response = enter(role).get(f"/media/{path}")
    if response.streaming:
        b"".join(response.streaming_content)

    reads = {
        "draft": role in OWN or role == "administrator",
        "submitted": role in OWN or role in STAFF,
        "accepted": True,
    }
    assert (response.status_code == 200) == reads[state]


@pytest.mark.parametrize("is_on_behalf", [False, True])
@pytest.mark.parametrize("state", STATES)
def test_of_many_reports_the_same_can_be_written_as_of_one(people, state, is_on_behalf):
    row = people.in_state(state)
    row.is_on_behalf = is_on_behalf
    row.save()
    people.administrator_alone = people.member("alone@example.org", OrganizationFactory(), "editor")
    people.administrator_alone.user_permissions.add(
        Permission.objects.get(codename="administer_registration")
    )
    everybody = [role for role in [*ROLES, "administrator_alone"] if role != "stranger"]

    of_one = {r for r in everybody if "save" in workflow.FLOW.actions(row, getattr(people, r))}
    of_many = {r for r in everybody if row in ProgressReport.objects.writable_by(getattr(people, r))}

    assert of_many == of_one
    assert (set(OWN) <= of_one) == (state in ProgressReport.EDITABLE_STATES)
