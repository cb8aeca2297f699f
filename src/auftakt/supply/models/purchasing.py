"""Purchase orders: what suppliers owe us, and when."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, SerialField, amount_field, code_field, price_field, quantity_field


class PurchaseOrder(models.Model):
    """An order to a supplier for delivery into a site. States: PURCHASE_LIFECYCLE."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    supplier = models.ForeignKey("parties.Party", models.PROTECT)
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    currency = models.CharField(max_length=3)
    ordered_on = models.DateField()
    state = models.CharField(max_length=16)
    supplier_reference = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ordered_on", "id"], name="purchase_by_day")]


class PurchaseOrderLine(models.Model):
    """Its open quantity (ordered + excess − received − cancelled) stands in a supply bucket of kind purchase once its
    order is approved. `excess` came within the tolerance, `inspecting` lies in quarantine, `rejected` went back."""

    id = IdField()
    purchase_order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines")
    line_number = models.IntegerField()
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    ordered = quantity_field()
    received = quantity_field(default=0)
    cancelled = quantity_field(default=0)
    excess = quantity_field(default=0, db_default=0)
    inspecting = quantity_field(default=0, db_default=0)
    rejected = quantity_field(default=0, db_default=0)
    over_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0, db_default=0)
    under_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0, db_default=0)
    inspects = models.BooleanField(default=False, db_default=False)
    unit_cost = price_field(default=0)
    expected_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase_order", "line_number"], name="purchase_line_once"),
            models.CheckConstraint(
                condition=Q(ordered__gt=0)
                & Q(received__gte=0)
                & Q(cancelled__gte=0)
                & Q(excess__gte=0)
                & Q(inspecting__gte=0)
                & Q(rejected__gte=0)
                & Q(ordered__gte=F("received") + F("cancelled") + F("inspecting") - F("excess")),
                name="purchase_line_not_overreceived",
            ),
        ]


class ApprovalLimit(models.Model):
    """Up to which value in a currency a purchase order needs no special right to be approved."""

    id = IdField()
    currency = models.CharField(max_length=3, unique=True)
    amount = amount_field()
