"""The moves of a registration: who, from which state, and what they do."""

import datetime as dt
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser

from core.models import Mail
from core.workflow import NotAllowed, NotAMove, Refused, Stale
from partners.models import Organization
from plans.models import Plan
from projects.models import Activity, CallExtension, Project, Registration
from projects.registrations import workflow
from tests.projects.registrations import NOW, People

pytestmark = pytest.mark.django_db

STATES = list(Registration.State.values)
ROLES = ["stranger", "editor", "lead", "other_lead", "reviewer", "approver", "administrator"]


#: What `people` are here.
PEOPLE = People


def person(people, role):
    return AnonymousUser() if role == "stranger" else getattr(people, role)


def act(action, row, by):
    """Each move with arguments that suit the row."""
    number = row.versions.count() or 1
    calls = {
        "save": lambda: workflow.save(
            registration=row, values={"title_fr": "Autre titre"}, version=row.version, by=by, at=NOW
        ),
        "submit": lambda: workflow.submit(
            registration=row, version=row.version, token=uuid.uuid4(), by=by, at=NOW
        ),
        "take_back": lambda: workflow.take_back(registration=row, by=by, at=NOW),
        "request_changes": lambda: workflow.request_changes(
            registration=row, number=number, message="Précisez.", by=by, at=NOW
        ),
        "approve": lambda: workflow.approve(registration=row, number=number, by=by, at=NOW),
        "decline": lambda: workflow.decline(
            registration=row, number=number, reason="Hors de l'île.", by=by, at=NOW
        ),
        "propose_decision": lambda: workflow.propose_decision(
            registration=row, number=number, decision="approve", reason="", by=by, at=NOW
        ),
        "withdraw": lambda: workflow.withdraw(registration=row, by=by, at=NOW),
        "reopen": lambda: workflow.reopen(registration=row, by=by, at=NOW),
    }
    return calls[action]()


ACTIONS = ["save", "submit", "take_back", "request_changes", "approve", "decline", "propose_decision"]
ACTIONS += ["withdraw", "reopen"]

#: (state, action) → (state afterwards, who may), as section 5 of the design says.
TABLE = {
    ("draft", "save"): ("draft", "editor lead administrator"),
    ("draft", "submit"): ("submitted", "editor lead administrator"),
    ("draft", "withdraw"): ("withdrawn", "lead administrator"),
    ("changes_requested", "save"): ("changes_requested", "editor lead administrator"),
    ("changes_requested", "submit"): ("submitted", "editor lead administrator"),
    ("changes_requested", "withdraw"): ("withdrawn", "lead administrator"),
    ("submitted", "take_back"): ("draft", "editor lead"),
    ("submitted", "request_changes"): ("changes_requested", "reviewer approver administrator"),
    ("submitted", "approve"): ("approved", "approver administrator"),
    ("submitted", "decline"): ("declined", "approver administrator"),
    ("submitted", "propose_decision"): ("submitted", "reviewer approver administrator"),
    ("declined", "reopen"): ("draft", "approver administrator"),
    ("withdrawn", "reopen"): ("draft", "lead approver administrator"),
}


def test_the_table_of_the_portal_is_the_one_of_the_design():
    moves = {key: move.target or key[0] for key, move in workflow.FLOW.table.items()}

    assert moves == {key: after for key, (after, _who) in TABLE.items()}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("state", "action"), TABLE)
def test_each_move_is_made_by_those_who_may_and_by_nobody_else(people, state, action, role):
    row, by = people.in_state(state), person(people, role)
    after, who = TABLE[state, action]

    if role in who.split():
        assert act(action, row, by).state == after
    else:
        with pytest.raises(NotAllowed):
            act(action, row, by)
        row.refresh_from_db()
        assert row.state == state


@pytest.mark.parametrize(
    ("state", "action"), [(s, a) for s in STATES for a in ACTIONS if (s, a) not in TABLE]
)
def test_what_is_not_in_the_table_raises_even_for_an_administrator(people, state, action):
    row = people.in_state(state)

    with pytest.raises(NotAMove):
        act(action, row, people.administrator)
    assert Registration.objects.get(pk=row.pk).state == state


