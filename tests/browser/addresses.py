"""Every address of the portal, from its URL configuration, each with an example to visit.

A page that is added without an example here fails `test_every_address_has_an_example`.
"""

from django.core import signing
from django.urls import URLResolver, get_resolver, reverse
from django.utils import translation

from core.models import Mail
from csam.documents.models import Edition
from indicators.models import (
    CommonTarget,
    ContextIndicator,
    Indicator,
    Learning,
    ProgressReport,
    Unsubscription,
)
from indicators.reports.unsubscribing import SALT
from partners.models import Organization, User
from plans.models import CrossCuttingIssue, Objective, Orientation, Plan
from projects.models import Project, ProjectPartner, Registration

PLAN = "2020-2022"
VISITOR = "alice@example.org"


def period_told():
    """A reporting period of which a progress edition is published."""
    return Edition.objects.exclude(period=None).first().period_id


OF_PERIOD = {"plan": PLAN, "period": period_told}

#: Pages that everybody reads: for each name, examples as (parameters, query string). A parameter that is called
#: is asked from the demonstration set.
PUBLIC_PAGES = {
    "pages:home": [({}, "")],
    "pages:search": [({}, ""), ({}, "?q=marche"), ({}, "?q=xylophone+hydraulique")],
    "pages:accessibility": [({}, "")],
    "pages:privacy": [({}, "")],
    "pages:legal": [({}, "")],
    "plans:list": [({}, "")],
    "plans:plan": [({"plan": PLAN}, "?deplie=tout")],
    "plans:orientation": [({"plan": PLAN, "number": lambda: Orientation.objects.first().number}, "")],
    "plans:objective": [({"plan": PLAN, "code": lambda: busiest(Objective).code}, "")],
    "plans:issue": [({"plan": PLAN, "number": lambda: busiest(CrossCuttingIssue).number}, "")],
    "plans:approach": [({"plan": PLAN}, "")],
    "plans:process": [({}, "")],
    "partners:list": [({}, ""), ({}, "?lettre=Z&q=introuvable")],
    "partners:detail": [({"slug": lambda: busiest(Organization).slug}, "")],
    "projects:list": [({}, ""), ({}, "?vue=liste"), ({}, "?orientation=1"), ({}, "?q=introuvable")],
    "projects:map": [({}, ""), ({}, "?orientation=1")],
    "projects:changes": [({"slug": lambda: richest_project().slug}, "")],
    "registrations:questions": [({}, "")],
    "projects:detail": [
        ({"slug": lambda: richest_project().slug}, ""),
        ({"slug": lambda: reported_project().slug}, ""),
    ],
    "indicators:dashboard": [({}, ""), ({}, "?etat=behind"), ({}, "?orientation=99&etat=introuvable")],
    "indicators:learnings": [({}, ""), ({}, "?q=frigo"), ({}, "?orientation=99&q=introuvable")],
    "indicators:detail": [
        ({"slug": "arrets-du-kiosque-roulant"}, ""),
        ({"slug": "maraichers-formes"}, ""),
        ({"slug": "frigos-en-service"}, ""),
        ({"slug": "pouvoir-d-agir-a-l-escale"}, ""),
        ({"slug": "immeubles-qui-compostent"}, ""),
    ],
    "data:page": [({}, "")],
    "documents:list": [({}, "")],
    "documents:read": [({"plan": PLAN, "kind": "synthesis"}, ""), ({"plan": PLAN, "kind": "full"}, "")],
    "documents:edition": [({"plan": PLAN, "number": 2}, "")],
    "documents:edition_read": [
        ({"plan": PLAN, "number": 2, "kind": "synthesis"}, ""),
        ({"plan": PLAN, "number": 2, "kind": "full"}, ""),
    ],
    "documents:changes": [
        ({"plan": PLAN, "number": 2}, ""),
        ({"plan": PLAN, "number": 2}, "?depuis=1"),
        ({"plan": PLAN, "number": 1}, ""),
    ],
    "documents:period_read": [(OF_PERIOD, "")],
    "documents:period_edition": [({**OF_PERIOD, "number": 1}, "")],
    "documents:period_edition_read": [({**OF_PERIOD, "number": 1}, "")],
    "documents:period_changes": [({**OF_PERIOD, "number": 1}, "")],
    "account_login": [({}, "")],
    "account_signup": [({}, "")],
    "account_inactive": [({}, "")],
    "account_email_verification_sent": [({}, "")],
    "account_confirm_email": [({"key": "perdue"}, "")],
    "account_reset_password": [({}, "")],
    "account_reset_password_done": [({}, "")],
    "account_reset_password_from_key": [({"uidb36": "0", "key": "perdue"}, "")],
    "account_reset_password_from_key_done": [({}, "")],
}

