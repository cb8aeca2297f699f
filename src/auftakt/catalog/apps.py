from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "auftakt.catalog"
    label = "catalog"
