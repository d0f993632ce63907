from django.apps import AppConfig


class PanelConfig(AppConfig):
    name = "oxherd.panel"
    label = "panel"
    verbose_name = "oxherd panel"
