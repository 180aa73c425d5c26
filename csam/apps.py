from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "csam"

    def ready(self) -> None:
        from csam import account_notices  # noqa: F401 - declares what is told by mail
