"""Tables of making: resources, routings, work orders, and what they load."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, SerialField, code_field, quantity_field, rate_field


class Resource(models.Model):
    """A machine, a line or a team at a site; its capacity is counted in hours or in pieces."""

    id = IdField()
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    code = code_field()
    name = models.CharField(max_length=200)
    measure = models.CharField(max_length=8)
    calendar = models.ForeignKey("inventory.Calendar", models.PROTECT, null=True)  # none: every day

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="resource_once")]


class Shift(models.Model):
    """Capacity on each of some weekdays."""

    id = IdField()
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="shifts")
    position = models.IntegerField()
    name = models.CharField(max_length=100)
    capacity = quantity_field()
    weekdays = models.CharField(max_length=7)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(capacity__gte=0), name="shift_not_negative")]


class ResourceDay(models.Model):
    """The whole capacity of a day that is an exception."""

    id = IdField()
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="days")
    day = models.DateField()
    capacity = quantity_field()
    note = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "day"], name="resource_day_once"),
            models.CheckConstraint(condition=Q(capacity__gte=0), name="resource_day_not_negative"),
        ]


class Routing(models.Model):
    """How an item is made at a site: lead time in working days, and operations."""

    id = IdField()
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    lead_days = models.IntegerField()
    days_per_piece = quantity_field(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "site"], name="routing_once"),
            models.CheckConstraint(
                condition=Q(lead_days__gte=0) & Q(days_per_piece__gte=0), name="routing_not_negative"
            ),
        ]


class RoutingOperation(models.Model):
    """A step of making; minutes to set up once and to run for each piece."""

    id = IdField()
    routing = models.ForeignKey(Routing, models.CASCADE, related_name="operations")
    sequence = models.IntegerField()
    name = models.CharField(max_length=100, blank=True, default="")
    resource = models.ForeignKey(Resource, models.PROTECT)
    setup_minutes = quantity_field(default=0)
    run_minutes = quantity_field(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["routing", "sequence"], name="operation_once"),
            models.CheckConstraint(
                condition=Q(setup_minutes__gte=0) & Q(run_minutes__gte=0), name="operation_not_negative"
            ),
        ]


class WorkOrder(models.Model):
    """An item to be made at a site. What is open of it (quantity − finished − scrapped − cancelled) stands in a supply
    bucket of kind work_order while it is released or started. States: WORK_LIFECYCLE."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    site = models.ForeignKey("inventory.Site", models.PROTECT)
    quantity = quantity_field()
    finished = quantity_field(default=0)
    scrapped = quantity_field(default=0)
    cancelled = quantity_field(default=0)
    starts_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=16)
    note = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & Q(finished__gte=0)
                & Q(scrapped__gte=0)
                & Q(cancelled__gte=0)
                & Q(quantity__gte=F("finished") + F("scrapped") + F("cancelled")),
                name="work_order_not_overdrawn",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("starts_on")), name="work_order_starts_before_due"),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="work_order_by_due")]


class WorkOrderComponent(models.Model):
    """What a released work order needs of an item. `reserved` is drawn from the stock of its site, `issued` has gone
    into production."""

    id = IdField()
    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="components")
    position = models.IntegerField()
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    per = quantity_field()
    scrap_percent = rate_field(default=0)
    required = quantity_field()
    reserved = quantity_field(default=0)
    issued = quantity_field(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work_order", "position"], name="work_component_once"),
            models.CheckConstraint(
                condition=Q(required__gt=0)
                & Q(reserved__gte=0)
                & Q(issued__gte=0)
                & Q(required__gte=F("reserved") + F("issued")),
                name="work_component_not_overdrawn",
            ),
        ]
        indexes = [models.Index(fields=["item"], condition=Q(reserved__gt=0), name="work_component_reserved")]


class WorkOrderOperation(models.Model):
    """A step of a released work order, and what it takes of its resource: minutes, or pieces."""

    id = IdField()
    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="operations")
    sequence = models.IntegerField()
    name = models.CharField(max_length=100, blank=True, default="")
    resource = models.ForeignKey(Resource, models.PROTECT)
    amount = quantity_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work_order", "sequence"], name="work_operation_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="work_operation_not_negative"),
        ]


class CapacityLoad(models.Model):
    """What an operation of an open work order takes of its resource on a day, in minutes or pieces."""

    id = IdField()
    operation = models.ForeignKey(WorkOrderOperation, models.CASCADE, related_name="loads")
    resource = models.ForeignKey(Resource, models.PROTECT, db_index=False)
    day = models.DateField()
    amount = quantity_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operation", "day"], name="load_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="load_positive"),
        ]
        indexes = [models.Index(fields=["resource", "day"], name="load_by_day")]
