from allauth.account.decorators import secure_admin_login
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from csam.health import health
from csam.media import media

# Staff sign in where everybody does: with its rate limits and its second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "csam.errors.bad_request"

urlpatterns = [
    path("sante/", health, name="health"),
    path("media/<path:path>", media, name="media"),
    path("", include("csam.pages.robot_urls")),
    path("api/v1/", include("csam.api.urls")),
    *i18n_patterns(
        path("", include("csam.pages.urls")),
        path("", include("plans.urls")),
        path("", include("partners.urls")),
        path("", include("projects.urls")),
        path("", include("projects.registrations.urls")),
        path("", include("indicators.urls")),
        path("", include("indicators.reports.urls")),
        path("espace/bilans/classeur/", include("csam.workbook.period_book.urls")),
        path("documents/", include("csam.documents.urls")),
        path("donnees/", include("csam.api.page_urls")),
        path("admin/classeur/", include("csam.workbook.urls")),
        path("compte/", include("csam.account_urls")),
        path("courriels/", include("csam.mail_urls")),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]
