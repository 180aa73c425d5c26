from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projets")

    def ready(self) -> None:
        """Let the events of its letters be known to the preview, and its second desk to the admin."""
        from django.contrib import admin
        from django.utils.module_loading import autodiscover_modules

        from partners.space import add_to_places
        from projects.registrations import notices  # noqa: F401
        from projects.registrations.space import add_work

        add_to_places.append(add_work)

        autodiscover_modules("registrations.admin", register_to=admin.site)
