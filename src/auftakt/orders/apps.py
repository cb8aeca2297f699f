from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "auftakt.orders"
    label = "orders"
