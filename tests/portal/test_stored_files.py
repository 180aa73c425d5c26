"""Files that nothing names any more leave the disk, and no other."""

import datetime as dt
import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from csam import stored_files
from csam.tasks import sweep_files_task
from partners.models import OrganizationChange
from projects.models import Activity, Project
from projects.registrations import workflow
from tests.factories import DeliverableFactory, OrganizationFactory
from tests.projects.registrations import NOW, People

pytestmark = pytest.mark.django_db

LONG_AGO = dt.timedelta(days=30)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def kept(name, *, age=LONG_AGO):
    """A file of that age in the store."""
    default_storage.save(name, ContentFile(b"x"))
    moment = (timezone.now() - age).timestamp()
    os.utime(default_storage.path(name), (moment, moment))
    return name


def sweep(**options):
    return stored_files.sweep(now=timezone.now(), **options)


def test_a_file_that_nothing_names_is_deleted():
    name = kept("registrations/4/abc.png")

    assert sweep() == [name]
    assert not default_storage.exists(name)


def test_a_young_file_waits_for_its_row():
    name = kept("registrations/4/abc.png", age=dt.timedelta(days=2))

    assert sweep() == []
    assert default_storage.exists(name)


def test_what_is_not_sent_by_people_is_left_alone():
    names = [kept("documents/2020/synthese.pdf"), kept("lisez-moi.txt")]

    assert sweep() == []
    assert all(default_storage.exists(name) for name in names)


def test_files_of_organisations_and_deliverables_stay_as_long_as_they_are_theirs():
    organization = OrganizationFactory(logo=kept("organizations/logo.png"), logo_alt_fr="Logo")
    OrganizationChange.objects.create(
        organization=organization, content={}, logo=kept("propositions/logo.png"), proposed_at=NOW
    )
    DeliverableFactory(evidence_file=kept("deliverables/guide.pdf"))
    replaced = kept("organizations/ancien.png")

    assert sweep() == [replaced]


def images(people, *names):
    """A registration whose draft held each of these pictures in turn."""
    row = people.draft(image_alt_fr="Un carré")
    for name in names:
        row = workflow.save(
            registration=row, values={"image": kept(name)}, version=row.version, by=people.editor, at=NOW
        )
    return row


def test_a_picture_stays_through_every_stage_that_names_it():
    people = People()
    row = images(people, "registrations/1/jamais-soumise.png", "registrations/1/premiere.png")
    row = people.submitted(row)
    assert sweep(dry_run=True) == ["registrations/1/jamais-soumise.png"]

    row = workflow.approve(registration=row, number=1, by=people.approver, at=NOW)
    change = people.change(row.project)
    change = workflow.save(
        registration=change,
        values={"image": kept("registrations/2/seconde.png")},
        version=change.version,
        by=people.editor,
        at=NOW,
    )
    workflow.approve(registration=people.submitted(change), number=1, by=people.approver, at=NOW)

    # The public page shows the second; the first is what an immutable version says.
    assert Project.objects.get().image.name == "registrations/2/seconde.png"
    assert sweep() == ["registrations/1/jamais-soumise.png"]
    assert Activity.objects.filter(action="save", changes__has_key="image").exists()


def test_what_only_a_project_names_stays():
    project = People().approved().project
    Project.objects.filter(pk=project.pk).update(
        image=kept("projects/affiche.png"), image_alt_fr="Une affiche"
    )

    assert sweep() == []


def test_every_folder_that_is_served_is_swept_and_none_is_forgotten():
    names = [kept(f"{folder}/x.png") for folder in sorted(stored_files.RULES)]

    assert sorted(sweep()) == names


def test_the_command_lists_and_the_task_deletes(capsys):
    name = kept("registrations/4/abc.png")

    call_command("sweep_files", "--dry-run")
    assert capsys.readouterr().out.splitlines() == [name, "1 files to delete."]
    assert default_storage.exists(name)
    sweep_files_task()
    assert not default_storage.exists(name)
    call_command("sweep_files")
    assert capsys.readouterr().out.splitlines() == ["0 files deleted."]
