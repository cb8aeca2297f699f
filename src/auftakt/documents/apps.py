from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "auftakt.documents"
    label = "documents"
