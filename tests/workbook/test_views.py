import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from csam.workbook import uploads
from csam.workbook.opening import open_bytes
from csam.workbook.plan_changes import compare
from plans.models import Plan
from projects.models import Project
from tests.factories import PlanFactory, ProjectFactory, UserFactory
from tests.workbook.builders import PLAN_ROWS, csv_bytes, small_plan, xlsx_of, zip_of

pytestmark = pytest.mark.django_db

HOME = "/admin/classeur/"


@pytest.fixture
def alice(client):
    """A council staff member who may do everything, signed in."""
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def hand_in(client, data, name="plan.zip", **more):
    return client.post(HOME, {"file": SimpleUploadedFile(name, data), **more})


def confirmed(client, page):
    digest = re.search(r'name="digest" value="(\w+)"', page.content.decode())[1]
    return client.post(f"{page.request['PATH_INFO']}confirmer/", {"digest": digest}, follow=True)


def test_a_file_is_previewed_then_applied(client, alice):
    preview = client.get(hand_in(client, zip_of(**small_plan())).url)

    assert "7 entrées créées" in preview.content.decode()
    assert Plan.objects.count() == 0
    result = confirmed(client, preview)
    assert result.status_code == 200
    assert "7 entrées créées" in result.content.decode()
    assert Project.objects.get().slug == "marche"
    assert LogEntry.objects.get().user == alice


def test_the_preview_shows_old_and_new_field_by_field(client, alice):
    ProjectFactory(plan=PlanFactory(slug="2030-2032"), slug="marche", title_fr="Marché d'hiver")
    data = csv_bytes([["identifiant", "titre"], ["marche", "Marché <b>d'été</b>"]])

    html = client.get(hand_in(client, data, "projets.csv", plan="2030-2032").url).content.decode()

    assert "<del>Marché d’hiver</del>" in html
    assert "<ins>Marché &lt;b&gt;d’été&lt;/b&gt;</ins>" in html


def test_a_portal_that_changed_since_the_preview_is_previewed_again(client, alice):
    plan = PlanFactory(slug="2030-2032")
    ProjectFactory(plan=plan, slug="marche", title_fr="Marché d'hiver")
    data = zip_of(plan=PLAN_ROWS, projets=[["identifiant", "titre"], ["marche", "Marché d'été"]])
    preview = client.get(hand_in(client, data).url)
    Project.objects.update(title_fr="Marché d'automne")

    again = confirmed(client, preview)

    assert "Le portail a changé depuis l’aperçu" in again.content.decode()
    assert "<del>Marché d’automne</del>" in again.content.decode()
    assert Project.objects.get().title_fr == "Marché d'automne"
    confirmed(client, client.get(again.request["PATH_INFO"]))
    assert Project.objects.get().title_fr == "Marché d'été"


def test_a_second_confirmation_applies_nothing_more(client, alice):
    preview = client.get(hand_in(client, zip_of(**small_plan())).url)
    confirmed(client, preview)
    Project.objects.update(title_fr="Autre")

    assert confirmed(client, preview).status_code == 200
    assert Project.objects.get().title_fr == "Autre"


def test_problems_are_listed_in_a_table_and_nothing_can_be_confirmed(client, alice):
    page = client.get(hand_in(client, zip_of(**small_plan(objectifs=[["code", "titre"], ["9.1", "x"]]))).url)

    assert page.status_code == 422
    assert "2 problèmes à corriger" in page.content.decode()
    assert "<td>objectifs</td>" in page.content.decode()
    assert "confirmer" not in page.content.decode()


@pytest.mark.parametrize("data", [b"\xd0\xcf\x11\xe0old", b"PK\x03\x04x", b"\0\0\0", b"a,b\n1,2\n"])
def test_what_is_not_a_workbook_is_refused_with_words(client, alice, data):
    assert client.get(hand_in(client, data, "plan.xlsx").url).status_code == 422


def test_an_empty_form_says_what_is_missing(client, alice):
    response = client.post(HOME, {})

    assert response.status_code == 400
    assert "Ce champ est obligatoire" in response.content.decode()


def test_a_mapped_file_is_previewed_too(client, alice):
    mapping = b'[plan]\nidentifiant = "p"\ntitre = "P"\n"premi\xc3\xa8re ann\xc3\xa9e" = 2030\n"derni\xc3\xa8re ann\xc3\xa9e" = 2031\n[[tables]]\nsheet = "projets"\n[tables.columns]\nidentifiant = { slug = "Action" }\ntitre = "Action"\n'
    data = csv_bytes([["Action"], ["Jardin"]])

    page = client.get(hand_in(client, data, "actions.csv", mapping=SimpleUploadedFile("m.toml", mapping)).url)

    confirmed(client, page)
    assert Project.objects.get().slug == "jardin"


