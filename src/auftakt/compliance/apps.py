from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "auftakt.compliance"
    label = "compliance"
