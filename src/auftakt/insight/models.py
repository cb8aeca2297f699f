"""Sums of days, counted from the orders: derived, and made again whenever an order of the day changes."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, amount_field


class OrderDay(models.Model):
    """Orders of a day (of `zone`) in a currency, and their value."""

    id = IdField()
    day = models.DateField()
    zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    orders = models.IntegerField()
    gross = amount_field()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "currency"], name="order_day_once")]


class ClosedDay(models.Model):
    """Orders closed on a day (of `zone`), and how many kept which part of the promise."""

    day = models.DateField(primary_key=True)
    zone = models.CharField(max_length=64)
    closed = models.IntegerField()
    perfect = models.IntegerField()
    on_time = models.IntegerField()
    in_full = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(perfect__lte=F("on_time")) & Q(perfect__lte=F("in_full")) & Q(on_time__lte=F("closed")),
                name="perfect_is_on_time_and_in_full",
            ),
        ]