#: Pages that a person who signed in reads; the account signs in as staff for those of the desk.
MEMBER_PAGES = {
    "partners:space": [({}, "")],
    "partners:find": [({}, ""), ({}, "?q=marche"), ({}, "?q=introuvable")],
    "partners:create": [({}, "?nom=Essai")],
    "partners:join": [({"slug": lambda: busiest(Organization).slug}, "")],
    "partners:members": [({"slug": lambda: organization_of_alice().slug}, "")],
    "partners:edit": [({"slug": lambda: organization_of_alice().slug}, "")],
    "partners:leave": [({"slug": lambda: organization_of_alice().slug}, "")],
    "partners:remove": [
        ({"slug": lambda: organization_of_alice().slug, "pk": lambda: colleague_of_alice().pk}, "")
    ],
    "registrations:detail": [({"pk": lambda: Registration.objects.first().pk}, "")],
    "registrations:start": [({}, "")],
    "registrations:preview": [({"pk": lambda: draft().pk}, "")],
    "registrations:version": [({"pk": lambda: submitted().pk, "number": 1}, "")],
    "registrations:take_back": [({"pk": lambda: submitted_of_alice().pk}, "")],
    "registrations:withdraw": [({"pk": lambda: draft().pk}, "")],
    "registrations:reopen": [({"pk": lambda: withdrawn().pk}, "")],
    "registrations:review": [({"pk": lambda: draft().pk}, "")],
    "registrations:step": [
        ({"pk": lambda: draft().pk, "key": key}, query)
        for key in ("projet", "plan", "partenaires", "territoire", "livrables", "indicateurs")
        for query in ("", "?verifier=1")
    ],
    "registrations:part": [({"pk": lambda: part_of_alice().pk}, "")],
    "reports:detail": [
        ({"pk": lambda: report("expected").pk}, ""),
        ({"pk": lambda: report("accepted").pk}, ""),
    ],
    "reports:form": [
        ({"pk": lambda: report("expected").pk}, ""),
        ({"pk": lambda: report("expected").pk}, "?verifier=1"),
        ({"pk": lambda: report("draft").pk}, ""),
    ],
    "reports:review": [({"pk": lambda: report("expected").pk}, ""), ({"pk": lambda: report("draft").pk}, "")],
    "reports:version": [({"pk": lambda: report("submitted").pk, "number": 1}, "")],
    "reports:take_back": [({"pk": lambda: report("submitted").pk}, "")],
    "reports:correct": [({"pk": lambda: report("accepted").pk}, "")],
    "reports:drop_correction": [({"pk": lambda: correction().pk}, "")],
    "reports:unsubscribe": [({"token": lambda: unsubscribing_token()}, "")],
    "period_book:index": [({}, "")],
    "reports:start": [({"slug": lambda: report("draft").project.slug}, "")],
    "account_logout": [({}, "")],
    "account_profile": [({}, "")],
    "account_email": [({}, "")],
    "account_change_password": [({}, "")],
    "account_reauthenticate": [({}, "")],
    "mfa_index": [({}, "")],
    "mfa_activate_totp": [({}, "")],
    "mfa_add_webauthn": [({}, "")],
}
STAFF_PAGES = {
    "workbook:index": [({}, "")],
    "admin:index": [({}, "")],
    "admin:plans_plan_changelist": [({}, "")],
    "admin:plans_plan_add": [({}, "")],
    "admin:plans_plan_change": [({"object_id": lambda: Plan.objects.get(slug=PLAN).pk}, "")],
    "admin:projects_project_changelist": [({}, "")],
    "admin:projects_project_change": [({"object_id": lambda: richest_project().pk}, "")],
    "admin:projects_registration_changelist": [({}, ""), ({}, "?tour=toutes")],
    "admin:projects_registration_change": [
        ({"object_id": lambda: change_of_dora().pk}, ""),
        ({"object_id": lambda: submitted_of_dora().pk}, ""),
        ({"object_id": lambda: draft_of_dora().pk}, ""),
    ],
    "admin:projects_registration_act": [
        ({"pk": lambda: change_of_dora().pk, "action": action}, "")
        for action in ("approve", "request_changes", "decline", "propose_decision")
    ]
    + [({"pk": lambda: draft_of_dora().pk, "action": "withdraw"}, "")],
    "admin:projects_registration_bulk": [({}, lambda: ids_of_dora())],
    "admin:projects_registration_start": [({}, "")],
    "admin:projects_registration_draft": [({"pk": lambda: draft_of_dora().pk}, "")],
    "admin:projects_registration_version": [({"pk": lambda: change_of_dora().pk, "number": 2}, "")],
    "admin:projects_callextension_changelist": [({}, "")],
    "admin:projects_callextension_add": [({}, "")],
    "admin:core_mail_changelist": [({}, "")],
    "admin:core_mail_change": [({"object_id": lambda: Mail.objects.first().pk}, "")],
    "admin:partners_organization_changelist": [({}, "")],
    "admin:partners_organization_change": [({"object_id": lambda: organization_of_alice().pk}, "")],
    "admin:partners_organization_doubles": [({}, "")],
    "admin:partners_organization_merge": [
        ({"pk": lambda: organization_of_alice().pk, "other": lambda: busiest(Organization).pk}, "")
    ],
    "admin:indicators_indicator_changelist": [({}, "")],
    "admin:indicators_indicator_change": [({"object_id": lambda: Indicator.objects.first().pk}, "")],
    "admin:indicators_measurement_changelist": [({}, "?doute=saut")],
    "admin:indicators_indicatordefinition_add": [({}, "")],
    "admin:indicators_commontarget_changelist": [({}, "")],
    "admin:indicators_reportingperiod_changelist": [({}, "")],
    "admin:indicators_reportingperiod_change": [({"object_id": lambda: report("expected").period_id}, "")],
    "admin:indicators_reportingperiod_open": [({"pk": lambda: report("expected").period_id}, "")],
    "admin:indicators_progressreport_changelist": [({}, ""), ({}, "?tour=attendus")],
    "admin:indicators_progressreport_change": [
        ({"object_id": lambda: report("submitted").pk}, ""),
        ({"object_id": lambda: report("expected").pk}, ""),
        ({"object_id": lambda: report("accepted").pk}, ""),
    ],
    "admin:indicators_progressreport_act": [
        ({"pk": lambda: report("submitted").pk, "action": "request_changes"}, ""),
        ({"pk": lambda: report("submitted").pk, "action": "accept"}, ""),
        ({"pk": lambda: report("expected").pk, "action": "extend"}, ""),
        ({"pk": lambda: report("expected").pk, "action": "waive"}, ""),
    ],
    "admin:indicators_progressreport_version": [({"pk": lambda: report("submitted").pk, "number": 1}, "")],
    "admin:indicators_progressreport_remind": [({}, lambda: f"?ids={report('expected').pk}")],
    "admin:documents_document_changelist": [({}, "")],
    "admin:documents_edition_changelist": [({}, "")],
    "admin:documents_edition_change": [({"object_id": lambda: Edition.objects.first().pk}, "")],
    "admin:documents_edition_add": [({}, "")],
    "admin:documents_edition_withdraw": [({"pk": lambda: Edition.objects.first().pk}, "")],
}

