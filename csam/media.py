"""Serving what people sent: only to those who may read what it belongs to, and never so that it can run.

Each folder of MEDIA_ROOT has a rule here; a file in no folder of these has no address at all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from core.uploads import TYPES
from indicators.models import ProgressReport, ReportVersion
from partners.models import Organization, OrganizationChange
from projects.models import Deliverable, Project, Registration
from projects.registrations import roles

#: A file cannot load, frame or run anything, whatever a browser takes it for.
POLICY = "default-src 'none'; img-src 'self'; style-src 'none'; sandbox"


@require_safe
@login_not_required
def media(request: HttpRequest, path: str) -> FileResponse:
    folder = PurePosixPath(path).parts[0]
    kind = TYPES.get(PurePosixPath(path).suffix)
    rule = RULES.get(folder)
    if rule is None or kind is None or ".." in path or "\0" in path:
        raise Http404
    is_public = rule[0](path)
    if not is_public and not (request.user.is_authenticated and rule[1](request.user, path)):
        raise Http404
    try:
        file = default_storage.open(path)
    except (FileNotFoundError, SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    response = FileResponse(
        file,
        content_type=kind,
        as_attachment=not kind.startswith("image/"),
        filename=PurePosixPath(path).name,
    )
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "public, max-age=3600" if is_public else "private, no-store"
    return response


def _logo_is_public(path: str) -> bool:
    return Organization.objects.public().filter(logo=path).exists()


def _image_is_public(path: str) -> bool:
    return Project.objects.published().filter(image=path).exists()


def _evidence_is_public(path: str) -> bool:
    return Deliverable.objects.filter(evidence_file=path, project__in=Project.objects.published()).exists()


def _nobody(path: str) -> bool:
    return False


def _of_my_organization(user: Any, path: str) -> bool:
    mine = Organization.objects.filter(logo=path, memberships__user=user)
    return user.has_perm("partners.view_organization") or mine.exists()


def _proposed_by_mine(user: Any, path: str) -> bool:
    proposed = OrganizationChange.objects.filter(logo=path, organization__memberships__user=user)
    return user.has_perm("partners.change_organization") or proposed.exists()


def _of_staff(user: Any, path: str) -> bool:
    return bool(user.has_perm("projects.view_project"))


def _of_registration(user: Any, path: str) -> bool:
    """Those who may read the registration that it was sent with; of one that is being written, staff see the pictures
    that were handed in.
    """
    number = PurePosixPath(path).parts[1]
    found = Registration.objects.at_desk_of(user).filter(pk=number).first() if number.isdecimal() else None
    if found is None:
        return False
    if roles.may_read_now(user, found) or roles.is_administrator(user):
        return True
    return found.versions.filter(content__image=path).exists()


def _of_report(user: Any, path: str) -> bool:
    """Those who may read the report that it was sent with; staff once it was handed in."""
    number = PurePosixPath(path).parts[1]
    if not number.isdecimal():
        return False
    if ProgressReport.objects.visible_to(user).filter(pk=number).exists():
        return True
    contents = ReportVersion.objects.filter(report=int(number)).values_list("content", flat=True)
    is_handed_in = any(row["file"] == path for content in contents for row in content["deliverables"])
    return is_handed_in and bool(user.has_perm("projects.review_registration"))


#: Per folder: when everybody may read it, and which signed-in people may otherwise.
RULES: dict[str, tuple[Callable[[str], bool], Callable[[Any, str], bool]]] = {
    "organizations": (_logo_is_public, _of_my_organization),
    "propositions": (_nobody, _proposed_by_mine),
    "projects": (_image_is_public, _of_staff),
    "registrations": (_image_is_public, _of_registration),
    "reports": (_evidence_is_public, _of_report),
    "deliverables": (_evidence_is_public, _of_staff),
}
