"""Commitments: which demand has drawn which supply; lanes: how long and how dear it is to get there."""

from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, amount_field, code_field, quantity_field


class Commitment(models.Model):
    """A demand (an upper floor's fulfilment line) holds `quantity` of a supply bucket, needed at its site on a day.
    Commitments of a bucket sum to its `drawn`. One that is not pinned may go over to later supply that is in time.
    `demand_class` is whose share of allocated supply it draws."""

    id = IdField()
    demand_id = models.UUIDField()
    bucket = models.ForeignKey("inventory.Bucket", models.PROTECT)
    quantity = quantity_field()
    need_on = models.DateField()
    priority = models.IntegerField(default=100)
    is_pinned = models.BooleanField(default=False, db_default=False)
    demand_class = code_field(blank=True, default="", db_default="")

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


class Reservation(models.Model):
    """Supply held softly for somebody who is deciding, until an instant. Quantities are in base units. `needs` is what
    one of the item takes from supply: [[item, quantity], ...]. `wanted_by`: the line (of a floor above) it is meant
    for. What it holds hangs on its pieces."""

    id = IdField()
    owner_kind = models.CharField(max_length=16)
    owner = models.CharField(max_length=120)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    quantity = quantity_field()
    needs = models.JSONField()
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=100, blank=True, default="")
    state = models.CharField(max_length=16, default="open")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True, default="")
    wanted_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_positive"),
            models.CheckConstraint(condition=Q(state="open") ^ Q(ended_at__isnull=False), name="reservation_ends_once"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state="open"), name="reservation_by_expiry"),
            models.Index(fields=["owner"], name="reservation_by_owner"),
            models.Index(fields=["wanted_by"], condition=Q(state="open"), name="reservation_by_line"),
        ]


class ReservationPiece(models.Model):
    """A part of a reservation that comes from one site on one day: the demand by which it holds its supply. No site:
    it takes nothing from supply."""

    id = IdField()
    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="pieces")
    quantity = quantity_field()
    site = models.ForeignKey("inventory.Site", models.PROTECT, null=True)
    ship_on = models.DateField()
    arrive_on = models.DateField()
