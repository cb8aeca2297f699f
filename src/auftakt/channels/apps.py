from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "auftakt.channels"
    label = "channels"
