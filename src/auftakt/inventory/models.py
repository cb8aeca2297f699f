"""Sites, the stock ledger, and supply buckets."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, TransactionField, code_field, quantity_field


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
