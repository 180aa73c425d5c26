"""The mail table: each move, and exactly who hears of it, in which language, how often."""

import uuid

import pytest
from django.db import transaction
from django.utils import translation

from core.mailing import EVENTS, rehearsal
from core.models import Mail
from core.workflow import Refused
from partners.models import Membership
from projects import confirmations
from projects.models import CallExtension, Project
from projects.registrations import extensions, workflow
from tests.factories import MembershipFactory, UserFactory
from tests.projects.registrations import NOW, People

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

#: Everybody who may be written to; the English lead is the only one who reads English.
LEADS = {"lead@example.org": "fr", "english@example.org": "en"}
WRITERS = {"editor@example.org": "fr", **LEADS}
STAFF = {"reviewer@example.org": "fr", "approver@example.org": "fr", "administrator@example.org": "fr"}
OTHERS = {"charlie@example.org": "fr"}


@pytest.fixture
def people():
    """With a second lead who reads English, and a colleague who wrote nothing and hears nothing."""
    found = People()
    found.english = MembershipFactory(
        user=UserFactory(email="english@example.org", language="en"),
        organization=found.organization,
        role=Membership.Role.LEAD,
    ).user
    found.member("colleague@example.org", found.organization, Membership.Role.EDITOR)
    found.staff("retired@example.org", "Révision")
    type(found.reviewer).objects.filter(email="retired@example.org").update(is_active=False)
    return found


PARTNER = {"name": "", "role": "contributor"}


def partner_of(people):
    return [{**PARTNER, "organization": people.other_organization.pk}]


def again(people):
    return people.submitted(people.changes_requested())


def staff_draft(people):
    return workflow.start(plan=people.plan, organization=people.organization, by=people.reviewer, at=NOW)


def staff_filled(people):
    row = staff_draft(people)
    return workflow.save(
        registration=row, values=people.content(), version=row.version, by=people.reviewer, at=NOW
    )


def save(people, row, by):
    return workflow.save(
        registration=row, values={"title_fr": "Autre titre"}, version=row.version, by=by, at=NOW
    )


def submit(row, by):
    return workflow.submit(registration=row, version=row.version, token=uuid.uuid4(), by=by, at=NOW)


def approve(people, row, number=1):
    return workflow.approve(registration=row, number=number, by=people.approver, at=NOW)


#: name → (what is there before, the move, who is told: event → addresses with their language)
TABLE = {
    "start": (
        lambda p: None,
        lambda p, _row: workflow.start(plan=p.plan, organization=p.organization, by=p.editor, at=NOW),
        {},
    ),
    "first save": (
        lambda p: workflow.start(plan=p.plan, organization=p.organization, by=p.editor, at=NOW),
        lambda p, row: save(p, row, p.editor),
        {"registration_draft": {"editor@example.org": "fr"}},
    ),
    "second save": (lambda p: p.draft(), lambda p, row: save(p, row, p.editor), {}),
    "save of a colleague": (
        lambda p: p.draft(),
        lambda p, row: save(p, row, p.english),
        {"registration_draft": {"english@example.org": "en"}},
    ),
    "save by staff": (
        lambda p: p.draft(),
        lambda p, row: save(p, row, p.administrator),
        {"registration_edited_on_behalf": WRITERS},
    ),
    "save on behalf": (
        staff_draft,
        lambda p, row: save(p, row, p.reviewer),
        {"registration_edited_on_behalf": LEADS},
    ),
    "submit": (
        lambda p: p.draft(),
        lambda p, row: submit(row, p.editor),
        {"registration_receipt": WRITERS, "registration_to_review": STAFF},
    ),
    "submit on behalf": (
        staff_filled,
        lambda p, row: submit(row, p.reviewer),
        {
            "registration_receipt": {**LEADS, "reviewer@example.org": "fr"},
            "registration_to_review": {k: v for k, v in STAFF.items() if k != "reviewer@example.org"},
        },
    ),
    "submit again": (
        lambda p: p.changes_requested(),
        lambda p, row: submit(row, p.lead),
        {"registration_receipt": WRITERS, "registration_resubmitted": STAFF},
    ),
    "take back": (
        lambda p: p.submitted(),
        lambda p, row: workflow.take_back(registration=row, by=p.editor, at=NOW),
        {"registration_taken_back": STAFF},
    ),
    "request changes": (
        lambda p: p.submitted(),
        lambda p, row: workflow.request_changes(
            registration=row, number=1, message="Quand?", by=p.reviewer, at=NOW
        ),
        {"registration_changes_requested": WRITERS},
    ),
    "approve": (
        lambda p: p.submitted(partners=partner_of(p)),
        lambda p, row: approve(p, row),
        {"registration_approved": WRITERS, "part_to_confirm": OTHERS},
    ),
    "approve, again submitted": (
        again,
        lambda p, row: approve(p, row, 2),
        {"registration_approved": WRITERS},
    ),
    "decline": (
        lambda p: p.submitted(partners=partner_of(p)),
        lambda p, row: workflow.decline(registration=row, number=1, reason="Non.", by=p.approver, at=NOW),
        {"registration_declined": WRITERS},
    ),
    "propose a decision": (
        lambda p: p.submitted(),
        lambda p, row: workflow.propose_decision(
            registration=row, number=1, decision="approve", reason="", by=p.reviewer, at=NOW
        ),
        {},
    ),
    "internal note": (
        lambda p: p.submitted(),
        lambda p, row: workflow.note(registration=row, text="Entre nous.", by=p.reviewer, at=NOW),
        {},
    ),
    "withdraw a draft": (
        lambda p: p.draft(),
        lambda p, row: workflow.withdraw(registration=row, by=p.lead, at=NOW),
        {},
    ),
    "withdraw what staff had read": (
        lambda p: p.changes_requested(),
        lambda p, row: workflow.withdraw(registration=row, by=p.lead, at=NOW),
        {"registration_withdrawn": STAFF},
    ),
    "withdraw as administrator": (
        lambda p: p.draft(),
        lambda p, row: workflow.withdraw(registration=row, by=p.administrator, at=NOW),
        {"registration_withdrawn_for_you": WRITERS},
    ),
    "reopen one's own": (
        lambda p: p.withdrawn(),
        lambda p, row: workflow.reopen(registration=row, by=p.lead, at=NOW),
        {},
    ),
    "reopen as staff": (
        lambda p: p.declined(),
        lambda p, row: workflow.reopen(registration=row, by=p.approver, at=NOW),
        {"registration_reopened": WRITERS},
    ),
    "propose a change": (
        lambda p: p.approved(),
        lambda p, row: workflow.propose_change(
            project=row.project, organization=p.organization, by=p.lead, at=NOW
        ),
        {},
    ),
    "approve a change that asks the same partner": (
        lambda p: p.submitted(p.change(p.approved(partners=partner_of(p)).project)),
        lambda p, row: approve(p, row),
        {"registration_approved": WRITERS},
    ),
    "unpublish": (
        lambda p: p.approved(),
        lambda p, row: workflow.unpublish(
            project=row.project, reason_fr="Fusionné.", by=p.administrator, at=NOW
        ),
        {},
    ),
    "confirm a part": (
        lambda p: p.approved(partners=partner_of(p)),
        lambda p, row: confirmations.confirm(
            part=row.project.project_partners.get(organization=p.other_organization), by=p.other_lead, at=NOW
        ),
        {},
    ),
    "extension": (
        lambda p: None,
        lambda p, _row: extensions.grant(
            extension=CallExtension(plan=p.plan, organization=p.organization, until_at=NOW),
            by=p.administrator,
            at=NOW,
        ),
        {"call_extended": LEADS},
    ),
}


