import datetime as dt
import re

import pytest
from django.utils import timezone

from plans.models import Plan
from projects.models import CallExtension, ProjectPartner
from projects.registrations import workflow
from tests.factories import MembershipFactory, ProjectFactory, RegistrationFactory
from tests.projects.registrations import NOW, People

pytestmark = pytest.mark.django_db


#: What `people` are here.
PEOPLE = People


def page(client, user=None, address="/espace/"):
    if user:
        client.force_login(user)
    html = client.get(address).content.decode().replace("\u00a0", " ").replace("’", "'")
    return re.sub(r"\s+", " ", re.sub(r"</?time[^>]*>", "", html))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", 'Brouillon <span class="turn">(à vous)'),
        ("submitted", 'Soumise <span class="turn">(en examen au Conseil)'),
        ("changes_requested", 'Précisions demandées <span class="turn">(à vous)'),
        ("approved", "Approuvée<"),
        ("declined", "Non retenue<"),
        ("withdrawn", "Retirée<"),
    ],
)
def test_each_registration_says_whose_turn_it_is(client, people, state, words):
    people.in_state(state)

    assert words in page(client, people.lead)
    assert "Un marché dans la ruelle" not in page(client, people.other_lead)


def test_a_draft_says_what_is_missing_and_the_council_is_heard(client, people):
    people.draft(summary_fr="", contact_name="")
    people.changes_requested()

    html = page(client, people.editor)

    assert "2 points à compléter" in html
    assert "Précisez." in html


def test_a_published_project_can_be_changed_by_its_partners(client, people):
    project = people.approved().project

    assert f'action="/espace/projets/{project.slug}/modifier/"' in page(client, people.editor)
    people.change(project)
    html = page(client, people.editor)
    assert "Modification en cours" in html
    assert f'action="/espace/projets/{project.slug}/modifier/"' not in html


def test_a_part_is_confirmed_or_declined_by_a_lead_alone(client, people):
    project = people.approved(
        partners=[{"organization": people.other_organization.pk, "name": "", "role": "funder"}]
    ).project
    part = ProjectPartner.objects.get(organization=people.other_organization)
    there = f"/espace/participations/{part.pk}/"

    assert f'href="{there}"' in page(client, people.other_lead)
    client.post(there, {"answer": "decline"})

    assert "Confirmer ou décliner" not in page(client)
    assert "Chez Charlie" not in page(client, address=project.get_absolute_url())
    assert client.post(f"/espace/participations/{project.project_partners.first().pk}/").status_code == 404


def test_an_open_call_is_counted_down_on_the_home_page_and_in_the_space(client, people):
    closes = timezone.now() + dt.timedelta(days=3, hours=1)
    Plan.objects.filter(pk=people.plan.pk).update(call_closes_at=closes, is_current=True)

    for html in (page(client, address="/"), page(client, people.editor)):
        assert "Appel ouvert" in html
        assert "Il reste 3 jours" in html


def test_before_and_after_the_call_the_site_says_when(client, people):
    plans = Plan.objects.filter(pk=people.plan.pk)
    plans.update(call_opens_at="2031-03-03T15:00Z", is_current=True)
    assert "s'ouvre le 3 mars 2031" in page(client, address="/")
    assert "s'ouvre le 3 mars 2031" in page(client, people.editor)

    plans.update(call_opens_at="2021-03-01T15:00Z", call_closes_at="2021-05-03T15:00Z")
    assert "s'est terminé le 3 mai 2021" in page(client, address="/")
    assert "Aucun appel à projets n'est ouvert" in page(client, address="/espace/inscriptions/commencer/")


def test_an_extension_is_shown_to_its_organisation_alone(client, people):
    Plan.objects.filter(pk=people.plan.pk).update(call_closes_at="2021-05-03T15:00Z")
    CallExtension.objects.create(
        plan=people.plan,
        organization=people.organization,
        until_at=timezone.now() + dt.timedelta(days=5, hours=1),
        granted_by=people.administrator,
    )

    assert "C'est une prolongation accordée à votre organisation." in page(client, people.editor)
    assert "Inscrire un projet" not in page(client, people.other_lead)


def test_the_public_page_tells_what_changed_and_keeps_what_is_private(client, people):
    project = people.approved(contact_consent=True).project
    assert "Voir ce qui a changé" not in page(client, address=project.get_absolute_url())
    change = people.change(project)
    change = workflow.save(
        registration=change,
        values={
            "summary_fr": "Des fruits chaque jeudi.",
            "contact_name": "Nom Nouveau",
            "contact_consent": False,
        },
        version=change.version,
        by=people.editor,
        at=NOW,
    )
    workflow.approve(registration=people.submitted(change), number=1, by=people.approver, at=NOW)

    assert ": résumé <a href" in page(client, address=project.get_absolute_url())
    html = page(client, address=f"/projets/{project.slug}/changements/")
    assert "légumes</del>" in html
    assert "fruits</ins>" in html
    assert "Nom Nouveau" not in html
    assert "Personne Exemple" not in html


@pytest.mark.parametrize("count", [1, 6])
def test_the_number_of_queries_does_not_grow(client, people, count, django_assert_max_num_queries):
    for _number in range(count):
        organization = MembershipFactory(user=people.lead).organization
        RegistrationFactory(plan=people.plan, organization=organization, created_by=people.lead)
        ProjectFactory(lead=organization)
    client.force_login(people.lead)

    with django_assert_max_num_queries(17):
        client.get("/espace/")
