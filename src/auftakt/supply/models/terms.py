"""Supplier items: who delivers what, on which terms."""

from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, price_field, quantity_field


class SupplierItem(models.Model):
    """The terms on which a supplier delivers an item, in its base unit."""

    id = IdField()
    supplier = models.ForeignKey("parties.Party", models.PROTECT, db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    supplier_sku = models.CharField(max_length=64, blank=True, default="")
    lead_time_days = models.IntegerField(default=0)
    minimum = quantity_field(default=0)
    multiple = quantity_field(default=0)
    rank = models.IntegerField(default=1)
    over_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    under_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    inspects = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["supplier", "item"], name="supplier_item_once"),
            models.CheckConstraint(
                condition=Q(lead_time_days__gte=0) & Q(minimum__gte=0) & Q(multiple__gte=0) & Q(rank__gte=1),
                name="supplier_terms_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(over_percent__range=(0, 100)) & Q(under_percent__range=(0, 100)),
                name="supplier_tolerance_in_percent",
            ),
        ]


class SupplierPrice(models.Model):
    """The cost of one base unit from a quantity on, in a currency, while it is valid."""

    id = IdField()
    supplier_item = models.ForeignKey(SupplierItem, models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3)
    from_quantity = quantity_field()
    unit_price = price_field()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
