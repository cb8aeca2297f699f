"""Sites, the stock ledger, and supply buckets."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, SerialField, TransactionField, code_field, quantity_field, rate_field


class Calendar(models.Model):
    """Days on which work is done: weekdays (ISO, "12345" is Monday to Friday) less the public holidays of a country or
    a part of it, with exceptions."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)
    weekdays = models.CharField(max_length=7)
    country = models.CharField(max_length=2, blank=True, default="")
    subdivision = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(weekdays=""), name="calendar_has_working_days")]


class CalendarException(models.Model):
    """A day off, or an extra working day, whatever weekdays and holidays say."""

    id = IdField()
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="exceptions")
    day = models.DateField()
    is_working = models.BooleanField()
    note = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="calendar_exception_once")]


class Site(models.Model):
    """Where goods are or come from: distribution_centre, store, plant, supplier, in_transit."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=24)
    street = models.CharField(max_length=300, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    region = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=40, default="Europe/Berlin")
    is_open = models.BooleanField(default=True)
    ships_orders = models.BooleanField(default=True)
    processing_days = models.IntegerField(default=0)
    ships_by = models.ForeignKey(Calendar, models.PROTECT, null=True, related_name="+")  # none: it ships every day
    receives_by = models.ForeignKey(Calendar, models.PROTECT, null=True, related_name="+")
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+")  # whose place it is
    cut_off = models.TimeField(null=True)  # in the site's time zone: later orders count for the next working day


class Location(models.Model):
    """A place the ledger moves between. A site has one `stock` location, and one `quarantine` location once goods
    wait there for inspection; supplier, customer, production, loss and
    transit are locations without a site."""

    id = IdField()
    code = code_field(unique=True)
    kind = models.CharField(max_length=16)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="locations")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site"], condition=Q(kind="stock"), name="one_stock_location"),
            models.CheckConstraint(condition=~Q(kind="stock") | Q(site__isnull=False), name="stock_has_site"),
        ]


class Bin(models.Model):
    """A shelf place of a site. `walk` sorts the bins of a site as somebody walks past them. The ledger does not know
    bins: stock lies at the site."""

    id = IdField()
    site = models.ForeignKey(Site, models.PROTECT, related_name="bins")
    code = code_field()
    walk = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="bin_once")]
        indexes = [models.Index(fields=["site", "walk"], name="bin_by_walk")]


class Placing(models.Model):
    """Where an item lies at a site: the one bin it is picked from, put away to and counted in."""

    id = IdField()
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    site = models.ForeignKey(Site, models.PROTECT, db_index=False)
    bin = models.ForeignKey(Bin, models.PROTECT, related_name="placings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "site"], name="placed_once")]


class Move(models.Model):
    """One entry of the stock ledger: `quantity` of an item taken from one location and put to another. Append-only."""

    id = IdField()
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    quantity = quantity_field()
    taken_from = models.ForeignKey(Location, models.PROTECT, related_name="+")
    put_to = models.ForeignKey(Location, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    reason = code_field()  # receipt, shipment, adjustment reason, transfer, reversal ...
    note = models.CharField(max_length=300, blank=True, default="")
    reference_id = models.UUIDField(null=True)  # what caused it: shipment, purchase order line ...
    reverses = models.OneToOneField("self", models.PROTECT, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="move_positive"),
            models.CheckConstraint(condition=~Q(taken_from=F("put_to")), name="move_goes_somewhere"),
        ]
        indexes = [
            models.Index(fields=["item", "put_to", "at"], name="move_into"),
            models.Index(fields=["item", "taken_from", "at"], name="move_out_of"),
            models.Index(fields=["reference_id"], name="move_by_reference"),
            models.Index(fields=["at", "id"], name="move_by_instant"),
        ]


class Lot(models.Model):
    """What was made together and bears one number; a serial number is a lot of one piece. `came_with_id` is what
    brought it first: the line of a purchase order, a work order."""

    id = IdField()
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    number = models.CharField(max_length=64)
    expires_on = models.DateField(null=True)
    is_serial = models.BooleanField()
    came_with_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "number"], name="lot_once")]
        indexes = [
            models.Index(fields=["expires_on"], condition=Q(expires_on__isnull=False), name="lot_by_expiry"),
            models.Index(fields=["number"], name="lot_by_number"),
        ]


class LotStock(models.Model):
    """How much of a lot lies at a place: a site's stock or quarantine, or on its way. `held` of it is picked and will
    leave. At a site's stock the lots of an item sum to what is on hand of it."""

    id = IdField()
    lot = models.ForeignKey(Lot, models.PROTECT, db_index=False)
    location = models.ForeignKey(Location, models.PROTECT, db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    quantity = quantity_field()
    held = quantity_field(default=0, db_default=0)
    is_serial = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "location"], name="lot_stock_once"),
            models.CheckConstraint(
                condition=Q(held__gte=0) & Q(held__lte=F("quantity")) & (Q(is_serial=False) | Q(quantity__lte=1)),
                name="lot_not_overdrawn",
            ),
            models.UniqueConstraint(
                fields=["lot"], condition=Q(is_serial=True, quantity__gt=0), name="serial_in_one_place"
            ),
        ]
        indexes = [
            models.Index(fields=["item", "location"], condition=Q(quantity__gt=0), name="lot_stock_by_item"),
        ]


