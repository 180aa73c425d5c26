"""The review desk: what staff see of a registration, and the decisions they make of it."""

import datetime as dt

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from core.models import Mail
from partners.models import Organization
from projects.models import Activity, Project, Registration
from projects.registrations import workflow
from tests.factories import UserFactory
from tests.projects.registrations import NOW, People
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def people():
    return People()


@pytest.fixture
def desk(client):
    """Sign somebody in and speak of registrations: ``desk(people.reviewer)``."""

    def enter(person):
        client.force_login(person)
        return client

    return enter


def queue():
    return reverse("admin:projects_registration_changelist")


def page_of(row):
    return reverse("admin:projects_registration_change", args=(row.pk,))


def act_on(row, action):
    return reverse("admin:projects_registration_act", args=(row.pk, action))


def text_of(response):
    """The page's words, with plain spaces and apostrophes."""
    return response.content.decode().replace("\xa0", " ").replace("’", "'").replace("&#x27;", "'")


def told(response):
    return " ".join(str(message) for message in response.context["messages"])


# The queue --------------------------------------------------------------------------------------------------


def titles(response):
    return [row.title for row in response.context["cl"].result_list]


def test_the_queue_shows_what_waits_the_longest_first(people, desk):
    late, early = people.submitted(title_fr="Arrivée hier"), people.submitted(title_fr="Arrivée d'abord")
    Registration.objects.filter(pk=early.pk).update(submitted_at="2026-01-05T12:00Z")
    Registration.objects.filter(pk=late.pk).update(submitted_at="2026-02-05T12:00Z")
    people.draft(title_fr="Brouillon")
    people.changes_requested()

    response = desk(people.reviewer).get(queue())

    assert titles(response) == ["Arrivée d'abord", "Arrivée hier"]
    assert "jours" in text_of(response)


@pytest.mark.parametrize(
    ("turn", "states"),
    [
        ("conseil", ["submitted"]),
        ("partenaire", ["changes_requested"]),
        ("decidees", ["approved", "declined", "withdrawn"]),
        ("toutes", ["approved", "changes_requested", "declined", "submitted", "withdrawn"]),
    ],
)
def test_the_queue_is_filtered_by_whose_turn_it_is(people, desk, turn, states):
    for state in Registration.State.values:
        people.in_state(state)

    rows = desk(people.approver).get(queue(), {"tour": turn}).context["cl"].result_list

    assert sorted(row.state for row in rows) == states


def test_the_queue_is_filtered_by_kind_and_searched_without_accents(people, desk):
    new = people.submitted(title_fr="Épicerie mobile")
    change = people.submitted(people.change())
    staff = desk(people.reviewer)

    assert [r.pk for r in staff.get(queue(), {"genre": "modification"}).context["cl"].result_list] == [
        change.pk
    ]
    for words in ("epicerie", "MOBILE alice"):
        assert [r.pk for r in staff.get(queue(), {"q": words}).context["cl"].result_list] == [new.pk]


@pytest.mark.parametrize("rows", [1, 3, 25])
def test_the_queue_takes_the_same_queries(people, desk, rows, django_assert_num_queries):
    for _row in range(rows):
        people.submitted()
    staff = desk(people.approver)
    staff.get(queue())

    with django_assert_num_queries(QUEUE_QUERIES):
        response = staff.get(queue())

    assert response.context["cl"].result_count == rows


QUEUE_QUERIES = 9


def test_a_title_that_is_being_rewritten_is_not_shown_nor_found(people, desk):
    row = people.changes_requested()
    workflow.save(
        registration=row, values={"title_fr": "Secret"}, version=row.version, by=people.editor, at=NOW
    )
    staff = desk(people.administrator)

    listed = staff.get(queue(), {"tour": "partenaire"})
    found = staff.get(queue(), {"tour": "partenaire", "q": "secret"})

    assert "Un marché dans la ruelle" in text_of(listed)
    assert "Secret" not in text_of(listed)
    assert found.context["cl"].result_count == 0


# The decision page ------------------------------------------------------------------------------------------


def test_a_new_project_is_read_whole_with_who_registers_it(people, desk):
    row = people.submitted()

    page = text_of(desk(people.approver).get(page_of(row)))

    for words in (
        "Un marché dans la ruelle",
        "automne 2026",
        "Dix marchés",
        "Chez Alice",
        "lead@example.org",
    ):
        assert words in page


