from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "auftakt.insight"
    label = "insight"
