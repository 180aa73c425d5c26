import io
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from projects.models import Project, Registration
from projects.registrations import workflow
from projects.registrations.completeness import STEPS
from projects.registrations.editing import seen
from tests.factories import ObjectiveFactory, OrganizationFactory
from tests.projects.registrations import NOW, People

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_any_database]

ASKING = [step for step in STEPS if step.names]
STEP = {step.key: step for step in STEPS}


#: What `people` are here.
PEOPLE = People


@pytest.fixture
def editor(client, people):
    client.force_login(people.editor)
    return client


def address(row, key="projet"):
    return f"/espace/inscriptions/{row.pk}/{key}/"


def text_of(response):
    html = response.content.decode().replace("\u00a0", " ").replace("’", "'")
    return re.sub(r"\s+", " ", html)


def marks(client, row, key="projet"):
    """What the hidden fields of the form hold, as a browser sends them back."""
    html = client.get(address(row, key)).content.decode()
    return dict(re.findall(r'name="(seen|writer)" value="([^"]*)"', html))


def post(client, row, key, do="save", **values):
    return client.post(address(row, key), {**marks(client, row, key), "do": do, **values})


# Who --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [step.key for step in STEPS])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("editor", 200),
        ("lead", 200),
        ("other_lead", 404),
        ("reviewer", 404),
        ("approver", 404),
        ("administrator", 200),
    ],
)
def test_a_step_opens_to_its_writers_and_to_nobody_else(client, people, who, status, key):
    row = people.draft()
    client.force_login(getattr(people, who))

    assert client.get(address(row, key)).status_code == status


@pytest.mark.parametrize(
    "key", ["", "apercu/", "verification/", "reprendre/", "retirer/", "rouvrir/", "versions/1/"]
)
def test_what_surrounds_a_registration_is_unknown_to_another_organisation(client, people, key):
    row = people.submitted()
    client.force_login(people.other_lead)

    assert client.get(f"/espace/inscriptions/{row.pk}/{key}").status_code == 404


def test_a_stranger_signs_in_and_comes_back(client, people):
    row = people.draft()

    assert client.get(address(row)).url == f"/compte/connexion/?next={address(row)}"


@pytest.mark.parametrize("state", ["submitted", "approved", "declined", "withdrawn"])
def test_what_is_not_ours_to_write_leads_to_its_page(editor, people, state):
    row = people.in_state(state)

    assert editor.get(address(row)).url == row.get_absolute_url()
    assert editor.post(address(row), {"title_fr": "Autre"}).url == row.get_absolute_url()
    assert Registration.objects.get(pk=row.pk).title == "Un marché dans la ruelle"


def test_an_unknown_step_is_not_found(editor, people):
    assert editor.get(address(people.draft(), "budget")).status_code == 404


def test_another_organisation_is_a_contributor_unless_it_is_said_otherwise(editor, people):
    page = editor.get(address(people.draft(), "partenaires")).content.decode()

    new_row = page.split('name="partners-0-role"')[1].split("</select>")[0]
    assert re.search(r'<option value="(\w+)"', new_row)[1] == "contributor"


# Writing ----------------------------------------------------------------------------------------------------


