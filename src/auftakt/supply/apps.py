from django.apps import AppConfig


class SupplyConfig(AppConfig):
    name = "auftakt.supply"
    label = "supply"
