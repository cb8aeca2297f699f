"""Releases to a site, picks, parcels, shipments, tracking."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, SerialField, code_field, quantity_field


class Wave(models.Model):
    """Releases of a site that are picked together in one walk. States: open, picked, cancelled (taken apart)."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    state = models.CharField(max_length=16)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["site", "state"], name="wave_by_site")]


class Release(models.Model):
    """The work a site is asked to do for one order. States: released, picked, packed, shipped, cancelled."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    order = models.ForeignKey("orders.Order", models.PROTECT)
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    ship_on = models.DateField()
    state = models.CharField(max_length=16)
    released_at = models.DateTimeField()
    picked_at = models.DateTimeField(null=True)
    packed_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    wave = models.ForeignKey(Wave, models.PROTECT, null=True, related_name="releases")
    tote = models.IntegerField(null=True)  # the box on the cart that its pieces go to, counted from 1 in each wave

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wave", "tote"], name="tote_once"),
            models.CheckConstraint(condition=Q(wave=None) | Q(tote__gte=1), name="wave_has_totes"),
        ]
        indexes = [models.Index(fields=["site", "state", "ship_on", "id"], name="release_bench")]


class ReleaseLine(models.Model):
    """A fulfilment line on a release."""

    id = IdField()
    release = models.ForeignKey(Release, models.PROTECT, related_name="lines")
    fulfilment_line = models.ForeignKey("orders.FulfilmentLine", models.PROTECT)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    quantity = quantity_field()  # in the order line's unit
    is_cancelled = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fulfilment_line"], condition=Q(is_cancelled=False), name="released_once"),
        ]


class Pick(models.Model):
    """What to take from the shelf for a release line: the item itself, or each component of a kit (base units)."""

    id = IdField()
    release_line = models.ForeignKey(ReleaseLine, models.PROTECT, related_name="picks")
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    quantity = quantity_field()
    picked = quantity_field(default=0)
    scanned = quantity_field(default=0, db_default=0)  # on the way of being picked: the sum of its scans
    short_reason = code_field(blank=True, default="", db_default="")  # why the rest will not be found

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(picked__gte=0) & Q(picked__lte=F("quantity")), name="pick_not_overpicked"
            ),
            models.CheckConstraint(
                condition=Q(scanned__gte=0) & Q(scanned__lte=F("quantity")), name="pick_not_overscanned"
            ),
            models.UniqueConstraint(fields=["release_line", "item"], name="pick_once"),
        ]


class Scan(models.Model):
    """Pieces taken in hand for a pick, told once: the id is made by whoever scans. Taken back by its mirror."""

    id = IdField()
    pick = models.ForeignKey(Pick, models.PROTECT, related_name="scans")
    quantity = quantity_field()
    code = models.CharField(max_length=120, blank=True, default="")  # as read; empty: told by hand
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    undoes = models.OneToOneField("self", models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(undoes=None, quantity__gt=0) | Q(undoes__isnull=False, quantity__lt=0),
                name="scan_adds_or_undoes",
            ),
        ]


class Shipment(models.Model):
    """What left (kind goods), or a service that was performed (kind service). States: shipped, delivered, lost."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    kind = models.CharField(max_length=8, default="goods")
    order = models.ForeignKey("orders.Order", models.PROTECT)
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="shipments")
    site = models.ForeignKey("inventory.Site", models.PROTECT, null=True)
    carrier = code_field(blank=True, default="")
    tracking_number = models.CharField(max_length=80, blank=True, default="")
    state = models.CharField(max_length=16)
    shipped_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    is_damaged = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["order"], name="shipment_by_order"),
            models.Index(fields=["shipped_at", "order"], name="shipment_by_instant"),
            models.Index(fields=["tracking_number"], condition=~Q(tracking_number=""), name="shipment_by_tracking"),
        ]


class Parcel(models.Model):
    """A box of a shipment, or of a release that is packed but not shipped yet."""

    id = IdField()
    release = models.ForeignKey(Release, models.PROTECT, related_name="parcels")
    serial = SerialField()
    shipment = models.ForeignKey(Shipment, models.PROTECT, null=True, related_name="parcels")
    number = code_field(unique=True)
    weight_kg = quantity_field()
    length_mm = models.IntegerField(null=True)
    width_mm = models.IntegerField(null=True)
    height_mm = models.IntegerField(null=True)
    tracking_number = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["tracking_number"], condition=~Q(tracking_number=""), name="parcel_by_tracking"),
        ]


class ShipmentLine(models.Model):
    """What left of an order line. `billed` draws on `quantity`: shipped = billed + to bill."""

    id = IdField()
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    fulfilment_line = models.OneToOneField("orders.FulfilmentLine", models.PROTECT)
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT)
    quantity = quantity_field()
    billed = quantity_field(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0) & Q(billed__gte=0) & Q(billed__lte=F("quantity")),
                name="shipment_line_not_overbilled",
            ),
        ]
        indexes = [
            models.Index(fields=["order_line"], name="shipment_line_by_line"),
            models.Index(fields=["shipment"], condition=Q(billed__lt=F("quantity")), name="shipment_line_to_bill"),
        ]


class TrackingEvent(models.Model):
    """What a carrier said about a shipment."""

    id = IdField()
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="events")
    at = models.DateTimeField()
    code = code_field()  # in_transit, out_for_delivery, delivered, damaged, lost, exception
    place = models.CharField(max_length=120, blank=True, default="")
    text = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "at", "code"], name="tracking_event_once"),
        ]
