from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "auftakt.inventory"
    label = "inventory"
