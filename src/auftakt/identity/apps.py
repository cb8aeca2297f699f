from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "auftakt.identity"
    label = "identity"
