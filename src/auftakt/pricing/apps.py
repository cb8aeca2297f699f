from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "auftakt.pricing"
    label = "pricing"
