"""Tables of the plumbing: journal, readers' positions, gapless sequences, idempotency keys."""

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform

from auftakt.platform.fields import IdField, TransactionField, code_field


class JournalEntry(models.Model):
    """One thing that happened. Append-only. Read in the order (tx, id), up to the snapshot horizon."""

    id = IdField()
    tx = TransactionField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    verb = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    change = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "id"], name="journal_by_subject"),
            models.Index(fields=["tx", "id"], name="journal_by_tx"),
            models.Index(
                KeyTextTransform("order_id", "change"),
                condition=Q(change__has_key="order_id"),
                name="journal_by_order",
            ),
        ]


class JournalReader(models.Model):
    """How far a named reader has read."""

    name = code_field(primary_key=True)
    tx = models.BigIntegerField(default=0)
    entry_id = models.UUIDField(null=True)


class Sequence(models.Model):
    """A gapless counter: its row is locked until the transaction that drew from it commits."""

    name = models.CharField(max_length=120, primary_key=True)
    value = models.BigIntegerField(default=0)


class IdempotencyKey(models.Model):
    """The stored answer to a request that carried an Idempotency-Key, for 48 hours."""

    id = IdField()
    scope = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.IntegerField(null=True)
    answer = models.BinaryField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]
