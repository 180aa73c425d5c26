"""One portal with the demonstration set for all tests of this folder, and a browser that visits it.

The tests here share its rows and change none of them.
"""

import datetime as dt
import uuid
from contextlib import contextmanager
from io import BytesIO

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import override_settings
from django.test.testcases import LiveServerThread
from django.utils import timezone
from PIL import Image

from core import freshness
from csam.workbook.loading import load_demonstration, load_plan
from partners import membership
from partners.models import Membership, Organization
from plans.models import Objective, Plan
from projects.models import Project, RegistrationVersion
from projects.registrations import workflow
from tests.browser.addresses import VISITOR
from tests.browser.reports import fill_reports
from tests.browser.visits import Visitor
from tests.factories import (
    MembershipFactory,
    OrganizationFactory,
    ProjectFactory,
    RegistrationFactory,
    UserFactory,
    publish_edition,
)


@pytest.fixture(scope="package")
def db(django_db_setup, django_db_blocker):
    """In the place of pytest-django's fixture: the whole demonstration set, for all tests of this folder."""
    with django_db_blocker.unblock():
        try:
            fill()
            yield
        finally:
            call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=False)
            cache.clear()
            freshness.forget()


@pytest.fixture(scope="package")
def site(db):
    """The address of the portal."""
    with override_settings(ROOT_URLCONF="tests.browser.urls"), served() as address:
        yield address


def fill():
    load_plan()
    load_demonstration()
    plan = Plan.objects.get()
    ProjectFactory(
        plan=plan,
        slug="projet-retire",
        archived_at=timezone.now(),
        archive_reason_fr="Inscrit deux fois.",
        archive_reason_en="Registered twice.",
    )
    alice = UserFactory(email=VISITOR, name="Alice", is_staff=True, is_superuser=True)
    organization = Project.objects.published().first().project_partners.first().organization
    MembershipFactory(user=alice, organization=organization, role=Membership.Role.LEAD)
    MembershipFactory(user__name="Bob Gagnon", organization=organization)
    now = timezone.now()
    membership.ask_to_join(user=UserFactory(), organization=organization, message="Bonjour!", at=now)
    membership.invite(organization=organization, email="dora@example.org", by=alice, at=now)
    for state, submitted_at in (("withdrawn", None), ("submitted", timezone.now()), ("draft", None)):
        registration = RegistrationFactory(
            plan=plan, organization=organization, created_by=alice, state=state, submitted_at=submitted_at
        )
        if submitted_at:
            RegistrationVersion.objects.create(
                registration=registration,
                number=1,
                content=registration.content,
                digest="0" * 64,
                token=uuid.uuid4(),
                submitted_by=alice,
                submitted_at=submitted_at,
            )
    registrations_of_dora(plan, council=UserFactory(name="Émile", is_staff=True, is_superuser=True))
    fill_reports(plan, organization, alice)
    Organization.objects.reindex()
    publish_edition(plan)
    ProjectFactory(plan=plan, title_fr="Projet venu après la première édition")
    publish_edition(plan)
    publish_edition(plan, period=plan.reporting_periods.get(ends_on=dt.date(2025, 12, 31)))


def registrations_of_dora(plan, *, council):
    """What somebody else's organisation handed in: a new project with a picture, a change to it that came back
    once, and a draft.
    """
    now = timezone.now()
    organization = OrganizationFactory(name="Chez Dora", slug="chez-dora")
    dora = MembershipFactory(user__name="Dora", organization=organization, role=Membership.Role.LEAD).user
    content = {
        "title_fr": "Le potager de Dora",
        "summary_fr": "Des légumes sur le toit.",
        "description_fr": "Trois classes jardinent sur le toit de leur école.",
        "primary_objective": Objective.objects.filter(orientation__plan=plan).first().pk,
        "links": ["production"],
        "covers_whole_island": True,
        "contact_name": "Dora",
        "contact_email": "dora@example.org",
        "starts": "2021",
        "deliverables": [{"title_fr": "Un potager", "due": "2022"}],
        "image": picture("vert.png", "green"),
        "image_alt_fr": "Un toit vert",
    }

    def written(row, **values):
        return workflow.save(registration=row, values=values, version=row.version, by=dora, at=now)

    def handed_in(row):
        return workflow.submit(registration=row, version=row.version, token=uuid.uuid4(), by=dora, at=now)

    extension = {"until_at": now + dt.timedelta(days=1), "granted_by": council}
    organization.call_extensions.create(plan=plan, **extension)
    started = {"plan": plan, "organization": organization, "by": dora, "at": now}
    written(workflow.start(**started), title_fr="Un brouillon de Dora")
    row = handed_in(written(workflow.start(**started), **content))
    row = workflow.approve(registration=row, number=1, by=council, at=now)
    handed_in(written(workflow.start(**started), **content | {"title_fr": "Le potager de Dora et d'Émile"}))
    change = workflow.propose_change(project=row.project, organization=organization, by=dora, at=now)
    change = written(change, summary_fr="Des légumes et des fines herbes.", image=picture("bleu.png", "blue"))
    asked = {"message": "Lesquelles?", "fields": ["summary_fr"], "by": council, "at": now}
    change = workflow.request_changes(registration=handed_in(change), number=1, **asked)
    handed_in(written(change, summary_fr="Des légumes, du basilic et de la menthe."))


def picture(name, colour):
    drawn = BytesIO()
    Image.new("RGB", (160, 90), colour).save(drawn, "PNG")
    return default_storage.save(f"registrations/0/{name}", ContentFile(drawn.getvalue()))


@contextmanager
def served():
    """Serve the portal as gunicorn would: static files come from WhiteNoise, in the middleware."""
    thread = LiveServerThread("127.0.0.1", lambda application: application)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    try:
        if thread.error:
            raise thread.error
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()


@pytest.fixture(scope="package")
def visitors(browser, site):
    """Makes the visitors: one context of the browser for each way to look at the portal."""
    made = {}

    def visitor(**options):
        key = tuple(sorted(options.items()))
        if key not in made:
            made[key] = Visitor(browser, site, **options)
        return made[key]

    yield visitor
    for one in made.values():
        one.close()


@pytest.fixture(scope="package")
def session_cookie(site):
    """The cookie of a person who is of the staff and a member of an organisation."""
    user = Membership.objects.get(user__email=VISITOR).user
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # allauth asks for the password again before the pages of an account, unless it was given just now.
    session["account_authentication_methods"] = [
        {"method": "password", "at": timezone.now().timestamp(), "email": user.email}
    ]
    session.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": site}