def test_an_upload_is_its_owners_alone(client, alice):
    address = hand_in(client, zip_of(**small_plan())).url
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    assert client.get(address).status_code == 404
    assert client.post(f"{address}confirmer/", {"digest": "x"}).status_code == 404


def test_a_file_altered_on_disk_is_not_applied(client, alice):
    address = hand_in(client, zip_of(**small_plan())).url
    upload = uploads.find(address.split("/")[-2], user_id=alice.pk)
    (upload.folder / "content").write_bytes(b"other")

    assert client.get(address).status_code == 404


def test_an_abandoned_upload_is_gone(client, alice):
    address = hand_in(client, zip_of(**small_plan())).url

    client.post(f"{address}abandonner/")

    assert client.get(address).status_code == 404
    assert Plan.objects.count() == 0


@pytest.mark.parametrize("token", ["..", "nothing", "a.b", "%2e%2e"])
def test_a_made_up_address_finds_nothing(client, alice, token):
    assert client.get(f"{HOME}apercu/{token}/").status_code == 404


def test_old_uploads_are_swept_away(client, alice, monkeypatch):
    first = hand_in(client, zip_of(**small_plan())).url
    monkeypatch.setattr(uploads, "KEPT_SECONDS", -1)

    hand_in(client, zip_of(**small_plan()))

    assert client.get(first).status_code == 404


@pytest.mark.parametrize(("form", "name"), [("xlsx", "plan-2030-2032.xlsx"), ("zip", "plan-2030-2032.zip")])
def test_a_download_reads_back_unchanged(client, alice, form, name):
    ProjectFactory(plan=PlanFactory(slug="2030-2032"))

    response = client.get(f"{HOME}exporter/", {"plan": "2030-2032", "form": form, "language": "en"})

    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    changes = compare(open_bytes(response.content, name))
    assert (changes.created, changes.changed, changes.unchanged) == (0, 0, 2)


def test_the_empty_template_is_downloaded(client, alice):
    response = client.get(f"{HOME}modele/", {"form": "xlsx", "language": "fr"})

    assert response["Content-Disposition"] == 'attachment; filename="modele.xlsx"'
    assert response.content.startswith(b"PK")


def test_the_whole_preview_is_downloaded_neutralised(client, alice):
    address = hand_in(
        client, xlsx_of(**small_plan(orientations=[["numéro", "titre"], ["1", "'=1+1"]])), "plan.xlsx"
    ).url

    lines = client.get(f"{address}rapport.csv").content.decode("utf-8-sig").splitlines()

    assert lines[0] == '"feuille","ligne","entrée","action","colonne","avant","après"'
    assert '"orientations","2","1","créée","titre","","\'=1+1"' in lines


def test_long_previews_show_a_part_and_say_so(client, alice):
    rows = [["identifiant", "titre"], *[[f"p{n}", f"Projet {n}"] for n in range(103)]]

    html = client.get(hand_in(client, zip_of(plan=PLAN_ROWS, projets=rows)).url).content.decode()

    assert "Et 3 autres lignes" in html


@pytest.mark.parametrize(
    "path", ["", "exporter/", "modele/", "apercu/x/", "apercu/x/rapport.csv", "apercu/x/resultat/"]
)
def test_only_staff_with_permission_come_in(client, path):
    assert client.get(HOME + path).status_code == 302
    client.force_login(UserFactory())
    assert client.get(HOME + path).status_code == 403
    client.force_login(UserFactory(is_staff=True))
    assert client.get(HOME + path).status_code == 403


def test_who_may_only_read_may_export_but_not_import(client):
    bob = UserFactory(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(bob)

    assert client.get(HOME).status_code == 200
    assert "Voir l’aperçu" not in client.get(HOME).content.decode()
    assert hand_in(client, zip_of(**small_plan())).status_code == 403


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_have_one_title_in_both_languages(client, alice, language):
    prefix = "" if language == "fr" else "/en"
    address = hand_in(client, zip_of(**small_plan())).url

    for path in (HOME, address):
        html = client.get(prefix + path).content.decode()
        assert html.count("<h1") == 1
        assert f'lang="{language}' in html


def test_addresses_are_in_the_admin():
    assert reverse("workbook:index") == HOME