#: What the API tells of, each with a row of the demonstration set.
OPEN_DATA = {
    "plan": PLAN,
    "project": lambda: richest_project().slug,
    "organization": lambda: busiest(Organization).slug,
    "territory": "verdun",
    "indicator": "arrets-du-kiosque-roulant",
    "common-target": lambda: CommonTarget.objects.first().slug,
    "context": lambda: ContextIndicator.objects.first().slug,
}

#: What is not a page, and the type of content that it answers with.
FILES = {
    "health": ({}, "application/json"),
    "indicators:csv": ({"slug": "arrets-du-kiosque-roulant"}, "text/csv"),
    "api:api-root": ({}, "application/json"),
    "api:schema": ({}, "application/vnd.oai.openapi"),
    **{f"api:{kind}-list": ({}, "application/json") for kind in OPEN_DATA},
    **{f"api:{kind}-detail": ({"slug": slug}, "application/json") for kind, slug in OPEN_DATA.items()},
    "api:report-list": ({}, "application/json"),
    "api:report-detail": ({"pk": lambda: Learning.objects.first().report_id}, "application/json"),
    "data:projects": ({"plan": PLAN}, "text/csv"),
    "data:organizations": ({"plan": PLAN}, "text/csv"),
    "data:measurements": ({"plan": PLAN}, "text/csv"),
    "sitemap": ({}, "application/xml"),
    "sitemap_section": ({"section": "projets"}, "application/xml"),
    "robots": ({}, "text/plain"),
    "security": ({}, "text/plain"),
    "pages:feed": ({}, "application/atom+xml"),
    "documents:download": ({"plan": PLAN, "kind": "synthesis", "language": "fr"}, "application/pdf"),
    "documents:sheet": ({"slug": lambda: richest_project().slug, "language": "fr"}, "application/pdf"),
    "documents:edition_download": (
        {"plan": PLAN, "number": 2, "kind": "synthesis", "language": "fr"},
        "application/pdf",
    ),
    "documents:edition_data": (
        {"plan": PLAN, "number": 2, "kind": "synthesis", "language": "fr"},
        "application/json",
    ),
    "documents:period_download": ({**OF_PERIOD, "language": "fr"}, "application/pdf"),
    "documents:period_edition_download": (
        {**OF_PERIOD, "number": 1, "language": "fr"},
        "application/pdf",
    ),
    "documents:period_edition_data": ({**OF_PERIOD, "number": 1, "language": "fr"}, "application/json"),
}

