"""Transfer orders: what moves between our sites."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, SerialField, code_field, quantity_field


class TransferOrder(models.Model):
    """Goods to be moved from one site to another. States: TRANSFER_LIFECYCLE."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    from_site = models.ForeignKey("inventory.Site", models.PROTECT, related_name="+")
    to_site = models.ForeignKey("inventory.Site", models.PROTECT, related_name="+")
    state = models.CharField(max_length=16)
    ship_on = models.DateField()
    transit_days = models.IntegerField()
    arrive_on = models.DateField()
    note = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(from_site=F("to_site")), name="transfer_goes_somewhere"),
            models.CheckConstraint(condition=Q(transit_days__gte=0), name="transfer_transit_not_negative"),
        ]
        indexes = [models.Index(fields=["ship_on", "id"], name="transfer_by_day")]


class TransferOrderLine(models.Model):
    """What is open of it (quantity − cancelled − received − lost) stands in a bucket of the destination; what is still
    to leave (quantity − cancelled − shipped) is drawn from the stock of the origin once the transfer is placed."""

    id = IdField()
    transfer = models.ForeignKey(TransferOrder, models.PROTECT, related_name="lines")
    line_number = models.IntegerField()
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    quantity = quantity_field()
    cancelled = quantity_field(default=0)
    shipped = quantity_field(default=0)
    received = quantity_field(default=0)
    lost = quantity_field(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "line_number"], name="transfer_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & Q(cancelled__gte=0)
                & Q(received__gte=0)
                & Q(lost__gte=0)
                & Q(quantity__gte=F("cancelled") + F("shipped"))
                & Q(shipped__gte=F("received") + F("lost")),
                name="transfer_line_not_overdrawn",
            ),
        ]
