"""Tables of the plumbing: journal, readers' positions, gapless sequences, idempotency keys, jobs."""

from django.db import models
from django.db.models import F, Q
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
            models.Index(fields=["at", "id"], name="journal_by_time"),
            models.Index(fields=["actor", "at", "id"], name="journal_by_actor"),
            models.Index(fields=["verb", "at", "id"], name="journal_by_verb"),
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


class NumberRange(models.Model):
    """How a range of numbers is written, where the house decided otherwise."""

    name = models.CharField(max_length=120, primary_key=True)
    prefix = models.CharField(max_length=24)
    digits = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix"], name="number_prefix_once"),
            models.CheckConstraint(condition=Q(digits__gte=0) & Q(digits__lte=12), name="number_digits"),
        ]


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


class JobFile(models.Model):
    """A file that somebody handed in for a job. Any worker can open it; it is dropped some days after its last job."""

    id = IdField()
    filename = models.CharField(max_length=200)
    size = models.BigIntegerField()
    content = models.BinaryField()
    actor = models.CharField(max_length=200)
    created_at = models.DateTimeField()


class Job(models.Model):
    """Long work that somebody asked for: how far it is, and what came of it. Kept as the record; the queue forgets."""

    id = IdField()
    kind = code_field()
    title = models.JSONField(default=dict)
    arguments = models.JSONField(default=dict)
    file = models.ForeignKey(JobFile, models.PROTECT, null=True)
    actor = models.CharField(max_length=200)
    state = code_field()
    total = models.IntegerField(null=True)
    done = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    checkpoint = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    fault = models.CharField(max_length=200, blank=True, default="")
    attempts = models.IntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done__gte=0, refused__gte=0, refused__lte=F("done")), name="job_counts_what_it_did"
            ),
        ]
        indexes = [
            models.Index(fields=["actor", "id"], name="job_by_actor"),
            models.Index(fields=["state", "id"], name="job_by_state"),
            models.Index(fields=["kind", "id"], name="job_by_kind"),
            models.Index(fields=["touched_at"], condition=Q(state__in=("queued", "running")), name="job_unfinished"),
        ]


class JobRow(models.Model):
    """One row of a job's work: waiting, done, unchanged or refused. `key` is what the kind of job knows it by."""

    id = IdField()
    job = models.ForeignKey(Job, models.CASCADE, db_index=False)
    position = models.IntegerField()
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=200, blank=True, default="")
    state = code_field()
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="job_row_once")]
        indexes = [
            models.Index(fields=["job", "position"], name="job_row_in_order"),
            models.Index(fields=["job", "state", "position"], name="job_row_by_state"),
        ]


class JobNote(models.Model):
    """A line of a job's log. `detail` (the traceback of a fault) is for administrators."""

    id = IdField()
    job = models.ForeignKey(Job, models.CASCADE, db_index=False)
    at = models.DateTimeField()
    code = code_field()
    facts = models.JSONField(default=dict)
    detail = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["job", "id"], name="job_note_in_order")]
