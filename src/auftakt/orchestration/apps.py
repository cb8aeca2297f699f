from django.apps import AppConfig


class OrchestrationConfig(AppConfig):
    name = "auftakt.orchestration"
    label = "orchestration"
