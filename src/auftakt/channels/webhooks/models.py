"""Endpoints, deliveries to them, and every call made."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, SerialField, code_field


class Webhook(models.Model):
    """An endpoint that is told of events. Its secret signs the calls; after a rotation the old one does so as well.

    Of a secret only a seed is stored: the secret is made from it and the installation's key.
    """

    id = IdField()
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True, default="")
    events = ArrayField(models.CharField(max_length=100))
    secret = models.CharField(max_length=100)
    old_secret = models.CharField(max_length=100, blank=True, default="")
    old_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=16)  # active, paused, retired
    paused_reason = models.CharField(max_length=300, blank=True, default="")
    paused_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)


class WebhookDelivery(models.Model):
    """An event for an endpoint. `sequence` is the order in which things happened, `body` what goes over the wire."""

    id = IdField()
    sequence = SerialField()
    webhook = models.ForeignKey(Webhook, models.PROTECT, db_index=False)
    entry_id = models.UUIDField(null=True)
    event = models.CharField(max_length=100)
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    number = code_field(blank=True, default="")
    happened_at = models.DateTimeField()
    body = models.TextField()
    state = models.CharField(max_length=16)  # pending, delivered, failed, cancelled
    tries = models.IntegerField(default=0)  # since it was asked for last
    first_try_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField()
    code = models.IntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "entry_id"], name="webhook_told_once"),
        ]
        indexes = [
            models.Index(fields=["webhook", "sequence"], condition=Q(state="pending"), name="webhook_pending"),
            models.Index(
                fields=["webhook", "subject_id", "sequence"], condition=Q(state="pending"), name="webhook_in_order"
            ),
            models.Index(fields=["webhook", "happened_at"], name="webhook_by_day"),
            models.Index(fields=["state", "id"], name="webhook_by_state"),
            models.Index(fields=["subject_id", "id"], name="webhook_by_subject"),
        ]


class WebhookCall(models.Model):
    """One call of an endpoint: stored before it is made, its outcome after it."""

    id = IdField()
    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="calls")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    code = models.IntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    answer = models.TextField(blank=True, default="")
    milliseconds = models.IntegerField(null=True)
