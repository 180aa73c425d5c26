from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = _("Indicateurs")

    def ready(self) -> None:
        """The table of indicators in the form of registrations; the letters of reports, for the preview; the
        reports of the space of partners.
        """
        from indicators import registrations
        from indicators.reports import notices  # noqa: F401
        from indicators.reports.space import add_reports
        from partners.space import add_to_places
        from projects.registrations import applying, completeness, content

        content.read_indicators.append(registrations.rows_of)
        completeness.more_rules.append(registrations.problems_of)
        applying.also_apply.append(registrations.apply_content)
        add_to_places.append(add_reports)
