"""Price lists, discounts, shipping rates and the limits of manual adjustment."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, amount_field, code_field, price_field, quantity_field, rate_field


class PriceList(models.Model):
    """Prices in one currency for a channel and a segment (empty: for all). The most specific, then lowest rank wins."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    channel = code_field(blank=True, default="")
    segment = code_field(blank=True, default="")
    rank = models.IntegerField(default=100)
    tax_included = models.BooleanField(default=False)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)


class Price(models.Model):
    """Unit price of an item in a unit from a quantity on (tier), over a period."""

    id = IdField()
    price_list = models.ForeignKey(PriceList, models.PROTECT, related_name="prices")
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    unit = models.ForeignKey("catalog.UnitOfMeasure", models.PROTECT)
    from_quantity = quantity_field(default=0)
    unit_price = price_field()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["price_list", "item", "unit", "from_quantity", "valid_from"],
                nulls_distinct=False,
                name="price_once",
            ),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="price_not_negative"),
        ]
        indexes = [models.Index(fields=["item", "price_list"], name="price_by_item")]


class Discount(models.Model):
    """A percentage or an amount per unit off the price of the lines it applies to. Empty conditions match all."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=8)  # percent, amount
    value = price_field()
    currency = models.CharField(max_length=3, blank=True, default="")  # for amounts
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True)
    category = models.ForeignKey("catalog.Category", models.PROTECT, null=True)
    customer = models.ForeignKey("parties.Party", models.PROTECT, null=True)
    segment = code_field(blank=True, default="")
    channel = code_field(blank=True, default="")
    from_quantity = quantity_field(default=0)
    rank = models.IntegerField(default=100)
    stacks = models.BooleanField(default=True)  # false: no further discount after it
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(value__gte=0), name="discount_not_negative")]


class ShippingZone(models.Model):
    """Countries that share shipping rates."""

    code = code_field(primary_key=True)
    name = models.CharField(max_length=100)
    countries = ArrayField(models.CharField(max_length=2), default=list)


class ShippingRate(models.Model):
    """What shipping costs into a zone up to a weight (empty: without limit), free from an order value on."""

    id = IdField()
    zone = models.ForeignKey(ShippingZone, models.PROTECT, related_name="rates")
    currency = models.CharField(max_length=3)
    up_to_kg = quantity_field(null=True)
    amount = amount_field()
    free_from = amount_field(null=True)
    tax_category = code_field(default="standard")


class AdjustmentLimit(models.Model):
    """How far a role may lower a price by hand, in percent of the price before."""

    role = code_field(primary_key=True)
    max_percent = rate_field()
