"""The admin site of the council's staff."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from csam.desk.attention import current_plan_summary, matters


class Desk(AdminSite):
    site_header = _("Console du Conseil SAM")
    site_title = _("Console")
    index_title = _("Ce qui demande attention")
    index_template = "admin/desk.html"
    enable_nav_sidebar = False

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        today = timezone.localdate()
        context = {
            "matters": [m for m in matters(on=today) if request.user.has_perm(m.permission)],
            "summary": current_plan_summary(),
            **(extra_context or {}),
        }
        response: TemplateResponse = super().index(request, context)
        return response
