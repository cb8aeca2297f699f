"""The outbox: mails, their attachments, and every try to send them."""

from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, code_field


class Mail(models.Model):
    """A mail that we send. It is written in the transaction of what it tells of; the worker sends it."""

    id = IdField()
    kind = code_field()
    recipient = models.CharField(max_length=254)
    to_name = models.CharField(max_length=200, blank=True, default="")
    reply_to = models.CharField(max_length=254, blank=True, default="")
    language = models.CharField(max_length=8)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField()
    about_type = models.CharField(max_length=40, blank=True, default="")
    about_id = models.UUIDField(null=True)
    about_number = code_field(blank=True, default="")
    order_id = models.UUIDField(null=True)
    revision = code_field(blank=True, default="")
    state = models.CharField(max_length=16)  # queued, sending, sent, failed, in_doubt, cancelled
    round = models.IntegerField(default=1)  # how often people asked for it to be sent
    tries = models.IntegerField(default=0)  # in this round
    first_try_at = models.DateTimeField(null=True)  # in this round
    next_try_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about_id", "recipient", "revision"], condition=~Q(state="cancelled"), name="mail_once"
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at", "id"], condition=Q(state="queued"), name="mail_due"),
            models.Index(fields=["state", "id"], name="mail_by_state"),
            models.Index(fields=["about_id", "id"], name="mail_by_about"),
            models.Index(fields=["order_id", "id"], name="mail_by_order"),
        ]


class MailAttachment(models.Model):
    """A document on file that goes with a mail."""

    id = IdField()
    mail = models.ForeignKey(Mail, models.PROTECT, db_index=False, related_name="attachments")
    document = models.ForeignKey("documents.Document", models.PROTECT)
    position = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mail", "position"], name="mail_attachment_once")]


class MailAttempt(models.Model):
    """One try to send a mail: stored before the call, its outcome after. One of an unknown end is in doubt."""

    id = IdField()
    mail = models.ForeignKey(Mail, models.PROTECT, related_name="attempts")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16)  # started, sent, later, failed, in_doubt
    code = models.IntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    server = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mail"], condition=Q(outcome="started"), name="mail_attempt_one_open"),
        ]