def test_a_project_is_registered_without_script(editor, people):
    started = editor.post(
        "/espace/inscriptions/commencer/",
        {"organization": people.organization.slug, "plan": people.plan.slug},
    )
    row = Registration.objects.get()
    assert started.url == address(row)
    steps = {
        "projet": {
            "title_fr": "Un verger",
            "summary_fr": "Des pommes.",
            "description_fr": "Cent\r\npommiers.",
            "stage": "planned",
        },
        "plan": {"primary_objective": people.objective.pk, "links": ["production", "distribution"]},
        "partenaires": {"own_role": "lead", "partners-0-name": "Chez Charlie", "partners-0-role": "funder"},
        "territoire": {
            "covers_whole_island": "on",
            "contact_name": "Exemple",
            "contact_email": "e@example.org",
        },
        "livrables": {
            "starts": "automne 2026",
            "deliverables-0-title_fr": "Un verger",
            "deliverables-0-due": "2027",
        },
        "indicateurs": {
            "indicators-0-name_fr": "Pommes",
            "indicators-0-unit": "kg",
            "indicators-0-target": "100",
            "indicators-0-target_on": "2028-12-31",
        },
    }
    for index, (key, values) in enumerate(steps.items(), start=1):
        assert post(editor, row, key, do="next", **values).url == address(row, STEPS[index].key)
    row.refresh_from_db()

    assert "Tout y est." in text_of(editor.get(address(row, "verification")))
    sent = {"version": row.version, "token": row.submission_token}
    answers = [editor.post(address(row, "verification"), sent) for _click in range(2)]

    assert [answer.url for answer in answers] == [row.get_absolute_url()] * 2
    row.refresh_from_db()
    assert (row.state, row.versions.count()) == ("submitted", 1)
    assert row.content["description_fr"] == "Cent\npommiers."
    assert row.content["partners"] == [
        {"organization": people.other_organization.pk, "name": "", "role": "funder"}
    ]
    assert row.content["deliverables"][0]["due"] == "2027"
    assert row.content["indicators"][0]["target"] == "100"


def test_a_draft_holds_what_is_typed_and_says_what_is_wrong_beside_it(editor, people):
    row = people.draft()

    shown = editor.get(post(editor, row, "livrables", starts="un de ces jours").url)

    row.refresh_from_db()
    assert row.content["starts"] == "un de ces jours"
    html = text_of(shown)
    assert 'value="un de ces jours"' in html
    assert re.search(r'id="id_starts_error">.*?pas une date lisible', html)
    assert re.search(r'<input[^>]*name="starts"[^>]*aria-invalid="true"', html)
    assert re.search(r'aria-describedby="id_starts_helptext id_starts_error"', html)
    assert "Nommez au moins un livrable" in html


def test_an_untouched_step_scolds_nobody(editor, people):
    row = workflow.start(plan=people.plan, organization=people.organization, by=people.editor, at=NOW)

    assert "invalid-feedback" not in text_of(editor.get(address(row)))
    assert "Donnez un titre au projet." in text_of(editor.get(f"{address(row)}?verifier=1"))


def test_what_was_never_offered_is_refused_and_the_rest_is_kept(editor, people):
    row = people.draft()
    foreign = ObjectiveFactory()

    answer = post(editor, row, "plan", primary_objective=foreign.pk, links=["production"])

    row.refresh_from_db()
    assert answer.status_code == 422
    assert 'id="id_primary_objective_error"' in text_of(answer)
    assert row.content["primary_objective"] == people.objective.pk
    assert row.content["links"] == ["production"]


def test_rows_are_added_and_taken_away_by_buttons(editor, people):
    row = people.draft()
    rows = {"deliverables-0-title_fr": "Un", "deliverables-3-title_fr": "Deux", "starts": "2026"}

    added = post(editor, row, "livrables", do="add:deliverables", **rows)
    assert added.url == f"{address(row, 'livrables')}?ajouter=deliverables#deliverables-2"
    assert 'name="deliverables-2-title_fr"' in text_of(editor.get(added.url))

    post(editor, row, "livrables", do="remove:deliverables-0", **rows)
    row.refresh_from_db()
    assert [item["title_fr"] for item in row.content["deliverables"]] == ["Deux"]


def test_a_deliverable_keeps_its_identity_and_takes_no_others(editor, people):
    project = people.approved().project
    change = people.change(project)
    own = project.deliverables.get()
    rows = {
        "deliverables-0-id": own.pk + 1000,
        "deliverables-0-title_fr": "Nouveau",
        "deliverables-1-id": own.pk,
        "deliverables-1-title_fr": "Ancien",
    }

    post(editor, change, "livrables", starts="2026", **rows)

    change.refresh_from_db()
    assert [item["id"] for item in change.content["deliverables"]] == [None, own.pk]


