from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    name = "auftakt.fulfilment"
    label = "fulfilment"
