"""Tables of allocation: the tree of demand classes, rules in versions, and what each class shall have."""

from django.db import models
from django.db.models import F, Q

from auftakt.platform.fields import IdField, code_field, quantity_field


class DemandClass(models.Model):
    """Whose demand it is; among those of one parent rank 1 matters most."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    rank = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rank__gte=1), name="class_rank_positive")]


class AllocationRule(models.Model):
    """A rule by its code; what it says stands in its versions."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)


class AllocationVersion(models.Model):
    """What a rule says of an item or a category, at a site or at every site. A published version holds from `from_on`
    until before `until_on`, and never changes but for its end. States: ALLOCATION_LIFECYCLE."""

    id = IdField()
    rule = models.ForeignKey(AllocationRule, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=16)
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    saved_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey("catalog.Category", models.PROTECT, null=True, related_name="+")
    site = models.ForeignKey("inventory.Site", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=16)
    basis = models.CharField(max_length=16)
    steal_within_days = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="allocation_version_once"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state="draft"), name="one_allocation_draft"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | (~Q(state="draft") & Q(from_on__isnull=False, published_at__isnull=False)),
                name="published_allocation_has_day",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(from_on=None) | Q(until_on__gte=F("from_on")),
                name="allocation_ends_later",
            ),
            models.CheckConstraint(condition=Q(item=None) ^ Q(category=None), name="allocation_of_one_thing"),
        ]


class AllocationTarget(models.Model):
    """What a class shall have by a version, in every week or, with its Monday, in one."""

    id = IdField()
    version = models.ForeignKey(AllocationVersion, models.CASCADE, related_name="targets")
    demand_class = models.ForeignKey(DemandClass, models.PROTECT, related_name="+")
    number = quantity_field()
    week = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "demand_class", "week"], name="allocation_target_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(number__gte=0), name="target_not_negative"),
        ]


class AllocationMark(models.Model):
    """One row that counts the changes of allocation, so that pictures of it know when they are old."""

    id = models.IntegerField(primary_key=True)
    changes = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_allocation_mark")]
