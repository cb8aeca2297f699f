"""Orders, lines, fulfilment lines, revisions, holds."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import (
    IdField,
    SerialField,
    amount_field,
    code_field,
    price_field,
    quantity_field,
    rate_field,
)

# Rows that every order names (terms, units, sites ...) and copies of what a line says already. A constraint would lock
# the same few rows for each order and make orders wait for each other; none of them is ever deleted, and `auftakt
# verify` proves that each is there.
_UNCHECKED = {"db_index": False, "db_constraint": False}


class Order(models.Model):
    """What a customer ordered. `state` is draft, submitted, closed or cancelled; progress is derived."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    source_system = code_field()
    external_reference = models.CharField(max_length=120, blank=True, default="")
    content_sha256 = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=16, default="draft")
    revision = models.IntegerField(default=1)
    channel = code_field()
    legal_entity = models.ForeignKey("parties.LegalEntity", models.PROTECT, **_UNCHECKED)
    customer = models.ForeignKey("parties.Party", models.PROTECT, db_index=False)
    bill_to = models.ForeignKey("parties.Address", models.PROTECT, related_name="+", db_index=False)
    ship_to = models.ForeignKey("parties.Address", models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=8, default="en")
    payment_terms = models.ForeignKey("parties.PaymentTerms", models.PROTECT, **_UNCHECKED)
    payment_method = code_field()  # on_account, bank_transfer, card, paypal, cash_on_delivery
    payment_token = models.CharField(max_length=120, blank=True, default="", db_default="")  # never a card number
    price_list_code = code_field(blank=True, default="")  # empty: chosen by rule
    tax_included = models.BooleanField(default=False)
    tax_rounding = models.CharField(max_length=8, default="document")
    customer_reference = models.CharField(max_length=120, blank=True, default="")
    requested_ship_on = models.DateField(null=True)
    requested_arrival_on = models.DateField(null=True)
    not_before_on = models.DateField(null=True)
    split_dates = models.BooleanField(default=True)
    split_sites = models.BooleanField(default=True)
    priority = models.IntegerField(default=100)
    net = amount_field(default=0)
    tax = amount_field(default=0)
    gross = amount_field(default=0)
    notes = models.TextField(blank=True, default="")
    ordered_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    received = models.JSONField(null=True)  # the outsider's own document, as received
    search_text = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "external_reference"],
                condition=~Q(external_reference=""),
                name="order_once_per_source",
            ),
        ]
        indexes = [
            models.Index(fields=["-ordered_at", "-id"], name="order_newest_first"),
            models.Index(fields=["state", "-ordered_at", "-id"], name="order_by_state"),
            models.Index(fields=["customer", "-ordered_at", "-id"], name="order_by_customer"),
            models.Index(fields=["channel", "-ordered_at", "-id"], name="order_by_channel"),
            models.Index(fields=["gross", "id"], name="order_by_value"),
            models.Index(
                fields=["-ordered_at", "-id"], condition=Q(state__in=("draft", "submitted")), name="order_open_newest"
            ),
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False), name="order_by_closing"),
            models.Index(OpClass("external_reference", "varchar_pattern_ops"), name="order_by_reference"),
            models.Index(
                OpClass("customer_reference", "varchar_pattern_ops"),
                condition=~Q(customer_reference=""),
                name="order_by_customer_reference",
            ),
            GinIndex(SearchVector("search_text", config="simple"), name="order_by_text"),
        ]


