"""Policies as rows, and where each fulfilment line stands in its policy."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, code_field


class Policy(models.Model):
    """A way to fulfil a line: ship from stock, service."""

    id = IdField()
    code = code_field(unique=True)
    name = models.CharField(max_length=200)


class PolicyVersion(models.Model):
    """A version of a policy: draft, published or retired. A published version never changes."""

    id = IdField()
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    state = models.CharField(max_length=16)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once"),
            models.UniqueConstraint(fields=["policy"], condition=Q(state="published"), name="one_published_version"),
        ]


class Step(models.Model):
    """A step of a version: what kind of work, after which steps, planned to take how many days."""

    id = IdField()
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="steps")
    key = code_field()
    name = models.CharField(max_length=100)
    kind = code_field()  # reserve, release, ship, perform, invoice, collect
    position = models.IntegerField()
    after = ArrayField(code_field(), default=list)  # keys of the steps that must be done before
    lead_days = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="step_key_once")]


class Assignment(models.Model):
    """Which policy serves a line: the lowest rank whose item kind fits (empty: any)."""

    id = IdField()
    rank = models.IntegerField()
    item_kind = models.CharField(max_length=16, blank=True, default="")
    policy = models.ForeignKey(Policy, models.PROTECT)


class Run(models.Model):
    """One fulfilment line on its way through a policy version. States: running, done, cancelled."""

    id = IdField()
    fulfilment_line = models.OneToOneField("orders.FulfilmentLine", models.PROTECT, related_name="run")
    order = models.ForeignKey("orders.Order", models.PROTECT)
    version = models.ForeignKey(PolicyVersion, models.PROTECT)
    state = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["order"], name="run_by_order")]


class StepState(models.Model):
    """Where a run stands at a step: ready (to try from `due_at` on), waiting (for an event), done, failed, skipped.
    Rows are made when a step is reached."""

    id = IdField()
    run = models.ForeignKey(Run, models.PROTECT, related_name="step_states")
    step = models.ForeignKey(Step, models.PROTECT)
    kind = code_field()
    state = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True, default="")
    reached_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="step_state_once")]
        indexes = [
            models.Index(fields=["kind", "due_at", "id"], condition=Q(state="ready"), name="steps_ready"),
            models.Index(fields=["kind", "id"], condition=Q(state="waiting"), name="steps_waiting"),
            models.Index(fields=["id"], condition=Q(state="failed"), name="steps_failed"),
        ]