def test_a_change_shows_what_is_added_and_removed_field_by_field(people, desk):
    change = people.change()
    rows = [*change.content["deliverables"], {"title_fr": "Un bilan", "due": ""}]
    change = workflow.save(
        registration=change,
        values={"summary_fr": "Des fruits chaque jeudi.", "deliverables": rows},
        version=change.version,
        by=people.editor,
        at=NOW,
    )
    change = people.submitted(change)

    shown = desk(people.approver).get(page_of(change)).context["review"].public_change

    assert [(d.name, d.kind) for d in shown] == [("summary_fr", "changed"), ("deliverables", "changed")]
    assert [(p.kind, p.text) for p in shown[0].pieces] == [
        ("same", "Des "),
        ("removed", "légumes"),
        ("added", "fruits"),
        ("same", " chaque jeudi."),
    ]
    assert [(p.kind, p.text) for p in shown[1].pieces][-1] == ("added", "Un bilan")


def test_a_picture_is_shown_before_and_after(people, desk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    project = people.approved(image="registrations/1/avant.png", image_alt_fr="Un carré").project
    change = people.change(project)
    change = workflow.save(
        registration=change,
        values={"image": "registrations/2/apres.png"},
        version=change.version,
        by=people.editor,
        at=NOW,
    )
    row = people.submitted(change)

    page = text_of(desk(people.approver).get(page_of(row)))

    assert '<img src="/media/registrations/1/avant.png" alt="L\'image d\'avant"' in page
    assert '<img src="/media/registrations/2/apres.png" alt="L\'image proposée"' in page
    assert not Mail.objects.filter(text__contains="apres.png").exists()


def test_a_difference_is_told_in_words_too(people, desk):
    change = people.change()
    change = workflow.save(
        registration=change, values={"summary_fr": "Rien."}, version=change.version, by=people.editor, at=NOW
    )

    page = text_of(desk(people.approver).get(page_of(people.submitted(change))))

    assert '<ins><span class="visually-hidden">[ajout : </span>Rien.' in page
    assert '<del><span class="visually-hidden">[retrait : </span>' in page


def test_a_registration_submitted_again_shows_what_changed_and_what_was_asked(people, desk):
    row = workflow.request_changes(
        registration=people.submitted(),
        number=1,
        message="Et la date?",
        fields=["starts"],
        by=people.reviewer,
        at=NOW,
    )
    row = workflow.save(
        registration=row, values={"starts": "mai 2026"}, version=row.version, by=people.editor, at=NOW
    )
    response = desk(people.approver).get(page_of(people.submitted(row)))

    shown = response.context["review"]
    assert [d.name for d in shown.since] == ["starts"]
    assert shown.asked == ["starts"]
    assert "Et la date?" in text_of(response)


def test_the_text_being_rewritten_is_not_on_the_page(people, desk):
    row = people.changes_requested()
    workflow.save(
        registration=row,
        values={"title_fr": "Secret", "summary_fr": "Secret"},
        version=row.version,
        by=people.editor,
        at=NOW,
    )

    page = text_of(desk(people.administrator).get(page_of(row)))

    assert "Secret" not in page
    assert "Des légumes chaque jeudi." in page


def test_an_administrator_who_opens_a_draft_is_in_the_log(people, desk):
    row = people.draft(title_fr="Pas encore prêt")
    staff = desk(people.administrator)

    before = text_of(staff.get(page_of(row)))
    for _opening in range(2):
        page = staff.get(reverse("admin:projects_registration_draft", args=(row.pk,)))

    assert "Pas encore prêt" not in before
    assert "Pas encore prêt" in text_of(page)
    assert Activity.objects.filter(action="read", by=people.administrator, is_internal=False).count() == 1


def test_an_approved_change_still_shows_what_it_changed(people, desk):
    change = people.change()
    change = workflow.save(
        registration=change, values={"summary_fr": "Rien."}, version=change.version, by=people.editor, at=NOW
    )
    row = workflow.approve(registration=people.submitted(change), number=1, by=people.approver, at=NOW)

    shown = desk(people.approver).get(page_of(row)).context["review"]

    assert [d.name for d in shown.public_change] == ["summary_fr"]


def test_the_page_takes_the_same_queries_whatever_it_holds(people, desk, django_assert_max_num_queries):
    row = people.submitted(
        territories=[],
        partners=[{"organization": people.other_organization.pk, "name": "", "role": "contributor"}],
        deliverables=[{"title_fr": f"Livrable {n}", "due": "2027"} for n in range(20)],
    )
    for n in range(10):
        workflow.note(registration=row, text=f"Note {n}", by=people.reviewer, at=NOW)
        people.approved(title_fr=f"Un marché dans la ruelle {n}")
    staff = desk(people.approver)
    staff.get(page_of(row))

    with django_assert_max_num_queries(45):
        staff.get(page_of(row))


def test_nothing_is_editable_on_the_page(people, desk):
    row = people.submitted()
    superuser = UserFactory(is_staff=True, is_superuser=True)

    response = desk(superuser).post(page_of(row), {"state": "approved", "title": "Autre"})

    assert response.status_code == 403
    assert Registration.objects.get(pk=row.pk).state == "submitted"
    for name in ("add",):
        assert desk(superuser).get(reverse(f"admin:projects_registration_{name}")).status_code == 403


def test_versions_and_the_log_have_no_form_in_the_admin():
    names = {model.__name__ for model in admin.site._registry}

    assert not names & {"RegistrationVersion", "ApprovedVersion", "Activity"}


def test_a_false_double_is_set_apart_and_brought_back_on_the_page(people, desk):
    row, other = people.submitted(), people.submitted(title_fr="Le marché dans la ruelle")
    staff = desk(people.reviewer)
    address = reverse("admin:projects_registration_distinguish", args=(row.pk,))
    told_of = lambda page, name: [item.pk for item in page.context[name]]  # noqa: E731

    apart = staff.post(address, {"other": f"registration:{other.pk}"}, follow=True)
    assert (told_of(apart, "duplicates"), told_of(apart, "set_apart")) == ([], [other.pk])
    assert str(people.reviewer) in text_of(apart)

    back = staff.post(address, {"other": f"registration:{other.pk}"}, follow=True)
    assert (told_of(back, "duplicates"), told_of(back, "set_apart")) == ([other.pk], [])
    gone = staff.post(address, {"other": "project:0"}, follow=True)
    assert "ne ressemble plus" in told(gone)


def test_an_internal_note_is_kept_for_the_council(people, desk):
    row = people.submitted()
    staff = desk(people.reviewer)

    staff.post(reverse("admin:projects_registration_note", args=(row.pk,)), {"text": "À voir avec la Ville."})

    assert "À voir avec la Ville." in text_of(staff.get(page_of(row)))
    assert Activity.objects.get(action="note").is_internal
    assert not Mail.objects.filter(text__contains="la Ville").exists()


# Decisions --------------------------------------------------------------------------------------------------


def test_approving_names_exactly_who_will_be_mailed_and_writes_nothing_before(people, desk):
    row = people.submitted(
        partners=[{"organization": people.other_organization.pk, "name": "", "role": "contributor"}]
    )
    staff, before = desk(people.approver), Mail.objects.count()

    asked = staff.get(act_on(row, "approve"), {"version": 1})
    announced = {(mail.address, mail.subject, mail.text) for mail in asked.context["letters"]}

    assert Registration.objects.get(pk=row.pk).state == "submitted"
    assert (Project.objects.count(), Mail.objects.count()) == (0, before)
    assert {address for address, _subject, _text in announced} == {
        "lead@example.org",
        "editor@example.org",
        "charlie@example.org",
    }

    done = staff.post(act_on(row, "approve"), {"number": 1, "step": "do"}, follow=True)
    sent = Mail.objects.order_by("pk")[before:]
    assert "en ligne" in told(done)
    assert {(mail.address, mail.subject) for mail in sent} == {(a, s) for a, s, _t in announced}
    assert Project.objects.published().count() == 1


def test_asking_for_more_goes_through_the_text_of_the_mail(people, desk):
    row = people.submitted()
    staff = desk(people.reviewer)
    data = {"number": 1, "message": "Quand?", "fields_asked": ["starts", "ends"], "due_on": "2999-01-31"}

    check = staff.post(act_on(row, "request_changes"), {**data, "step": "check"})
    assert "Quand?" in check.context["letters"][0].text
    assert Registration.objects.get(pk=row.pk).state == "submitted"

    again = staff.post(act_on(row, "request_changes"), {**data, "step": "edit"})
    assert again.context["form"]["message"].value() == "Quand?"

    staff.post(act_on(row, "request_changes"), {**data, "step": "do"})
    row.refresh_from_db()
    assert (row.state, str(row.answer_due_on)) == ("changes_requested", "2999-01-31")
    assert row.activities.get(action="request_changes").fields == ["starts", "ends"]


@pytest.mark.parametrize(
    ("action", "data", "name"),
    [
        ("request_changes", {"message": " "}, "message"),
        ("request_changes", {"message": "Quand?", "due_on": "2001-01-01"}, "due_on"),
        ("decline", {"reason": ""}, "reason"),
        ("propose_decision", {"decision": "decline", "reason": ""}, "reason"),
    ],
)
def test_what_is_missing_in_a_decision_is_told_beside_it(people, desk, action, data, name):
    row = people.submitted()

    response = desk(people.approver).post(act_on(row, action), {"number": 1, "step": "do", **data})

    assert name in response.context["form"].errors
    assert Registration.objects.get(pk=row.pk).state == "submitted"


def test_a_decision_taken_by_somebody_else_is_told(people, desk):
    row = people.submitted()
    workflow.decline(registration=row, number=1, reason="Non.", by=people.administrator, at=NOW)

    response = desk(people.approver).post(act_on(row, "approve"), {"number": 1, "step": "do"}, follow=True)

    assert f"Non retenue, par {people.administrator}, le 2 mars 2026" in told(response)


def test_an_older_version_is_not_decided(people, desk):
    row = workflow.take_back(registration=people.submitted(), by=people.editor, at=NOW)
    row = people.submitted(row)
    staff = desk(people.approver)

    for response in (
        staff.get(act_on(row, "approve"), {"version": 1}, follow=True),
        staff.post(act_on(row, "approve"), {"number": 1, "step": "do"}, follow=True),
    ):
        assert "Une version plus récente a été soumise" in told(response)
    assert not Project.objects.exists()


def test_a_registration_taken_back_leaves_the_desk_with_a_word(people, desk):
    row = people.submitted()
    staff = desk(people.approver)
    staff.get(act_on(row, "approve"), {"version": 1})
    workflow.take_back(registration=row, by=people.editor, at=NOW)

    assert staff.post(act_on(row, "approve"), {"number": 1, "step": "do"}).status_code == 404


def test_a_pending_organisation_is_told_with_where_to_verify_it(people, desk):
    row = people.submitted()
    Organization.objects.filter(pk=people.organization.pk).update(stage="pending")
    staff = desk(people.approver)

    refused = staff.get(act_on(row, "approve"), {"version": 1}, follow=True)

    assert "pas encore vérifiée" in told(refused)
    assert reverse("admin:partners_organization_change", args=(people.organization.pk,)) in text_of(refused)


def test_a_text_that_the_plan_left_behind_is_told_field_by_field(people, desk):
    row = people.submitted()
    people.objective.delete()

    refused = desk(people.approver).get(act_on(row, "approve"), {"version": 1}, follow=True)

    assert "Objectif principal : Choisissez l'objectif" in told(refused)


def on_behalf(people, by):
    row = workflow.start(plan=people.plan, organization=people.organization, by=by, at=NOW)
    row = workflow.save(registration=row, values=people.content(), version=row.version, by=by, at=NOW)
    return people.submitted(row, by=by)


def test_an_administrator_approves_their_own_version_only_by_saying_so(people, desk):
    row = on_behalf(people, people.administrator)
    staff = desk(people.administrator)

    asked = staff.get(act_on(row, "approve"), {"version": 1})
    assert "override" in asked.context["form"].fields
    refused = staff.post(act_on(row, "approve"), {"number": 1, "step": "do"})
    assert refused.context["form"].errors
    staff.post(act_on(row, "approve"), {"number": 1, "override": "on", "step": "do"})

    assert Registration.objects.get(pk=row.pk).state == "approved"
    assert "propre version" in Activity.objects.get(action="approve").message


def test_an_approver_does_not_decide_of_their_own_version(people, desk):
    people.approver.groups.add(people.reviewer.groups.get())
    row = on_behalf(people, people.approver)
    staff = desk(people.approver)

    shown = staff.get(page_of(row))
    refused = staff.post(act_on(row, "approve"), {"number": 1, "step": "do"}, follow=True)

    assert "approve" not in [form.action for form in shown.context["acts"]]
    assert "Une autre personne doit décider" in told(refused)


def test_a_proposal_is_confirmed_by_a_second_person(people, desk):
    row = people.submitted()
    desk(people.reviewer).post(
        act_on(row, "propose_decision"),
        {"number": 1, "decision": "decline", "reason": "Hors de l'île.", "step": "do"},
    )

    mine = desk(people.reviewer).get(page_of(row))
    theirs = desk(people.approver).get(page_of(row))
    form = desk(people.approver).get(act_on(row, "decline"), {"version": 1}).context["form"]

    assert (mine.context["confirms"], theirs.context["confirms"]) == ("", "decline")
    assert form["reason"].value() == "Hors de l'île."
    assert desk(people.approver).get(queue(), {"tour": "proposees"}).context["cl"].result_count == 1


def test_withdrawing_and_reopening_as_an_administrator(people, desk):
    row = people.changes_requested()
    staff = desk(people.administrator)

    staff.post(act_on(row, "withdraw"), {"message": "Abandonnée", "step": "do"})
    assert Registration.objects.get(pk=row.pk).state == "withdrawn"
    letters = staff.get(act_on(row, "reopen")).context["letters"]
    assert {letter.address for letter in letters} == {"lead@example.org", "editor@example.org"}
    staff.post(act_on(row, "reopen"), {"step": "do"})

    assert Registration.objects.get(pk=row.pk).state == "draft"


def test_an_approver_reopens_what_was_withdrawn_without_reading_it(people, desk):
    """R10: never submitted, its text stays its organisation's."""
    row = workflow.withdraw(registration=people.draft(title_fr="Secret"), by=people.lead, at=NOW)
    staff = desk(people.approver)

    listed = staff.get(queue(), {"tour": "decidees"})
    page = staff.get(page_of(row))
    asked = staff.get(act_on(row, "reopen"))
    staff.post(act_on(row, "reopen"), {"step": "do"})

    assert Registration.objects.get(pk=row.pk).state == "draft"
    assert [form.action for form in page.context["acts"]] == ["reopen"]
    assert {letter.address for letter in asked.context["letters"]} == {
        "lead@example.org",
        "editor@example.org",
    }
    for response in (listed, page, asked):
        assert "Secret" not in text_of(response)
    assert staff.get(page_of(row)).status_code == 404


def test_a_title_that_was_never_handed_in_is_in_no_letter_that_staff_read(people, desk):
    row = people.changes_requested()
    row = workflow.save(
        registration=row, values={"title_fr": "Secret"}, version=row.version, by=people.editor, at=NOW
    )
    row = workflow.withdraw(registration=row, by=people.lead, at=NOW)
    workflow.reopen(registration=row, by=people.approver, at=NOW)

    told = Mail.objects.filter(event__in=("registration_withdrawn", "registration_reopened"))
    assert all("Un marché dans la ruelle" in mail.subject for mail in told)
    assert not told.filter(text__contains="Secret").exists()


# Several at once, and on behalf -----------------------------------------------------------------------------


def test_bulk_approval_says_of_each_what_happened(people, desk):
    good, pending = people.submitted(), people.submitted()
    own = on_behalf(people, people.administrator)
    other = Organization.objects.create(name="À vérifier", slug="a-verifier", sector="other")
    Registration.objects.filter(pk=pending.pk).update(organization=other)
    staff = desk(people.administrator)

    sent = staff.post(
        queue(), {"action": "approve_chosen", "_selected_action": [good.pk, pending.pk, own.pk]}
    )
    asked = staff.get(sent.url)
    assert [r.is_approved for r in asked.context["results"]] == [True, False, False]
    assert not Project.objects.exists()

    versions = [f"{row.pk}:1" for row in (good, pending, own)]
    done = staff.post(reverse("admin:projects_registration_bulk"), {"version": versions})
    again = staff.post(reverse("admin:projects_registration_bulk"), {"version": versions})

    by_row = {r.registration.pk: " ".join(r.reasons) for r in done.context["results"]}
    assert by_row[good.pk] == ""
    assert "vérifiée" in by_row[pending.pk]
    assert "Une autre personne" in by_row[own.pk]
    assert "Approuvée, par" in " ".join(again.context["results"][0].reasons)
    assert Project.objects.count() == 1


def test_bulk_approval_takes_only_the_version_that_was_announced(people, desk):
    row = workflow.take_back(registration=people.submitted(), by=people.editor, at=NOW)
    row = people.submitted(row)

    done = desk(people.approver).post(
        reverse("admin:projects_registration_bulk"), {"version": [f"{row.pk}:1", "x", "1:y"]}
    )

    assert "Une version plus récente" in done.context["results"][0].reasons[0]
    assert not Project.objects.exists()


def test_registering_on_behalf_leads_to_the_partners_form(people, desk):
    address = reverse("admin:projects_registration_start")

    response = desk(people.reviewer).post(
        address, {"plan": people.plan.pk, "organization": people.organization.pk}
    )

    row = Registration.objects.get()
    assert (response.url, row.is_on_behalf, row.created_by) == (
        row.get_absolute_url(),
        True,
        people.reviewer,
    )
    assert desk(people.approver).get(address).status_code == 403


def test_a_change_is_proposed_on_behalf_once(people, desk):
    project = people.approved().project
    address = reverse("admin:projects_registration_propose", args=(project.pk,))

    first = desk(people.reviewer).post(address)
    second = desk(people.reviewer).post(address, follow=True)

    row = Registration.objects.get(is_change=True)
    assert first.url == row.get_absolute_url()
    assert "déjà en cours" in told(second)


# Two reviewers at once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_make_one_decision_and_the_other_is_told(people):
    if connection.vendor == "sqlite":
        connection.close()
    row = people.submitted()
    second = people.staff("second@example.org", "Approbation")
    clients = []
    for person in (people.approver, second):
        browser = Client()
        browser.force_login(person)
        clients.append(browser)

    def decide(browser, action, **data):
        with translation.override("fr"):
            return browser.post(act_on(row, action), {"number": 1, "step": "do", **data}, follow=True)

    answers = at_once(
        lambda: decide(clients[0], "approve"), lambda: decide(clients[1], "decline", reason="Non.")
    )

    # Not the contexts: those of both threads come by one signal.
    said = [text_of(answer) for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sum("n'est plus possible dans l'état actuel" in words for words in said) == 1
    decisions = Mail.objects.filter(event__in=("registration_approved", "registration_declined"))
    assert decisions.filter(address="lead@example.org").count() == 1


# The index --------------------------------------------------------------------------------------------------


def test_the_index_counts_what_the_review_waits_for(people, desk):
    row = workflow.propose_decision(
        registration=people.submitted(), number=1, decision="approve", reason="", by=people.reviewer, at=NOW
    )
    Registration.objects.filter(pk=people.submitted().pk).update(submitted_at=timezone.now() - DAY * 5)
    Registration.objects.filter(pk=row.pk).update(submitted_at=timezone.now() - DAY * 9)
    Registration.objects.filter(pk=people.changes_requested().pk).update(answer_due_on="2026-01-01")
    Mail.objects.filter(pk=Mail.objects.first().pk).update(state="failed")
    staff = desk(people.approver)

    matters = staff.get(reverse("admin:index")).context["matters"]

    assert {str(m.label): m.count for m in matters} == {
        "Inscriptions à examiner": 2,
        "Courriels qui ne sont pas partis": 1,
        "Décisions proposées à confirmer": 1,
        "Précisions qui tardent": 1,
    }
    assert str(matters[0].help) == "La plus ancienne attend depuis 9 jours."
    for matter in matters:
        assert staff.get(matter.url).context["cl"].result_count == matter.count, matter.label


@pytest.mark.parametrize(
    ("role", "status", "reads"), [("approver", 404, 0), ("reviewer", 404, 0), ("administrator", 200, 1)]
)
def test_in_the_partners_pages_staff_meet_no_text_that_is_not_theirs_to_write(
    people, desk, role, status, reads
):
    row = people.changes_requested()

    for name in ("detail", "preview"):
        address = reverse(f"registrations:{name}", args=(row.pk,))
        assert desk(getattr(people, role)).get(address).status_code == status

    assert Activity.objects.filter(action="read", registration=row).count() == reads


def test_the_list_of_mail_tells_no_member_of_staff_of_drafts(people, desk):
    people.draft(title_fr="Secret")
    address = reverse("admin:core_mail_changelist")

    assert "Secret" not in text_of(desk(people.reviewer).get(address))
    assert "Secret" in text_of(desk(people.administrator).get(address))
