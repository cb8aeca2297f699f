"""Tables of sourcing: rules in versions, their sources, and what they are assigned to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, code_field, price_field


class SourcingRule(models.Model):
    """A rule by its code; what it says stands in its versions."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)


class SourcingVersion(models.Model):
    """What a rule says, and the terms of promising. A published version holds from `from_on` until before `until_on`,
    and never changes but for its end. States: SOURCING_LIFECYCLE."""

    id = IdField()
    rule = models.ForeignKey(SourcingRule, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=16)
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    saved_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    mode = models.CharField(max_length=16)
    counts = ArrayField(models.CharField(max_length=16))
    past_due_days = models.IntegerField(null=True)
    infinite_after_days = models.IntegerField(null=True)
    horizon_days = models.IntegerField()
    make_first_after_days = models.IntegerField(null=True)
    partial_starts = models.BooleanField()
    lead_days = models.IntegerField()
    late_cost_per_day = price_field()
    split_cost = price_field()
    service_floor_days = models.IntegerField(null=True)
    currency = models.CharField(max_length=3)
    choice = models.CharField(max_length=16)
    consolidate_at = models.ForeignKey("inventory.Site", models.PROTECT, null=True, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="sourcing_version_once"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state="draft"), name="one_sourcing_draft"),
            models.CheckConstraint(
                condition=Q(state="draft", from_on=None, published_at=None)
                | (~Q(state="draft") & Q(from_on__isnull=False, published_at__isnull=False)),
                name="published_sourcing_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="retired", until_on__gte=F("from_on")) | (~Q(state="retired") & Q(until_on=None)),
                name="retired_sourcing_ends",
            ),
            models.CheckConstraint(
                condition=Q(horizon_days__gte=1) & Q(lead_days__gte=0), name="sourcing_days_not_negative"
            ),
        ]


class SourcingSource(models.Model):
    """A source of a version; `valid_from` and `valid_until` are its first and its last day."""

    id = IdField()
    version = models.ForeignKey(SourcingVersion, models.CASCADE, related_name="sources")
    position = models.IntegerField()
    rank = models.IntegerField()
    kind = models.CharField(max_length=16)
    site = models.ForeignKey("inventory.Site", models.PROTECT, null=True, related_name="+")
    from_site = models.ForeignKey("inventory.Site", models.PROTECT, null=True, related_name="+")
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+")
    share = models.DecimalField(max_digits=5, decimal_places=2)
    transfer_days = models.IntegerField(null=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="sourcing_source_once"),
            models.CheckConstraint(condition=Q(share__gt=0) & Q(share__lte=100), name="share_in_percent"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="source_rank_positive"),
            models.CheckConstraint(condition=~Q(kind="transfer") | Q(from_site__isnull=False), name="transfer_has_way"),
            models.CheckConstraint(
                condition=~Q(kind__in=["buy", "drop_ship"]) | Q(supplier__isnull=False), name="bought_from_somebody"
            ),
        ]


class SourcingAssignment(models.Model):
    """A rule is used for a scope: product × customer × place × channel, each of which may be anything."""

    id = IdField()
    rule = models.ForeignKey(SourcingRule, models.PROTECT, related_name="assignments")
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True)
    category = models.ForeignKey("catalog.Category", models.PROTECT, null=True)
    brand = models.ForeignKey("catalog.Brand", models.PROTECT, null=True)
    customer = models.ForeignKey("parties.Party", models.PROTECT, null=True)
    segment = code_field(blank=True, default="")
    demand_class = code_field(blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    region = models.CharField(max_length=100, blank=True, default="")
    channel = code_field(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "item", "category", "brand", "customer", "segment", "demand_class", "country", "region", "channel",
                ],
                name="sourcing_scope_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(item=None, category=None) | Q(item=None, brand=None) | Q(category=None, brand=None),
                name="sourcing_one_product",
            ),
            models.CheckConstraint(condition=Q(region="") | ~Q(country=""), name="sourcing_region_in_country"),
        ]  # fmt: skip


class SourcingMark(models.Model):
    """One row that counts the changes of sourcing, so that pictures of it know when they are old."""

    id = models.IntegerField(primary_key=True)
    changes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_sourcing_mark")]
