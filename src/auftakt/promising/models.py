"""Commitments: which demand has drawn which supply; lanes: how long and how dear it is to get there."""

from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, amount_field, code_field, quantity_field


class Commitment(models.Model):
    """A demand (an upper floor's fulfilment line) holds `quantity` of a supply bucket, needed at its site on a day.
    Commitments of a bucket sum to its `drawn`. One that is not pinned may go over to later supply that is in time."""

    id = IdField()
    demand_id = models.UUIDField()
    bucket = models.ForeignKey("inventory.Bucket", models.PROTECT)
    quantity = quantity_field()
    need_on = models.DateField()
    priority = models.IntegerField(default=100)
    is_pinned = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="commitment_positive"),
            models.UniqueConstraint(fields=["demand_id", "bucket"], name="commitment_once"),
        ]
        indexes = [models.Index(fields=["bucket"], name="commitment_by_bucket")]


class Lane(models.Model):
    """From a site to a country (or a region of it): transit days, cost per parcel and the carrier service used."""

    id = IdField()
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=100, blank=True, default="")
    carrier = code_field(default="standard")
    transit_days = models.IntegerField()
    cost = amount_field(default=0)
    currency = models.CharField(max_length=3, default="EUR")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "country", "region"], name="lane_once"),
            models.CheckConstraint(condition=Q(transit_days__gte=0), name="transit_not_negative"),
        ]