#: Addresses without a page of their own, and why.
NO_PAGE = {
    "registrations:propose_change": "a button of the space",
    "plans:current": "leads to the current plan",
    "indicators:learning": "leads to its place in the list of lessons learned",
    "media": "pictures and files, in tests/portal/test_media.py",
    "partners:invitation": "its link is made when it is mailed; a lost one is under MISTAKES",
    "partners:accept_invitation": "takes a form",
    "partners:accept_offered": "takes a form",
    "partners:accept_request": "takes a form",
    "partners:refuse_request": "takes a form",
    "partners:withdraw_request": "takes a form",
    "partners:change_role": "takes a form",
    "partners:invite_again": "takes a form",
    "partners:revoke": "takes a form",
    "account_index": "leads to the space",
    "mfa_list_webauthn": "leads to the second step",
    "mfa_login_webauthn": "answers a script",
    "mfa_reauthenticate_webauthn": "for who has a passkey",
    "mfa_edit_webauthn": "for who has a passkey",
    "mfa_remove_webauthn": "for who has a passkey",
    "account_set_password": "leads to the change of a password: nobody here is without one",
    "mfa_authenticate": "comes after the password, for who has a second step",
    "mfa_reauthenticate": "for who has a second step",
    "mfa_deactivate_totp": "for who has a second step",
    "mfa_view_recovery_codes": "for who has a second step",
    "mfa_generate_recovery_codes": "for who has a second step",
    "mfa_download_recovery_codes": "for who has a second step",
    "mail:list": "only in embedded mode, in tests/portal/test_mail_pages.py",
    "mail:detail": "only in embedded mode",
    "mail:page": "only in embedded mode",
    "mail:event": "only in embedded mode",
    "mail:event_page": "only in embedded mode",
    "period_book:download": "a download",
    "period_book:download_one": "a download",
    "period_book:preview": "after a file was handed in",
    "period_book:confirm": "takes a form",
    "period_book:abandon": "takes a form",
    "workbook:export": "a download",
    "workbook:template": "a download",
    "workbook:preview": "after a file was handed in",
    "workbook:confirm": "takes a form",
    "workbook:abandon": "takes a form",
    "workbook:report": "a download",
    "workbook:result": "after a file was handed in",
}

