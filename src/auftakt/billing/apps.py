from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "auftakt.billing"
    label = "billing"
