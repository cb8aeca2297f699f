"""Replenishment: what is to be in stock of an item at a site, the runs that looked, and what they proposed."""

from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, SerialField, amount_field, code_field, price_field, quantity_field


class ReplenishmentPolicy(models.Model):
    """When an item is ordered for a site, how much, and from where. Methods: POLICY_METHODS."""

    id = IdField()
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    method = models.CharField(max_length=16)
    source = models.CharField(max_length=12, blank=True, default="")  # "": as sourced; buy, transfer, make
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True)
    from_site = models.ForeignKey("inventory.Site", models.PROTECT, null=True, related_name="+")
    reorder_point = quantity_field(null=True)  # none: worked out
    maximum = quantity_field(null=True)
    lot = quantity_field(default=0)
    multiple = quantity_field(default=0)  # zero: the supplier's
    cover_days = models.IntegerField(default=0)
    review_days = models.IntegerField(default=0)
    reviewed_on = models.DateField(null=True)
    safety_stock = quantity_field(null=True)  # none: from the service level
    service_level = models.DecimalField(max_digits=5, decimal_places=2, default=95)
    demand_days = models.IntegerField(default=90)
    demand_per_day = quantity_field(null=True)  # none: measured
    lead_days = models.IntegerField(null=True)  # none: measured, or as the source says
    buyer = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "site"], name="policy_once"),
            models.CheckConstraint(
                condition=Q(lot__gte=0) & Q(multiple__gte=0) & Q(cover_days__gte=0) & Q(review_days__gte=0)
                & Q(demand_days__gte=1),
                name="policy_not_negative",
            ),
            models.CheckConstraint(condition=Q(service_level__range=(50, 99.99)), name="policy_service_level"),
        ]  # fmt: skip


class ReplenishmentLimit(models.Model):
    """Up to which value proposals of a site and a buyer ("" and none: of all) are released without asking anybody.
    `internal` releases transfers and work orders too."""

    id = IdField()
    site = models.ForeignKey("inventory.Site", models.PROTECT, null=True)
    buyer = models.CharField(max_length=64, blank=True, default="")
    currency = models.CharField(max_length=3)
    amount = amount_field()
    internal = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "buyer", "currency"], nulls_distinct=False, name="replenishment_limit_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="replenishment_limit_not_negative"),
        ]


class SupplierTerms(models.Model):
    """What a supplier asks of every order: at least so much money."""

    id = IdField()
    supplier = models.OneToOneField("parties.Party", models.PROTECT)
    currency = models.CharField(max_length=3)
    minimum_order = amount_field()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(minimum_order__gte=0), name="minimum_order_not_negative")]


class ReplenishmentRun(models.Model):
    """A look at all policies on a day. `looked` counts policies, the others proposals."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    day = models.DateField()
    site = models.ForeignKey("inventory.Site", models.PROTECT, null=True)
    job_id = models.UUIDField()
    state = models.CharField(max_length=12)
    looked = models.IntegerField(default=0)
    proposed = models.IntegerField(default=0)
    sourceless = models.IntegerField(default=0)
    released = models.IntegerField(default=0)
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state"], name="run_by_state")]


class Proposal(models.Model):
    """What a run proposes to order, with its arithmetic as it was. Once released, `order_id` and `line_id` name what
    came of it: a purchase order and its line, a transfer and its line, a work order (twice). States:
    PROPOSAL_LIFECYCLE."""

    id = IdField()
    serial = SerialField()
    run = models.ForeignKey(ReplenishmentRun, models.PROTECT, related_name="proposals", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    site = models.ForeignKey("inventory.Site", models.PROTECT, db_index=False)
    kind = models.CharField(max_length=12)  # purchase, transfer, work_order
    state = models.CharField(max_length=12)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True)
    from_site = models.ForeignKey("inventory.Site", models.PROTECT, null=True, related_name="+")
    buyer = models.CharField(max_length=64, blank=True, default="")
    method = models.CharField(max_length=16)
    quantity = quantity_field()
    unit_cost = price_field(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    value = amount_field(null=True)
    due_on = models.DateField()
    demand_days = models.IntegerField()
    demand_measured = models.BooleanField()
    demand_per_day = quantity_field()
    demand_deviation = quantity_field()
    lead_receipts = models.IntegerField(null=True)  # none: not measured
    lead_days = quantity_field()
    lead_deviation = quantity_field()
    review_days = models.IntegerField(default=0)
    service_level = models.DecimalField(max_digits=5, decimal_places=2, null=True)  # none: safety stock as told
    safety_stock = quantity_field()
    reorder_point = quantity_field()
    on_hand = quantity_field()
    expected = quantity_field()
    drawn = quantity_field()
    planned = quantity_field()  # proposals and drafts that wait
    position = quantity_field()
    target = quantity_field()
    raw = quantity_field()
    minimum = quantity_field()
    multiple = quantity_field()
    order_id = models.UUIDField(null=True)
    line_id = models.UUIDField(null=True)
    order_number = models.CharField(max_length=64, blank=True, default="")
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "item", "site"], name="proposal_once_a_run"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) & Q(quantity__gte=models.F("raw")), name="proposal_orders_what_is_missing"
            ),
            models.CheckConstraint(
                condition=Q(state="released", order_id__isnull=False, line_id__isnull=False)
                | (~Q(state="released") & Q(order_id=None, line_id=None)),
                name="released_proposal_has_order",
            ),
            models.UniqueConstraint(fields=["line_id"], name="one_proposal_for_a_line"),
        ]
        indexes = [
            models.Index(fields=["item", "site"], condition=~Q(state="released"), name="proposal_not_released"),
            models.Index(fields=["supplier", "site"], condition=Q(state__in=["proposed", "held"]),
                         name="proposal_open_by_supplier"),
            models.Index(fields=["serial"], name="proposal_by_serial"),
        ]  # fmt: skip
