from django.apps import AppConfig


class PromisingConfig(AppConfig):
    name = "auftakt.promising"
    label = "promising"
