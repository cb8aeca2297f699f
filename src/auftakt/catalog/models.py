"""Items, units, kits, bills of material, categories, brands, and how items relate."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, code_field, quantity_field, rate_field


class UnitOfMeasure(models.Model):
    """A unit with its dimension (count, mass, length, volume, time) and how finely it may be split."""

    code = code_field(primary_key=True)
    name = models.CharField(max_length=100)
    dimension = models.CharField(max_length=16)
    decimals = models.IntegerField(default=0)


class Category(models.Model):
    """A node of the category tree."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")


class Brand(models.Model):
    """Who made it."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)


class Item(models.Model):
    """Something that is sold. `kind` is stocked, non_stock, service or kit."""

    id = IdField()
    sku = code_field(unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    kind = models.CharField(max_length=16, default="stocked")
    state = models.CharField(max_length=16, default="draft")  # draft, active, phased_out
    category = models.ForeignKey(Category, models.PROTECT, null=True)
    brand = models.ForeignKey(Brand, models.PROTECT, null=True)
    unit = models.ForeignKey(UnitOfMeasure, models.PROTECT)
    variant_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="variants")
    variant = models.CharField(max_length=120, blank=True, default="")  # "54 cm, blue"
    weight_kg = quantity_field(default=0)
    length_mm = models.IntegerField(null=True)
    width_mm = models.IntegerField(null=True)
    height_mm = models.IntegerField(null=True)
    gtin = models.CharField(max_length=14, blank=True, default="")
    hs_code = models.CharField(max_length=12, blank=True, default="")
    origin_country = models.CharField(max_length=2, blank=True, default="")
    tax_category = code_field(default="standard")
    image_id = models.UUIDField(null=True)  # a document
    tracking = models.CharField(max_length=8, default="none", db_default="none")  # none, lot, serial
    shelf_life_days = models.IntegerField(null=True)  # from the making; none: it does not expire
    min_remaining_days = models.IntegerField(default=0, db_default=0)  # so long it must keep when it ships
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["category", "sku"], name="item_by_category")]
        constraints = [
            models.UniqueConstraint(fields=["gtin"], condition=~Q(gtin=""), name="gtin_once"),
            models.CheckConstraint(condition=Q(weight_kg__gte=0), name="weight_not_negative"),
            models.CheckConstraint(
                condition=Q(tracking__in=("none", "lot", "serial"))
                & (Q(shelf_life_days=None) | Q(shelf_life_days__gt=0))
                & Q(min_remaining_days__gte=0),
                name="item_tracked_sensibly",
            ),
        ]


class ItemTranslation(models.Model):
    """Name and description of an item in another language."""

    id = IdField()
    item = models.ForeignKey(Item, models.PROTECT, related_name="translations")
    language = models.CharField(max_length=8)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "language"], name="item_translation_once")]


class ItemUnit(models.Model):
    """Another unit in which an item trades: one of it is `factor` of the item's base unit (a case is 12 each)."""

    id = IdField()
    item = models.ForeignKey(Item, models.PROTECT, related_name="units")
    unit = models.ForeignKey(UnitOfMeasure, models.PROTECT)
    factor = quantity_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "unit"], name="item_unit_once"),
            models.CheckConstraint(condition=Q(factor__gt=0), name="item_unit_factor_positive"),
        ]


class KitComponent(models.Model):
    """`quantity` (base units) of a component in one kit."""

    id = IdField()
    kit = models.ForeignKey(Item, models.PROTECT, related_name="components")
    component = models.ForeignKey(Item, models.PROTECT, related_name="used_in")
    quantity = quantity_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kit", "component"], name="kit_component_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="kit_component_positive"),
        ]


class ItemRelation(models.Model):
    """`related` goes with, is better than, or replaces `item`: cross_sell, up_sell, substitute; lowest rank first."""

    id = IdField()
    item = models.ForeignKey(Item, models.PROTECT, related_name="relations")
    related = models.ForeignKey(Item, models.PROTECT, related_name="related_from")
    kind = models.CharField(max_length=16)
    rank = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "related", "kind"], name="item_relation_once")]


class Bill(models.Model):
    """What an item is made of, everywhere or at one plant (the code of its site, which an upper floor keeps)."""

    id = IdField()
    item = models.ForeignKey(Item, models.PROTECT, related_name="bills")
    plant = code_field(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "plant"], name="bill_once")]


class BillLine(models.Model):
    """`quantity` (base units) of a component goes into one, plus what is lost of it in the making; from a day until
    before another."""

    id = IdField()
    bill = models.ForeignKey(Bill, models.CASCADE, related_name="lines")
    position = models.IntegerField()
    component = models.ForeignKey(Item, models.PROTECT, related_name="made_into")
    quantity = quantity_field()
    scrap_percent = rate_field(default=0)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bill", "position"], name="bill_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bill_line_positive"),
            models.CheckConstraint(
                condition=Q(scrap_percent__gte=0) & Q(scrap_percent__lt=1000), name="bill_line_scrap_sensible"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="bill_line_period",
            ),
        ]
