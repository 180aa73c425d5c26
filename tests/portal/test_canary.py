"""A marked word in all that is not public: nobody outside of its organisation and the staff ever meets it."""

import dataclasses
import datetime as dt
import io
import re
import uuid
import zipfile

import openpyxl
import pikepdf
import pytest
from django.core.management import call_command
from django.urls import NoReverseMatch, get_resolver, reverse

from csam.documents import rendering
from csam.documents.collecting import collect
from indicators.reports import workflow as report_workflow
from plans.models import Plan
from projects.registrations import workflow
from tests.browser.addresses import names
from tests.documents.pdf_text import text_of
from tests.indicators.reports import complete_content
from tests.processes import not_available
from tests.projects.registrations import NOW, People

pytestmark = pytest.mark.django_db

#: The word to look for, and one beside it to search by: a page may print what it was asked.
WORD, BESIDE = "motcanari", "temoinage"
SECRET = f"{WORD} {BESIDE}"


def with_secrets():
    """A published project, and registrations in every other state whose texts hold the word."""
    found = People()
    Plan.objects.filter(pk=found.plan.pk).update(is_current=True)
    found.project = found.approved(title_fr="Marché visible").project
    secrets = {
        "title_fr": f"Marché {SECRET}",
        "title_en": SECRET,
        "summary_fr": SECRET,
        "description_fr": SECRET,
        "populations_fr": SECRET,
        "contact_name": SECRET,
        "contact_email": f"{WORD}@example.org",
        "deliverables": [{"id": None, "title_fr": SECRET, "title_en": SECRET, "due": "", "state": "to_do"}],
        "partners": [{"organization": None, "name": f"Ferme {SECRET}", "role": "contributor"}],
    }
    found.draft(**secrets)
    found.waiting = found.submitted(**secrets)
    workflow.note(registration=found.waiting, text=SECRET, by=found.reviewer, at=NOW)
    workflow.propose_decision(
        registration=found.waiting, number=1, decision="decline", reason=SECRET, by=found.reviewer, at=NOW
    )
    declined = found.submitted(**secrets)
    workflow.decline(registration=declined, number=1, reason=SECRET, by=found.approver, at=NOW)
    asked = found.submitted(**secrets)
    workflow.request_changes(registration=asked, number=1, message=SECRET, by=found.reviewer, at=NOW)
    workflow.withdraw(registration=found.draft(**secrets), by=found.lead, at=NOW, message=SECRET)
    change = found.change(found.project)
    found.changing = workflow.save(
        registration=change, values=secrets, version=change.version, by=found.editor, at=NOW
    )
    secret_reports(found)
    return found


#: What `people` are here.
PEOPLE = with_secrets


def secret_reports(people):
    """Of the published project: a report in each state that is not public, and one whose private parts hold the word."""
    secrets = dict.fromkeys(("narrative_fr", "narrative_en", "learned_fr", "learned_en"), SECRET)
    private = {"difficulties": SECRET, "needs": SECRET}

    def report(state, **values):
        row = report_workflow.start(
            project=people.project,
            title="Bilan visible",
            starts_on=dt.date(2026, 1, 1),
            ends_on=dt.date(2026, 6, 30),
            by=people.editor,
            at=NOW,
        )
        content = {**complete_content(row), **private, **values}
        row = report_workflow.save(report=row, values=content, version=0, by=people.editor, at=NOW)
        if state == "draft":
            return row
        if state == "waived":
            return report_workflow.waive(report=row, reason=SECRET, by=people.approver, at=NOW)
        row = report_workflow.submit(
            report=row, version=row.version, token=uuid.uuid4(), by=people.editor, at=NOW
        )
        report_workflow.note(report=row, text=SECRET, by=people.reviewer, at=NOW)
        if state == "changes_requested":
            told = {"message": SECRET, "by": people.reviewer, "at": NOW}
            return report_workflow.request_changes(report=row, number=1, **told)
        if state == "accepted":
            return report_workflow.accept(report=row, number=1, by=people.approver, at=NOW)
        return row

    for state in ("draft", "waived", "submitted", "changes_requested"):
        report(state, **secrets)
    public = report("accepted", narrative_fr="Récit visible.")
    correction = report_workflow.correct(report=public, by=people.editor, at=NOW)
    values = {"report": correction, "values": secrets, "version": correction.version}
    report_workflow.save(**values, by=people.editor, at=NOW)


def parameters(people, name):
    """A value for each parameter of an address."""
    is_partner = name.startswith("partners:")
    return {
        "plan": people.plan.slug,
        "number": 1,
        "code": people.objective.code,
        "slug": people.organization.slug if is_partner else people.project.slug,
        "pk": people.waiting.pk,
        "key": "projet",
        "token": "jeton",
        "kind": "full",
        "language": "fr",
        "period": 1,
        "section": "projets",
        "name": "registration_approved",
        "action": "approve",
        "uidb36": "0",
        "path": "projects/x.png",
        "year": "2020-2022",
        "report": 1,
    }


def addresses(people):
    """Every address of the portal that takes parameters we know, in both languages of a visitor."""
    found = {}
    for name in sorted(names()):
        values = parameters(people, name)
        found[name] = reverse(name, kwargs={key: values[key] for key in needed(name)})
    return found