def test_an_organisation_is_found_by_its_name_or_acronym_or_proposed(editor, people):
    row = people.draft()
    known = OrganizationFactory(name="Carrefour des vergers", acronym="CDV")
    OrganizationFactory(name="En attente", stage="pending")
    names = {f"partners-{n}-name": name for n, name in enumerate(["cdv", "En attente", "carrefour ver", ""])}

    shown = text_of(editor.get(post(editor, row, "partenaires", own_role="lead", **names).url))

    row.refresh_from_db()
    assert [(p["organization"], p["name"]) for p in row.content["partners"]] == [
        (known.pk, ""),
        (None, "En attente"),
        (None, "carrefour ver"),
    ]
    assert "Au répertoire : Carrefour des vergers (CDV)" in shown
    assert '<button class="chip" type="submit" name="do" value="choose:partners-2:organisation' in shown
    assert f'value="{known.pk}"' not in shown

    post(editor, row, "partenaires", do=f"choose:partners-2:{known.slug}", own_role="lead", **names)
    row.refresh_from_db()
    assert row.content["partners"][2]["organization"] == known.pk


def picture():
    drawn = io.BytesIO()
    Image.new("RGB", (8, 6), "green").save(drawn, "PNG")
    return SimpleUploadedFile("../../evil.html", drawn.getvalue(), content_type="text/html")


