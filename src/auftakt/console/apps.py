from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "auftakt.console"
    label = "console"