@pytest.mark.parametrize("role", ROLES)
def test_who_may_start_a_registration(people, role):
    by = person(people, role)

    if role in ("editor", "lead", "reviewer", "administrator"):
        row = workflow.start(plan=people.plan, organization=people.organization, by=by, at=NOW)
        assert row.is_on_behalf == (role in ("reviewer", "administrator"))
    else:
        with pytest.raises(NotAllowed):
            workflow.start(plan=people.plan, organization=people.organization, by=by, at=NOW)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_propose_a_change(people, role):
    project, by = people.approved().project, person(people, role)

    if role in ("editor", "lead", "reviewer", "administrator"):
        row = people.change(project, by)
        assert (row.state, row.project) == ("draft", project)
    else:
        with pytest.raises(NotAllowed):
            people.change(project, by)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_unpublish(people, role):
    project, by = people.approved().project, person(people, role)

    if role == "administrator":
        workflow.unpublish(project=project, reason_fr="Fusionné.", by=by, at=NOW)
        assert not Project.objects.published().filter(pk=project.pk).exists()
    else:
        with pytest.raises(NotAllowed):
            workflow.unpublish(project=project, reason_fr="Fusionné.", by=by, at=NOW)
        assert Project.objects.published().filter(pk=project.pk).exists()


SEEN = {
    "draft": "editor lead administrator",
    "submitted": "editor lead reviewer approver administrator",
    "changes_requested": "editor lead reviewer approver administrator",
    "approved": "editor lead reviewer approver administrator",
    "declined": "editor lead reviewer approver administrator",
    "withdrawn": "editor lead administrator",
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
def test_who_may_read_a_registration(people, state, role):
    row = people.in_state(state)

    seen = Registration.objects.visible_to(person(people, role)).filter(pk=row.pk).exists()

    assert seen == (role in SEEN[state].split())


def test_an_inactive_person_may_do_nothing(people):
    row = people.submitted()
    people.administrator.is_active = False
    people.administrator.save()

    with pytest.raises(NotAllowed):
        act("request_changes", row, people.administrator)
    assert not Registration.objects.visible_to(people.administrator).exists()


# The call ---------------------------------------------------------------------------------------------------


def test_nothing_starts_outside_of_the_call(people):
    Plan.objects.filter(pk=people.plan.pk).update(call_closes_at=NOW - dt.timedelta(days=1))
    people.plan.refresh_from_db()

    with pytest.raises(workflow.CallClosed):
        people.draft()


def test_an_extension_opens_the_call_to_one_organisation(people):
    Plan.objects.filter(pk=people.plan.pk).update(call_closes_at=NOW - dt.timedelta(days=1))
    people.plan.refresh_from_db()
    CallExtension.objects.create(
        plan=people.plan,
        organization=people.organization,
        until_at=NOW + dt.timedelta(days=2),
        granted_by=people.administrator,
    )

    assert people.submitted().state == "submitted"
    with pytest.raises(workflow.CallClosed):
        workflow.start(plan=people.plan, organization=people.other_organization, by=people.other_lead, at=NOW)


def test_a_draft_left_until_after_the_call_is_refused_and_kept(people):
    row = people.draft()
    Plan.objects.filter(pk=people.plan.pk).update(call_closes_at=NOW - dt.timedelta(days=1))

    with pytest.raises(workflow.CallClosed):
        people.submitted(Registration.objects.get(pk=row.pk))
    row.refresh_from_db()
    assert (row.state, row.title) == ("draft", "Un marché dans la ruelle")


def test_an_answer_to_the_council_is_taken_after_the_call(people):
    row = people.changes_requested()
    Plan.objects.filter(pk=people.plan.pk).update(call_closes_at=NOW - dt.timedelta(days=1))

    assert people.submitted(Registration.objects.get(pk=row.pk)).state == "submitted"


# Writing ----------------------------------------------------------------------------------------------------


def test_a_stale_save_is_refused_with_what_is_there(people):
    row = people.draft()
    workflow.save(
        registration=row, values={"title_fr": "D'une autre"}, version=row.version, by=people.lead, at=NOW
    )

    with pytest.raises(Stale) as refused:
        workflow.save(
            registration=row, values={"title_fr": "Le mien"}, version=row.version, by=people.editor, at=NOW
        )

    assert refused.value.row.content["title_fr"] == "D'une autre"
    assert Registration.objects.get(pk=row.pk).title == "D'une autre"


def test_a_save_takes_only_what_a_registration_has(people):
    row = people.draft()

    with pytest.raises(KeyError):
        workflow.save(
            registration=row, values={"state": "approved"}, version=row.version, by=people.lead, at=NOW
        )


def test_an_equal_save_is_no_new_version(people):
    row = people.draft()

    again = workflow.save(
        registration=row, values={"title_fr": row.title}, version=row.version, by=people.editor, at=NOW
    )

    assert again.version == row.version
    assert row.activities.filter(action="save").count() == 1


def test_saves_of_one_sitting_are_one_line_with_the_first_and_the_last_value(people):
    row = people.draft(title_fr="Un")
    for minutes, title in ((5, "Deux"), (20, "Trois")):
        row = workflow.save(
            registration=row,
            values={"title_fr": title},
            version=row.version,
            by=people.editor,
            at=NOW + dt.timedelta(minutes=minutes),
        )

    saves = row.activities.filter(action="save")
    assert [activity.changes["title_fr"] for activity in saves] == [["", "Trois"]]


def test_an_incomplete_registration_is_not_submitted(people):
    row = people.draft(title_fr="", deliverables=[], starts="un jour")

    with pytest.raises(workflow.Incomplete) as refused:
        people.submitted(row)

    assert [problem.name for problem in refused.value.problems] == ["title_fr", "starts", "deliverables"]
    assert Registration.objects.get(pk=row.pk).state == "draft"


def test_submitting_freezes_an_immutable_version(people):
    row = people.submitted()
    version = row.versions.get()

    assert (version.number, len(version.digest), version.submitted_by) == (1, 64, people.editor)
    assert version.content["starts"] == "automne 2026"
    with pytest.raises(TypeError):
        version.save()


def test_the_same_token_twice_is_one_submission(people):
    row, token = people.draft(), uuid.uuid4()

    for _click in range(2):
        after = workflow.submit(registration=row, version=row.version, token=token, by=people.editor, at=NOW)

    assert after.state == "submitted"
    assert row.versions.count() == 1
    assert Mail.objects.filter(event="registration_receipt", address="editor@example.org").count() == 1


# Deciding ---------------------------------------------------------------------------------------------------


def test_an_approved_registration_is_the_public_project(people):
    row = people.approved(
        partners=[{"organization": people.other_organization.pk, "name": "", "role": "contributor"}],
        contact_consent=True,
    )

    project = Project.objects.published().get(pk=row.project_id)
    assert (project.title, project.slug, project.primary_objective) == (
        "Un marché dans la ruelle",
        "un-marche-dans-la-ruelle",
        people.objective,
    )
    assert [(p.organization.name, p.role, bool(p.confirmed_on)) for p in project.project_partners.all()] == [
        ("Chez Alice", "lead", True),
        ("Chez Charlie", "contributor", False),
    ]
    assert str(project.starts) == "automne 2026"
    assert [str(d) for d in project.deliverables.all()] == ["Dix marchés"]
    assert project.has_public_contact
    assert list(Project.objects.search("marche")) == [project]


def test_a_contact_without_consent_is_not_public(people):
    assert not people.approved().project.has_public_contact


def test_an_older_version_is_not_approved(people):
    row = people.submitted()
    row = workflow.take_back(registration=row, by=people.editor, at=NOW)
    row = people.submitted(row)

    with pytest.raises(Stale):
        workflow.approve(registration=row, number=1, by=people.approver, at=NOW)
    assert not Project.objects.exists()


def test_nobody_approves_their_own_version(people):
    row = workflow.start(plan=people.plan, organization=people.organization, by=people.administrator, at=NOW)
    row = workflow.save(
        registration=row, values=people.content(), version=row.version, by=people.administrator, at=NOW
    )
    row = people.submitted(row, by=people.administrator)

    with pytest.raises(workflow.OwnVersion):
        workflow.approve(registration=row, number=1, by=people.administrator, at=NOW)
    after = workflow.approve(registration=row, number=1, by=people.administrator, at=NOW, override=True)

    assert after.state == "approved"
    assert "propre version" in Activity.objects.get(action="approve").message


def test_a_pending_organisation_waits_for_its_verification(people):
    row = people.submitted()
    Organization.objects.filter(pk=people.organization.pk).update(stage="pending")

    with pytest.raises(Refused, match="vérifi"):
        workflow.approve(registration=row, number=1, by=people.approver, at=NOW)
    assert not Project.objects.exists()


def test_an_error_while_applying_leaves_nothing_half_done(people, monkeypatch):
    row = people.submitted()
    mails = Mail.objects.count()

    def fail(**_values):
        raise RuntimeError

    monkeypatch.setattr("projects.registrations.applying.also_apply", [fail])
    with pytest.raises(RuntimeError):
        workflow.approve(registration=row, number=1, by=people.approver, at=NOW)

    assert Registration.objects.get(pk=row.pk).state == "submitted"
    assert not Project.objects.exists()
    assert Mail.objects.count() == mails


def test_a_change_leaves_the_public_page_until_it_is_approved(people):
    project = people.approved().project
    change = people.change(project)
    change = workflow.save(
        registration=change,
        values={"title_fr": "Deux marchés"},
        version=change.version,
        by=people.editor,
        at=NOW,
    )
    change = people.submitted(change)

    project.refresh_from_db()
    assert project.title == "Un marché dans la ruelle"
    workflow.approve(registration=change, number=1, by=people.approver, at=NOW)
    project.refresh_from_db()
    assert (project.title, project.slug) == ("Deux marchés", "un-marche-dans-la-ruelle")
    assert project.approved_versions.count() == 2
    assert project.approved_versions.first().before["title_fr"] == "Un marché dans la ruelle"


def test_a_change_keeps_what_partners_confirmed_and_what_deliverables_are(people):
    partner = {"organization": people.other_organization.pk, "name": "", "role": "contributor"}
    project = people.approved(partners=[partner]).project
    project.project_partners.filter(organization=people.other_organization).update(confirmed_on="2026-03-03")
    deliverable = project.deliverables.get()

    change = people.change(project)
    rows = [{"title_fr": "Un bilan", "due": ""}, *change.content["deliverables"]]
    change = workflow.save(
        registration=change, values={"deliverables": rows}, version=change.version, by=people.editor, at=NOW
    )
    workflow.approve(registration=people.submitted(change), number=1, by=people.approver, at=NOW)

    assert [(d.number, d.title_fr) for d in project.deliverables.order_by("number")] == [
        (1, "Un bilan"),
        (2, "Dix marchés"),
    ]
    assert project.deliverables.get(number=2).pk == deliverable.pk
    assert project.project_partners.filter(confirmed_on=None).count() == 0


def test_one_change_at_a_time(people):
    project = people.approved().project
    first = people.change(project)

    with pytest.raises(workflow.AlreadyOpen) as refused:
        people.change(project, people.lead)

    assert refused.value.row == first


def test_an_organisation_named_in_words_waits_to_be_verified(people):
    project = people.approved(
        partners=[
            {"organization": None, "name": "chez charlie", "role": "contributor"},
            {"organization": None, "name": "Ferme Nouvelle", "role": "funder"},
        ]
    ).project

    assert project.project_partners.filter(organization=people.other_organization).exists()
    assert Organization.objects.get(name="Ferme Nouvelle").stage == "pending"


def test_a_proposed_decision_is_gone_once_the_text_changes(people):
    row = workflow.propose_decision(
        registration=people.submitted(), number=1, decision="approve", reason="", by=people.reviewer, at=NOW
    )
    assert row.proposed_decision == "approve"

    row = workflow.take_back(registration=row, by=people.editor, at=NOW)

    assert (row.proposed_decision, row.proposed_by) == ("", None)