#: Pages as they meet a mistake: (address, status). Those under /essai/ are made by tests/browser/urls.py.
MISTAKES = [
    ("nulle-part/", 404),
    ("projets/projet-retire/", 410),
    ("espace/invitation/perdue/", 410),
    ("essai/400/", 400),
    ("essai/403/", 403),
    ("essai/403-formulaire/", 403),
    ("essai/429/", 429),
    ("essai/500/", 500),
]


def busiest(model):
    """The row with the most projects: the longest page of its kind."""
    path = "project_parts" if model is Organization else "projects"
    return max(model.objects.prefetch_related(path), key=lambda row: getattr(row, path).count())


def richest_project():
    """A project with as many partners and deliverables as there are."""
    rows = Project.objects.published().prefetch_related("project_partners", "deliverables")
    return max(rows, key=lambda row: (row.project_partners.count(), row.deliverables.count()))


def reported_project():
    """One with an accepted report, where there is any."""
    reports = ProgressReport.objects.published().filter(
        project__organizations__memberships__user__email=VISITOR
    )
    first = reports.order_by("pk").first()
    return first.project if first else richest_project()


def draft():
    """An empty registration of the visitor's: every step has something to say."""
    return Registration.objects.filter(created_by__email=VISITOR, state="draft").first()


def submitted_of_alice():
    return Registration.objects.filter(created_by__email=VISITOR, state="submitted").first()


def submitted():
    return Registration.objects.exclude(versions=None).first()


def withdrawn():
    return Registration.objects.filter(created_by__email=VISITOR, state="withdrawn").first()


def report(state):
    """A report of a project that the visitor answers for, with indicators to be told of."""
    mine = ProgressReport.objects.filter(project__organizations__memberships__user__email=VISITOR)
    return mine.filter(state=state, accepted_version__isnull=state != "accepted").order_by("pk").first()


def unsubscribing_token():
    person = User.objects.get(email=VISITOR)
    return signing.dumps([person.pk, Unsubscription.Kind.DUE.value], salt=SALT, compress=False)


def correction():
    return ProgressReport.objects.get(state="draft", accepted_version__isnull=False)


def part_of_alice():
    """A part in a project of the organisation that the visitor speaks for."""
    return ProjectPartner.objects.filter(organization__memberships__user__email=VISITOR).first()


def of_dora(**kinds):
    return Registration.objects.filter(organization__slug="chez-dora", **kinds)


def change_of_dora():
    return of_dora(is_change=True).get()


def submitted_of_dora():
    return of_dora(state="submitted", is_change=False).get()


def draft_of_dora():
    return of_dora(state="draft").get()


def ids_of_dora():
    return "?ids=" + ",".join(str(row.pk) for row in of_dora())


def organization_of_alice():
    return Organization.objects.get(memberships__user__email=VISITOR)


def colleague_of_alice():
    return organization_of_alice().memberships.exclude(user__email=VISITOR).first()


def names():
    """The name of each address of the portal, with its namespace; of the admin, the desk's own alone."""
    return {name for name in names_under(get_resolver("csam.urls")) if not name.startswith("admin:")}


def names_under(resolver, namespace=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names_under(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}"


def examples(pages):
    """(name, number) of each example, for tests that are named before there is a database."""
    return [(name, number) for name, given in pages.items() for number in range(len(given))]


def address_of(name, number=0, language="fr"):
    table = next(t for t in (PUBLIC_PAGES, MEMBER_PAGES, STAFF_PAGES) if name in t)
    parameters, query = table[name][number]
    return reverse_in(language, name, parameters) + (query() if callable(query) else query)


def reverse_in(language, name, parameters):
    filled = {key: value() if callable(value) else value for key, value in parameters.items()}
    with translation.override(language):
        return reverse(name, kwargs=filled)
