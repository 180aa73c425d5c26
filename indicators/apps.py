from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = _("Indicateurs")

    def ready(self) -> None:
        """The table of indicators in the form of registrations."""
        from indicators import registrations
        from projects import applying, completeness, content

        content.read_indicators.append(registrations.rows_of)
        completeness.more_rules.append(registrations.problems_of)
        applying.also_apply.append(registrations.apply_content)