class LotHold(models.Model):
    """Pieces of a lot that were picked for something (`reference_id`) and leave with it."""

    id = IdField()
    reference_id = models.UUIDField()
    lot = models.ForeignKey(Lot, models.PROTECT)
    location = models.ForeignKey(Location, models.PROTECT, db_index=False)
    quantity = quantity_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference_id", "lot", "location"], name="lot_hold_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="lot_hold_positive"),
        ]


class MoveLot(models.Model):
    """Which lots a ledger entry moved. For an item that is tracked they sum to its quantity."""

    id = IdField()
    move = models.ForeignKey(Move, models.PROTECT, db_index=False, related_name="lots")
    lot = models.ForeignKey(Lot, models.PROTECT)
    quantity = quantity_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["move", "lot"], name="move_lot_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="move_lot_positive"),
        ]


class Bucket(models.Model):
    """Supply that can be promised: `quantity` of an item at a site, available from a day (on hand: now), `drawn` of it
    promised. Kind on_hand is also the running balance of the ledger for that item and site."""

    id = IdField()
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    site = models.ForeignKey(Site, models.PROTECT)
    kind = models.CharField(max_length=16)  # on_hand, purchase, transfer, work_order ...
    available_on = models.DateField(null=True)
    quantity = quantity_field(default=0)
    drawn = quantity_field(default=0)
    reference_id = models.UUIDField(null=True)  # the supply document's line
    changed_tx = TransactionField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(drawn__gte=0) & Q(drawn__lte=F("quantity")), name="bucket_not_overdrawn"
            ),
            models.CheckConstraint(
                condition=Q(kind="on_hand", available_on=None) | (~Q(kind="on_hand") & Q(available_on__isnull=False)),
                name="expected_supply_has_a_day",
            ),
            models.UniqueConstraint(fields=["item", "site"], condition=Q(kind="on_hand"), name="one_on_hand_bucket"),
            models.UniqueConstraint(fields=["reference_id"], name="one_bucket_per_reference"),
        ]
        indexes = [
            models.Index(fields=["item", "site"], name="bucket_by_item"),
            models.Index(fields=["changed_tx"], name="bucket_by_change"),
        ]


class CountTolerance(models.Model):
    """Up to which difference a count of a site is booked by itself."""

    site = models.OneToOneField(Site, models.PROTECT, primary_key=True)
    percent = rate_field()
    value = quantity_field()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(percent__gte=0) & Q(value__gte=0), name="tolerance_not_negative")
        ]


class CountList(models.Model):
    """Items to be counted at a site until a day."""

    id = IdField()
    serial = SerialField()
    number = code_field(unique=True)
    site = models.ForeignKey(Site, models.PROTECT)
    due_on = models.DateField()
    chosen_by = models.CharField(max_length=16)
    note = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)


class CountLine(models.Model):
    """An item of a count list, what was counted of it and what became of that. While it waits for approval nothing
    moves. States: open, waiting, agreed, posted, rejected."""

    id = IdField()
    list = models.ForeignKey(CountList, models.PROTECT, related_name="lines")
    site = models.ForeignKey(Site, models.PROTECT, db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    state = models.CharField(max_length=16, default="open")
    books = quantity_field(null=True)
    counted = quantity_field(null=True)
    unit_value = quantity_field(null=True)
    counted_by = models.CharField(max_length=200, blank=True, default="")
    counted_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "item"], name="count_line_once"),
            models.UniqueConstraint(fields=["site", "item"], condition=Q(state="waiting"), name="one_waiting_variance"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(books__isnull=False, counted__isnull=False), name="counted_or_open"
            ),
        ]
        indexes = [
            models.Index(fields=["site", "item"], condition=Q(state="open"), name="count_to_do"),
            models.Index(fields=["state", "counted_at"], condition=Q(state="waiting"), name="count_waiting"),
        ]


class CountLot(models.Model):
    """By how much a lot was found to differ from the books."""

    id = IdField()
    line = models.ForeignKey(CountLine, models.CASCADE, related_name="lots")
    number = models.CharField(max_length=64)
    expires_on = models.DateField(null=True)
    difference = quantity_field()
