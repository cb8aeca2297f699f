from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "auftakt.parties"
    label = "parties"