def told(before):
    """event → {address: language} of the letters since; one that stands twice would be lost, so it is counted."""
    new = Mail.objects.exclude(pk__in=before)
    result = {}
    for mail in new:
        result.setdefault(mail.event, {})[mail.address] = mail.language
    assert new.count() == sum(len(people) for people in result.values())
    return result


@pytest.mark.parametrize("name", TABLE)
def test_each_move_is_told_to_exactly_those_people(people, name):
    prepare, move, expected = TABLE[name]
    row = prepare(people)
    before = list(Mail.objects.values_list("pk", flat=True))

    move(people, row)

    assert told(before) == expected


@pytest.mark.parametrize("name", TABLE)
def test_a_rollback_leaves_no_letter_and_no_bell(people, name, django_capture_on_commit_callbacks):
    prepare, move, _expected = TABLE[name]
    row = prepare(people)
    before = list(Mail.objects.values_list("pk", flat=True))

    with (
        django_capture_on_commit_callbacks() as callbacks,
        pytest.raises(RuntimeError),
        transaction.atomic(),
    ):
        move(people, row)
        raise RuntimeError

    assert told(before) == {}
    assert callbacks == []


@pytest.mark.parametrize("name", [name for name in TABLE if name != "extension"])
def test_what_a_rehearsal_announces_is_what_is_sent(people, name):
    prepare, move, expected = TABLE[name]
    row = prepare(people)
    before = list(Mail.objects.values_list("pk", flat=True))

    with rehearsal() as letters:
        move(people, row)
    announced = {(mail.event, mail.address, mail.language, mail.subject, mail.text) for mail in letters}

    assert told(before) == {}
    move(people, row)
    sent = Mail.objects.exclude(pk__in=before)
    without_addresses = {words[:4] for words in announced}
    assert {(m.event, m.address, m.language, m.subject) for m in sent} == without_addresses
    assert {event for event, *_rest in announced} == set(expected)


def test_every_event_of_registrations_stands_in_the_table():
    told_of = {event for _prepare, _move, expected in TABLE.values() for event in expected}
    declared = {name for name in EVENTS if name.startswith(("registration_", "part_to"))}

    # Reminders are told by the calendar, in test_reminders.
    assert declared - told_of == {"registration_draft_reminder", "registration_answer_reminder"}


def test_an_internal_word_is_in_no_letter(people):
    row = people.submitted()
    workflow.note(registration=row, text="Mot-interne", by=people.reviewer, at=NOW)
    workflow.propose_decision(
        registration=row, number=1, decision="decline", reason="Mot-interne", by=people.reviewer, at=NOW
    )
    workflow.decline(registration=row, number=1, reason="Hors de l'île.", by=people.approver, at=NOW)

    assert Mail.objects.filter(text__contains="Hors de l").count() == 3
    assert not Mail.objects.filter(text__contains="Mot-interne").exists()


def test_the_approval_links_to_the_page_and_the_receipt_holds_the_text(people):
    people.approved()

    project = Project.objects.get()
    receipt = Mail.objects.filter(event="registration_receipt").first()
    assert "Des légumes chaque jeudi." in receipt.text
    for mail in Mail.objects.filter(event="registration_approved"):
        with translation.override(mail.language):
            assert project.get_absolute_url() in mail.text


def test_a_refused_move_tells_nobody(people):
    row = people.submitted()
    before = list(Mail.objects.values_list("pk", flat=True))

    with pytest.raises(Refused):
        workflow.approve(registration=row, number=7, by=people.approver, at=NOW)

    assert told(before) == {}