def status_of(response):
    """Of a file, read to its end, where it closes."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


def test_a_picture_is_read_by_its_people_alone_until_it_is_published(editor, people):
    row = people.draft()
    kept = {name: row.content[name] for name in ("title_fr", "summary_fr", "description_fr", "stage")}

    answer = post(editor, row, "projet", image_file=picture(), **kept)
    assert "Décrivez l'image" in text_of(editor.get(answer.url))
    post(editor, row, "projet", image_alt_fr="Un carré vert", **kept)

    row.refresh_from_db()
    name = row.content["image"]
    there = f"/media/{name}"
    assert re.fullmatch(rf"registrations/{row.pk}/[0-9a-f]{{40}}\.png", name)
    assert f'src="{there}"' in text_of(editor.get(address(row)))
    assert status_of(editor.get(there)) == 200
    editor.force_login(people.other_lead)
    assert status_of(editor.get(there)) == 404
    workflow.approve(registration=people.submitted(row), number=1, by=people.approver, at=NOW)
    editor.logout()
    assert status_of(editor.get(there)) == 200


def saved_behind(client, row, **values):
    """As the script sends the first step."""
    sent = {**marks(client, row, "projet"), **values}
    return client.post(address(row), sent, headers={"X-Autosave": "1"})


def test_a_picture_is_saved_in_the_background_and_shown(editor, people):
    row = people.draft()

    answer = saved_behind(editor, row, image_file=picture(), title_fr="Neuf")

    row.refresh_from_db()
    told = answer.json()
    assert told["took_file"]
    assert f'src="/media/{row.content["image"]}"' in told["picture"]
    assert row.title == "Neuf"


def test_what_is_no_picture_is_told_in_the_background_too(editor, people):
    row = people.draft()
    sent = SimpleUploadedFile("a.png", b"<svg>")

    told = saved_behind(editor, row, image_file=sent).json()

    row.refresh_from_db()
    assert (told["took_file"], told["picture"], row.content["image"]) == (False, "", "")
    assert "n'est pas une image lisible" in told["refused"][0].replace("’", "'")


def test_what_is_no_picture_is_refused_and_the_text_is_kept(editor, people):
    row = people.draft()

    answer = post(editor, row, "projet", title_fr="Neuf", image_file=SimpleUploadedFile("a.png", b"<svg>"))

    row.refresh_from_db()
    assert answer.status_code == 422
    assert 'id="id_image_file_error"' in text_of(answer)
    assert (row.title, row.content["image"]) == ("Neuf", "")


# Two who write ----------------------------------------------------------------------------------------------


def test_two_who_write_the_same_step_see_both_texts(editor, people):
    row = people.draft(summary_fr="Au début.")
    mine = marks(editor, row)
    workflow.save(
        registration=row, values={"summary_fr": "Le sien."}, version=row.version, by=people.lead, at=NOW
    )
    typed = {
        "title_fr": row.title,
        "summary_fr": "Le mien.",
        "description_fr": row.content["description_fr"],
        "stage": "planned",
    }

    answer = editor.post(address(row), {**mine, **typed})

    html = text_of(answer)
    assert answer.status_code == 409
    assert re.search(r"Votre texte</h4><p>Le mien.</p>.*Le texte enregistré</h4><p>Le sien.</p>", html)
    assert ">Le mien.</textarea>" in html.replace("> Le", ">Le")
    assert Registration.objects.get(pk=row.pk).content["summary_fr"] == "Le sien."

    fresh = dict(re.findall(r'name="(seen|writer)" value="([^"]*)"', answer.content.decode()))
    taken = text_of(editor.post(address(row), {**fresh, **typed, "do": "take:summary_fr"}))
    assert "Le sien.</textarea>" in taken
    assert "Deux textes différents" not in taken

    editor.post(address(row), {**fresh, **typed, "do": "save"})
    assert Registration.objects.get(pk=row.pk).content["summary_fr"] == "Le mien."


def test_two_who_write_different_steps_do_not_meet(editor, people):
    row = people.draft()
    mine = marks(editor, row, "livrables")
    workflow.save(
        registration=row, values={"summary_fr": "Le sien."}, version=row.version, by=people.lead, at=NOW
    )

    answer = editor.post(address(row, "livrables"), {**mine, "starts": "2027", "do": "next"})

    row.refresh_from_db()
    assert answer.url == address(row, "indicateurs")
    assert (row.content["starts"], row.content["summary_fr"]) == ("2027", "Le sien.")


def test_what_was_written_after_somebody_submitted_is_shown_not_lost(editor, people, monkeypatch):
    row = people.draft()
    mine = marks(editor, row)
    monkeypatch.setattr("projects.registrations.form_views.writable", lambda _request, _pk: row)
    people.submitted(Registration.objects.get(pk=row.pk))

    answer = editor.post(address(row), {**mine, "title_fr": "Jamais enregistré", "stage": "planned"})

    assert answer.status_code == 409
    assert "Jamais enregistré" in text_of(answer)


# The script -------------------------------------------------------------------------------------------------


def autosave(client, row, mark, **values):
    return client.post(address(row), {"seen": mark, **values}, headers={"X-Autosave": "1"})


def test_an_autosave_answers_with_the_hour_and_the_new_mark(editor, people):
    row = people.draft()

    answer = autosave(editor, row, seen(row.content, STEP["projet"]), title_fr="Neuf", stage="planned").json()

    row.refresh_from_db()
    assert row.title == "Neuf"
    assert answer["seen"] == seen(row.content, STEP["projet"])
    assert re.fullmatch(r"Enregistré à \d+ h \d\d", answer["saved"])


def test_an_autosave_over_another_text_is_refused_with_both(editor, people):
    row = people.draft()
    mark = seen(row.content, STEP["projet"])
    workflow.save(
        registration=row, values={"title_fr": "Le sien"}, version=row.version, by=people.lead, at=NOW
    )

    answer = autosave(editor, row, mark, title_fr="Le mien", stage="planned")

    assert answer.status_code == 409
    assert "Le sien" in answer.json()["html"]
    assert Registration.objects.get(pk=row.pk).title == "Le sien"


def test_an_autosave_without_session_says_so(client, people):
    assert autosave(client, people.draft(), "", title_fr="X").status_code == 401


# An ended session -------------------------------------------------------------------------------------------


def test_what_is_typed_after_the_session_ended_comes_back_after_signing_in(client, people):
    row = people.draft()
    EmailAddress.objects.create(user=people.editor, email=people.editor.email, verified=True, primary=True)
    client.force_login(people.editor)
    mine = marks(client, row)
    Session.objects.all().delete()
    long = "Un très long texte, é et « guillemets ». " * 200

    sent = client.post(
        address(row), {**mine, "title_fr": "Titre", "description_fr": long, "stage": "planned"}
    )
    assert sent.url == f"/compte/connexion/?next={address(row)}"
    back = client.post(
        sent.url, {"login": "editor@example.org", "password": "mot-de-passe-de-test"}, follow=True
    )

    html = back.content.decode()
    assert back.redirect_chain[-1][0] == address(row)
    assert long.strip() in html
    assert "avant que votre session" in html
    assert Registration.objects.get(pk=row.pk).content["description_fr"] != long
    client.post(address(row), {**mine, "title_fr": "Titre", "description_fr": long, "stage": "planned"})
    assert Registration.objects.get(pk=row.pk).content["description_fr"] == long
    assert "avant que votre session" not in client.get(address(row)).content.decode()


def test_another_person_of_the_same_computer_does_not_read_it(client, people):
    row = people.draft()
    client.force_login(people.editor)
    mine = marks(client, row)
    Session.objects.all().delete()
    client.post(address(row), {**mine, "title_fr": "Secret", "stage": "planned"})

    client.force_login(people.lead)

    assert "Secret" not in client.get(address(row)).content.decode()


@pytest.mark.parametrize("writer", ["", "forged:signature:here"])
def test_nobody_leaves_text_for_a_registration_they_were_not_shown(client, people, writer):
    row = people.draft()

    client.post(address(row), {"writer": writer, "title_fr": "Intrus"})

    assert Session.objects.count() == 0


# Checking, submitting, reading ------------------------------------------------------------------------------


def test_problems_lead_to_their_fields(editor, people):
    row = people.draft(summary_fr="", contact_email="pas un courriel", deliverables=[])

    html = text_of(editor.get(address(row, "verification")))

    assert f'href="{address(row)}?verifier=1#id_summary_fr"' in html
    assert f'href="{address(row, "territoire")}?verifier=1#id_contact_email"' in html
    assert f'href="{address(row, "livrables")}?verifier=1#deliverables"' in html


def test_an_incomplete_registration_is_told_at_the_top(editor, people):
    row = people.draft(summary_fr="")

    answer = editor.post(
        address(row, "verification"), {"version": row.version, "token": row.submission_token}
    )

    assert answer.status_code == 422
    assert re.search(r'id="a-revoir" tabindex="-1"[^>]*data-focus', text_of(answer))
    assert Registration.objects.get(pk=row.pk).state == "draft"


@pytest.mark.parametrize("token", ["", "rien", "0b0f1f9e-2f4f-4c1e-9a44-0d3a5c1f7e11"])
def test_a_submission_with_another_token_is_read_again_first(editor, people, token):
    row = people.draft()

    answer = editor.post(address(row, "verification"), {"version": row.version, "token": token})

    assert answer.status_code == 409
    assert Registration.objects.get(pk=row.pk).state == "draft"


def test_what_changed_since_it_was_read_is_not_submitted_unread(editor, people):
    row = people.draft()
    workflow.save(registration=row, values={"title_fr": "Autre"}, version=row.version, by=people.lead, at=NOW)

    answer = editor.post(
        address(row, "verification"), {"version": row.version, "token": row.submission_token}
    )

    assert answer.status_code == 409
    assert Registration.objects.get(pk=row.pk).state == "draft"


def test_the_preview_is_the_public_page_and_writes_nothing(editor, people):
    row = people.draft(
        partners=[{"organization": None, "name": "Ferme nouvelle", "role": "funder"}], starts="automne 2026"
    )

    html = text_of(editor.get(address(row, "apercu")))

    assert Project.objects.count() == 0
    assert '<meta name="robots" content="noindex">' in html
    assert "Aperçu : personne d'autre" in html
    for words in ("Un marché dans la ruelle", "Ferme nouvelle", "automne 2026", "Dix marchés", "Chez Alice"):
        assert words in html


def test_the_history_tells_partners_what_is_theirs_to_know(editor, people):
    row = people.submitted()
    workflow.note(registration=row, text="Note entre nous", by=people.reviewer, at=timezone.now())
    row = workflow.request_changes(
        registration=row,
        number=1,
        message="Précisez le lieu.",
        fields=["territories"],
        by=people.reviewer,
        at=NOW,
    )

    html = text_of(editor.get(row.get_absolute_url()))

    assert "Précisez le lieu." in html
    assert "Champs visés : Territoires" in html
    assert "Précisions demandées" in html
    assert "Note entre nous" not in html
    assert people.reviewer.name not in html
    assert "Précisez le lieu." in text_of(editor.get(address(row, "territoire")))


def test_a_version_shows_what_it_changed(editor, people):
    row = people.submitted()
    row = workflow.take_back(registration=row, by=people.editor, at=NOW)
    row = workflow.save(
        registration=row,
        values={"summary_fr": "Des fruits chaque jeudi."},
        version=row.version,
        by=people.editor,
        at=NOW,
    )
    people.submitted(row)

    html = text_of(editor.get(f"/espace/inscriptions/{row.pk}/versions/2/"))

    assert "légumes</del>" in html
    assert "fruits</ins>" in html


@pytest.mark.parametrize(
    ("action", "state", "before", "who"),
    [
        ("reprendre", "draft", "submitted", "editor"),
        ("retirer", "withdrawn", "draft", "lead"),
        ("rouvrir", "draft", "withdrawn", "lead"),
    ],
)
def test_moves_are_asked_once_more_then_made(client, people, action, state, before, who):
    row = people.in_state(before)
    client.force_login(getattr(people, who))
    there = f"/espace/inscriptions/{row.pk}/{action}/"

    assert client.get(there).status_code == 200
    assert Registration.objects.get(pk=row.pk).state == before
    client.post(there)
    assert Registration.objects.get(pk=row.pk).state == state


def test_an_editor_does_not_withdraw(editor, people):
    row = people.draft()

    editor.post(f"/espace/inscriptions/{row.pk}/retirer/")

    assert Registration.objects.get(pk=row.pk).state == "draft"


def test_a_change_is_proposed_from_a_button(editor, people):
    project = people.approved().project
    there = f"/espace/projets/{project.slug}/modifier/"

    editor.post(there, {"organization": people.organization.slug})
    again = editor.post(there, {"organization": people.organization.slug})

    change = Registration.objects.get(is_change=True)
    assert again.url == change.get_absolute_url()


def test_another_organisation_proposes_no_change(client, people):
    project = people.approved().project
    client.force_login(people.other_lead)

    there = f"/espace/projets/{project.slug}/modifier/"
    assert client.post(there, {"organization": people.organization.slug}).status_code == 404
    assert client.post(there, {"organization": people.other_organization.slug}).status_code == 404


def test_every_question_can_be_read_before_starting(client, people):
    html = text_of(client.get("/espace/inscriptions/questions/"))

    for words in (
        "Titre du projet",
        "Objectif principal",
        "Échéance",
        "Personne-ressource",
        "Valeur de départ",
    ):
        assert words in html


def test_the_objectives_to_choose_from_are_read_before_starting(client, people):
    objective = ObjectiveFactory(orientation__plan=people.plan, title_fr="Nourrir la ville")

    html = text_of(client.get("/espace/inscriptions/questions/"))

    # Once for the main objective, once for the others.
    assert html.count(f"<li>{objective.code} Nourrir la ville</li>") == 2


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_of_a_step_does_not_grow(editor, people, count, django_assert_max_num_queries):
    rows = [
        {"organization": OrganizationFactory().pk, "name": "", "role": "contributor"} for _ in range(count)
    ]
    row = people.draft(partners=rows)

    with django_assert_max_num_queries(16):
        editor.get(address(row, "partenaires"))