class OrderLine(models.Model):
    """What the customer bought. `quantity` is in `unit`; `released`, `shipped`, `cancelled` draw on it."""

    id = IdField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", db_index=False)
    line_number = models.IntegerField()
    external_line_id = models.CharField(max_length=120)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    unit = models.ForeignKey("catalog.UnitOfMeasure", models.PROTECT, **_UNCHECKED)
    unit_factor = quantity_field(default=1)  # base units in one unit
    quantity = quantity_field()
    released = quantity_field(default=0)
    shipped = quantity_field(default=0)
    cancelled = quantity_field(default=0)
    requested_ship_on = models.DateField(null=True)
    requested_arrival_on = models.DateField(null=True)
    manual_kind = models.CharField(max_length=8, blank=True, default="")  # percent, amount, price
    manual_value = price_field(null=True)
    manual_reason = models.CharField(max_length=200, blank=True, default="")
    manual_by = models.CharField(max_length=200, blank=True, default="")
    list_price = price_field(null=True)
    unit_price = price_field(null=True)
    tax_category = code_field(blank=True, default="")
    tax_rate = rate_field(null=True)
    net = amount_field(default=0)
    tax = amount_field(default=0)
    gross = amount_field(default=0)
    waterfall = models.JSONField(default=list)  # every price component with its source, frozen at submit

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "line_number"], name="order_line_number_once"),
            models.UniqueConstraint(fields=["order", "external_line_id"], name="order_line_external_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & Q(released__gte=0)
                & Q(shipped__gte=0)
                & Q(cancelled__gte=0)
                & Q(quantity__gte=F("released") + F("shipped") + F("cancelled")),
                name="order_line_not_overdrawn",
            ),
        ]
        indexes = [models.Index(fields=["item", "order"], name="order_line_by_item")]


class OrderCharge(models.Model):
    """A charge on the whole order (shipping): billed once, with the first invoice."""

    id = IdField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="charges", db_index=False)
    kind = code_field()
    name = models.CharField(max_length=200)
    tax_category = code_field()
    tax_rate = rate_field()
    net = amount_field()
    tax = amount_field()
    gross = amount_field()
    billed = models.BooleanField(default=False)
    waterfall = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind"], name="order_charge_once")]


class FulfilmentLine(models.Model):
    """How a piece of an order line is served: one source, one date, shipped whole. States: open, released, shipped,
    cancelled. A line without a day to ship is not promised yet; services have a day and no site. Quantities (in the
    order line's unit) sum to the line's. A cancelled line of nothing was replaced when the order was revised."""

    id = IdField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="fulfilment_lines", db_constraint=False)
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="fulfilment_lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT, **_UNCHECKED)
    quantity = quantity_field()
    base_quantity = quantity_field()  # in the item's base unit
    state = models.CharField(max_length=16, default="open")
    site = models.ForeignKey("inventory.Site", models.PROTECT, null=True, **_UNCHECKED)
    ship_on = models.DateField(null=True)
    arrive_on = models.DateField(null=True)
    first_arrive_on = models.DateField(null=True)  # the first promise given, kept for the perfect-order facts
    split_from = models.ForeignKey("self", models.PROTECT, null=True, db_index=False)
    promise = models.JSONField(null=True)  # why this source and date, or what could be promised and when
    shipped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, base_quantity__gt=0) | Q(quantity=0, base_quantity=0, state="cancelled"),
                name="fulfilment_line_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "ship_on"], condition=Q(state="open"), name="open_by_site_and_day"),
            models.Index(fields=["item"], condition=Q(state="open", ship_on=None), name="unpromised_by_item"),
            models.Index(fields=["order"], condition=Q(state="open", ship_on=None), name="unpromised_by_order"),
            models.Index(
                fields=["ship_on", "order"], condition=Q(state__in=("open", "released")), name="unshipped_by_day"
            ),
            models.Index(
                fields=["order"],
                condition=Q(state__in=("open", "released"), promise__why="later_than_wished"),
                name="later_than_wished",
            ),
        ]


class Revision(models.Model):
    """A submitted version of an order: who, when, why, and what differs from the one before. Immutable."""

    id = IdField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="revisions", db_index=False)
    number = models.IntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True, default="")
    difference = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="revision_once")]
        indexes = [models.Index(fields=["actor", "order"], condition=Q(number=1), name="orders_by_who_entered")]


class Hold(models.Model):
    """A stop sign on an order: nothing is released to a warehouse while one is in force."""

    id = IdField()
    order = models.ForeignKey(Order, models.PROTECT, related_name="holds")
    reason_code = code_field()
    note = models.CharField(max_length=300, blank=True, default="")
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=200)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=200, blank=True, default="")
    release_note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "reason_code"], condition=Q(released_at=None), name="hold_in_force_once"
            ),
        ]


class Closure(models.Model):
    """The perfect-order facts of a closed order."""

    order = models.OneToOneField(Order, models.PROTECT, primary_key=True, related_name="closure")
    closed_at = models.DateTimeField()
    in_full = models.BooleanField()
    on_time = models.BooleanField()
    undamaged = models.BooleanField()
    billed_right = models.BooleanField()
    perfect = models.BooleanField()
