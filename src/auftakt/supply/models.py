"""Purchase orders: what suppliers owe us, and when."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, SerialField, code_field, price_field, quantity_field


class PurchaseOrder(models.Model):
    """An order to a supplier for delivery into a site. State is open, received, closed or cancelled."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    supplier = models.ForeignKey("parties.Party", models.PROTECT)
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    currency = models.CharField(max_length=3)
    ordered_on = models.DateField()
    state = models.CharField(max_length=16)
    created_at = models.DateTimeField()


class PurchaseOrderLine(models.Model):
    """Its open quantity (ordered − received − cancelled) stands in a supply bucket of kind purchase."""

    id = IdField()
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines")
    line_number = models.IntegerField()
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    ordered = quantity_field()
    received = quantity_field(default=0)
    cancelled = quantity_field(default=0)
    unit_cost = price_field(default=0)
    expected_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase_order", "line_number"], name="purchase_line_once"),
            models.CheckConstraint(
                condition=Q(ordered__gt=0)
                & Q(received__gte=0)
                & Q(cancelled__gte=0)
                & Q(ordered__gte=F("received") + F("cancelled")),
                name="purchase_line_not_overreceived",
            ),
        ]
