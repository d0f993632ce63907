from django.apps import AppConfig


class OxherdConfig(AppConfig):
    name = "oxherd"
    label = "oxherd"
    verbose_name = "oxherd"
