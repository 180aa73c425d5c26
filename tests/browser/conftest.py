"""One portal with the demonstration set for all tests of this folder, and a browser that visits it.

The tests here share its rows and change none of them.
"""

import uuid
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings
from django.test.testcases import LiveServerThread
from django.utils import timezone

from core import freshness
from csam.documents.models import Document
from csam.workbook.loading import load_demonstration, load_plan
from partners import membership
from partners.models import Membership
from plans.models import Plan
from projects.models import Project, RegistrationVersion
from tests.browser.addresses import VISITOR
from tests.browser.visits import Visitor
from tests.factories import (
    MembershipFactory,
    ProjectFactory,
    RegistrationFactory,
    UserFactory,
    publish_document,
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
    for kind in Document.Kind.values:
        for language in ("fr", "en"):
            publish_document(plan, kind, language)


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
