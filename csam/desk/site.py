"""The admin site of the council's staff."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from csam.desk.attention import current_plan_summary, matters
from csam.workbook.access import may_export

#: The order in which staff look for things; what is not named comes after.
APP_ORDER = ("plans", "projects", "indicators", "partners", "documents")
#: Apps and rows of others that have no French name, by the names the program gives them.
NAMES = {"mfa": _("Deuxième étape"), "Authenticator": _("Moyens de validation")}


class Desk(AdminSite):
    site_header = _("Console du Conseil SAM")
    site_title = _("Console")
    index_title = _("Ce qui demande attention")
    index_template = "admin/desk.html"
    enable_nav_sidebar = False

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = NAMES.get(app["app_label"], app["name"])
            for model in app["models"]:
                model["name"] = NAMES.get(model["object_name"], model["name"])
        return sorted(apps, key=lambda app: _place(app["app_label"]))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        today = timezone.localdate()
        context = {
            "matters": [m for m in matters(on=today) if request.user.has_perm(m.permission)],
            "summary": current_plan_summary(),
            "may_export": may_export(request.user),
            **(extra_context or {}),
        }
        response: TemplateResponse = super().index(request, context)
        return response


def _place(label: str) -> int:
    return APP_ORDER.index(label) if label in APP_ORDER else len(APP_ORDER)
