from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "csam.api"
    label = "api"
