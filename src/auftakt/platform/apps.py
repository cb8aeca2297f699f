from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "auftakt.platform"
    label = "platform"