def needed(name):
    """The parameters of an address."""
    *spaces, last = name.split(":")
    resolver = get_resolver("csam.urls")
    for space in spaces:
        _prefix, resolver = resolver.namespace_dict[space]
    possibilities = resolver.reverse_dict.getlist(last)
    if not possibilities:
        raise NoReverseMatch(name)
    return possibilities[0][0][0][1]


def body(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", "replace")


@pytest.mark.parametrize("who", ["the public", "another organisation"])
def test_no_address_tells_it(client, people, who):
    if who == "another organisation":
        client.force_login(people.other_lead)

    answered = set()
    for name, address in addresses(people).items():
        if "logout" in name:
            continue
        asked = [address, f"{address}?q={BESIDE}", f"/en{address}"]
        if name == "projects:list":
            asked.insert(0, f"{address}?vue=liste")
        for page in asked:
            response = client.get(page)
            if response.status_code != 200:
                break  # what does not open does not open with a question either
            answered.add(name)
            assert WORD not in body(response), page

    assert {"pages:home", "pages:search", "projects:list", "projects:detail", "sitemap", "robots"} <= answered
    assert {"pages:feed", "partners:detail", "plans:objective", "documents:read"} <= answered


def test_the_public_project_itself_is_there_to_be_found(client, people):
    page = body(client.get(reverse("projects:list")))

    assert "Marché visible" in page
    assert re.search(r"March. visible", body(client.get("/projets.atom")))


def test_its_writers_and_the_staff_do_meet_it(client, people):
    client.force_login(people.editor)
    assert WORD in body(client.get(people.waiting.get_absolute_url()))
    assert WORD in body(client.get(people.changing.get_absolute_url()))

    client.force_login(people.reviewer)
    page = reverse("admin:projects_registration_change", args=(people.waiting.pk,))
    assert WORD in body(client.get(page))


def test_no_partner_meets_what_is_internal(client, people):
    client.force_login(people.lead)

    page = body(client.get(people.waiting.get_absolute_url()))

    assert "Note interne" not in page
    assert people.waiting.activities.filter(is_internal=True).count() == 2
    assert people.reviewer.email not in page


def test_no_export_holds_it(client, people, tmp_path):
    people.administrator.is_superuser = True
    people.administrator.save()
    client.force_login(people.administrator)
    call_command("export_plan", people.plan.slug, str(tmp_path / "plan"))
    call_command("export_plan", "modele", str(tmp_path / "modele"))
    online = client.get(
        reverse("workbook:export"), {"plan": people.plan.slug, "form": "zip", "language": "fr"}
    )

    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    texts = [file.read_bytes().decode("utf-8", "replace") for file in files]
    assert any("Marché visible" in text for text in texts)
    assert not any(WORD in text for text in texts)
    with zipfile.ZipFile(io.BytesIO(b"".join(online))) as archive:
        sent = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    assert any("Marché visible" in text for text in sent)
    assert not any(WORD in text for text in sent)


@pytest.mark.parametrize("kind", ["synthesis", "full"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_document_holds_it(people, kind, language):
    content = collect(plan=people.plan, kind=kind, language=language, on=NOW.date(), full=kind == "full")

    said = repr(dataclasses.asdict(content))
    assert "Marché visible" in said
    assert WORD not in said


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("template", [False, True])
def test_no_spreadsheet_holds_it(client, people, language, template):
    """The workbook itself, cell by cell, with the notes on its cells; and the empty one that is given to fill in."""
    people.administrator.is_superuser = True
    people.administrator.save()
    client.force_login(people.administrator)
    asked = {"plan": people.plan.slug, "form": "xlsx", "language": language}
    address = reverse("workbook:template" if template else "workbook:export")

    sent = client.get(address, asked)

    book = openpyxl.load_workbook(io.BytesIO(b"".join(sent)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    words = " ".join(
        [*(str(cell.value) for cell in cells), *(cell.comment.text for cell in cells if cell.comment)]
    )
    assert template or "Marché visible" in words
    assert WORD not in words


@pytest.mark.same_on_any_database
@pytest.mark.parametrize("kind", ["synthesis", "full"])
def test_no_built_pdf_holds_it(people, kind):
    """The PDF as it is read: the words of its pages, its outline and what it says of itself."""
    if reason := rendering.unavailable_because():
        not_available("A PDF", reason)
    content = collect(plan=people.plan, kind=kind, language="fr", on=NOW.date(), full=kind == "full")

    with pikepdf.open(io.BytesIO(rendering.render_pdf(content))) as pdf:
        words = " ".join(text_of(page) for page in pdf.pages)
        with pdf.open_outline() as outline:
            titles = " ".join(title_of(item) for item in outline.root)
        said = f"{words} {titles} {pdf.docinfo} {pdf.open_metadata()}"

    # A word may be cut at the end of a line.
    assert "Marchévisible" in whole(words)
    assert WORD not in whole(said)


def whole(text):
    return re.sub(r"[\s\u00ad\u2010-]+", "", text)


def title_of(item):
    return " ".join([item.title, *map(title_of, item.children)])
