"""Who may export and import a plan: staff who may see, or write, everything that a workbook holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from csam.workbook.template import TEMPLATE_SHEETS
from partners.models import User

View = Callable[..., HttpResponse]


def may_export(user: User | AnonymousUser) -> bool:
    return bool(user.is_active and user.is_staff and user.has_perms(_permissions("view")))


def may_import(user: User | AnonymousUser) -> bool:
    return bool(
        user.is_active and user.is_staff and user.has_perms([*_permissions("add"), *_permissions("change")])
    )


def exporters_only(view: View) -> View:
    return _guarded(view, may_export)


def importers_only(view: View) -> View:
    return _guarded(view, may_import)


def _permissions(action: str) -> list[str]:
    metas = [sheet.model._meta for sheet in TEMPLATE_SHEETS]
    return [f"{meta.app_label}.{action}_{meta.model_name}" for meta in metas]


def _guarded(view: View, may: Callable[[User | AnonymousUser], bool]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
